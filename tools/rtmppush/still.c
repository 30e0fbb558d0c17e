#include "still.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <string.h>

#include "base/atomic.h"
#include "base/path.h"
#include "media/nal.h"
#include "segment.h"
#include "units.h"

#define PICTURE_MAX (8 << 20) /* a larger picture is not kept */
#define EVERY INT64_C(2000000) /* microseconds from IDR to IDR */
#define ALONE INT64_C(1000000) /* the same without pictures between */
#define USUAL INT64_C(40000) /* from picture to picture, if a clip has only one */
#define IDR 5 /* the type of its units */

/* Silence: one frame of AAC, which has 1024 samples, for one channel and for two. */
#define AAC_SAMPLES 1024
static const uint8_t aac_mono[] = {0x01, 0x18, 0x20, 0x07};
static const uint8_t aac_stereo[] = {0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c};

/* The same for G.711: 20 ms of one byte. */
#define G711_PARTS 50
#define G711_MAX 4096
#define A_LAW 0xd5
#define U_LAW 0xff

void still_clip(struct still *still)
{
	still->count = 0;
}

static void free_kept(struct still *still)
{
	av_packet_free(&still->picture);
	for (int kind = 0; kind < TIMELINE_KINDS; kind++)
		avcodec_parameters_free(&still->pars[kind]);
}

static bool is_idr(const AVPacket *packet, unsigned prefix)
{
	struct units units = {.data = packet->data,
		.end = packet->data + packet->size,
		.prefix = prefix};

	while (units_next(&units))
		if ((*units.unit & 31) == IDR)
			return true;
	return false;
}

static bool is_other(const AVCodecParameters *a, const AVCodecParameters *b)
{
	return !a || a->codec_id != b->codec_id ||
		a->extradata_size != b->extradata_size ||
		(a->extradata_size > 0 &&
			memcmp(a->extradata, b->extradata, (size_t)a->extradata_size) !=
				0);
}

/*
 * Keeps the packet and the parameters; without memory nothing is kept. The sound of a
 * clip that has none stays that of the clip before, as it was announced.
 */
static void keep(struct still *still, const AVPacket *packet,
	AVCodecParameters *const pars[TIMELINE_KINDS])
{
	av_packet_free(&still->picture);
	still->picture = av_packet_clone(packet);
	still->is_other = still->is_other ||
		is_other(still->pars[TIMELINE_VIDEO], pars[TIMELINE_VIDEO]) ||
		(pars[TIMELINE_AUDIO] &&
			is_other(still->pars[TIMELINE_AUDIO], pars[TIMELINE_AUDIO]));
	for (int kind = 0; kind < TIMELINE_KINDS && still->picture; kind++) {
		if (!pars[kind])
			continue;
		if (!still->pars[kind])
			still->pars[kind] = avcodec_parameters_alloc();
		if (!still->pars[kind] ||
			avcodec_parameters_copy(still->pars[kind], pars[kind]) < 0)
			free_kept(still);
	}
}

void still_note(struct still *still, const AVPacket *packet,
	AVCodecParameters *const pars[TIMELINE_KINDS])
{
	const AVCodecParameters *par = pars[TIMELINE_VIDEO];

	if (still->count++ == 0)
		still->first = packet->dts;
	still->last = packet->dts;
	if (par->codec_id != AV_CODEC_ID_H264 || !(packet->flags & AV_PKT_FLAG_KEY) ||
		packet->size > PICTURE_MAX)
		return;
	unsigned prefix = nal_prefix(par->extradata, (size_t)par->extradata_size, 4);
	if (!is_idr(packet, prefix))
		return; /* only from an IDR can be gone on without what was before */
	keep(still, packet, pars);
	still->prefix = prefix;
	still->has_skips =
		skip_read(&still->skip, packet->data, (size_t)packet->size, prefix);
}

/* Its layout: object type, index of the rate, channels; then, as a 0, 1024 samples. */
static bool is_plain_aac(const AVCodecParameters *par)
{
	const uint8_t *config = par->extradata;

	if (par->codec_id != AV_CODEC_ID_AAC || par->extradata_size < 2)
		return false;
	unsigned channels = config[1] >> 3 & 15;
	return config[0] >> 3 == 2 && (channels == 1 || channels == 2) &&
		!(config[1] & 4);
}

