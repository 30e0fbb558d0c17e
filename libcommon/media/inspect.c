/*
 * First the structure is checked without libavformat. Only a clip that is whole is opened
 * with it. Then every packet is read once and counted for its stream (inspect_track.h),
 * and at the end the streams that would be played are judged together: duration, pace,
 * keyframes, and how far picture and sound are apart.
 */
#include "media/inspect.h"

#include <inttypes.h>
#include <libavcodec/avcodec.h>
#include <stdlib.h>

#include "media/av.h"
#include "media/container.h"
#include "media/inspect_track.h"

#define SOON_PACKETS 250 /* a keyframe must come within this many */
#define WRONG_MS 1000 /* a declared duration may be off by this, or by a tenth */
#define LONG_MS 5000 /* more than this and a tenth is REPORT_RUNS_ON or REPORT_APART */
#define GAP_MS 30000 /* longest time for one picture */
#define RATE_MAX 240 /* most pictures a second, on average */
#define EQUAL 10 /* one packet in this many may have the time of the one before */

static void check_video(struct report *report, const struct track *track)
{
	const AVCodecParameters *par = track->stream->codecpar;
	int width, height;

	track_size(track, &width, &height);
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

/* The broadcast goes at the pace of the pictures. A long gap would stop it, and too many
 * pictures a second would flood it. */
static void check_pace(struct report *report, const struct track *track)
{
	if (track->packets == 0 || track->first == REPORT_NONE)
		return;
	int64_t most = track->end - track->last; /* the last picture's time */
	most = track->gap > most ? track->gap : most;
	if (most > GAP_MS)
		report_find(report, REPORT_PACE,
			"no picture for %" PRId64 " ms, %d at most", most, GAP_MS);
	/* Two milliseconds more, because both times are rounded. */
	int64_t span = track->last - track->first + 2, steps = track->packets - 1;
	if (steps > RATE_MAX && span * RATE_MAX < steps * 1000)
		report_find(report, REPORT_PACE,
			"%" PRId64 " pictures in %" PRId64 " ms, %d a second at most",
			track->packets, span, RATE_MAX);
}

/* A few packets with the time of the one before are harmless. With many, the times of the
 * stream are of no use. */
static void check_equal(struct report *report, const struct track *track)
{
	if (track->equal == 0)
		return;
	bool many = track->equal > 1 && track->equal > track->packets / EQUAL;
	report_find(report, many ? REPORT_TIMES : REPORT_EQUAL_TIMES,
		"%" PRId64 " of %" PRId64
		" packets of stream %d have the time of the one "
		"before",
		track->equal, track->packets, track->stream->index);
}

/* At each clip's end the shorter stream waits for the longer one, so they must not be far
 * apart. */
static void check_together(
	struct report *report, const struct track *video, const struct track *audio)
{
	if (video->first == REPORT_NONE || audio->first == REPORT_NONE)
		return;
	int64_t begin = llabs(video->first - audio->first);
	int64_t end = llabs(video->end - audio->end);
	int64_t most = report->duration_ms / 10;
	most = most > LONG_MS ? most : LONG_MS;
	if (begin > WRONG_MS || end > WRONG_MS)
		report_find(report,
			begin > most || end > most ? REPORT_APART : REPORT_UNEVEN,
			"picture and sound begin %" PRId64 " ms and end %" PRId64
			" ms apart",
			begin, end);
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

static void check_duration(struct report *report, const struct track *tracks)
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
	if (report->declared_ms == REPORT_NONE)
		return;
	int64_t past = report->duration_ms - report->declared_ms;
	if (llabs(past) > WRONG_MS && llabs(past) > report->duration_ms / 10)
		report_find(report,
			past > LONG_MS && past > report->declared_ms / 10
				? REPORT_RUNS_ON
				: REPORT_DURATION,
			"declared are %" PRId64 " ms, its packets last %" PRId64 " ms",
			report->declared_ms, report->duration_ms);
}

/* The track of a stream. New streams may turn up while packets are read. */
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
			track_take(report, track, packet);
		av_packet_unref(packet);
	}
	av_packet_free(&packet);
	if (error != AVERROR_EOF)
		report_find(report, REPORT_OPEN, "a packet cannot be read: %s",
			av_err2str(error));
}

/* Judges the streams that would be played. */
static void check_streams(
	struct report *report, struct track *tracks, const struct av_input *input)
{
	const AVStream *video = av_input_stream(input, AVMEDIA_TYPE_VIDEO);
	const AVStream *audio = av_input_stream(input, AVMEDIA_TYPE_AUDIO);
	const struct track *picture =
		video ? track_of(report, tracks, input->format, video->index) : NULL;
	const struct track *sound =
		audio ? track_of(report, tracks, input->format, audio->index) : NULL;

	check_duration(report, tracks);
	check_audio(report, sound);
	if (!picture) {
		report_find(report, REPORT_NO_VIDEO, "there is no video stream");
		return;
	}
	check_video(report, picture);
	check_pace(report, picture);
	check_equal(report, picture);
	if (sound) {
		check_equal(report, sound);
		check_together(report, picture, sound);
	}
}

void inspect_file(int fd, struct report *report)
{
	struct track tracks[REPORT_STREAMS];
	struct av_input input;

	*report = (struct report){.duration_ms = REPORT_NONE, .keyframe_ms = REPORT_NONE};
	if (!container_check(fd, report))
		return;
	av_log_set_level(AV_LOG_QUIET);
	int error = av_input_open(&input, fd, report_demuxer(report->container));
	if (error < 0) {
		report_find(report, REPORT_OPEN, "%s", av_err2str(error));
		return;
	}
	track_of(report, tracks, input.format, 0);
	read_packets(report, tracks, &input);
	check_streams(report, tracks, &input);
	for (uint32_t i = 0; i < report->streams; i++) {
		track_describe(&report->stream[i], &tracks[i]);
		track_close(&tracks[i]);
	}
	av_input_close(&input);
}
