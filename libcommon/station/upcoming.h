/*
 * upcoming: what a station with a list plays now, and what is to come, found out as
 * playlist(1) would. It only looks: nothing is written.
 */
#ifndef STREAMHUB_UPCOMING_H
#define STREAMHUB_UPCOMING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"
#include "clip/library.h"
#include "clip/turn.h"

#define UPCOMING_TURNS 6 /* the one that plays, and the next five */

struct upcoming_turn {
	struct turn turn;
	char begins[16]; /* the station's time of day; "": it is not known */
};

struct upcoming {
	struct library library; /* library.for_all may be set before */
	struct turns turns;
	bool plays; /* the first of these, and not only where it would go on */
	struct upcoming_turn of[UPCOMING_TURNS];
	size_t count;
	char playing[PATH_MAX]; /* "": nothing. It may be in the list no more. */
};

/* Milliseconds that the clip lasts; less than 0: it would not be played. */
typedef int64_t upcoming_lasts(const char *path);

/*
 * Looks at the station whose state lies below the folder state. now is that key of
 * rtmppush's fact; NULL: nothing plays. left: milliseconds until that clip ends, or -1.
 * Times are only found with left and lasts, which is NULL otherwise. Returns 0; or -1
 * with errno if its list cannot be read. Close it in any case.
 */
int upcoming_look(struct upcoming *upcoming, int state, const char *id,
	const struct conf *conf, const char *now, int64_t left, upcoming_lasts *lasts);

/*
 * Writes a line for each entry of the list: its number, "playing", the time at which it
 * begins, "next" or "-", the part of the day or "-", and its path, escaped.
 */
void upcoming_print(FILE *out, const struct upcoming *upcoming);

void upcoming_close(struct upcoming *upcoming);

#endif
