#include "outlet.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"

#define LAST_FLUSH (CLOCK_SECOND / 2)

void outlet_open(struct outlet *outlet, bool data_only)
{
	lines_out(&outlet->out, STDOUT_FILENO);
	outlet->data_only = data_only;
	outlet->line = NULL;
}

bool outlet_has_room(const struct outlet *outlet)
{
	return !outlet->line;
}

/* Moves what fits into the buffer. */
static void move(struct outlet *outlet)
{
	size_t room = LINES_CHUNK - outlet->out.len;
	size_t n = outlet->len - outlet->at;

	if (!outlet->line)
		return;
	n = n < room ? n : room;
	lines_put(&outlet->out, outlet->line + outlet->at, n);
	outlet->at += n;
	if (outlet->at < outlet->len)
		return;
	free(outlet->line);
	outlet->line = NULL;
}

static char *as_json(const struct sse_event *event)
{
	json_t *object = json_pack("{s:s, s:s%, s:s%}", "id", event->id, "event",
		event->type, event->type_len, "data", event->data, event->data_len);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}

int outlet_put(struct outlet *outlet, const struct sse_event *event)
{
	char *text = outlet->data_only ? malloc(event->data_len + 1) : as_json(event);

	if (!text) {
		errno = ENOMEM;
		return -1;
	}
	if (outlet->data_only)
		memcpy(text, event->data, event->data_len);
	size_t len = outlet->data_only ? event->data_len : strlen(text);
	text[len] = '\n'; /* in the place of the NUL */
	outlet->line = text;
	outlet->at = 0;
	outlet->len = len + 1;
	move(outlet);
	return 0;
}

int outlet_flush(struct outlet *outlet)
{
	move(outlet);
	int left = lines_flush(&outlet->out);
	return left == 0 && outlet->line ? 1 : left;
}

int outlet_finish(struct outlet *outlet)
{
	struct pollfd fd = {outlet->out.fd, POLLOUT, 0};
	int64_t deadline = clock_now() + LAST_FLUSH;
	int left;

	while ((left = outlet_flush(outlet)) > 0) {
		int timeout = clock_timeout(deadline);
		if (timeout == 0) {
			msg_error("%zu bytes not taken by the reader of standard output",
				outlet->out.len +
					(outlet->line ? outlet->len - outlet->at : 0));
			return EX_TEMPFAIL;
		}
		if (poll(&fd, 1, timeout) < 0 && errno != EINTR)
			return lines_lost(errno);
	}
	return left < 0 ? lines_lost(errno) : EX_OK;
}

void outlet_close(struct outlet *outlet)
{
	free(outlet->line);
	outlet->line = NULL;
}
