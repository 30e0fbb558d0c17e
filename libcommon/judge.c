#include "judge.h"

#include <inttypes.h>
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <stdlib.h>
#include <string.h>

#include "av.h"
#include "nal.h"
#include "shape.h"

#define HOLE 4096 /* zeros in a row that no other video codec writes */
#define AUDIO_HOLE 2048 /* in audio: more than a packet of MP3 or stereo AAC takes */
#define SOON_PACKETS 250 /* a keyframe has to come within so many */
#define LENS_PACKETS 16 /* parameters are to be found in so many */
#define WRONG_MS 1000 /* a declared duration may be off by so much, or a tenth */

/* What is being seen of one stream. */
struct track {
	AVStream *stream;
	AVCodecContext *context; /* what the parser tells */
	AVCodecParserContext *parser;
	bool is_nal;
	unsigned prefix;
	int64_t packets, bytes, first, last, end; /* times in milliseconds */
	int64_t last_dts, last_key, key_distance;
	int64_t keyframe_at; /* the number of the packet that was the first one, or -1 */
};

/* Of whatever time is said; so far off that sums of a few do not overflow. */
static int64_t milliseconds(const AVStream *stream, int64_t time)
{
	const int64_t far = INT64_C(1) << 52;
	int64_t ms = av_rescale_q(time, stream->time_base, (AVRational){1, 1000});

	return av_clip64(ms, -far, far);
}

/* Of whatever number is said. */
static int32_t natural(int64_t number)
{
	return (int32_t)av_clip64(number, 0, INT32_MAX);
}

