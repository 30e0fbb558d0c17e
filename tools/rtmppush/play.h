/*
 * play: the clips of the queue, played into one session after the other, and the fact
 * about it. It connects when there is something to play, keeps the player loaded, hands
 * on to outcome what the far side has acknowledged, and waits longer after each failure.
 * Messages are said here.
 */
#ifndef STREAMHUB_PLAY_H
#define STREAMHUB_PLAY_H

#include <limits.h>

#include "base/backoff.h"
#include "base/paths.h"
#include "base/pulse.h"
#include "clip/afterplay.h"
#include "outcome.h"
#include "player.h"
#include "queue.h"

struct play {
	/* Set before, and opened. */
	struct queue queue;
	struct player player;
	struct outcome outcome; /* of the same queue */
	struct afterplay late; /* what is done with late clips */
	int64_t lag; /* milliseconds behind the newest that make a clip late; 0: none is
		      */
	int64_t retries; /* failures in a row that are too many; 0: never */
	int64_t catch_up; /* per mille on top of real time, while clips wait */
	const char *server; /* the address, without what is secret */
	struct paths *paths; /* the worst code is remembered there */
	struct pulse pulse;
	struct backoff backoff;

	bool given_up; /* after so many failures */
	bool ended;
	size_t loaded; /* the player has so many of the queue's clips */
	int64_t began; /* when play_go_on was called first */
	int64_t looked; /* when play_go_on was called last */
	uint64_t acked; /* bytes of this session, when that was looked at last */
	int64_t moved; /* when they became more while a clip played, since boot; or 0 */
	int64_t noted; /* the stamps that were written down, less the clock then */
	int64_t rest; /* in the order given: until when nothing is taken, after a clip
			 that could not be played */
	int64_t silent; /* when what was sent is over, and a while */
	int64_t still_due; /* when the picture of the filler is saved again */
	char now[PATH_MAX]; /* what plays, or played last */
};

/* Begins with the picture that was saved beside the cursor, if there is one. */
void play_find_still(struct play *play);

/*
 * True if another path may be taken. In the order given none is taken ahead: the next
 * one only when the clip that plays is nearly over, so that a list can still be edited.
 */
bool play_has_room(struct play *play);

/* The clip that is being sent ends now. Only in the order given, as it comes again there.
 */
void play_skip(struct play *play);

/* Connects if there is something to play, and plays. When to be called again. */
int64_t play_go_on(struct play *play);

/* Writes the fact, if one is kept. */
void play_write_fact(struct play *play);

/* Ends the session, and notes how far it came. */
void play_end(struct play *play);

#endif
