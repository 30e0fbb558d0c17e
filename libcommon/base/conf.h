/*
 * conf: a settings file of KEY=VALUE lines, read as systemd reads an EnvironmentFile:
 * comments with # or ;, quotes, backslashes, lines that go on after a backslash.
 */
#ifndef STREAMHUB_CONF_H
#define STREAMHUB_CONF_H

#include <stdbool.h>
#include <stddef.h>

#define CONF_SIZE_MAX 65536

struct conf {
	char *text; /* entries: line number, key NUL value NUL */
	size_t len; /* of all entries */
};

/* Reads text. Returns 0, or -1 with errno (ENOMEM; EBADMSG: a NUL byte in it). */
int conf_parse(struct conf *conf, const char *text, size_t len);

/* Reads the file name below the folder. Returns 0, or -1 with errno (EFBIG). */
int conf_read(struct conf *conf, int folder, const char *name);

/*
 * The next key, from *at on, which starts at 0 and is moved; *value gets its value. NULL
 * after the last.
 */
const char *conf_next(const struct conf *conf, size_t *at, const char **value);

/* The line, from 1, on which a key begins that conf_next returned. */
unsigned conf_line(const char *key);

/* The last value given to key, or NULL. Belongs to conf. */
const char *conf_get(const struct conf *conf, const char *key);

void conf_free(struct conf *conf);

#endif
