/*
 * apply: takes in the events of a server, and makes them true, or prints what would be
 * done. Prints its own messages; the functions that return an int return 0, or a code of
 * sysexits.h with which to end.
 */
#ifndef STREAMHUB_APPLY_H
#define STREAMHUB_APPLY_H

#include "event.h"
#include "known.h"
#include "plan.h"

struct apply {
	const struct backend *backend;
	const char *template; /* of new settings; NULL: none are made */
	bool dry; /* only print */
	struct plan_rule rule;
	int places[STATION_PLACES];
	int folder; /* of the list */
	struct expected expected;
	char event[EXPECTED_ID_MAX + 1]; /* the last one that was taken in */
	bool told; /* one was that says something, since the last round */
	struct expected just; /* the streams that the server has just named one by one */
	struct known known;
	bool fresh; /* known is of this round */
	struct plan_doubt doubt;
	uint64_t events, started, stopped;
	bool made; /* settings were, since known was read */
	size_t unknown; /* streams of the event without settings */
	char error[256]; /* what is wrong now, for the fact */
};

/* Opens the places of stations again: folders come and go. */
void apply_open(struct apply *apply);

/* Writes the list, with the id of the last event that is true by now. */
int apply_keep(struct apply *apply);

/* A list that is damaged is put aside, and the stations stay as they are. */
int apply_put_aside(struct apply *apply);

/* Forgets the list, and has nothing run that the server has started; or only expects
 * that. */
int apply_forget(struct apply *apply);

/* Takes in an event. */
void apply_take(struct apply *apply, const struct event *event);

/* Compares what is with what should be, and acts. */
int apply_round(struct apply *apply);

void apply_close(struct apply *apply);

#endif
