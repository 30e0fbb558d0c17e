/*
 * The structure is checked first (container.h), as rtmppush may run without segcheck. To
 * begin in the middle, the file is read once from its start, to find the keyframe by the
 * same times (jumps.h) that playing uses. Then packets are read ahead into a ring: about
 * a second of them, and on until every stream has turned up. take_first picks the
 * earliest.
 */
#include "segment.h"

#include <stdlib.h>
#include <string.h>

#include "aac.h"
#include "decoder.h"
#include "jumps.h"
#include "media/container.h"
#include "media/inband.h"

#define AHEAD 64 /* packets to read ahead: a second or so */
#define AHEAD_BYTES (4 << 20) /* reading ahead stops when there are more bytes */
#define TAG_MAX ((1 << 24) - 256) /* bytes of a packet that fit into one FLV tag */

static const enum AVMediaType kinds[TIMELINE_KINDS] = {
	[TIMELINE_VIDEO] = AVMEDIA_TYPE_VIDEO, [TIMELINE_AUDIO] = AVMEDIA_TYPE_AUDIO};

/* True for codecs that libavformat's FLV can hold and players know. */
static bool is_sendable(const AVCodecParameters *par)
{
	switch (par->codec_id) {
	case AV_CODEC_ID_H264:
	case AV_CODEC_ID_AAC:
		return true;
	case AV_CODEC_ID_MP3:
		return par->sample_rate == 48000 || par->sample_rate == 44100 ||
			par->sample_rate == 22050 || par->sample_rate == 11025;
	case AV_CODEC_ID_PCM_ALAW:
	case AV_CODEC_ID_PCM_MULAW:
		return par->sample_rate == 8000;
	default:
		return false;
	}
}

/* The filter that makes the packets of such a stream fit for FLV. */
static const char *filter_name(const AVCodecParameters *par)
{
	if (par->extradata_size > 0)
		return "null";
	return par->codec_id == AV_CODEC_ID_H264   ? "extract_extradata"
		: par->codec_id == AV_CODEC_ID_AAC ? "aac_adtstoasc"
						   : "null";
}

/* True for AAC that every platform takes. Without a header libavformat has found out. */
static bool is_plain_aac(const AVCodecParameters *par)
{
	int channels = par->ch_layout.nb_channels;

	if (par->codec_id != AV_CODEC_ID_AAC ||
		(par->sample_rate != 44100 && par->sample_rate != 48000))
		return false;
	return par->extradata_size > 0
		? aac_plain_channels(par) > 0
		: par->profile == FF_PROFILE_AAC_LOW && channels >= 1 && channels <= 2;
}

/* The form in which the stream is sent. */
static int describe(struct segment_stream *own)
{
	const AVCodecParameters *par = own->filter->par_out;

	own->par = avcodec_parameters_alloc();
	if (!own->par)
		return AVERROR(ENOMEM);
	return own->encoded ? aac_describe(own->par, par->ch_layout.nb_channels)
			    : avcodec_parameters_copy(own->par, par);
}

static int open_stream(struct segment *segment, enum timeline_kind kind, AVStream *stream)
{
	struct segment_stream *own = &segment->streams[kind];

	own->encoded = kind == TIMELINE_AUDIO && segment->sound == REPORT_AAC &&
		!is_plain_aac(stream->codecpar);
	const AVBitStreamFilter *filter =
		av_bsf_get_by_name(own->encoded ? "null" : filter_name(stream->codecpar));
	if (!own->encoded && !is_sendable(stream->codecpar)) {
		segment->why = avcodec_get_name(stream->codecpar->codec_id);
		return AVERROR_PATCHWELCOME;
	}
	int error = av_bsf_alloc(filter, &own->filter);
	if (error < 0)
		return error;
	own->filter->time_base_in = stream->time_base;
	error = avcodec_parameters_copy(own->filter->par_in, stream->codecpar);
	if (error >= 0)
		error = av_bsf_init(own->filter);
	if (error >= 0)
		error = describe(own);
	own->stream = stream;
	own->clock.last = TIMELINE_NONE;
	return error;
}

/* The clip's stream of this kind; NULL: it has none that is played. */
static AVStream *stream_of(const struct segment *segment, enum timeline_kind kind)
{
	AVStream *stream = av_input_stream(&segment->input, kinds[kind]);

	if (!stream || kind != TIMELINE_AUDIO || segment->sound == REPORT_KEEP ||
		stream->codecpar->codec_id == AV_CODEC_ID_AAC)
		return stream;
	return segment->sound == REPORT_AAC && decoder_can(stream->codecpar) ? stream
									     : NULL;
}

/* The kind of stream that a packet is of, or -1. Opens a stream that turns up late. */
static int kind_of(struct segment *segment, const AVPacket *packet)
{
	for (int kind = 0; kind < TIMELINE_KINDS; kind++) {
		AVStream *stream = stream_of(segment, (enum timeline_kind)kind);

		if (!stream || stream->index != packet->stream_index)
			continue;
		int error = segment->streams[kind].stream
			? 0
			: open_stream(segment, (enum timeline_kind)kind, stream);
		return error < 0 ? error : kind;
	}
	return -1;
}

