/*
 * tries: remembers over a restart how often files were tried, in the file ".tries" of a
 * folder, one line "COUNT PATH" for each. Paths with a new line are not kept.
 */
#ifndef STREAMHUB_TRIES_H
#define STREAMHUB_TRIES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRIES_NAME ".tries"
#define TRIES_LINES 64

struct tries {
	char text[TRIES_LINES * (PATH_MAX + 8)];
	size_t len;
};

/* Reads the list of the folder; it stays empty if there is none. */
void tries_load(struct tries *tries, int folder);

/*
 * How often this path was tried. Removes it from the list, because a later file with this
 * name is another one.
 */
int64_t tries_take(struct tries *tries, const char *path);

/* Adds a line; there is room for TRIES_LINES. Start with len 0. */
void tries_add(struct tries *tries, const char *path, int64_t count);

/* Replaces the list of the folder. Returns 0, or -1 with errno. */
int tries_save(const struct tries *tries, int folder);

#endif
