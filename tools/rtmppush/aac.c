#include "aac.h"

#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <string.h>

static const uint8_t headers[][AAC_HEADER] = {{0x11, 0x88}, {0x11, 0x90}};

/* The rate of an index in the header; 0: there is none. */
static int rate_of(unsigned index)
{
	static const int rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
		22050, 16000, 12000, 11025, 8000, 7350};

	return index < sizeof rates / sizeof *rates ? rates[index] : 0;
}

/* The header's layout: object type, index of the rate, channels, then a 0 for frames of
 * 1024 samples. */
int aac_plain_channels(const AVCodecParameters *par)
{
	const uint8_t *header = par->extradata;

	if (par->codec_id != AV_CODEC_ID_AAC || par->extradata_size < AAC_HEADER)
		return 0;
	int channels = header[1] >> 3 & 15;
	int rate = rate_of((header[0] & 7) << 1 | header[1] >> 7);
	bool plain = header[0] >> 3 == 2 && (channels == 1 || channels == 2) &&
		!(header[1] & 4) && rate > 0 && par->sample_rate == rate;
	return plain ? channels : 0;
}

const uint8_t *aac_header(int channels)
{
	return headers[channels > 1];
}

int aac_describe(AVCodecParameters *par, int channels)
{
	par->codec_type = AVMEDIA_TYPE_AUDIO;
	par->codec_id = AV_CODEC_ID_AAC;
	par->profile = FF_PROFILE_AAC_LOW;
	par->sample_rate = AAC_RATE;
	av_channel_layout_default(&par->ch_layout, channels > 1 ? 2 : 1);
	par->extradata = av_mallocz(AAC_HEADER + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!par->extradata)
		return AVERROR(ENOMEM);
	memcpy(par->extradata, aac_header(channels), AAC_HEADER);
	par->extradata_size = AAC_HEADER;
	return 0;
}
