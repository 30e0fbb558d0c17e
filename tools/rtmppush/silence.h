/*
 * silence: frames of sound in which nothing is heard, in the form that a session has
 * announced. They are constants: nothing is encoded.
 *
 * AAC of one or two channels gets frames of its own form. Any other AAC is followed by a
 * header of a plain form. MP3 and G.711 get frames like those of their clip.
 */
#ifndef STREAMHUB_SILENCE_H
#define STREAMHUB_SILENCE_H

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stdint.h>

struct silence {
	enum AVCodecID codec;
	int rate, samples; /* of a frame */
	uint8_t bytes[1024], header[2];
	size_t size, header_size; /* header_size 0: it is not sent */
	int64_t origin; /* when the first frame is, microseconds */
	uint64_t frames; /* so far */
};

/* Begins at origin with the form of par. False: there is no silence for that codec. */
bool silence_begin(struct silence *silence, const AVCodecParameters *par, int64_t origin);

/* When the next frame is, in microseconds. Exact: it is counted in samples. */
int64_t silence_time(const struct silence *silence);

/* How long a frame lasts, in microseconds, rounded down. */
int64_t silence_lasts(const struct silence *silence);

/* The next frame, with times in microseconds. Returns 0 or a negative libav error. */
int silence_next(struct silence *silence, AVPacket **packet);

#endif
