/*
 * deck: which entries of a shuffled part were dealt in this round. Each path is dealt
 * once before any is dealt twice, however the list is edited meanwhile, and the last one
 * of a round is not the first of the next.
 *
 * It is kept in a file: a line with the seed, one with the round, then a line for each
 * path that was dealt. Nothing is written before something is dealt: what was left out
 * can be forgotten, and then it is as if nobody had looked.
 */
#ifndef STREAMHUB_DECK_H
#define STREAMHUB_DECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clip/list.h"

struct deck_round {
	int64_t number; /* from 1 */
	uint64_t *dealt; /* sorted */
	size_t count;
};

struct deck {
	int folder; /* of the file; -1: it is only in memory */
	char name[256];
	uint64_t seed;
	struct deck_round now, before; /* before: the one to go back to, if begun */
	bool begun; /* the round was begun, and nothing of it was dealt yet */
	bool behind; /* the file lacks something */
	struct deck_card *cards; /* of the list, in the order of this round */
	size_t card_count, at;
	size_t left; /* out, before at, since the last deal */
	uint64_t made_of; /* the list that the cards are of */
};

/*
 * Reads the file name in the folder, if it is there. A file that is no deck is begun
 * anew, as is one that is missing: with this seed. Returns 0, or -1 with errno; EBADMSG:
 * it is begun anew.
 */
int deck_open(struct deck *deck, int folder, const char *name, uint64_t seed);

/*
 * Finds the entry of the part that is next, other than last if there is another. Deal it,
 * or leave it out. Returns 1; 0: all were dealt or left out in this round; or -1 with
 * errno ENOMEM.
 */
int deck_find(struct deck *deck, const struct list *list, const struct list_part *part,
	const char *last, size_t *entry);

/* Leaves out what was found. */
void deck_leave(struct deck *deck);

/* Begins the next round. */
void deck_again(struct deck *deck);

/* Deals what was found, and what was left out before it. Returns 0, or -1 with errno: the
 * file does not know it yet, but the deck does. */
int deck_deal(struct deck *deck);

/* Forgets what was left out since the last deal, and a round that was begun since. */
void deck_forget(struct deck *deck);

void deck_close(struct deck *deck);

#endif