static bool is_g711(const AVCodecParameters *par)
{
	return par->codec_id == AV_CODEC_ID_PCM_ALAW ||
		par->codec_id == AV_CODEC_ID_PCM_MULAW;
}

bool still_has_sound(const struct still *still)
{
	const AVCodecParameters *par = still->pars[TIMELINE_AUDIO];

	return par && par->sample_rate > 0 && (is_plain_aac(par) || is_g711(par));
}

void still_begin(struct still *still)
{
	int64_t mean = still->count > 1
		? (still->last - still->first) / (int64_t)(still->count - 1)
		: USUAL;

	still->step = mean < 1000 ? 1000 : mean > ALONE ? ALONE : mean;
	still->behind = UINT32_MAX; /* the IDR comes first */
	still->at[TIMELINE_VIDEO] = 0;
	still->at[TIMELINE_AUDIO] = still_has_sound(still) ? 0 : INT64_MAX;
	still->sounds = 0;
	still->delay = still->picture->pts - still->picture->dts;
}

bool still_is_due(const struct still *still)
{
	return still->has_skips && still->behind == 0;
}

int64_t still_time(const struct still *still)
{
	return still->at[TIMELINE_VIDEO] <= still->at[TIMELINE_AUDIO]
		? still->at[TIMELINE_VIDEO]
		: still->at[TIMELINE_AUDIO];
}

/* Whoever decodes from here on needs the header that is behind these parameters. */
static int add_header(AVPacket *packet, const AVCodecParameters *par)
{
	if (par->extradata_size <= 0)
		return 0;
	uint8_t *header = av_packet_new_side_data(
		packet, AV_PKT_DATA_NEW_EXTRADATA, (size_t)par->extradata_size);
	if (!header)
		return AVERROR(ENOMEM);
	memcpy(header, par->extradata, (size_t)par->extradata_size);
	return 0;
}

static int fill(AVPacket *packet, const uint8_t *data, size_t size)
{
	int error = av_new_packet(packet, (int)size);

	if (error == 0)
		memcpy(packet->data, data, size);
	return error;
}

static int make_picture(struct still *still, AVPacket *packet)
{
	static uint8_t bytes[SKIP_SIZE];
	unsigned most = (unsigned)(EVERY / still->step);
	int error;

	if (!still->has_skips || still->behind >= most) {
		still->behind = 0;
		error = av_packet_ref(packet, still->picture);
		if (error == 0)
			error = add_header(packet, still->pars[TIMELINE_VIDEO]);
	} else {
		still->behind++;
		size_t size =
			skip_write(&still->skip, still->behind, still->prefix, bytes);
		error = fill(packet, bytes, size);
	}
	packet->dts = still->at[TIMELINE_VIDEO];
	packet->pts = packet->dts + still->delay;
	/* Its first pictures are shown behind the clip's last; the next clip may not
	 * delay its own, and must not come before the filler's last. */
	still->delay =
		still->delay > still->step / 2 ? still->delay - still->step / 2 : 0;
	packet->duration = still->has_skips ? still->step : ALONE;
	still->at[TIMELINE_VIDEO] += packet->duration;
	return error;
}

static int make_sound(struct still *still, AVPacket *packet)
{
	const AVCodecParameters *par = still->pars[TIMELINE_AUDIO];
	int64_t samples = is_g711(par) ? par->sample_rate / G711_PARTS : AAC_SAMPLES;
	bool stereo = is_plain_aac(par) && (par->extradata[1] >> 3 & 15) == 2;
	static uint8_t bytes[G711_MAX];
	int error;

	if (is_g711(par)) {
		size_t size =
			(size_t)samples < sizeof bytes ? (size_t)samples : sizeof bytes;
		memset(bytes, par->codec_id == AV_CODEC_ID_PCM_ALAW ? A_LAW : U_LAW,
			size);
		error = fill(packet, bytes, size);
	} else {
		error = stereo ? fill(packet, aac_stereo, sizeof aac_stereo)
			       : fill(packet, aac_mono, sizeof aac_mono);
		if (error == 0 && still->sounds == 0)
			error = add_header(packet, par);
	}
	packet->flags |= AV_PKT_FLAG_KEY;
	packet->dts = packet->pts = still->at[TIMELINE_AUDIO];
	still->sounds++;
	still->at[TIMELINE_AUDIO] =
		(int64_t)still->sounds * samples * 1000000 / par->sample_rate;
	packet->duration = still->at[TIMELINE_AUDIO] - packet->dts;
	return error;
}

