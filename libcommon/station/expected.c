#include "station/expected.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "station/station.h"

#define SIZE_MAX_READ (16 << 20) /* more than 100,000 stations take */

static const char *const words[] = {
	[EXPECTED_UP] = "up", [EXPECTED_DOWN] = "down", [EXPECTED_KEEP] = "keep"};

/* The place of the item, or where it would be. */
static size_t find(const struct expected *expected, const char *id, bool *found)
{
	size_t low = 0, high = expected->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(expected->items[middle].id, id);
		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int expected_set(struct expected *expected, const char *id, enum expected_word word)
{
	bool found;
	size_t at = find(expected, id, &found), count = expected->count;

	if (!found && count == EXPECTED_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (!found && (count & (count - 1)) == 0) {
		struct expected_item *more = reallocarray(
			expected->items, count ? 2 * count : 1, sizeof *more);
		if (!more)
			return -1;
		expected->items = more;
	}
	struct expected_item *item = &expected->items[at];
	if (!found) {
		memmove(item + 1, item, (count - at) * sizeof *item);
		snprintf(item->id, sizeof item->id, "%s", id);
		expected->count++;
	}
	item->word = word;
	return 0;
}

const struct expected_item *expected_find(const struct expected *expected, const char *id)
{
	bool found;
	size_t at = find(expected, id, &found);

	return found ? &expected->items[at] : NULL;
}

enum expected_word expected_of(const struct expected *expected, const char *id)
{
	const struct expected_item *item = expected_find(expected, id);

	if (item)
		return item->word;
	return expected->whole ? EXPECTED_DOWN : EXPECTED_NOTHING;
}

/* One line of the file. Returns 0, or -1 with errno. */
static int read_line(struct expected *expected, const char *line)
{
	const char *value;

	errno = EBADMSG;
	if ((value = text_after(line, "id: ")))
		return text_decode(expected->event, sizeof expected->event, value);
	if ((value = text_after(line, "time: ")))
		return snprintf(expected->time, sizeof expected->time, "%s", value) <
				(int)sizeof expected->time
			? 0
			: -1;
	if ((value = text_after(line, "boot: ")))
		return snprintf(expected->boot, sizeof expected->boot, "%s", value) <
				(int)sizeof expected->boot
			? 0
			: -1;
	if ((value = text_after(line, "whole: "))) {
		expected->whole = strcmp(value, "yes") == 0;
		return expected->whole || strcmp(value, "no") == 0 ? 0 : -1;
	}
	for (enum expected_word word = EXPECTED_UP; word <= EXPECTED_KEEP; word++) {
		value = text_after(line, words[word]);
		value = value ? text_after(value, ": ") : NULL;
		if (value)
			return station_id_ok(value) ? expected_set(expected, value, word)
						    : -1;
	}
	return -1;
}

/* The last line is "end", so a file that was cut is not taken for a shorter list. */
int expected_parse(struct expected *expected, char *text, size_t len)
{
	char *end = text + len;

	*expected = (struct expected){.count = 0};
	for (char *line = text, *stop; (stop = memchr(line, '\n', (size_t)(end - line)));
		line = stop + 1) {
		*stop = '\0';
		bool whole = strlen(line) == (size_t)(stop - line);
		if (whole && strcmp(line, "end") == 0 && stop + 1 == end)
			return 0;
		if (!whole || read_line(expected, line) < 0)
			break;
	}
	int error = errno == ENOMEM ? ENOMEM : EBADMSG;
	expected_free(expected);
	errno = error;
	return -1;
}

int expected_read(struct expected *expected, int state)
{
	*expected = (struct expected){0};
	if (state < 0)
		return 0;
	char *text = malloc(SIZE_MAX_READ);
	ssize_t n = text
		? path_read(state, EXPECTED_PLACE "/" EXPECTED_FILE, text, SIZE_MAX_READ)
		: -1;
	int error = n < 0 ? errno : 0;
	errno = 0;
	if (!error && expected_parse(expected, text, (size_t)n) < 0)
		error = errno;
	free(text);
	if (!error || error == ENOENT)
		return 0;
	errno = error == EFBIG || error == EINVAL || error == ELOOP || error == EISDIR
		? EBADMSG
		: error;
	return -1;
}

int expected_write(struct expected *expected, int folder)
{
	char id[4 * EXPECTED_ID_MAX + 4], *text = NULL;
	struct clock_stamp stamp;
	size_t size;

	if (clock_stamp(&stamp) < 0)
		return -1;
	clock_wall(expected->time, sizeof expected->time);
	memcpy(expected->boot, stamp.boot, sizeof expected->boot);
	text_escape(id, sizeof id, expected->event, strlen(expected->event));
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return -1;
	fprintf(out, "id: %s\ntime: %s\nboot: %s\nwhole: %s\n", id, expected->time,
		expected->boot, expected->whole ? "yes" : "no");
	for (size_t i = 0; i < expected->count; i++)
		fprintf(out, "%s: %s\n", words[expected->items[i].word],
			expected->items[i].id);
	fputs("end\n", out);
	bool failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		free(text);
		errno = ENOMEM;
		return -1;
	}
	int code = atomic_keep(folder, EXPECTED_FILE, 0644, text, size);
	free(text);
	return code;
}

void expected_clear(struct expected *expected)
{
	free(expected->items);
	expected->items = NULL;
	expected->count = 0;
}

void expected_free(struct expected *expected)
{
	expected_clear(expected);
	*expected = (struct expected){0};
}
