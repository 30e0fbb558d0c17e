/*
 * turn: whose turn it is. A turn is one entry that was named, and says all that the next
 * one depends on: the part of the day, the round, the place in the list. The last few
 * turns are kept in a file, as those that were named are not played yet.
 *
 * The path is the place, not its number: where the list was edited, the path is looked
 * for, near where it was; if it is gone, the entry that now stands there is next. A part
 * in order begins with its first entry each time that its time comes; one that is
 * shuffled goes on with its deck.
 */
#ifndef STREAMHUB_TURN_H
#define STREAMHUB_TURN_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "deck.h"
#include "list.h"

#define TURNS \
	4 /* the one that plays, two that are named, and one that ended just now \
	   */

struct turn {
	int start; /* of the part of the day */
	int64_t day; /* on which that began */
	int64_t round; /* from 1 */
	size_t index; /* in the part */
	size_t dealt; /* of the deck, this one too; 0: it has none */
	char path[PATH_MAX]; /* "": there was none yet */
};

struct turns {
	int folder; /* of the file; -1: nothing is kept */
	const char *name;
	uint64_t seed; /* of new decks */
	struct turn last[TURNS]; /* that were taken, the newest one first */
	size_t count;
	struct turn at; /* the last one that was taken or left out */
	bool again; /* that one is next once more */
	struct deck deck;
	int deck_start; /* of the part whose deck is open, or LIST_ALL_DAY */
};

/*
 * Reads the file name in the folder, if it is there. The folder is -1 if nothing is kept.
 * Returns 0, or -1 with errno; with EBADMSG, for a file that nobody can understand, the
 * turns begin anew.
 */
int turns_open(struct turns *turns, int folder, const char *name, uint64_t seed);

/*
 * Goes back to the turn of the path that plays, the oldest one with that path; what was
 * named after it is named again. A path that no turn knows is looked for in the list.
 * NULL: nothing has played yet. Returns 0, or -1 with errno.
 */
int turns_resume(struct turns *turns, const char *path);

/*
 * Finds the next turn at this instant. It must be taken or left out then. Returns 1; 0:
 * the list has nothing for now; or -1 with errno.
 */
int turns_next(
	struct turns *turns, const struct list *list, time_t now, struct turn *turn);

/* Takes the turn, and keeps it. Returns 0, or -1 with errno if it is not kept. */
int turns_take(struct turns *turns, const struct turn *turn);

/* Leaves it out in this round. */
int turns_leave(struct turns *turns, const struct turn *turn);

void turns_close(struct turns *turns);

#endif
