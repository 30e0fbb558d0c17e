/*
 * turn: whose turn it is. A turn is one entry that was named, and says all that the next
 * one depends on: the part of the day, the round, the place in the list. Those that were
 * named and are not over are kept in a file, from the one that plays on.
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

#include "clip/deck.h"
#include "clip/list.h"

/* More than wait in the pipes, as segcheck may have refused some of them. */
#define TURNS 16

struct turn {
	int start; /* of the part of the day */
	int64_t day; /* on which that began */
	int64_t round; /* from 1 */
	size_t index; /* in the part */
	size_t of; /* so many entries in the part */
	char path[PATH_MAX]; /* "": there was none yet */
};

struct turns_named {
	struct turn last[TURNS]; /* that were taken, the newest one first */
	size_t count;
	size_t playing; /* in last */
	size_t again; /* so many of the newest are named once more */
};

struct turns {
	int folder; /* of the file; -1: nothing is kept */
	const char *name;
	bool looks; /* the file is read, and nothing is written */
	uint64_t seed; /* of new decks */
	struct turns_named now;
	struct turns_named found; /* at the start */
	bool fresh; /* nothing was taken since the start */
	struct turn at; /* the last one that was taken or left out */
	struct turn before; /* at, when something was taken last */
	/* The last answer of list_part_at, and the list and time it was for: it is asked
	 * once a second. */
	const struct list_part *part;
	int64_t day;
	uint64_t part_of;
	time_t part_at;
	struct deck deck;
	int deck_start; /* of the part whose deck is open, or LIST_ALL_DAY */
};

/*
 * Reads the file name in the folder, if it is there. The folder is -1 if nothing is kept.
 * Returns 0, or -1 with errno; with EBADMSG, for a file that nobody can understand, the
 * turns begin anew.
 */
int turns_open(struct turns *turns, int folder, const char *name, uint64_t seed);

/* The same, for finding out what is to come: nothing is written. */
int turns_look(struct turns *turns, int folder, const char *name);

/*
 * Goes back to the turn of the path that plays, the oldest one with that path: it is
 * named again, and so is what was dealt after it; in a part in order the list as it is
 * by now says what follows. A path that no turn knows is looked for in the list. NULL:
 * nothing has played yet.
 */
void turns_resume(struct turns *turns, const char *path);

/* Notes that this path plays: the oldest turn of that name, from the one before on; what
 * was before it is over. Returns 1 if it is another one than before, else 0; or -1 with
 * errno if that is not kept. */
int turns_follow(struct turns *turns, const char *path);

/*
 * Finds the next turn at this instant. Take it or leave it out. Returns 1; 0: the list
 * has nothing for now; or -1 with errno.
 */
int turns_next(
	struct turns *turns, const struct list *list, time_t now, struct turn *turn);

/* Takes the turn, and keeps it. Returns 0, or -1 with errno if it is not kept. */
int turns_take(struct turns *turns, const struct turn *turn);

/* Leaves it out. turns_forget takes back all that was left out since a turn was taken. */
void turns_leave(struct turns *turns, const struct turn *turn);
void turns_forget(struct turns *turns);

void turns_close(struct turns *turns);

#endif
