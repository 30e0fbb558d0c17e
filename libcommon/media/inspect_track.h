/*
 * inspect_track: follows one stream of a clip while its packets are read. Their bytes
 * must look like an encoder's, and their times must be playable. Only video and audio
 * streams are checked; packets of data and subtitles are counted.
 */
#ifndef STREAMHUB_INSPECT_TRACK_H
#define STREAMHUB_INSPECT_TRACK_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "media/report.h"

struct track {
	AVStream *stream;
	AVCodecContext *context; /* the parser puts its findings here */
	AVCodecParserContext *parser;
	bool is_nal;
	unsigned prefix;
	int width, height; /* from the first packet that gives them */
	int64_t packets, bytes;
	int64_t first, last,
		end; /* times of the first and last picture, and its end; ms */
	int64_t gap; /* longest time between two pictures that are shown in a row */
	int64_t equal; /* packets with the time stamp of the one before */
	int64_t last_dts, last_key, key_distance;
	int64_t keyframe_at; /* number of the first packet with a keyframe, or -1 */
};

void track_open(struct track *track, AVStream *stream);
void track_close(struct track *track);

/* Takes the next packet. Its faults go to the report. */
void track_take(struct report *report, struct track *track, const AVPacket *packet);

bool track_is_video(const struct track *track);
bool track_is_audio(const struct track *track);

/* The size of its pictures, from the container, the parser or a packet; else 0 x 0. */
void track_size(const struct track *track, int *width, int *height);

/* Fills in its part of the report. */
void track_describe(struct report_stream *out, const struct track *track);

#endif
