/*
 * settings: the settings of a station, which a person writes as KEY=VALUE.
 *
 * Values are returned as text, as the tools get them; a key that is not set has its
 * default. Values are not checked here: settings_fault finds what is wrong.
 */
#ifndef STREAMHUB_SETTINGS_H
#define STREAMHUB_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"

enum settings_key {
	SETTINGS_NAME,
	SETTINGS_WATCH_DIR,
	SETTINGS_RTMP_URL,
	SETTINGS_SOURCE_URL,
	SETTINGS_SEGMENT_TIME,
	SETTINGS_KEEP_FOR,
	SETTINGS_KEEP_BYTES,
	SETTINGS_PLAYLIST,
	SETTINGS_TZ,
	SETTINGS_MIN_FILE_AGE,
	SETTINGS_SCAN_INTERVAL,
	SETTINGS_HOLD_NEWEST,
	SETTINGS_MAX_LAG,
	SETTINGS_MAX_CLIP,
	SETTINGS_LATE,
	SETTINGS_PROFILE,
	SETTINGS_MAX_RETRIES,
	SETTINGS_RETRY_AFTER,
	SETTINGS_AFTER_PLAY,
	SETTINGS_IDLE,
	SETTINGS_AUDIO,
	SETTINGS_STAMPS,
	SETTINGS_CATCH_UP,
	SETTINGS_STALE_AFTER,
	SETTINGS_SILENT_AFTER,
	SETTINGS_UNPACK,
	SETTINGS_ACTIVE,
	SETTINGS_LOG_LEVEL,
	SETTINGS_KEYS,
};

/* The kinds of stations: by their clips. */
enum settings_kind {
	SETTINGS_CAMERA, /* a camera uploads them */
	SETTINGS_SOURCE, /* recorded from SOURCE_URL */
	SETTINGS_LIST, /* those of PLAYLIST */
	SETTINGS_KINDS,
};

enum settings_kind settings_kind(const struct conf *conf);

const char *settings_name(enum settings_key key);

/* True if the value must not be shown. */
bool settings_is_secret(enum settings_key key);

/* True if the key has a value that is not empty. */
bool settings_has(const struct conf *conf, enum settings_key key);

/* The key with this name, or SETTINGS_KEYS. */
enum settings_key settings_find(const char *name);

/* The value, or the default; "" if there is neither. Belongs to conf. */
const char *settings_get(const struct conf *conf, enum settings_key key);

/*
 * The same as a number; the default if the value is not allowed, 0 for a word that is
 * allowed.
 */
int64_t settings_number(const struct conf *conf, enum settings_key key);

/* True if the value is "yes". If it is neither "yes" nor "no", the default counts. */
bool settings_yes(const struct conf *conf, enum settings_key key);

/* True if the value is allowed for the key. */
bool settings_good(const struct conf *conf, enum settings_key key);

/* Writes a file of settings with each key explained; those that must be set are empty. */
void settings_template(FILE *out);

struct settings_fault {
	const char *key; /* as it is in the file, or should be */
	const char *value; /* NULL: it is not set */
	unsigned line; /* of the file; 0: the key is not in it */
	const char
		*expected; /* in words; NULL: the key is unknown, which harms nothing */
	const char *nearest; /* the known key that was perhaps meant, or NULL */
};

/*
 * The next fault: first those of known keys, in the order of the keys; then unknown keys
 * and values that are not UTF-8, in the order of lines. *at starts at 0 and is moved.
 * False: there is no further fault.
 */
bool settings_fault(const struct conf *conf, size_t *at, struct settings_fault *fault);

/* Puts it in words, without the value. */
void settings_tell(char *out, size_t size, const struct settings_fault *fault);

#endif
