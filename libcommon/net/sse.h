/*
 * sse: reads text/event-stream as the HTML standard defines it (WHATWG, "Server-sent
 * events"), from bytes that may be split anywhere.
 *
 *     sse_begin(&sse);        for each new stream
 *     while ((answer = sse_read(&sse, bytes, len, &at, &event)) != SSE_MORE) ...
 *
 * One thing differs from the text, as it does in browsers: a new stream goes on with the
 * last event id of the one before. Memory: at most a line, or the data of an event, of
 * SSE_MAX bytes; what a large event took is given back after it.
 */
#ifndef STREAMHUB_SSE_H
#define STREAMHUB_SSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SSE_MAX \
	(10 * 1024 * 1024) /* a longer line, or more data, and the event is lost */
#define SSE_TYPE_MAX 1024 /* a longer type, and the event is lost */
#define SSE_ID_MAX 4096 /* a longer id is ignored */
#define SSE_RETRY_MIN INT64_C(100) /* ms; what a server sends is brought between them */
#define SSE_RETRY_MAX INT64_C(600000)

struct sse_buffer {
	char *bytes;
	size_t len, room;
};

/* Starts as zeros. */
struct sse {
	char last_id[SSE_ID_MAX + 1]; /* of the last dispatch; "": none */
	int64_t retry; /* ms, as the server asked; 0: it did not */
	bool long_id; /* an id was too long: set here, cleared by the caller */

	/* sse.c's own. */
	char id[SSE_ID_MAX + 1];
	struct sse_buffer data, type, value;
	unsigned char name[8]; /* of the field that begins */
	size_t name_len;
	unsigned char state, field;
	bool first_line, after_cr, spent;
	int lost; /* errno: the event is to be dropped */
	bool digits;
	int64_t number; /* of retry */
	unsigned char pending[4]; /* of an unfinished UTF-8 character */
	size_t pending_len, pending_of;
};

/* The texts are valid UTF-8, may hold NUL bytes, and live until the next call. */
struct sse_event {
	const char *id; /* the last event id, without NUL */
	const char *type; /* "message", unless the server gave another */
	size_t type_len;
	const char *data;
	size_t data_len;
};

enum sse_answer {
	SSE_MORE, /* all bytes are read */
	SSE_EVENT,
	SSE_DROPPED, /* an event was lost; errno: EMSGSIZE (it is too large), ENOMEM
		      */
};

/* A new stream begins. Drops an unfinished event; last_id and retry stay. */
void sse_begin(struct sse *sse);

/* Reads the bytes from *at on, which is moved, to the end of the next event. */
enum sse_answer sse_read(struct sse *sse, const char *bytes, size_t len, size_t *at,
	struct sse_event *event);

void sse_free(struct sse *sse);

#endif
