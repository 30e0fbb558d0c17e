/*
 * player: plays clips one after the other into one RTMP session, in real time, and tells
 * how far the far side has acknowledged them.
 *
 * Time stamps are those of timeline.h; what is due within the lead is sent a few times a
 * second. Messages about sessions are said here. Errors are -1.
 */
#ifndef STREAMHUB_PLAYER_H
#define STREAMHUB_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "segment.h"
#include "timeline.h"
#include "uplink.h"

#define PLAYER_MARKS 256
#define PLAYER_STEP (TICK_SECOND / 4) /* between two sendings */

/* When that much is acknowledged, a clip has been played so far. */
struct player_mark {
	uint64_t bytes;
	int64_t position; /* milliseconds into the clip; at its end more than it has */
	bool ended; /* that is all of it */
	bool failed; /* the rest of it could not be read */
	unsigned jumps; /* of its time stamps, that were left out */
	unsigned left_out; /* packets of a stream that turned up too late */
};

struct player_clip {
	struct segment segment;
	bool begun; /* it has its place on the timeline */
	unsigned left_out;
	int64_t origin; /* its own time of position 0, microseconds */
};

struct player {
	const char *url;
	int64_t lead; /* microseconds that are sent ahead */
	int64_t speed; /* per mille on top of real time */
	int64_t first_stamp; /* of the first session, microseconds */
	struct uplink uplink;
	struct timeline timeline;
	struct player_clip clips[2]; /* the one that plays and the next one, in turns */
	size_t first_clip, count;
	bool idle; /* there was nothing to play */
	int64_t connected; /* when the session began, by tick.h */
	uint64_t sessions; /* so far */
	AVPacket *packet; /* waits until it is due */
	struct player_mark marks[PLAYER_MARKS];
	size_t first_mark, mark_count;
	int64_t position[TIMELINE_KINDS]; /* milliseconds into the clip that plays */
};

/* Starts without a session. stop: a descriptor that ends every wait. */
void player_init(struct player *player, const char *url, int stop);

/* Whether one more clip can be loaded. */
bool player_has_room(const struct player *player);

/*
 * Loads a clip, from a position in milliseconds on; *duration is what it says of itself.
 * A libav error, and it is not loaded.
 */
int player_load(struct player *player, int fd, int64_t position, int64_t *duration);

/* Why the last one could not be loaded, or NULL: the error says all. */
const char *player_why(struct player *player);

/* Opens a session for the first clip that is loaded. */
int player_connect(struct player *player);

/*
 * Sends what is due and looks what has arrived. Returns 0; 1: a clip is at an end and the
 * next one can be loaded; or -1: the session is lost.
 */
int player_step(struct player *player);

/* The next mark that the far side has passed. */
bool player_acked(struct player *player, struct player_mark *mark);

/* Lets go of the session, the clips and the marks. */
void player_stop(struct player *player);

#endif
