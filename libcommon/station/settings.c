/*
 * One table with a row for each setting: what it means, its default and what is allowed.
 * Everything else here loops over it: getting a value, checking a file, writing the
 * template of a new station, and guessing which key a misspelt one was meant to be.
 */
#include "station/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"

#define DAYS (86400)
#define KEY_MAX 64 /* one that is not shorter is like no other */

enum kind { TEXT, FOLDER, ADDRESS, SOURCE, ZONE, NUMBER, WORD };

static const struct row {
	const char *name;
	const char *help;
	const char *fallback; /* NULL: it must be set, unless optional */
	enum kind kind;
	long long min, max; /* of a number */
	const char *words; /* that are allowed, each after a blank; "x:" with a folder;
			      "/" is any absolute path */
	const char *expected;
	struct {
		const char *fallback; /* NULL: as above */
		const char *only; /* why no other value is allowed; NULL: others are */
	} of[SETTINGS_KINDS];
} rows[SETTINGS_KEYS] = {
	[SETTINGS_NAME] = {"NAME", "shown to people", "", .kind = TEXT},
	[SETTINGS_WATCH_DIR] = {"WATCH_DIR", "the drop folder", NULL, FOLDER,
		.expected = "an absolute path",
		.of[SETTINGS_LIST] = {"", "nothing: a station with PLAYLIST has none"}},
	[SETTINGS_RTMP_URL] = {"RTMP_URL", "where to push; a secret", NULL, ADDRESS,
		.expected = "rtmp://HOST/APP/KEY or rtmps://HOST/APP/KEY",
		.of[SETTINGS_SOURCE].fallback = ""},
	[SETTINGS_SOURCE_URL] = {"SOURCE_URL",
		"instead of a camera's clips: a live source to record; a secret", "",
		SOURCE, .expected = "an address of rtmp, rtsp, http, srt, tcp or udp"},
	[SETTINGS_SEGMENT_TIME] = {"SEGMENT_TIME", "how long a recorded clip is to be",
		"60", NUMBER, 1, 3600, .expected = "seconds, 1 to 3600"},
	[SETTINGS_KEEP_FOR] = {"KEEP_FOR",
		"how long recorded clips are kept; 0: for ever", "0", NUMBER, 0,
		366 * DAYS, .expected = "seconds, 0 to 31622400"},
	[SETTINGS_KEEP_BYTES] = {"KEEP_BYTES",
		"how much recorded clips may be in all; 0: no limit", "0", NUMBER, 0,
		1000000000000000, .expected = "bytes, 0 to 1000000000000000"},
	[SETTINGS_PLAYLIST] = {"PLAYLIST",
		"instead of a camera's clips: a list or folder to play for ever", "",
		FOLDER, .expected = "an absolute path",
		.of[SETTINGS_SOURCE] = {"", "nothing: the station has a SOURCE_URL"}},
	[SETTINGS_TZ] = {"TZ", "the time zone of #AT in a list; empty: this machine's",
		"", ZONE, .expected = "a name such as Europe/Madrid"},
	[SETTINGS_MIN_FILE_AGE] = {"MIN_FILE_AGE",
		"how long nobody has written to a file that is looked at", "30", NUMBER,
		0, 366 * DAYS, .expected = "seconds, 0 to 31622400"},
	[SETTINGS_SCAN_INTERVAL] = {"SCAN_INTERVAL",
		"how often the folder is looked through, to be safe", "5", NUMBER, 1,
		3600, .expected = "seconds, 1 to 3600"},
	[SETTINGS_HOLD_NEWEST] = {"HOLD_NEWEST", "how long the newest file waits", "60",
		NUMBER, 0, 366 * DAYS, .words = " always never",
		.expected = "always, never, or seconds, 0 to 31622400"},
	[SETTINGS_MAX_LAG] = {"MAX_LAG",
		"how far behind the newest a file is late; 0: none is", "300", NUMBER, 0,
		366 * DAYS, .expected = "seconds, 0 to 31622400",
		.of[SETTINGS_LIST] = {"0", "0: no clip of a list is late"}},
	[SETTINGS_MAX_CLIP] = {"MAX_CLIP",
		"how long a clip may last, by its packets; 0: no limit", "3600", NUMBER,
		0, 366 * DAYS, .expected = "seconds, 0 to 31622400",
		.of[SETTINGS_LIST].fallback = "0"},
	[SETTINGS_LATE] = {"LATE", "what is done with late files", "delete", WORD,
		.words = " delete keep", .expected = "delete or keep"},
	[SETTINGS_PROFILE] = {"PROFILE", "what is refused, by what servers take", "rtmp",
		WORD, .words = " any rtmp youtube twitch",
		.expected = "any, rtmp, youtube or twitch"},
	[SETTINGS_MAX_RETRIES] = {"MAX_RETRIES",
		"how often a bad file is tried before it is put away", "3", NUMBER, 1,
		1000, .expected = "a number, 1 to 1000"},
	[SETTINGS_RETRY_AFTER] = {"RETRY_AFTER",
		"when a file that was put away is tried again", "300", NUMBER, 0,
		30 * DAYS, .expected = "seconds, 0 to 2592000"},
	[SETTINGS_AFTER_PLAY] = {"AFTER_PLAY", "what is done with a file that was played",
		"delete", WORD, .words = " delete keep move: archive:",
		.expected =
			"delete, keep, or move:DIR or archive:DIR with an absolute path",
		.of[SETTINGS_SOURCE] = {"keep",
			"keep: of a source's clips only KEEP_FOR "
			"and KEEP_BYTES delete"},
		.of[SETTINGS_LIST] = {"keep", "keep: the clips of a list come again"}},
	[SETTINGS_IDLE] = {"IDLE", "what is sent when no clip is ready", "still", WORD,
		.words = " still nothing /",
		.expected = "still, nothing, or the absolute path of a clip"},
	[SETTINGS_AUDIO] = {"AUDIO",
		"what is done about sound that is missing or unusable", "profile", WORD,
		.words = " profile keep silence aac",
		.expected = "profile, keep, silence or aac"},
	[SETTINGS_STAMPS] = {"STAMPS", "where a further session's time stamps begin",
		"restart", WORD, .words = " restart continue",
		.expected = "restart or continue"},
	[SETTINGS_CATCH_UP] = {"CATCH_UP",
		"how much faster it plays while clips wait, in percent", "0", NUMBER, 0,
		2, .expected = "percent, 0 to 2"},
	[SETTINGS_STALE_AFTER] = {"STALE_AFTER",
		"how old a heartbeat makes the station stale", "180", NUMBER, 1,
		366 * DAYS, .expected = "seconds, 1 to 31622400"},
	[SETTINGS_SILENT_AFTER] = {"SILENT_AFTER", "how long a camera may send nothing",
		"600", NUMBER, 1, 366 * DAYS, .expected = "seconds, 1 to 31622400"},
	[SETTINGS_UNPACK] = {"UNPACK", "whether clips in archives are played", "no", WORD,
		.words = " yes no", .expected = "yes or no"},
	[SETTINGS_ACTIVE] = {"ACTIVE", "whether the station is looked after", "yes", WORD,
		.words = " yes no", .expected = "yes or no"},
	[SETTINGS_LOG_LEVEL] = {"LOG_LEVEL", "what the tools say", "INFO", WORD,
		.words = " DEBUG INFO WARN ERROR",
		.expected = "DEBUG, INFO, WARN or ERROR"},
};

