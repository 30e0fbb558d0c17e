/*
 * settings: what a person wrote about a station, in the keys that there are.
 *
 * Values come out as text, as they are given to tools; a key that is not set has its
 * default. They are not checked on the way: settings_fault tells what is wrong.
 */
#ifndef STREAMHUB_SETTINGS_H
#define STREAMHUB_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "conf.h"

enum settings_key {
	SETTINGS_NAME,
	SETTINGS_WATCH_DIR,
	SETTINGS_RTMP_URL,
	SETTINGS_MIN_FILE_AGE,
	SETTINGS_SCAN_INTERVAL,
	SETTINGS_HOLD_NEWEST,
	SETTINGS_MAX_LAG,
	SETTINGS_LATE,
	SETTINGS_PROFILE,
	SETTINGS_MAX_RETRIES,
	SETTINGS_RETRY_AFTER,
	SETTINGS_AFTER_PLAY,
	SETTINGS_STALE_AFTER,
	SETTINGS_SILENT_AFTER,
	SETTINGS_UNPACK,
	SETTINGS_ACTIVE,
	SETTINGS_LOG_LEVEL,
	SETTINGS_KEYS,
};

const char *settings_name(enum settings_key key);

/* The key with this name, or SETTINGS_KEYS. */
enum settings_key settings_find(const char *name);

/* The value, or the default; "" if there is neither. Belongs to conf. */
const char *settings_get(const struct conf *conf, enum settings_key key);

/*
 * The same as a number; the default where the value is none that is allowed, 0 for a
 * word.
 */
int64_t settings_number(const struct conf *conf, enum settings_key key);

/* Whether it is yes; the default where the value is neither yes nor no. */
bool settings_yes(const struct conf *conf, enum settings_key key);

/* Whether the value is one that the key can have. */
bool settings_good(const struct conf *conf, enum settings_key key);

/* Writes a file of settings with each key explained; those that must be set are empty. */
void settings_template(FILE *out);

struct settings_fault {
	const char *key; /* as it stands there, or should */
	const char *value; /* NULL: it is not set */
	unsigned line; /* of the file, 0: it is not there */
	const char *expected; /* in words; NULL: no tool knows the key, and none minds */
	const char *nearest; /* the key that was perhaps meant, or NULL */
};

/*
 * The next fault: in the keys that there are, one by one, then in the lines: unknown
 * keys, and what is no UTF-8. *at starts
 * at 0 and is moved. False: there is no more.
 */
bool settings_fault(const struct conf *conf, size_t *at, struct settings_fault *fault);

/* Puts it in words, without the value. */
void settings_tell(char *out, size_t size, const struct settings_fault *fault);

#endif