int still_next(struct still *still, AVPacket **packet)
{
	enum timeline_kind kind = still->at[TIMELINE_VIDEO] <= still->at[TIMELINE_AUDIO]
		? TIMELINE_VIDEO
		: TIMELINE_AUDIO;

	*packet = av_packet_alloc();
	if (!*packet)
		return AVERROR(ENOMEM);
	int error = kind == TIMELINE_VIDEO ? make_picture(still, *packet)
					   : make_sound(still, *packet);
	(*packet)->stream_index = kind;
	if (error < 0)
		av_packet_free(packet);
	return error;
}

/* Writes a filler's first picture and first sound as FLV into memory. */
static int write_flv(struct still still, AVFormatContext *format)
{
	AVDictionary *options = NULL;
	bool sound = still_has_sound(&still);
	int error = 0;

	for (int kind = 0; kind < (sound ? TIMELINE_KINDS : TIMELINE_AUDIO); kind++) {
		AVStream *stream = avformat_new_stream(format, NULL);
		if (!stream)
			return AVERROR(ENOMEM);
		error = avcodec_parameters_copy(stream->codecpar, still.pars[kind]);
		stream->codecpar->codec_tag = 0;
		if (error < 0)
			return error;
	}
	av_dict_set(&options, "flvflags", "no_duration_filesize", 0);
	error = avformat_write_header(format, &options);
	av_dict_free(&options);
	still_begin(&still);
	for (int n = 0; n < (sound ? 2 : 1) && error >= 0; n++) {
		AVPacket *packet;
		error = still_next(&still, &packet);
		if (error < 0)
			break;
		packet->dts /= 1000; /* the unit of FLV */
		packet->pts /= 1000;
		packet->duration = 0;
		error = av_write_frame(format, packet);
		av_packet_free(&packet);
	}
	return error < 0 ? error : av_write_trailer(format);
}

int still_save(struct still *still, int folder, const char *name)
{
	AVFormatContext *format = NULL;
	uint8_t *bytes = NULL;
	int code = -1, size = 0;

	int error = avformat_alloc_output_context2(&format, NULL, "flv", NULL);
	if (error >= 0)
		error = avio_open_dyn_buf(&format->pb);
	if (error >= 0) {
		error = write_flv(*still, format);
		size = avio_close_dyn_buf(format->pb, &bytes);
	}
	avformat_free_context(format);
	errno = error == AVERROR(ENOMEM) ? ENOMEM : EINVAL;
	if (error >= 0)
		code = atomic_keep(folder, name, 0644, bytes, (size_t)size);
	av_free(bytes);
	still->is_other = false; /* a failure is not repeated for each picture */
	return code;
}

int still_load(struct still *still, int folder, const char *name)
{
	struct segment segment;
	AVPacket *packet;
	int fd = path_open_file(folder, name, NULL);

	if (fd < 0)
		return -1;
	int error = segment_open(&segment, fd, 0);
	while (error >= 0 && (error = segment_next(&segment, &packet)) >= 0) {
		AVCodecParameters *pars[] = {segment.streams[TIMELINE_VIDEO].par,
			segment.streams[TIMELINE_AUDIO].par};
		if (packet->stream_index == TIMELINE_VIDEO)
			still_note(still, packet, pars);
		av_packet_free(&packet);
	}
	segment_close(&segment);
	path_close(fd);
	still->is_other = false;
	errno = EBADMSG;
	return still->picture ? 0 : -1;
}

void still_free(struct still *still)
{
	free_kept(still);
}