const char *settings_name(enum settings_key key)
{
	return rows[key].name;
}

bool settings_is_secret(enum settings_key key)
{
	return rows[key].kind == ADDRESS || rows[key].kind == SOURCE;
}

bool settings_has(const struct conf *conf, enum settings_key key)
{
	const char *value = conf_get(conf, rows[key].name);

	return value && *value;
}

enum settings_kind settings_kind(const struct conf *conf)
{
	return settings_has(conf, SETTINGS_SOURCE_URL)  ? SETTINGS_SOURCE
		: settings_has(conf, SETTINGS_PLAYLIST) ? SETTINGS_LIST
							: SETTINGS_CAMERA;
}

static const char *fallback_of(const struct conf *conf, enum settings_key key)
{
	const char *own = rows[key].of[settings_kind(conf)].fallback;

	return own ? own : rows[key].fallback;
}

/* Why only the default is allowed in this kind of station; NULL: others are, too. */
static const char *only_why(const struct conf *conf, enum settings_key key)
{
	return rows[key].of[settings_kind(conf)].only;
}

const char *settings_get(const struct conf *conf, enum settings_key key)
{
	const char *value = conf_get(conf, rows[key].name);
	const char *fallback = fallback_of(conf, key);

	return value ? value : fallback ? fallback : "";
}

/* An absolute path that can stand in a line, and that leads nowhere but down. */
static bool is_folder(const char *value)
{
	const char *up = strstr(value, "/..");

	while (up && up[3] && up[3] != '/')
		up = strstr(up + 1, "/..");
	return *value == '/' && !up && !text_has_control(value);
}

/* Like the name of a zone; whether there is one is for those who have its files. */
static bool is_zone(const char *value)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_/";

	return *value != '/' && !value[strspn(value, letters)];
}

/* One of the words; what follows its colon is an absolute path. */
static bool is_word(const char *words, const char *value)
{
	size_t len = strcspn(value, ":");

	len += value[len] == ':';
	for (const char *at = words; at && (at = strchr(at, ' ')); at++) {
		if (at[1] == '/' && *value == '/')
			return is_folder(value);
		if (strcspn(at + 1, " ") == len && strncmp(at + 1, value, len) == 0)
			return len > 0 &&
				(value[len - 1] == ':' ? is_folder(value + len)
						       : !value[len]);
	}
	return false;
}

