/*
 * deck: which entries of a shuffled part were dealt in this round. Each path is dealt
 * once before any is dealt twice, however the list is edited meanwhile, and the last one
 * of a round is not the first of the next.
 *
 * It is kept in a file: a line with seed and round, then a line for each path dealt, in
 * their order. All lines have the same length, so that a deck can go back to how many
 * were dealt when a clip was named.
 */
#ifndef STREAMHUB_DECK_H
#define STREAMHUB_DECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list.h"

struct deck {
	int folder; /* of the file; -1: it is only in memory */
	char name[256];
	uint64_t seed;
	int64_t round; /* from 1 */
	uint64_t *dealt; /* sorted */
	size_t count;
};

/*
 * Reads the file name in the folder, if it is there. A file that is no deck is begun
 * anew, as is one that is missing: with this seed. Returns 0, or -1 with errno.
 */
int deck_open(struct deck *deck, int folder, const char *name, uint64_t seed);

/* Goes back to when count paths were dealt in this round; to its beginning if it is
 * another one. Returns 0, or -1 with errno. */
int deck_back(struct deck *deck, int64_t round, size_t count);

/*
 * Finds the entry of the part that is dealt next, other than last if there is another.
 * The caller deals it or, if there is nothing there, leaves it out. False: all were dealt
 * in this round.
 */
bool deck_find(const struct deck *deck, const struct list *list,
	const struct list_part *part, const char *last, size_t *entry);

/* Notes that the path is dealt. deck_again begins a round. Both return 0, or -1 with
 * errno: then the file does not know it, but the deck does. */
int deck_deal(struct deck *deck, const char *path);
int deck_again(struct deck *deck);

void deck_close(struct deck *deck);

#endif
