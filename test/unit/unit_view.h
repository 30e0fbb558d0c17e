/*
 * unit_view: snapshots from facts given as text, at second 10000 of a boot.
 */
#ifndef STREAMHUB_UNIT_VIEW_H
#define STREAMHUB_UNIT_VIEW_H

#include "unit.h"

#include "station/snapshot.h"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define HEAD(when) "time: 2026-01-02T03:04:05Z\nboot: " BOOT "\nmono: " when "\npid: 7\n"
#define BEAT(when) HEAD(when) "count: 1\nstate: ok\nmessage: \nlast: a.mp4\n"
#define CUT \
	HEAD("9999") \
	"state: recording\nsource: connected\nclip: d/x.mp4\nposition: 4500\nquiet: 0\n" \
	"waiting: 0\nclips: 6\nlost: 2\n"
#define LIST \
	HEAD("9999") \
	"entries: 9\nentry: 4\nround: 2\nmissing: 1\nnext: c.mp4\nerror: " \
	"\n"
#define CAMERA HEAD("9999") "waiting: 1\nquiet: 3\n"
#define PUSH \
	HEAD("9999") \
	"position: 61234\nlag: 7\nqueue: 2\nplayed: 17\nreconnects: 1\n" \
	"state: playing\nstream: connected\nnow: day/b.mp4\nerror: \n" \
	"picture: clip\nsound: clip\nfiller: 5\n"

/* What is given as text; NULL: there is none. */
struct unit_view {
	const char *heartbeat, *camwatch, *segcut, *playlist, *segcheck, *rtmppush,
		*stationrun, *settings, *cursor;
	enum station_desired desired;
	ssize_t failed;
};

static inline struct fact unit_fact(const char *text)
{
	return text ? fact_parse(text, strlen(text))
		    : (struct fact){.state = FACT_ABSENT};
}

/* To be freed with snapshot_free. */
static inline struct snapshot *unit_snapshot(const char *id, const struct unit_view *view)
{
	struct snapshot *snapshot = calloc(1, sizeof *snapshot);

	assert_non_null(snapshot);
	snapshot->id = strdup(id);
	snapshot->facts = (struct stage_facts){
		.of = {[STAGE_HBWRITE] = unit_fact(view->heartbeat),
			[STAGE_CAMWATCH] = unit_fact(view->camwatch),
			[STAGE_SEGCUT] = unit_fact(view->segcut),
			[STAGE_PLAYLIST] = unit_fact(view->playlist),
			[STAGE_SEGCHECK] = unit_fact(view->segcheck),
			[STAGE_RTMPPUSH] = unit_fact(view->rtmppush),
			[STAGE_STATIONRUN] = unit_fact(view->stationrun)}};
	if (view->settings)
		conf_parse(&snapshot->conf, view->settings, strlen(view->settings));
	if (view->cursor)
		snapshot->cursor = strdup(view->cursor);
	snapshot->desired = view->desired;
	snapshot->failed = view->failed;
	snapshot->now = (struct clock_stamp){BOOT, 10000 * CLOCK_SECOND};
	return snapshot;
}

#endif