static bool allows(const struct row *row, const char *value)
{
	long long number;

	switch (row->kind) {
	case TEXT:
		return true;
	case FOLDER:
		return is_folder(value);
	case ADDRESS:
		return address_is_rtmp(value);
	case SOURCE:
		return address_source(value);
	case ZONE:
		return is_zone(value);
	case NUMBER:
		return is_word(row->words, value) ||
			text_number(value, row->min, row->max, &number) == 0;
	case WORD:
		return is_word(row->words, value);
	}
	return false;
}

bool settings_good(const struct conf *conf, enum settings_key key)
{
	const char *value = conf_get(conf, rows[key].name);
	const char *fallback = fallback_of(conf, key);

	if (value && only_why(conf, key))
		return strcmp(value, fallback) == 0;
	return value && (*value || !fallback || *fallback) ? allows(&rows[key], value)
							   : fallback != NULL;
}

static const char *good_value(const struct conf *conf, enum settings_key key)
{
	const char *fallback = fallback_of(conf, key);

	return settings_good(conf, key) ? settings_get(conf, key)
		: fallback              ? fallback
					: "";
}

int64_t settings_number(const struct conf *conf, enum settings_key key)
{
	long long number = 0;

	text_number(good_value(conf, key), rows[key].min, rows[key].max, &number);
	return number;
}

bool settings_yes(const struct conf *conf, enum settings_key key)
{
	return strcmp(good_value(conf, key), "yes") == 0;
}

/* The edit distance of two words: letters to change, add or leave out. Case does not
 * count. */
static size_t distance(const char *a, const char *b)
{
	size_t row[KEY_MAX], len = strlen(b);

	if (len >= KEY_MAX || strlen(a) >= KEY_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t before = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			size_t change = before + (toupper((unsigned char)a[i]) != b[j]);
			before = row[j + 1];
			size_t other = 1 + (row[j] < before ? row[j] : before);
			row[j + 1] = change < other ? change : other;
		}
	}
	return row[len];
}

/* At most every third letter may be another. */
static const char *find_nearest(const char *key)
{
	const char *nearest = NULL;
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < SETTINGS_KEYS; i++) {
		size_t d = distance(key, rows[i].name);
		if (d < least && d <= strlen(rows[i].name) / 3) {
			nearest = rows[i].name;
			least = d;
		}
	}
	return nearest;
}

enum settings_key settings_find(const char *name)
{
	enum settings_key key = 0;

	while (key < SETTINGS_KEYS && strcmp(rows[key].name, name) != 0)
		key++;
	return key;
}

/* The line that counts; key itself if there is none. */
static void find_last(
	const struct conf *conf, const char *key, struct settings_fault *fault)
{
	const char *found, *value;

	*fault = (struct settings_fault){.key = key};
	for (size_t at = 0; (found = conf_next(conf, &at, &value));)
		if (strcmp(found, key) == 0) {
			fault->value = value;
			fault->line = conf_line(found);
		}
}

void settings_template(FILE *out)
{
	fputs("# A station; see streamhub(5). What is commented out is the default.\n",
		out);
	for (size_t i = 0; i < SETTINGS_KEYS; i++) {
		const struct row *row = &rows[i];

		fprintf(out, "\n# %s", row->help);
		if (row->expected)
			fprintf(out, ": %s", row->expected);
		fprintf(out, "\n%s%s=%s\n", row->fallback ? "#" : "", row->name,
			row->fallback ? row->fallback : "");
	}
}

bool settings_fault(const struct conf *conf, size_t *at, struct settings_fault *fault)
{
	const char *key, *value;

	for (; *at < SETTINGS_KEYS; ++*at) {
		const struct row *row = &rows[*at];

		if (settings_good(conf, (enum settings_key) * at))
			continue;
		find_last(conf, row->name, fault);
		const char *why = only_why(conf, (enum settings_key) * at);
		fault->expected = why ? why : row->expected;
		++*at;
		return true;
	}
	for (size_t n = *at - SETTINGS_KEYS; (key = conf_next(conf, &n, &value));) {
		*at = n + SETTINGS_KEYS;
		if (!text_is_utf8(key) || !text_is_utf8(value)) {
			*fault = (struct settings_fault){
				key, value, conf_line(key), "UTF-8", NULL};
			return true; /* systemd would not load the file */
		}
		if (settings_find(key) < SETTINGS_KEYS)
			continue;
		*fault = (struct settings_fault){
			key, value, conf_line(key), NULL, find_nearest(key)};
		return true;
	}
	return false;
}

void settings_tell(char *out, size_t size, const struct settings_fault *fault)
{
	if (!fault->value)
		snprintf(out, size, "%s is not set: expected %s", fault->key,
			fault->expected);
	else if (fault->expected)
		snprintf(out, size, "line %u: %s: expected %s", fault->line, fault->key,
			fault->expected);
	else
		snprintf(out, size, "line %u: no tool knows %.60s%s%s%s", fault->line,
			fault->key, fault->nearest ? ": is it " : "",
			fault->nearest ? fault->nearest : "", fault->nearest ? "?" : "");
}
