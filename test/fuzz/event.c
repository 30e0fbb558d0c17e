/* An event of a server, and a list on the disk: whatever is in them, they are read or
 * refused. The first byte says which it is. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "station/expected.h"
#include "station/station.h"

static void try_event(const char *line, size_t len)
{
	struct event event;

	if (event_read(&event, line, len) < 0) {
		if (errno != EBADMSG)
			abort();
		return;
	}
	for (size_t i = 0; i < event.count; i++) {
		const struct event_name *name = &event.names[i];
		if (name->id ? !station_id_ok(name->id) : !name->url || !*name->url)
			abort();
	}
	if ((event.kind == EVENT_START || event.kind == EVENT_STOP) && !event.fault &&
		event.count != 1)
		abort();
	event_free(&event);
}

static void try_list(const char *text, size_t len)
{
	struct expected expected;
	char *copy = malloc(len + 1);

	if (!copy)
		abort();
	memcpy(copy, text, len);
	if (expected_parse(&expected, copy, len) < 0 &&
		(errno != EBADMSG || expected.count > 0))
		abort();
	for (size_t i = 0; i < expected.count; i++)
		if (!station_id_ok(expected.items[i].id) ||
			(i > 0 &&
				strcmp(expected.items[i - 1].id, expected.items[i].id) >=
					0))
			abort();
	expected_free(&expected);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	if (size > 0 && text[0] == 'L')
		try_list(text + 1, size - 1);
	else
		try_event(text, size);
	return 0;
}
