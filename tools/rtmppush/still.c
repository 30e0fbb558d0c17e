#include "still.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <string.h>

#include "base/atomic.h"
#include "base/path.h"
#include "media/nal.h"
#include "media/units.h"
#include "segment.h"
#include "silence.h"

#define PICTURE_MAX (8 << 20) /* a larger picture is not kept */
#define EVERY INT64_C(2000000) /* microseconds from IDR to IDR */
#define ALONE INT64_C(1000000) /* the same without pictures between */
#define USUAL INT64_C(40000) /* from picture to picture, if a clip has only one */
#define IDR 5 /* the type of its units */

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

void still_begin(struct still *still)
{
	int64_t mean = still->count > 1
		? (still->last - still->first) / (int64_t)(still->count - 1)
		: USUAL;

	still->step = mean < 1000 ? 1000 : mean > ALONE ? ALONE : mean;
	still->behind = UINT32_MAX; /* the IDR comes first */
	still->at = 0;
}

bool still_is_due(const struct still *still)
{
	return still->has_skips && still->behind == 0;
}

int64_t still_time(const struct still *still)
{
	return still->at;
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

/* The IDR, or a picture behind it. */
static int make_picture(struct still *still, AVPacket *packet)
{
	static uint8_t bytes[SKIP_SIZE];
	unsigned most = (unsigned)(EVERY / still->step);

	if (!still->has_skips || still->behind >= most) {
		still->behind = 0;
		int error = av_packet_ref(packet, still->picture);
		return error ? error : add_header(packet, still->pars[TIMELINE_VIDEO]);
	}
	still->behind++;
	size_t size = skip_write(&still->skip, still->behind, still->prefix, bytes);
	return fill(packet, bytes, size);
}

int still_next(struct still *still, AVPacket **packet)
{
	*packet = av_packet_alloc();
	int error = *packet ? make_picture(still, *packet) : AVERROR(ENOMEM);
	if (error < 0) {
		av_packet_free(packet);
		return error;
	}
	(*packet)->stream_index = TIMELINE_VIDEO;
	(*packet)->dts = still->at;
	(*packet)->pts = still->at;
	(*packet)->duration = still->has_skips ? still->step : ALONE;
	still->at += (*packet)->duration;
	return 0;
}

static int add_stream(AVFormatContext *format, const AVCodecParameters *par)
{
	AVStream *stream = avformat_new_stream(format, NULL);

	if (!stream)
		return AVERROR(ENOMEM);
	int error = avcodec_parameters_copy(stream->codecpar, par);
	stream->codecpar->codec_tag = 0;
	return error;
}

static int write_packet(AVFormatContext *format, AVPacket *packet)
{
	packet->dts /= 1000; /* the unit of FLV */
	packet->pts /= 1000;
	packet->duration = 0;
	int error = av_write_frame(format, packet);
	av_packet_free(&packet);
	return error;
}

/* Writes a filler's first picture and first sound as FLV into memory. */
static int write_flv(struct still still, AVFormatContext *format)
{
	const AVCodecParameters *sound = still.pars[TIMELINE_AUDIO];
	AVDictionary *options = NULL;
	struct silence silence;
	AVPacket *packet;

	bool heard = sound && silence_begin(&silence, sound, 0);
	int error = add_stream(format, still.pars[TIMELINE_VIDEO]);
	if (error >= 0 && heard)
		error = add_stream(format, sound);
	av_dict_set(&options, "flvflags", "no_duration_filesize", 0);
	if (error >= 0)
		error = avformat_write_header(format, &options);
	av_dict_free(&options);
	still_begin(&still);
	if (error >= 0)
		error = still_next(&still, &packet);
	if (error >= 0)
		error = write_packet(format, packet);
	if (error >= 0 && heard) {
		error = silence_next(&silence, &packet);
		if (error >= 0) {
			packet->stream_index = TIMELINE_AUDIO;
			error = write_packet(format, packet);
		}
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
	int error = segment_open(&segment, fd, 0, false);
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
