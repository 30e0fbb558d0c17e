/*
 * Each packet goes through four steps: the parser gets it until the parameters of the
 * stream are known, its bytes are checked for damage, its times are compared with those
 * before, and a change of the codec's header is noted. Numbers from the file may be
 * anything, so times are clipped before they are added.
 */
#include "media/inspect_track.h"

#include <inttypes.h>
#include <libavutil/channel_layout.h>
#include <stdio.h>
#include <string.h>

#include "media/inspect_size.h"
#include "media/nal.h"

#define HEADER_PACKETS 250 /* parameters must be found in this many packets */
#define HOLE 4096 /* zeros in a row that no video codec but H.264 and H.265 writes */
#define AUDIO_HOLE 2048 /* zeros in a row: more than a packet of MP3 or stereo AAC */

/* A time in milliseconds, clipped so that the sum of a few times does not overflow. */
static int64_t milliseconds(const AVStream *stream, int64_t time)
{
	const int64_t far = INT64_C(1) << 52;
	int64_t ms = av_rescale_q(time, stream->time_base, (AVRational){1, 1000});

	return av_clip64(ms, -far, far);
}

/* The number, clipped to what an int32_t of the report can hold. */
static int32_t natural(int64_t number)
{
	return (int32_t)av_clip64(number, 0, INT32_MAX);
}

void track_open(struct track *track, AVStream *stream)
{
	const AVCodecParameters *par = stream->codecpar;
	bool hevc = par->codec_id == AV_CODEC_ID_HEVC;

	*track = (struct track){.stream = stream,
		.first = REPORT_NONE,
		.last = REPORT_NONE,
		.last_dts = AV_NOPTS_VALUE,
		.last_key = REPORT_NONE,
		.key_distance = REPORT_NONE,
		.keyframe_at = -1};
	track->is_nal = hevc || par->codec_id == AV_CODEC_ID_H264;
	if (track->is_nal)
		track->prefix = nal_prefix(
			par->extradata, (size_t)par->extradata_size, hevc ? 21 : 4);
	track->context = avcodec_alloc_context3(NULL);
	track->parser = av_parser_init(par->codec_id);
	if (track->context)
		avcodec_parameters_to_context(track->context, par);
	if (track->parser)
		track->parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
}

void track_close(struct track *track)
{
	av_parser_close(track->parser);
	avcodec_free_context(&track->context);
}

bool track_is_video(const struct track *track)
{
	return track->stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
}

bool track_is_audio(const struct track *track)
{
	return track->stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
}

/* Some parsers have the size themselves, others put it into the context. */
void track_size(const struct track *track, int *width, int *height)
{
	*width = *height = 0;
	if (track->parser && track->parser->width > 0) {
		*width = track->parser->width;
		*height = track->parser->height;
	} else if (track->context) {
		*width = track->context->width;
		*height = track->context->height;
	}
	if (*width == 0 && *height == 0) {
		*width = track->width;
		*height = track->height;
	}
}

static bool has_parameters(const struct track *track)
{
	return track_is_video(track) ? track->parser->width > 0
				     : track->context->sample_rate > 0;
}

/*
 * Lets the parser find the parameters that the container lacks. A stream that was cut out
 * of a longer one has none before its first keyframe.
 */
static void look_through(struct track *track, const AVPacket *packet)
{
	uint8_t *out;
	int size;

	if (track->packets >= HEADER_PACKETS)
		return;
	if (track->parser && track->context && !has_parameters(track))
		av_parser_parse2(track->parser, track->context, &out, &size, packet->data,
			packet->size, packet->pts, packet->dts, packet->pos);
	if (track->width == 0)
		inspect_size(track->stream->codecpar->codec_id, packet->data,
			(size_t)packet->size, &track->width, &track->height);
}

/* False if the packet does not begin as all packets of its codec do. */
static bool begins_right(enum AVCodecID codec, const uint8_t *data, size_t size)
{
	if (codec == AV_CODEC_ID_MJPEG)
		return size >= 2 && data[0] == 0xff && data[1] == 0xd8;
	if (codec ==
		AV_CODEC_ID_MPEG4) /* a start code; AVI may have a filler of 1 byte */
		return size < 3 || (data[0] == 0 && data[1] == 0 && data[2] != 0);
	return true;
}

static enum nal_fault video_fault(
	const struct track *track, const uint8_t *data, size_t size)
{
	if (track->is_nal)
		return nal_check(data, size, track->prefix);
	if (nal_zeros(data, size, HOLE))
		return NAL_ZEROS;
	return begins_right(track->stream->codecpar->codec_id, data, size) ? NAL_FINE
									   : NAL_BROKEN;
}

static enum nal_fault audio_fault(enum AVCodecID codec, const uint8_t *data, size_t size)
{
	if ((codec != AV_CODEC_ID_AAC && codec != AV_CODEC_ID_MP3) || size < 16)
		return NAL_FINE;
	size_t zeros = nal_zeros(data, size, 16);
	return zeros == size || zeros >= AUDIO_HOLE ? NAL_ZEROS : NAL_FINE;
}

static void check_bytes(
	struct report *report, const struct track *track, const AVPacket *packet)
{
	const AVCodecParameters *par = track->stream->codecpar;
	size_t size = (size_t)packet->size;
	enum nal_fault fault = NAL_FINE;

	if (par->codec_type == AVMEDIA_TYPE_VIDEO)
		fault = video_fault(track, packet->data, size);
	else if (par->codec_type == AVMEDIA_TYPE_AUDIO)
		fault = audio_fault(par->codec_id, packet->data, size);
	if (fault == NAL_ZEROS)
		report_find(report, REPORT_ZEROS,
			"zeros in packet %" PRId64 " of stream %d, at byte %" PRId64,
			track->packets + 1, packet->stream_index, packet->pos);
	else if (fault == NAL_BROKEN || packet->flags & AV_PKT_FLAG_CORRUPT)
		report_find(report, REPORT_PACKETS,
			"packet %" PRId64 " of stream %d, at byte %" PRId64
			", is damaged",
			track->packets + 1, packet->stream_index, packet->pos);
}

