/*
 * event: one event of a server, read from the JSON line that ssecat prints. Pure
 * functions over text.
 */
#ifndef STREAMHUB_EVENT_H
#define STREAMHUB_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#define EVENT_NAMES_MAX 20000 /* in one event */

enum event_kind {
	EVENT_OTHER, /* for somebody else */
	EVENT_START, /* one stream */
	EVENT_STOP,
	EVENT_STATE, /* all that should run */
};

/* How a stream is named: by one of these, or by both. NULL: not by this. */
struct event_name {
	char *id, *url;
};

struct event {
	enum event_kind kind;
	char *id; /* of the event; "" if it has none */
	struct event_name *names;
	size_t count;
	size_t unclear; /* names of a state that nobody can understand */
	const char *fault; /* why it says nothing at all, or NULL */
};

/*
 * Reads the line, which is len bytes. Returns 0; or -1 with errno: EBADMSG if it is no
 * line of ssecat's, ENOMEM.
 */
int event_read(struct event *event, const char *line, size_t len);

void event_free(struct event *event);

#endif
