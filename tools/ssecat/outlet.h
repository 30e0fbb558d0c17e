/*
 * outlet: events as lines on standard output, each whole.
 *
 * While a line waits for the reader there is no room for another event, so at most one
 * line, which may be long, and a full buffer are held.
 */
#ifndef STREAMHUB_OUTLET_H
#define STREAMHUB_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/lines.h"
#include "net/sse.h"

struct outlet {
	struct lines_out out;
	bool data_only;
	char *line; /* what did not fit into the buffer yet */
	size_t at, len;
};

void outlet_open(struct outlet *outlet, bool data_only);

bool outlet_has_room(const struct outlet *outlet);

/* Adds an event; there must be room. Returns 0, or -1 with errno. */
int outlet_put(struct outlet *outlet, const struct sse_event *event);

/* Writes what the reader takes now. 0: all is written; 1: some waits; -1 with errno. */
int outlet_flush(struct outlet *outlet);

/* Waits half a second at most for the reader of the last lines. Returns an exit code. */
int outlet_finish(struct outlet *outlet);

void outlet_close(struct outlet *outlet);

#endif
