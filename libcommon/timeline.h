/*
 * timeline: one endless row of time stamps made of many clips.
 *
 * A clip is shifted as a whole, so its streams stay in step; it starts as soon as each of
 * its streams has ended in the clip before, so none overlaps. Time is in microseconds,
 * which are exact enough not to drift, and goes out in milliseconds that grow by at least
 * one, per stream.
 */
#ifndef STREAMHUB_TIMELINE_H
#define STREAMHUB_TIMELINE_H

#include <stdint.h>

enum timeline_kind { TIMELINE_VIDEO, TIMELINE_AUDIO, TIMELINE_KINDS };

#define TIMELINE_NONE INT64_MIN

struct timeline {
	int64_t end[TIMELINE_KINDS]; /* where each stream ends so far */
	int64_t last_ms[TIMELINE_KINDS]; /* what went out last */
	int64_t last[TIMELINE_KINDS]; /* dts of the packet before, in this clip */
	int64_t shift; /* of the clip under way */
	int64_t due; /* what was due when it was asked last */
	int64_t asked; /* then, in milliseconds by tick.h */
};

/* Starts at start microseconds, which are due in ahead microseconds from now. */
void timeline_start(struct timeline *timeline, int64_t start, int64_t ahead, int64_t now);

/* What is due by now: as much as real time has gone on, and speed per mille more. */
int64_t timeline_due(struct timeline *timeline, int64_t now, int64_t speed);

/*
 * The next clip comes, whose streams begin at these times; TIMELINE_NONE for one that it
 * does not have. It is put not before earliest.
 */
void timeline_clip(
	struct timeline *timeline, const int64_t first[TIMELINE_KINDS], int64_t earliest);

/*
 * Takes a packet's times, by the clip's clock, to the timeline; the stamps in
 * milliseconds go to *dts_ms and *pts_ms. A duration of 0 is not known: it is as long as
 * the packet before. Returns its dts in microseconds.
 */
int64_t timeline_put(struct timeline *timeline, enum timeline_kind kind, int64_t dts,
	int64_t pts, int64_t duration, int64_t *dts_ms, int64_t *pts_ms);

/* Where the later of the streams ends. */
int64_t timeline_end(const struct timeline *timeline);

#endif
