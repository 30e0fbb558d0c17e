/*
 * Writing fills one fixed buffer, and a line that does not fit marks the whole fact as
 * full, so that no half of it is ever written. Reading takes the whole file, checks every
 * line, and cuts the text in place into key NUL value NUL; lookups then walk it.
 */
#include "base/fact.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/path.h"
#include "base/text.h"

#define KEY_CHARS "abcdefghijklmnopqrstuvwxyz_"
#define SEPARATOR ": "

int fact_begin(struct fact_writer *fact)
{
	struct clock_stamp stamp;
	char wall[32], mono[32];

	fact->len = fact->keys = 0;
	fact->full = false;
	if (clock_stamp(&stamp) < 0)
		return -1;
	clock_wall(wall, sizeof wall);
	snprintf(mono, sizeof mono, "%" PRId64 ".%03d", stamp.mono / 1000,
		(int)(stamp.mono % 1000));
	fact_add_text(fact, "time", wall);
	fact_add_text(fact, "boot", stamp.boot);
	fact_add_text(fact, "mono", mono);
	fact_add_number(fact, "pid", getpid());
	return 0;
}

static void add_line(struct fact_writer *fact, const char *key, const char *safe)
{
	size_t left = sizeof fact->text - fact->len;

	int n = snprintf(fact->text + fact->len, left, "%s" SEPARATOR "%s\n", key, safe);
	if (n < 0 || (size_t)n >= left || ++fact->keys > FACT_KEYS_MAX)
		fact->full = true;
	else
		fact->len += (size_t)n;
}

void fact_add(struct fact_writer *fact, const char *key, const void *value, size_t len)
{
	char safe[FACT_VALUE_MAX];

	text_escape(safe, sizeof safe, value, len);
	add_line(fact, key, safe);
}

void fact_add_text(struct fact_writer *fact, const char *key, const char *value)
{
	fact_add(fact, key, value, strlen(value));
}

void fact_add_path(struct fact_writer *fact, const char *key, const char *path)
{
	char safe[4 * PATH_MAX];

	if (strlen(path) >= PATH_MAX) {
		fact->full = true;
		return;
	}
	text_escape(safe, sizeof safe, path, strlen(path));
	add_line(fact, key, safe);
}

void fact_add_number(struct fact_writer *fact, const char *key, int64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, value);
	fact_add_text(fact, key, text);
}

int fact_write(const struct fact_writer *fact, int folder, const char *name)
{
	if (fact->full) {
		errno = EMSGSIZE;
		return -1;
	}
	return atomic_put(folder, name, 0644, fact->text, fact->len);
}

/* Checks all lines and cuts them into key NUL value NUL. False: it is no fact. */
static bool split(char *text, size_t len)
{
	const struct fact so_far = {FACT_GOOD, text, 0};
	size_t keys = 0;

	if (len == 0 || text[len - 1] != '\n' || memchr(text, '\0', len))
		return false;
	for (char *line = text, *end; line < text + len; line = end + 1) {
		end = memchr(line, '\n', (size_t)(text + len - line));
		*end = '\0';
		size_t key = strspn(line, KEY_CHARS);
		if (key == 0 || strncmp(line + key, SEPARATOR, strlen(SEPARATOR)) != 0)
			return false;
		line[key] = '\0';
		struct fact before = so_far;
		before.len = (size_t)(line - text);
		if (++keys > FACT_KEYS_MAX || fact_get(&before, line))
			return false;
	}
	return true;
}

/* Takes over text. */
static struct fact fact_of(char *text, size_t len)
{
	if (split(text, len))
		return (struct fact){FACT_GOOD, text, len};
	free(text);
	return (struct fact){.state = FACT_CORRUPT};
}

struct fact fact_parse(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return (struct fact){.state = FACT_ERROR};
	memcpy(copy, text, len);
	return fact_of(copy, len);
}

struct fact fact_read(int folder, const char *name)
{
	static char buf[FACT_SIZE_MAX];

	ssize_t n = path_read(folder, name, buf, sizeof buf);
	if (n >= 0)
		return fact_parse(buf, (size_t)n);
	switch (errno) {
	case ENOENT:
	case ENAMETOOLONG: /* no file can have such a name */
		return (struct fact){.state = FACT_ABSENT};
	case ELOOP: /* a link */
	case EISDIR:
	case EINVAL: /* a device, a FIFO or a socket */
	case EFBIG:
		return (struct fact){.state = FACT_CORRUPT};
	default:
		return (struct fact){.state = FACT_ERROR};
	}
}

const char *fact_next(const struct fact *fact, size_t *at, const char **value)
{
	if (*at >= fact->len)
		return NULL;
	const char *key = fact->text + *at;
	*value = key + strlen(key) + strlen(SEPARATOR);
	*at = (size_t)(*value + strlen(*value) + 1 - fact->text);
	return key;
}

const char *fact_get(const struct fact *fact, const char *key)
{
	const char *found, *value;

	for (size_t at = 0; (found = fact_next(fact, &at, &value));)
		if (strcmp(found, key) == 0)
			return value;
	return NULL;
}

int fact_number(const struct fact *fact, const char *key, int64_t *out)
{
	const char *value = fact_get(fact, key);
	long long n;

	if (!value || text_number(value, 0, INT64_MAX, &n) < 0)
		return -1;
	*out = n;
	return 0;
}

int fact_seconds(const struct fact *fact, const char *key, int64_t *out)
{
	const char *value = fact_get(fact, key);
	char whole[20];
	long long seconds;
	int64_t milli = 0;

	if (!value || *value == '-') /* "-0.5" too */
		return -1;
	size_t digits = strcspn(value, ".");
	if (digits >= sizeof whole)
		return -1;
	memcpy(whole, value, digits);
	whole[digits] = '\0';
	if (text_number(whole, 0, INT64_MAX / 2000, &seconds) < 0)
		return -1;
	if (value[digits] == '.') {
		const char *fraction = value + digits + 1;

		if (!*fraction || fraction[strspn(fraction, "0123456789")])
			return -1;
		for (int64_t unit = 100; unit > 0 && *fraction; unit /= 10)
			milli += unit * (*fraction++ - '0');
	}
	*out = seconds * 1000 + milli;
	return 0;
}

int fact_stamp(const struct fact *fact, struct clock_stamp *stamp)
{
	const char *boot = fact_get(fact, "boot");

	if (!boot || strlen(boot) != sizeof stamp->boot - 1)
		return -1;
	strcpy(stamp->boot, boot);
	return fact_seconds(fact, "mono", &stamp->mono);
}

void fact_free(struct fact *fact)
{
	free(fact->text);
	*fact = (struct fact){0};
}
