#include "silence.h"

#include <libavcodec/avcodec.h>
#include <string.h>

/* One frame of AAC in which all spectral data is zero, for one channel and for two. */
#define AAC_SAMPLES 1024
static const uint8_t aac_mono[] = {0x01, 0x18, 0x20, 0x07};
static const uint8_t aac_stereo[] = {0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c};

/* AAC-LC, 48 kHz, one channel, 1024 samples. */
static const uint8_t plain[] = {0x11, 0x88};
#define PLAIN_RATE 48000

/* G.711: 20 ms of the byte that stands for zero. */
#define G711_PARTS 50
#define A_LAW 0xd5
#define U_LAW 0xff

/* MP3: a header with the lowest bit rate, and zeros, which is a frame without data. */
#define MP3_RATE 32000
#define MP3_LOW_RATE 8000 /* where the sample rate is below 32 kHz */

int silence_plain(AVCodecParameters *par)
{
	par->codec_type = AVMEDIA_TYPE_AUDIO;
	par->codec_id = AV_CODEC_ID_AAC;
	par->profile = FF_PROFILE_AAC_LOW;
	par->sample_rate = PLAIN_RATE;
	par->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_MONO;
	par->extradata = av_mallocz(sizeof plain + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!par->extradata)
		return AVERROR(ENOMEM);
	memcpy(par->extradata, plain, sizeof plain);
	par->extradata_size = sizeof plain;
	return 0;
}

static void set_bytes(struct silence *silence, const uint8_t *bytes, size_t size)
{
	memcpy(silence->bytes, bytes, size);
	silence->size = size;
}

/* The rate of an index in the header of AAC; 0: there is none. */
static int rate_of(unsigned index)
{
	static const int rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
		22050, 16000, 12000, 11025, 8000, 7350};

	return index < sizeof rates / sizeof *rates ? rates[index] : 0;
}

/* The header's layout: object type, index of the rate, channels, then a 0 for frames of
 * 1024 samples. */
static void begin_aac(struct silence *silence, const AVCodecParameters *par)
{
	const uint8_t *config = par->extradata;
	bool has_config = par->extradata_size >= 2;
	unsigned channels = has_config ? config[1] >> 3 & 15 : 0;
	bool fits = has_config && config[0] >> 3 == 2 &&
		(channels == 1 || channels == 2) && !(config[1] & 4) &&
		par->sample_rate > 0 &&
		par->sample_rate == rate_of((config[0] & 7) << 1 | config[1] >> 7);

	silence->samples = AAC_SAMPLES;
	silence->rate = fits ? par->sample_rate : PLAIN_RATE;
	silence->header_size = sizeof silence->header;
	memcpy(silence->header, fits ? config : plain, silence->header_size);
	if (fits && channels == 2)
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
