/*
 * A list is kept as it was read: each line ends in a NUL, and an entry is the place of
 * its line. So a list of 100,000 entries takes its own size, and 4 bytes an entry.
 */
#include "clip/list.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "clip/order.h"

#define BLOCK 65536 /* bytes of names that memory is taken for at once */
#define MINUTE 60
#define LONGEST_DAY (26 * 60 * MINUTE) /* more than any day, when clocks are changed */

/* Makes room for one more of the items. */
static int grow(void *items, size_t count, size_t size)
{
	void **array = items;

	if ((count & (count - 1)) != 0)
		return 0;
	void *more = reallocarray(*array, count ? 2 * count : 1, size);
	if (!more)
		return -1;
	*array = more;
	return 0;
}

static int add_entry(struct list *list, size_t at)
{
	if (grow(&list->entries, list->count, sizeof *list->entries) < 0)
		return -1;
	list->entries[list->count++] = (uint32_t)at;
	list->parts[list->part_count - 1].count++;
	return 0;
}

static int add_part(struct list *list, int start, bool shuffle)
{
	static uint64_t serials;

	if (list->serial == 0)
		list->serial = ++serials;
	if (grow(&list->parts, list->part_count, sizeof *list->parts) < 0)
		return -1;
	list->parts[list->part_count++] =
		(struct list_part){start, shuffle, list->count, 0};
	return 0;
}

/* "#AT 06:00" or "#AT 06:00 shuffle". Returns the minute of the day, or -1. */
static int read_at(const char *words, bool *shuffle)
{
	unsigned hour, minute;
	int used = 0;

	*shuffle = false;
	if (sscanf(words, " %2u:%2u%n", &hour, &minute, &used) != 2 || hour > 23 ||
		minute > 59)
		return -1;
	words += used;
	if (*words && !isblank((unsigned char)*words))
		return -1;
	words += strspn(words, " \t");
	size_t len = strcspn(words, " \t");
	*shuffle = len == strlen("shuffle") && strncmp(words, "shuffle", len) == 0;
	if (len > 0 && !*shuffle)
		return -1;
	return words[len + strspn(words + len, " \t")] ? -1 : (int)(60 * hour + minute);
}

static int read_comment(
	struct list *list, const char *line, unsigned number, list_complain *complain)
{
	const char *words = text_after(line, "#AT");
	bool shuffle;

	if (!words || !isblank((unsigned char)*words))
		return 0;
	int start = read_at(words, &shuffle);
	if (start < 0) {
		complain(number, "is no '#AT HH:MM' or '#AT HH:MM shuffle'", line);
		return 0;
	}
	/* Entries above the first #AT begin with the day. */
	if (list->part_count == 1 && list->parts[0].start == LIST_ALL_DAY) {
		list->parts[0].start = 0;
		if (list->count == 0)
			list->part_count = 0;
	}
	return add_part(list, start, shuffle);
}

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (c | ' ') - 'a' + 10;
}

/* Turns "file:///a%20b" into "/a b", in its place. False: it names no local file. */
static bool read_address(char *path)
{
	const char *from = text_after(path, "file://");

	if (!from)
		return !strstr(path, "://");
	const char *local = text_after(from, "localhost");
	from = local ? local : from;
	if (*from != '/')
		return false;
	for (; *from; from++) {
		if (*from == '%' && isxdigit((unsigned char)from[1]) &&
			isxdigit((unsigned char)from[2])) {
			char byte = (char)(16 * hex(from[1]) + hex(from[2]));
			if (!byte)
				return false;
			*path++ = byte;
			from += 2;
		} else {
			*path++ = *from;
		}
	}
	*path = '\0';
	return true;
}

static int read_line(
	struct list *list, char *line, unsigned number, list_complain *complain)
{
	if (line[strspn(line, " \t")] == '\0')
		return 0;
	if (*line == '#')
		return read_comment(list, line, number, complain);
	if (!read_address(line))
		complain(number, "is no path of a file", line);
	else if (text_has_control(line))
		complain(number, "has a control byte in it", line);
	else if (strlen(line) + (*line == '/' ? 0 : strlen(list->folder) + 1) >= PATH_MAX)
		complain(number, "is too long", line);
	else
		return add_entry(list, (size_t)(line - list->text));
	return 0;
}

