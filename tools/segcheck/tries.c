#include "tries.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "base/path.h"

#define MOST 1000000 /* a larger count was not written by segcheck */

void tries_load(struct tries *tries, int folder)
{
	ssize_t len = path_read(folder, TRIES_NAME, tries->text, sizeof tries->text - 1);

	tries->len = len > 0 ? (size_t)len : 0;
	tries->text[tries->len] = '\0';
}

int64_t tries_take(struct tries *tries, const char *path)
{
	char *end;

	for (char *line = tries->text; (end = strchr(line, '\n')); line = end + 1) {
		char *blank;
		int64_t count = strtoll(line, &blank, 10);
		size_t len = strlen(path);
		if (count > 0 && count <= MOST && *blank == ' ' &&
			(size_t)(end - blank) == len + 1 &&
			memcmp(blank + 1, path, len) == 0) {
			*line = 'x';
			return count;
		}
	}
	return 0;
}

void tries_add(struct tries *tries, const char *path, int64_t count)
{
	size_t room = sizeof tries->text - tries->len;

	if (strchr(path, '\n'))
		return;
	int n = snprintf(tries->text + tries->len, room, "%" PRId64 " %s\n", count, path);
	if (n > 0 && (size_t)n < room)
		tries->len += (size_t)n;
}

int tries_save(const struct tries *tries, int folder)
{
	return atomic_put(folder, TRIES_NAME, 0644, tries->text, tries->len);
}
