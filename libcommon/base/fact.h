/*
 * fact: one fact, one writer, one small text file of "key: value" lines.
 *
 * The writer puts "time boot mono pid" first, escapes values (text.h), and replaces the
 * file atomically. The reader refuses a text with an unfinished line, a malformed key, a
 * key given twice or a NUL. The values it returns belong to the fact: they live until
 * fact_free.
 */
#ifndef STREAMHUB_FACT_H
#define STREAMHUB_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define FACT_SIZE_MAX 65536 /* a larger file is no fact */
#define FACT_KEYS_MAX 256 /* a file with more lines is no fact either */
#define FACT_WRITE_MAX 24576 /* for one writer: room for any path, escaped, and more */
#define FACT_VALUE_MAX 1024 /* a longer value is cut and marked */

struct fact_writer {
	char text[FACT_WRITE_MAX];
	size_t len, keys;
	bool full; /* something did not fit; fact_write refuses */
};

/* Starts a fact with time, boot, mono and pid. Returns 0, or -1 with errno. */
int fact_begin(struct fact_writer *fact);

/* Adds a line with len bytes of value, or the number. */
void fact_add(struct fact_writer *fact, const char *key, const void *value, size_t len);
void fact_add_text(struct fact_writer *fact, const char *key, const char *value);
void fact_add_number(struct fact_writer *fact, const char *key, int64_t value);

/* Adds a line with the path, never cut: text_decode gives the same bytes. */
void fact_add_path(struct fact_writer *fact, const char *key, const char *path);

/* Puts the fact in place of name in the folder. 0, or -1 with errno (EMSGSIZE: full). */
int fact_write(const struct fact_writer *fact, int folder, const char *name);

enum fact_state {
	FACT_ABSENT, /* there is no such file */
	FACT_GOOD, /* read and well formed */
	FACT_CORRUPT, /* not a fact, or half of one */
	FACT_ERROR, /* could not be read; errno says why */
};

struct fact {
	enum fact_state state;
	char *text;
	size_t len;
};

/* Takes a copy of text. */
struct fact fact_parse(const char *text, size_t len);

/* Reads the regular file name below the folder. Links and the like are FACT_CORRUPT. */
struct fact fact_read(int folder, const char *name);

/*
 * The next key, from *at on, which starts at 0 and is moved; *value gets its value. NULL
 * after the last.
 */
const char *fact_next(const struct fact *fact, size_t *at, const char **value);

/* The value of key, or NULL. */
const char *fact_get(const struct fact *fact, const char *key);

/* The value of key as a number of at least 0. Returns 0, or -1 if there is none. */
int fact_number(const struct fact *fact, const char *key, int64_t *out);

/* The value of key, seconds with or without a fraction, as milliseconds. Same return. */
int fact_seconds(const struct fact *fact, const char *key, int64_t *out);

/* Boot and mono of the fact. Returns 0, or -1 if they are missing or malformed. */
int fact_stamp(const struct fact *fact, struct clock_stamp *stamp);

void fact_free(struct fact *fact);

#endif