/* Updates the first and last time, and the longest gap, with one more picture. */
static void check_place(struct track *track, int64_t ms, int64_t end)
{
	if (track->first == REPORT_NONE || ms < track->first)
		track->first = ms;
	if (track->last != REPORT_NONE && ms - track->last > track->gap)
		track->gap = ms - track->last;
	if (track->last == REPORT_NONE || ms > track->last)
		track->last = ms;
	if (end > track->end)
		track->end = end;
}

static void check_dts(struct report *report, struct track *track, const AVPacket *packet)
{
	int64_t last = track->last_dts;

	/* Matroska stores no DTS, and libavformat computes them only for a decoder. */
	if (packet->dts == AV_NOPTS_VALUE || report->container == REPORT_MATROSKA)
		return;
	track->last_dts = packet->dts;
	if (last == AV_NOPTS_VALUE || packet->dts > last)
		return;
	if (packet->dts == last)
		track->equal++;
	else
		report_find(report, REPORT_TIMES,
			"packet %" PRId64 " of stream %d comes at %" PRId64
			" ms, after one of %" PRId64 " ms",
			track->packets + 1, packet->stream_index,
			milliseconds(track->stream, packet->dts),
			milliseconds(track->stream, last));
}

/*
 * The duration of a packet. For an MP4 with reordered pictures FFmpeg 5.1 gives none, and
 * it guesses one for some codecs and rates only; then it is one picture of the mean rate.
 */
static int64_t lasting(const struct track *track, const AVPacket *packet)
{
	AVRational rate = track->stream->avg_frame_rate;

	return packet->duration == 0 && rate.num > 0 && rate.den > 0
		? av_rescale_q(1, av_inv_q(rate), track->stream->time_base)
		: packet->duration;
}

static void check_times(
	struct report *report, struct track *track, const AVPacket *packet)
{
	int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

	check_dts(report, track, packet);
	if (time == AV_NOPTS_VALUE)
		return;
	int64_t ms = milliseconds(track->stream, time);
	check_place(track, ms,
		milliseconds(track->stream, av_sat_add64(time, lasting(track, packet))));
	if (!(packet->flags & AV_PKT_FLAG_KEY))
		return;
	if (track->last_key != REPORT_NONE && ms < track->last_key)
		report_find(report, REPORT_TIMES,
			"packet %" PRId64 " of stream %d is to be shown at %" PRId64
			" ms, after one at %" PRId64 " ms",
			track->packets + 1, packet->stream_index, ms, track->last_key);
	if (track->last_key != REPORT_NONE && ms - track->last_key > track->key_distance)
		track->key_distance = ms - track->last_key;
	track->last_key = ms;
}

/* True if the packet has a new codec header. FLV may repeat the same one. */
static bool changes_header(const struct track *track, const AVPacket *packet)
{
	const AVCodecParameters *par = track->stream->codecpar;
	size_t size;
	const uint8_t *data =
		av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size);

	return data && track->packets > 0 &&
		(size != (size_t)par->extradata_size ||
			memcmp(data, par->extradata, size) != 0);
}

static void inspect_packet(
	struct report *report, struct track *track, const AVPacket *packet)
{
	look_through(track, packet);
	check_bytes(report, track, packet);
	check_times(report, track, packet);
	if (track->keyframe_at < 0 && packet->flags & AV_PKT_FLAG_KEY)
		track->keyframe_at = track->packets;
	if (changes_header(track, packet))
		report_find(report, REPORT_PARAMETERS,
			"stream %d changes its parameters in packet %" PRId64,
			packet->stream_index, track->packets + 1);
	if (av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, NULL))
		report_find(report, REPORT_ENCRYPTED, "stream %d is encrypted",
			packet->stream_index);
}

void track_take(struct report *report, struct track *track, const AVPacket *packet)
{
	if (track_is_video(track) || track_is_audio(track))
		inspect_packet(report, track, packet);
	track->packets++;
	track->bytes += packet->size;
}

void track_describe(struct report_stream *out, const struct track *track)
{
	const AVCodecParameters *par = track->stream->codecpar;
	int level = track->context ? track->context->profile : par->profile;
	/* Only some demuxers, in some versions, know the profile of audio: leave it out.
	 */
	const char *profile =
		track_is_video(track) ? avcodec_profile_name(par->codec_id, level) : NULL;
	int64_t span = track->first == REPORT_NONE ? 0 : track->end - track->first;
	int rate = par->sample_rate ? par->sample_rate
		: track->context    ? track->context->sample_rate
				    : 0;

	out->kind = track_is_video(track) ? 'v' : track_is_audio(track) ? 'a' : 'd';
	snprintf(out->codec, sizeof out->codec, "%s", avcodec_get_name(par->codec_id));
	snprintf(out->profile, sizeof out->profile, "%s", profile ? profile : "");
	out->packets = track->packets;
	if (span > 0)
		out->bit_rate = track->bytes * 8000 / span;
	if (out->kind == 'v') {
		track_size(track, &out->width, &out->height);
		out->width = natural(out->width);
		out->height = natural(out->height);
		if (span > 0)
			out->rate = natural((track->packets * 1000 + span / 2) / span);
	} else if (out->kind == 'a') {
		out->rate = natural(rate);
		out->channels = natural(par->ch_layout.nb_channels
				? par->ch_layout.nb_channels
				: track->context ? track->context->ch_layout.nb_channels
						 : 0);
	}
}