static void track_open(struct track *track, AVStream *stream)
{
	const AVCodecParameters *par = stream->codecpar;
	bool hevc = par->codec_id == AV_CODEC_ID_HEVC;

	*track = (struct track){.stream = stream,
		.first = REPORT_NONE,
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

static void track_close(struct track *track)
{
	av_parser_close(track->parser);
	avcodec_free_context(&track->context);
}

/* Some parsers tell the size themselves, others through the context. */
static void find_size(const struct track *track, int *width, int *height)
{
	bool parsed = track->parser && track->parser->width > 0;

	*width = parsed          ? track->parser->width
		: track->context ? track->context->width
				 : 0;
	*height = parsed         ? track->parser->height
		: track->context ? track->context->height
				 : 0;
}

static bool has_parameters(const struct track *track)
{
	return track->stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO
		? track->parser->width > 0
		: track->context->sample_rate > 0;
}

/* Lets the parser find the parameters that the container does not tell. */
static void look_through(struct track *track, const AVPacket *packet)
{
	uint8_t *out;
	int size;

	if (track->parser && track->context && track->packets < LENS_PACKETS &&
		!has_parameters(track))
		av_parser_parse2(track->parser, track->context, &out, &size, packet->data,
			packet->size, packet->pts, packet->dts, packet->pos);
}

/* Whether it begins as packets of its codec do, where that is the same for all of them.
 */
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

static void check_times(
	struct report *report, struct track *track, const AVPacket *packet)
{
	int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

	/* Matroska holds no DTS, and libavformat guesses them only when it decodes. */
	if (packet->dts != AV_NOPTS_VALUE && report->container != REPORT_MATROSKA) {
		if (track->last_dts != AV_NOPTS_VALUE && packet->dts <= track->last_dts)
			report_find(report, REPORT_TIMES,
				"packet %" PRId64 " of stream %d comes at %" PRId64
				" ms, after one of %" PRId64 " ms",
				track->packets + 1, packet->stream_index,
				milliseconds(track->stream, packet->dts),
				milliseconds(track->stream, track->last_dts));
		track->last_dts = packet->dts;
	}
	if (time == AV_NOPTS_VALUE)
		return;
	int64_t ms = milliseconds(track->stream, time);
	int64_t end = milliseconds(track->stream, av_sat_add64(time, packet->duration));
	if (track->first == REPORT_NONE || ms < track->first)
		track->first = ms;
	if (end > track->end)
		track->end = end;
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

/* FLV repeats the same header; another one is a change. */
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

static void take_packet(
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
	track->packets++;
	track->bytes += packet->size;
}

static void check_video(struct report *report, const struct track *track)
{
	const AVCodecParameters *par = track->stream->codecpar;
	int width, height;

	find_size(track, &width, &height);
	if (par->codec_id == AV_CODEC_ID_NONE)
		report_find(report, REPORT_NO_CODEC, "nobody knows the codec '%s'",
			av_fourcc2str(par->codec_tag));
	else if (track->packets == 0)
		report_find(report, REPORT_NO_PACKETS, "the video has no packet");
	else if (track->is_nal && (!track->parser || track->parser->width <= 0))
		report_find(report, REPORT_NO_HEADER,
			"neither the container nor the first packets hold parameters");
	else if (width <= 0 || height <= 0)
		report_find(
			report, REPORT_NO_SIZE, "the video is %d x %d", width, height);
	if (track->packets > 0 &&
		(track->keyframe_at < 0 || track->keyframe_at >= SOON_PACKETS))
		report_find(report, REPORT_NO_KEYFRAME,
			"no keyframe among the first %" PRId64 " packets",
			track->keyframe_at < 0 ? track->packets : track->keyframe_at);
	if (par->codec_id != AV_CODEC_ID_H264)
		report_find(report, REPORT_VIDEO_CODEC, "the video is %s",
			avcodec_get_name(par->codec_id));
	report->keyframe_ms = track->key_distance;
}

static void check_audio(struct report *report, const struct track *track)
{
	enum AVCodecID id = track ? track->stream->codecpar->codec_id : AV_CODEC_ID_NONE;
	bool platform = id == AV_CODEC_ID_AAC || id == AV_CODEC_ID_MP3;
	bool g711 = id == AV_CODEC_ID_PCM_ALAW || id == AV_CODEC_ID_PCM_MULAW;

	if (!track)
		report_find(report, REPORT_NO_AUDIO, "there is no audio");
	else if (!platform)
		report_find(report, g711 ? REPORT_AUDIO_PLATFORM : REPORT_AUDIO_CODEC,
			"the audio is %s", avcodec_get_name(id));
}

static void describe(struct report_stream *out, const struct track *track)
{
	const AVCodecParameters *par = track->stream->codecpar;
	int level = track->context ? track->context->profile : par->profile;
	const char *profile = avcodec_profile_name(par->codec_id, level);
	bool video = par->codec_type == AVMEDIA_TYPE_VIDEO;
	int64_t span = track->first == REPORT_NONE ? 0 : track->end - track->first;
	int rate = par->sample_rate ? par->sample_rate
		: track->context    ? track->context->sample_rate
				    : 0;

	out->kind = video ? 'v' : par->codec_type == AVMEDIA_TYPE_AUDIO ? 'a' : 'd';
	snprintf(out->codec, sizeof out->codec, "%s", avcodec_get_name(par->codec_id));
	snprintf(out->profile, sizeof out->profile, "%s", profile ? profile : "");
	out->packets = track->packets;
	if (span > 0)
		out->bit_rate = track->bytes * 8000 / span;
	if (video) {
		find_size(track, &out->width, &out->height);
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

static void check_duration(
	struct report *report, const struct track *tracks, const AVFormatContext *format)
{
	int64_t first = INT64_MAX, end = INT64_MIN;

	for (uint32_t i = 0; i < report->streams; i++) {
		const struct track *track = &tracks[i];
		if (track->first == REPORT_NONE)
			continue;
		first = track->first < first ? track->first : first;
		end = track->end > end ? track->end : end;
	}
	if (first > end)
		return;
	report->duration_ms = end - first;
	/* libavformat has a duration of its own making only where it estimated one. */
	if (format->duration == AV_NOPTS_VALUE || format->duration <= 0)
		return;
	report->declared_ms = format->duration / (AV_TIME_BASE / 1000);
	int64_t off = llabs(report->declared_ms - report->duration_ms);
	if (off > WRONG_MS && off > report->duration_ms / 10)
		report_find(report, REPORT_DURATION,
			"declared are %" PRId64 " ms, its packets last %" PRId64 " ms",
			report->declared_ms, report->duration_ms);
}

/* Streams may turn up while packets are read. */
static struct track *track_of(struct report *report, struct track *tracks,
	const AVFormatContext *format, int index)
{
	while (report->streams < format->nb_streams && report->streams < REPORT_STREAMS) {
		track_open(&tracks[report->streams], format->streams[report->streams]);
		report->streams++;
	}
	return (uint32_t)index < report->streams ? &tracks[index] : NULL;
}

static void read_packets(
	struct report *report, struct track *tracks, struct av_input *input)
{
	AVPacket *packet = av_packet_alloc();
	int error = packet ? 0 : AVERROR(ENOMEM);

	while (!error) {
		error = av_read_frame(input->format, packet);
		if (error)
			break;
		struct track *track =
			track_of(report, tracks, input->format, packet->stream_index);
		if (track)
			take_packet(report, track, packet);
		av_packet_unref(packet);
	}
	av_packet_free(&packet);
	if (error != AVERROR_EOF)
		report_find(report, REPORT_OPEN, "a packet cannot be read: %s",
			av_err2str(error));
}

void judge_file(int fd, struct report *report)
{
	struct track tracks[REPORT_STREAMS];
	struct av_input input;

	*report = (struct report){.duration_ms = REPORT_NONE,
		.declared_ms = REPORT_NONE,
		.keyframe_ms = REPORT_NONE};
	shape_check(fd, report);
	if (report->found)
		return;
	av_log_set_level(AV_LOG_QUIET);
	int error = av_input_open(&input, fd, report_demuxer(report->container));
	if (error < 0) {
		report_find(report, REPORT_OPEN, "%s", av_err2str(error));
		return;
	}
	track_of(report, tracks, input.format, 0);
	read_packets(report, tracks, &input);

	const AVStream *video = av_input_stream(&input, AVMEDIA_TYPE_VIDEO);
	const AVStream *audio = av_input_stream(&input, AVMEDIA_TYPE_AUDIO);
	struct track *track =
		video ? track_of(report, tracks, input.format, video->index) : NULL;
	if (track)
		check_video(report, track);
	else
		report_find(report, REPORT_NO_VIDEO, "there is no video stream");
	check_audio(report,
		audio ? track_of(report, tracks, input.format, audio->index) : NULL);
	check_duration(report, tracks, input.format);
	for (uint32_t i = 0; i < report->streams; i++) {
		describe(&report->stream[i], &tracks[i]);
		track_close(&tracks[i]);
	}
	av_input_close(&input);
}
