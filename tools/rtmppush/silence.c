#include "silence.h"

#include <libavcodec/avcodec.h>
#include <string.h>

#include "aac.h"

/* One frame of AAC in which all spectral data is zero, for one channel and for two. */
static const uint8_t aac_mono[] = {0x01, 0x18, 0x20, 0x07};
static const uint8_t aac_stereo[] = {0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c};

/* G.711: 20 ms of the byte that stands for zero. */
#define G711_PARTS 50
#define A_LAW 0xd5
#define U_LAW 0xff

/* MP3: a header with the lowest bit rate, and zeros, which is a frame without data. */
#define MP3_RATE 32000
#define MP3_LOW_RATE 8000 /* where the sample rate is below 32 kHz */

static void set_bytes(struct silence *silence, const uint8_t *bytes, size_t size)
{
	memcpy(silence->bytes, bytes, size);
	silence->size = size;
}

static void begin_aac(struct silence *silence, const AVCodecParameters *par)
{
	int channels = aac_plain_channels(par);
	bool fits = channels > 0;

	silence->samples = AAC_SAMPLES;
	silence->rate = fits ? par->sample_rate : AAC_RATE;
	silence->header_size = sizeof silence->header;
	memcpy(silence->header, fits ? par->extradata : aac_header(1),
		silence->header_size);
	if (channels == 2)
		set_bytes(silence, aac_stereo, sizeof aac_stereo);
	else
		set_bytes(silence, aac_mono, sizeof aac_mono);
}

static bool begin_mp3(struct silence *silence, const AVCodecParameters *par)
{
	static const struct {
		int rate;
		uint8_t version, index; /* as the header has them */
	} rows[] = {
		{44100, 0xfb, 0}, {48000, 0xfb, 1}, {22050, 0xf3, 0}, {11025, 0xe3, 0}};
	size_t i = 0;

	while (i < sizeof rows / sizeof *rows && rows[i].rate != par->sample_rate)
		i++;
	if (i == sizeof rows / sizeof *rows)
		return false;
	bool low = rows[i].rate < MP3_RATE, stereo = par->ch_layout.nb_channels == 2;
	silence->samples = low ? 576 : 1152;
	int bit_rate = low ? MP3_LOW_RATE : MP3_RATE;
	silence->size = (size_t)(silence->samples / 8 * bit_rate / rows[i].rate);
	memset(silence->bytes, 0, silence->size);
	silence->bytes[0] = 0xff;
	silence->bytes[1] = rows[i].version;
	silence->bytes[2] = (uint8_t)(1 << 4 | rows[i].index << 2);
	silence->bytes[3] = stereo ? 0 : 0xc0;
	return true;
}

static bool begin_g711(struct silence *silence, const AVCodecParameters *par)
{
	int channels = par->ch_layout.nb_channels > 1 ? par->ch_layout.nb_channels : 1;

	silence->samples = par->sample_rate / G711_PARTS;
	silence->size = (size_t)silence->samples * (size_t)channels;
	if (silence->samples == 0 || silence->size > sizeof silence->bytes)
		return false;
	memset(silence->bytes, par->codec_id == AV_CODEC_ID_PCM_ALAW ? A_LAW : U_LAW,
		silence->size);
	return true;
}

bool silence_begin(struct silence *silence, const AVCodecParameters *par, int64_t origin)
{
	*silence = (struct silence){
		.codec = par->codec_id, .rate = par->sample_rate, .origin = origin};
	switch (par->codec_id) {
	case AV_CODEC_ID_AAC:
		begin_aac(silence, par);
		return true;
	case AV_CODEC_ID_MP3:
		return begin_mp3(silence, par);
	case AV_CODEC_ID_PCM_ALAW:
	case AV_CODEC_ID_PCM_MULAW:
		return begin_g711(silence, par);
	default:
		return false;
	}
}

static int64_t time_of(const struct silence *silence, uint64_t frame)
{
	return silence->origin +
		(int64_t)frame * silence->samples * 1000000 / silence->rate;
}

int64_t silence_time(const struct silence *silence)
{
	return time_of(silence, silence->frames);
}

int64_t silence_lasts(const struct silence *silence)
{
	return (int64_t)silence->samples * 1000000 / silence->rate;
}

int silence_next(struct silence *silence, AVPacket **packet)
{
	*packet = av_packet_alloc();
	int error =
		*packet ? av_new_packet(*packet, (int)silence->size) : AVERROR(ENOMEM);
	uint8_t *header = NULL;

	if (error == 0 && silence->frames == 0 && silence->header_size > 0) {
		header = av_packet_new_side_data(
			*packet, AV_PKT_DATA_NEW_EXTRADATA, silence->header_size);
		error = header ? 0 : AVERROR(ENOMEM);
	}
	if (error < 0) {
		av_packet_free(packet);
		return error;
	}
	if (header)
		memcpy(header, silence->header, silence->header_size);
	memcpy((*packet)->data, silence->bytes, silence->size);
	(*packet)->flags |= AV_PKT_FLAG_KEY;
	(*packet)->dts = (*packet)->pts = silence_time(silence);
	silence->frames++;
	(*packet)->duration = silence_time(silence) - (*packet)->dts;
	return 0;
}
