/*
 * timeline: one endless row of time stamps from many clips.
 *
 * A clip is shifted as a whole, so its streams stay in step. It starts as soon as each of
 * its streams has ended in the clip before, so that none overlaps, and no picture is to
 * be shown before the last one of that clip, which may be sent long before it is shown.
 * Times are kept in microseconds, exact enough not to drift, and sent in milliseconds,
 * which grow by at least one from packet to packet of a stream.
 */
#ifndef STREAMHUB_TIMELINE_H
#define STREAMHUB_TIMELINE_H

#include <stdint.h>

enum timeline_kind { TIMELINE_VIDEO, TIMELINE_AUDIO, TIMELINE_KINDS };

#define TIMELINE_NONE INT64_MIN

struct timeline {
	int64_t end[TIMELINE_KINDS]; /* where each stream ends so far */
	int64_t last_ms[TIMELINE_KINDS]; /* the last stamp sent */
	int64_t shown; /* until when the pictures so far are shown */
	int64_t last[TIMELINE_KINDS]; /* dts of the packet before, in this clip */
	int64_t shift; /* of the current clip */
	int64_t due; /* the result of the last timeline_due */
	int64_t asked; /* when that was, in milliseconds by clock.h */
};

/* Starts at the time start, which is due ahead microseconds from now. */
void timeline_start(struct timeline *timeline, int64_t start, int64_t ahead, int64_t now);

/* The time up to which packets are due now. It moves with real time, and speed per mille
 * faster. */
int64_t timeline_due(struct timeline *timeline, int64_t now, int64_t speed);

/*
 * Begins the next clip. first has the times at which its streams begin, TIMELINE_NONE for
 * a stream that it lacks; shown is when its first picture is shown. The clip is not put
 * before earliest.
 */
void timeline_clip(struct timeline *timeline, const int64_t first[TIMELINE_KINDS],
	int64_t shown, int64_t earliest);

/*
 * Converts a packet's times from the clip's clock to the timeline. *dts_ms and *pts_ms
 * get the stamps. A duration of 0 means unknown: then it is the distance to the packet
 * before. Returns its dts in microseconds.
 */
int64_t timeline_put(struct timeline *timeline, enum timeline_kind kind, int64_t dts,
	int64_t pts, int64_t duration, int64_t *dts_ms, int64_t *pts_ms);

/* The stream reaches up to that time, whatever of it has been sent. */
void timeline_reach(struct timeline *timeline, enum timeline_kind kind, int64_t until);

/* Milliseconds that a packet's stamp would be ahead of its time, because stamps must
 * grow.
 */
int64_t timeline_ahead(
	const struct timeline *timeline, enum timeline_kind kind, int64_t dts);

/* The time at which the later of the streams ends; it is behind every stamp. */
int64_t timeline_end(const struct timeline *timeline);

#endif