/* Remembers the codec's header if the packet brings one. */
static int keep_header(struct segment_stream *own, const AVPacket *packet)
{
	size_t size;
	const uint8_t *data =
		av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size);

	if (!data)
		return 0;
	av_freep(&own->par->extradata);
	own->par->extradata_size = 0;
	own->par->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!own->par->extradata)
		return AVERROR(ENOMEM);
	memcpy(own->par->extradata, data, size);
	own->par->extradata_size = (int)size;
	return 0;
}

/* Adds the codec's header to the first packet. */
static int give_header(struct segment_stream *own, AVPacket *packet)
{
	size_t size;

	if (!own->begun && own->par->extradata_size > 0 &&
		!av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size)) {
		uint8_t *data = av_packet_new_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA,
			(size_t)own->par->extradata_size);
		if (!data)
			return AVERROR(ENOMEM);
		memcpy(data, own->par->extradata, (size_t)own->par->extradata_size);
	}
	own->begun = true;
	return 0;
}

/* True if the packet comes before the place where the clip begins, which is a keyframe.
 */
static bool is_before(const struct segment *segment, int kind, const AVPacket *packet)
{
	bool begins = !segment->streams[kind].begun && kind == TIMELINE_VIDEO;

	return packet->dts < segment->skip_to ||
		(begins && !(packet->flags & AV_PKT_FLAG_KEY));
}

/* Reads a packet. Some demuxers take a failed read for the end of the file. */
static int read_packet(struct segment *segment, AVPacket *packet)
{
	int error = av_read_frame(segment->input.format, packet);
	int failed = segment->input.io->error;

	return error == AVERROR_EOF && failed < 0 ? failed : error;
}

/* Reads on until one more packet of a stream that is played is in the ring. */
static int read_one(struct segment *segment)
{
	AVPacket *packet = av_packet_alloc();
	int error = packet ? 0 : AVERROR(ENOMEM);

	while (!error) {
		av_packet_unref(packet);
		error = read_packet(segment, packet);
		if (error)
			break;
		int kind = kind_of(segment, packet);
		if (kind < -1)
			error = kind;
		if (kind < 0)
			continue;
		struct segment_stream *own = &segment->streams[kind];
		error = av_bsf_send_packet(own->filter, packet);
		if (!error)
			error = av_bsf_receive_packet(own->filter, packet);
		if (error)
			break;
		packet->stream_index = kind;
		error = jumps_out(&own->clock, packet, own->stream);
		if (!error)
			error = keep_header(own, packet);
		if (!error)
			error = inband_put(packet, own->par);
		if (!error && packet->size > TAG_MAX) {
			segment->why = "it has a packet that is too large for FLV";
			error = AVERROR_INVALIDDATA;
		}
		if (error)
			break;
		if (is_before(segment, kind, packet))
			continue;
		if (kind == TIMELINE_VIDEO && segment->shown == TIMELINE_NONE)
			segment->shown = packet->pts;
		if (segment->first[kind] == TIMELINE_NONE ||
			packet->dts < segment->first[kind])
			segment->first[kind] = packet->dts;
		error = give_header(own, packet);
		if (!error) {
			size_t size = sizeof segment->packets / sizeof *segment->packets;
			size_t at = (segment->head + segment->count++) % size;
			segment->packets[at] = packet;
			segment->bytes += packet->size;
			return 0;
		}
	}
	av_packet_free(&packet);
	return error;
}

/* True if enough was read ahead and each stream has turned up, or the ring is full. */
static bool has_enough(struct segment *segment)
{
	if (segment->bytes > AHEAD_BYTES)
		return true;
	if (segment->count < AHEAD)
		return false;
	for (int kind = 0; kind < TIMELINE_KINDS; kind++)
		if (segment->first[kind] == TIMELINE_NONE &&
			stream_of(segment, (enum timeline_kind)kind))
			return segment->count ==
				sizeof segment->packets / sizeof *segment->packets;
	return true;
}

static int read_ahead(struct segment *segment)
{
	int error = 0;

	while (!segment->ended && !error && !has_enough(segment))
		error = read_one(segment);
	segment->ended = segment->ended || error == AVERROR_EOF;
	return error == AVERROR_EOF ? 0 : error;
}

static int begin(struct segment *segment, int fd)
{
	int error =
		av_input_open(&segment->input, fd, report_demuxer(segment->container));

	/* Other containers lack the times of some packets, or the size of the picture, so
	 * libavformat must find them in the pictures. */
	if (error >= 0 && segment->container != REPORT_MP4 &&
		segment->container != REPORT_FMP4)
		error = avformat_find_stream_info(segment->input.format, NULL);
	/* AVERROR_EOF would mean that all of the clip was played. */
	return error == AVERROR_EOF ? AVERROR_INVALIDDATA : error;
}

