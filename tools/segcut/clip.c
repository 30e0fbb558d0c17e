#include "clip.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/mathematics.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

#define BUFFER 65536
#define FRAGMENT 1000000 /* microseconds */
#define FRAGMENT_BYTES (16 << 20) /* whatever their time stamps say */
#define TS_PACKET 188
#define BOXES_MAX 1000000

static const AVRational microseconds = {1, 1000000};

/* libavformat knows this of MP4 alone. */
static bool fits_ts(enum AVCodecID codec)
{
	static const enum AVCodecID fit[] = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC,
		AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_AAC,
		AV_CODEC_ID_MP3, AV_CODEC_ID_MP2, AV_CODEC_ID_AC3, AV_CODEC_ID_OPUS};

	for (size_t i = 0; i < sizeof fit / sizeof *fit; i++)
		if (fit[i] == codec)
			return true;
	return false;
}

static bool fits_mp4(const char *muxer, enum AVCodecID codec)
{
	const AVOutputFormat *format = av_guess_format(muxer, NULL, NULL);

	return format && avformat_query_codec(format, codec, FF_COMPLIANCE_NORMAL) == 1;
}

const char *clip_muxer(bool ts, AVCodecParameters *const pars[CUT_KINDS])
{
	/* It writes G.711 into the older kind alone. */
	static const char *const muxers[] = {"mp4", "mov"};

	for (size_t i = 0; i < sizeof muxers / sizeof *muxers; i++) {
		const char *muxer = ts ? "mpegts" : muxers[i];
		bool fits = true;
		for (int kind = 0; kind < CUT_KINDS && fits; kind++)
			fits = !pars[kind] ||
				(ts ? fits_ts(pars[kind]->codec_id)
				    : fits_mp4(muxer, pars[kind]->codec_id));
		if (fits)
			return muxer;
	}
	return NULL;
}

#if LIBAVFORMAT_VERSION_MAJOR < 61
typedef uint8_t written_byte;
#else
typedef const uint8_t written_byte;
#endif

static int write_bytes(void *opaque, written_byte *data, int size)
{
	struct clip *clip = opaque;

	if (path_write_all(clip->fd, data, (size_t)size) < 0)
		return AVERROR(errno);
	clip->written += size;
	return size;
}

static int add_streams(struct clip *clip, AVCodecParameters *const pars[CUT_KINDS])
{
	for (int kind = 0; kind < CUT_KINDS; kind++) {
		clip->stream[kind] = -1;
		if (!pars[kind])
			continue;
		AVStream *stream = avformat_new_stream(clip->format, NULL);
		if (!stream)
			return AVERROR(ENOMEM);
		int error = avcodec_parameters_copy(stream->codecpar, pars[kind]);
		if (error < 0)
			return error;
		stream->codecpar->codec_tag = 0;
		stream->time_base = pars[kind]->sample_rate > 0
			? (AVRational){1, pars[kind]->sample_rate}
			: (AVRational){1, 90000};
		clip->stream[kind] = stream->index;
		size_t len = strlen(clip->codecs);
		snprintf(clip->codecs + len, sizeof clip->codecs - len, "%s%s",
			len > 0 ? "+" : "", avcodec_get_name(pars[kind]->codec_id));
		if (pars[kind]->width > 0) {
			clip->width = pars[kind]->width;
			clip->height = pars[kind]->height;
		}
	}
	return 0;
}

static void close_format(struct clip *clip)
{
	if (clip->io)
		av_freep(&clip->io->buffer);
	avio_context_free(&clip->io);
	avformat_free_context(clip->format);
	clip->format = NULL;
}

int clip_begin(struct clip *clip, int fd, const char *format, int64_t start,
	AVCodecParameters *const pars[CUT_KINDS])
{
	char name[SHELF_NAME];
	AVDictionary *options = NULL;

	memcpy(name, clip->name, sizeof name);
	*clip = (struct clip){.fd = fd, .start = start, .last = {CUT_NONE, CUT_NONE}};
	memcpy(clip->name, name, sizeof name);
	int error = avformat_alloc_output_context2(&clip->format, NULL, format, NULL);
	uint8_t *buffer = error < 0 ? NULL : av_malloc(BUFFER);
	if (error >= 0)
		clip->io = buffer ? avio_alloc_context(buffer, BUFFER, 1, clip, NULL,
					    write_bytes, NULL)
				  : NULL;
	if (error >= 0 && !clip->io) {
		av_free(buffer);
		error = AVERROR(ENOMEM);
	}
	if (error >= 0) {
		clip->format->pb = clip->io;
		error = add_streams(clip, pars);
	}
	/* The header comes with the first fragment, when all that it says is known. */
	av_dict_set(&options, "movflags", "frag_custom+delay_moov+default_base_moof", 0);
	if (error >= 0)
		error = avformat_write_header(clip->format, &options);
	av_dict_free(&options);
	if (error < 0) {
		close_format(clip);
		path_close(fd);
	}
	return error < 0 ? error : 0;
}

