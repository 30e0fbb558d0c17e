/*
 * cut: which clip a packet of a live source belongs to. It looks at times and keyframes
 * alone, and writes nothing.
 *
 * A clip begins with a keyframe, and ends at the first keyframe that lies on or behind
 * the next point of a grid, whose first point is the first packet. A jump of time stamps,
 * or another size of the picture, ends it at once. Sound stays with its picture: for a
 * second after a cut, sound from before it goes to the clip that ended.
 *
 * Without video each packet counts as a keyframe. Times are in microseconds.
 */
#ifndef STREAMHUB_CUT_H
#define STREAMHUB_CUT_H

#include <stdbool.h>
#include <stdint.h>

enum cut_kind { CUT_VIDEO, CUT_AUDIO, CUT_KINDS };

#define CUT_NONE INT64_MIN
#define CUT_JUMP 10000000 /* a step of time stamps that is a jump */
#define CUT_BACK 1000000 /* a step back that is one */
#define CUT_HOLD 1000000 /* how long a clip that ended waits for its sound */

/* Why a clip ended. */
enum cut_reason {
	CUT_TIME,
	CUT_BY_JUMP,
	CUT_PARAMETERS,
	CUT_LOST, /* the source; these are set by the caller */
	CUT_FULL,
	CUT_STOPPED,
	CUT_KILLED,
	CUT_REASONS,
};
extern const char *const cut_names[];

struct cut {
	int64_t length; /* of a clip */
	bool has[CUT_KINDS]; /* the streams of the source */
	bool begun; /* a clip is under way */
	int64_t grid; /* the first point */
	int64_t start, before; /* where this clip began, and the one before it, or NONE */
	int64_t last[CUT_KINDS]; /* of the packets, or NONE */
	enum cut_reason reason; /* why the clip before ended */
};

struct cut_packet {
	enum cut_kind kind;
	int64_t dts;
	bool key;
	bool changed; /* the picture has another size, or codec, than that before it */
};

enum cut_place {
	CUT_NOWHERE, /* before the first keyframe, or from before a jump */
	CUT_HERE,
	CUT_BEFORE, /* the clip that has just ended */
	CUT_NEW, /* it begins a clip. The one under way, if any, ends: cut->reason */
	CUT_ENDS, /* it ends the clip under way, and belongs to none */
};

/* A source has been connected that has these streams. */
void cut_begin(struct cut *cut, int64_t length, bool video, bool audio);

enum cut_place cut_take(struct cut *cut, const struct cut_packet *packet);

/* True if a clip may begin with the packet, whatever the grid says. */
bool cut_may_begin(const struct cut *cut, const struct cut_packet *packet);

/* True if no more will come for the clip before: it can be finished. */
bool cut_is_past(const struct cut *cut);

#endif