/* Finds the last keyframe that is not after the position, in microseconds. */
static int find_start(struct segment *segment, int fd, int64_t position)
{
	AVPacket *packet = av_packet_alloc();
	struct jumps clock = {.last = TIMELINE_NONE};
	int64_t first = TIMELINE_NONE;
	bool beyond = false;
	int error = packet ? begin(segment, fd) : AVERROR(ENOMEM);

	while (error >= 0) {
		error = read_packet(segment, packet);
		const AVStream *video =
			av_input_stream(&segment->input, AVMEDIA_TYPE_VIDEO);
		if (error < 0)
			break;
		if (video && packet->stream_index == video->index) {
			bool key = packet->flags & AV_PKT_FLAG_KEY;
			error = jumps_out(&clock, packet, video);
			if (error)
				break;
			bool begins = first == TIMELINE_NONE && key;
			if (begins)
				segment->start = first = packet->dts;
			beyond =
				first != TIMELINE_NONE && packet->dts - first >= position;
			if (beyond && packet->dts - first > position)
				break;
			if (key && !begins) /* keep sound before the first picture */
				segment->skip_to = packet->dts;
		}
		av_packet_unref(packet);
	}
	av_packet_free(&packet);
	av_input_close(&segment->input);
	if (error == AVERROR_EOF && (beyond || first == TIMELINE_NONE))
		return 0;
	return error < 0 ? error : 0;
}

/* Opens streams of which no packet has come yet, so that they are announced too. */
static int open_declared(struct segment *segment)
{
	int error = 0;

	for (int kind = 0; kind < TIMELINE_KINDS && !error; kind++) {
		AVStream *stream = stream_of(segment, (enum timeline_kind)kind);
		if (stream && !segment->streams[kind].stream)
			error = open_stream(segment, (enum timeline_kind)kind, stream);
	}
	return error;
}

int segment_open(
	struct segment *segment, int fd, int64_t position, enum report_sound sound)
{
	*segment = (struct segment){.first = {TIMELINE_NONE, TIMELINE_NONE},
		.shown = TIMELINE_NONE,
		.start = TIMELINE_NONE,
		.skip_to = INT64_MIN,
		.sound = sound};
	static struct report report;

	report = (struct report){0};
	bool whole = container_check(fd, &report);
	segment->container = report.container;
	if (!whole) {
		segment->why = report_code_text(report_judge(&report, report_profile(0)));
		return AVERROR_INVALIDDATA;
	}
	if (report.declared_ms != REPORT_NONE)
		segment->declared = report.declared_ms * 1000;
	int64_t from = position < JUMPS_FAR / 1000 ? position * 1000 : JUMPS_FAR;
	int error = position > 0 ? find_start(segment, fd, from) : 0;
	if (!error)
		error = begin(segment, fd);
	if (error >= 0)
		error = read_ahead(segment);
	if (!error)
		error = open_declared(segment);
	if (!error && (!segment->streams[TIMELINE_VIDEO].stream || segment->count == 0))
		error = AVERROR_STREAM_NOT_FOUND;
	if (position == 0)
		segment->start = segment->first[TIMELINE_VIDEO];
	if (error < 0)
		segment_close(segment);
	return error;
}

/* Takes out the packet that is first in time. It need not be the first in the file. */
static AVPacket *take_first(struct segment *segment)
{
	size_t size = sizeof segment->packets / sizeof *segment->packets, first = 0;
	AVPacket **packets = segment->packets;

	for (size_t i = 1; i < segment->count; i++)
		if (packets[(segment->head + i) % size]->dts <
			packets[(segment->head + first) % size]->dts)
			first = i;
	AVPacket *packet = packets[(segment->head + first) % size];
	for (; first > 0; first--)
		packets[(segment->head + first) % size] =
			packets[(segment->head + first - 1) % size];
	segment->head = (segment->head + 1) % size;
	segment->count--;
	segment->bytes -= packet->size;
	return packet;
}

int segment_next(struct segment *segment, AVPacket **packet)
{
	if (!segment->ended && !segment->error)
		segment->error = read_ahead(segment);
	if (segment->count == 0)
		return segment->error ? segment->error : AVERROR_EOF;
	*packet = take_first(segment);
	return 0;
}

void segment_begins(const struct segment *segment, int64_t first[TIMELINE_KINDS])
{
	const int64_t *seen = segment->first;

	for (int kind = 0; kind < TIMELINE_KINDS; kind++)
		first[kind] = seen[kind] != TIMELINE_NONE || !segment->streams[kind].par
			? seen[kind]
			: seen[TIMELINE_KINDS - 1 - kind];
}

void segment_close(struct segment *segment)
{
	size_t size = sizeof segment->packets / sizeof *segment->packets;

	for (; segment->count > 0; segment->count--) {
		av_packet_free(&segment->packets[segment->head]);
		segment->head = (segment->head + 1) % size;
	}
	for (int kind = 0; kind < TIMELINE_KINDS; kind++) {
		av_bsf_free(&segment->streams[kind].filter);
		avcodec_parameters_free(&segment->streams[kind].par);
	}
	av_input_close(&segment->input);
}