/* Where the box at ends, or -1. Its type is put into type. */
static int64_t box_end(int fd, int64_t at, int64_t size, char type[4])
{
	uint8_t head[16];

	if (pread(fd, head, sizeof head, at) < 8)
		return -1;
	uint64_t length = 0;
	for (int i = 0; i < 4; i++)
		length = length << 8 | head[i];
	memcpy(type, head + 4, 4);
	if (length == 1 && at + 16 <= size) {
		length = 0;
		for (int i = 8; i < 16; i++)
			length = length << 8 | head[i];
	}
	return length < 8 || length > (uint64_t)(size - at) ? -1 : at + (int64_t)length;
}

/* The end of the last whole fragment: a moof with its mdat. */
static int64_t last_fragment(int fd, int64_t size)
{
	int64_t at = 0, whole = 0;
	bool moof = false;
	char type[4];

	for (int boxes = 0; boxes < BOXES_MAX && at < size; boxes++) {
		int64_t end = box_end(fd, at, size, type);
		if (end < 0)
			break;
		if (memcmp(type, "mdat", 4) == 0 && moof)
			whole = end;
		moof = memcmp(type, "moof", 4) == 0;
		at = end;
	}
	return whole;
}

/* Ends the fragment. */
static int flush(struct clip *clip)
{
	/* The first call may have written the header alone. */
	int error = av_write_frame(clip->format, NULL);
	if (error >= 0)
		error = av_write_frame(clip->format, NULL);
	avio_flush(clip->io);
	if (error >= 0 && clip->io->error < 0)
		error = clip->io->error;
	/* The muxer does not say that it could not make the header. */
	bool mp4 = strcmp(clip->format->oformat->name, "mpegts") != 0;
	if (error >= 0 && mp4 && clip->whole == 0 &&
		last_fragment(clip->fd, clip->written) != clip->written)
		error = AVERROR_INVALIDDATA;
	clip->broken = error < 0 && clip->io->error >= 0;
	if (error < 0)
		return error;
	clip->whole = clip->written;
	clip->waiting = 0;
	clip->flushed = clip->end;
	return 0;
}

int clip_put(struct clip *clip, enum cut_kind kind, const AVPacket *packet)
{
	int64_t *last = &clip->last[kind];
	AVPacket *own = av_packet_clone(packet);

	if (!own)
		return AVERROR(ENOMEM);
	const AVStream *stream = clip->format->streams[clip->stream[kind]];
	own->stream_index = stream->index;
	own->pos = -1;
	own->dts -= clip->start;
	own->pts -= clip->start;
	int64_t duration = own->duration > 0 ? own->duration
		: *last != CUT_NONE          ? own->dts - *last
					     : 0;
	av_packet_rescale_ts(own, microseconds, stream->time_base);
	int64_t least = *last == CUT_NONE
		? INT64_MIN
		: av_rescale_q(*last, microseconds, stream->time_base) + 1;
	own->dts = own->dts < least ? least : own->dts;
	own->pts = own->pts < own->dts ? own->dts : own->pts;
	*last = av_rescale_q(own->dts, stream->time_base, microseconds);
	bool full = *last - clip->flushed >= FRAGMENT || clip->waiting >= FRAGMENT_BYTES;
	int error = clip->waiting > 0 && full ? flush(clip) : 0;
	if (error >= 0)
		error = av_write_frame(clip->format, own);
	av_packet_free(&own);
	if (error < 0)
		return error;
	clip->waiting += packet->size > 0 ? packet->size : 1;
	clip->packets++;
	clip->keyframes += kind == CUT_VIDEO && packet->flags & AV_PKT_FLAG_KEY;
	if (*last + duration > clip->end)
		clip->end = *last + duration;
	return 0;
}

int clip_end(struct clip *clip)
{
	int fd = clip->fd;

	if (clip->waiting > 0 && !clip->broken && clip->io->error >= 0)
		flush(clip);
	if (clip->whole > 0 && !clip->broken && clip->io->error >= 0)
		av_write_trailer(clip->format);
	avio_flush(clip->io);
	/* The trailer is of use only if nothing was lost before it. */
	if (clip->io->error >= 0 && clip->waiting == 0)
		clip->whole = clip->written;
	else
		clip->end = clip->flushed;
	close_format(clip);
	if (clip->whole == 0 || ftruncate(fd, clip->whole) < 0) {
		path_close(fd);
		return -1;
	}
	return fd;
}

int clip_mend(int fd, bool ts)
{
	off_t size = lseek(fd, 0, SEEK_END);
	int64_t whole = ts ? size - size % TS_PACKET : last_fragment(fd, size);

	if (size < 0 || (whole > 0 && ftruncate(fd, whole) < 0))
		return -1;
	return whole > 0;
}