int list_parse(struct list *list, char *text, size_t len, list_complain *complain)
{
	unsigned number = 0;
	char *line = text, *end = text + len;

	list->text = text;
	list->len = len;
	if (add_part(list, LIST_ALL_DAY, false) < 0)
		return -1;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	for (char *next; line < end; line = next) {
		char *stop = memchr(line, '\n', (size_t)(end - line));
		stop = stop ? stop : end;
		next = stop + 1;
		number++;
		*stop = '\0';
		if (memchr(line, '\0', (size_t)(stop - line))) {
			complain(number, "has a NUL in it", line);
			continue;
		}
		if (stop > line && stop[-1] == '\r')
			*--stop = '\0';
		if (read_line(list, line, number, complain) < 0)
			return -1;
	}
	return 0;
}

int list_add(struct list *list, const char *path)
{
	size_t size = strlen(path) + 1;

	if (list->part_count == 0 && add_part(list, LIST_ALL_DAY, false) < 0)
		return -1;
	if (list->len + size > LIST_SIZE_MAX) {
		errno = EFBIG;
		return -1;
	}
	/* A block at once, in which many names have room. */
	if (list->len / BLOCK != (list->len + size) / BLOCK || !list->text) {
		size_t blocks = (list->len + size) / BLOCK + 1;
		char *text = realloc(list->text, blocks * BLOCK);
		if (!text)
			return -1;
		list->text = text;
	}
	memcpy(list->text + list->len, path, size);
	list->len += size;
	return add_entry(list, list->len - size);
}

static int compare(const void *a, const void *b, void *text)
{
	const uint32_t *one = a, *other = b;

	return order_natural((char *)text + *one, (char *)text + *other);
}

void list_sort(struct list *list)
{
	if (list->count > 1)
		qsort_r(list->entries, list->count, sizeof *list->entries, compare,
			list->text);
}

int list_path(const struct list *list, size_t n, char *path, size_t size)
{
	const char *own = list->text + list->entries[n];
	bool whole = *own == '/' || !*list->folder;
	int len = snprintf(path, size, "%s%s%s", whole ? "" : list->folder,
		whole || list->folder[strlen(list->folder) - 1] == '/' ? "" : "/", own);

	if (len < (int)size)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* The latest time that the local clock has shown on the day of this instant. */
static int shown(time_t now, const struct tm *today)
{
	int latest = 60 * today->tm_hour + today->tm_min;

	for (time_t then = now - MINUTE; then > now - LONGEST_DAY; then -= MINUTE) {
		struct tm local;
		if (!localtime_r(&then, &local) || local.tm_yday != today->tm_yday)
			break;
		int minute = 60 * local.tm_hour + local.tm_min;
		latest = minute > latest ? minute : latest;
	}
	return latest;
}

const struct list_part *list_part_at(const struct list *list, time_t now, int64_t *day)
{
	const struct list_part *begun = NULL, *last = NULL;
	struct tm today;

	*day = 0;
	if (list->count == 0)
		return NULL;
	if (list->parts[0].start == LIST_ALL_DAY)
		return list->parts;
	if (!localtime_r(&now, &today))
		return NULL;
	int latest = shown(now, &today);
	for (size_t i = 0; i < list->part_count; i++) {
		const struct list_part *part = &list->parts[i];
		if (!last || part->start >= last->start)
			last = part;
		if (part->start <= latest && (!begun || part->start >= begun->start))
			begun = part;
	}
	struct tm noon = {.tm_year = today.tm_year,
		.tm_mon = today.tm_mon,
		.tm_mday = today.tm_mday,
		.tm_hour = 12};
	*day = timegm(&noon) / 86400 - (begun ? 0 : 1);
	return begun ? begun : last;
}

void list_free(struct list *list)
{
	free(list->text);
	free(list->entries);
	free(list->parts);
	*list = (struct list){.folder = list->folder};
}
