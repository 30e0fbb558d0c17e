/*
 * The list of stations is the union of three folders: settings, live facts, and state of
 * which somebody desires that it is up. So a station whose settings were removed while it
 * runs is still listed. Every folder is opened once and held by its descriptor.
 */
#include "station/station.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/path.h"
#include "station/settings.h"

#define ID_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define ID_MAX 64
#define SUFFIX ".conf"

static const char *const paths[] = {
	[STATION_SETTINGS] = "/etc/streamhub/stations",
	[STATION_STATE] = "/var/lib/streamhub",
	[STATION_LIVE] = "/run/streamhub.d",
	[STATION_VIEW] = "/run/streamhub",
};

const char *station_path(enum station_place place)
{
	static char *whole[sizeof paths / sizeof *paths];
	const char *root = getenv("STREAMHUB_ROOT");

	if (!whole[place] &&
		asprintf(&whole[place], "%s%s", root ? root : "", paths[place]) < 0)
		whole[place] = NULL;
	return whole[place];
}

int station_open(enum station_place place)
{
	const char *path = station_path(place);

	return path ? path_open_folder(path) : -1;
}

int station_make_place(enum station_place place)
{
	const char *whole = station_path(place);
	int folder = station_open(place);

	if (folder >= 0 || errno != ENOENT)
		return folder;
	char *path = whole ? strdup(whole) : NULL;
	int code = path ? 0 : -1;

	for (char *at = path; at && code == 0;) {
		at = strchr(at + 1, '/');
		if (at)
			*at = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			code = -1;
		if (at)
			*at = '/';
	}
	free(path);
	return code == 0 ? station_open(place) : -1;
}

int station_make(enum station_place place, const char *id)
{
	int above = station_make_place(place), folder = -1;

	if (above < 0)
		return -1;
	if (mkdirat(above, id, 0755) == 0 || errno == EEXIST)
		folder = path_open_below(above, id);
	int error = errno;
	close(above);
	errno = error;
	return folder;
}

/* Opens the folder name below that of the station, which is closed. */
static int make_own(int folder, const char *name)
{
	int own = folder >= 0 && (mkdirat(folder, name, 0755) == 0 || errno == EEXIST)
		? path_open_below(folder, name)
		: -1;

	path_close(folder);
	return own;
}

int station_make_own(const char *id, const char *folder)
{
	return make_own(station_make(STATION_STATE, id), folder);
}

int station_settle(const char *id)
{
	int above = station_open(STATION_STATE), player = -1, code = 0;
	int folder = above < 0 ? -1 : path_open_below(above, id);
	struct stat st;

	path_close(above);
	if (folder < 0 || fstatat(folder, "cursor", &st, AT_SYMLINK_NOFOLLOW) < 0) {
		path_close(folder);
		return errno == ENOENT ? 0 : -1;
	}
	int old = dup(folder);
	player = old < 0 ? -1 : make_own(folder, STATION_PLAYER);
	if (player < 0 ||
		(renameat2(old, "cursor", player, "cursor", RENAME_NOREPLACE) < 0 &&
			errno != EEXIST && errno != ENOENT))
		code = -1;
	path_close(player);
	path_close(old);
	return code;
}

void station_open_all(int places[STATION_PLACES])
{
	for (size_t i = 0; i < STATION_PLACES; i++) {
		places[i] = station_open(i);
		if (places[i] < 0)
			places[i] = -errno;
	}
}

bool station_hidden(int place)
{
	return place < 0 && place != -ENOENT;
}

bool station_id_ok(const char *id)
{
	size_t len = strspn(id, ID_CHARS);

	return len > 0 && len <= ID_MAX && !id[len] && id[0] != '.' && id[0] != '-';
}

bool station_known(const int places[STATION_PLACES], const char *id)
{
	struct stat st;

	if (!station_id_ok(id))
		return false;
	for (size_t i = 0; i < STATION_PLACES; i++)
		if (places[i] >= 0 &&
			fstatat(places[i],
				i == STATION_SETTINGS ? station_conf_name(id) : id, &st,
				AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	return false;
}

const char *station_conf_name(const char *id)
{
	static char name[ID_MAX + sizeof SUFFIX];

	snprintf(name, sizeof name, "%.64s" SUFFIX, id);
	return name;
}

int station_conf(struct conf *conf, int settings, const char *id)
{
	*conf = (struct conf){0};
	if (settings < 0)
		return 0;
	return conf_read(conf, settings, station_conf_name(id)) < 0 && errno != ENOENT
		? -1
		: 0;
}

int station_settings_of(
	const struct conf *conf, struct station_settings *out, const char **key)
{
	static const enum settings_key keys[] = {
		SETTINGS_SILENT_AFTER, SETTINGS_STALE_AFTER, SETTINGS_ACTIVE};

	*out = (struct station_settings){
		.active = settings_yes(conf, SETTINGS_ACTIVE),
		.stale_after = settings_number(conf, SETTINGS_STALE_AFTER) * CLOCK_SECOND,
		.silent_after =
			settings_number(conf, SETTINGS_SILENT_AFTER) * CLOCK_SECOND,
	};
	*key = NULL;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!settings_good(conf, keys[i]))
			*key = settings_name(keys[i]);
	errno = EINVAL;
	return *key ? -1 : 0;
}

int station_settings(
	int settings, const char *id, struct station_settings *out, const char **key)
{
	static const struct conf none;
	struct conf conf;

	if (station_conf(&conf, settings, id) < 0) {
		int error = errno;

		station_settings_of(&none, out, key);
		*key = "the file";
		errno = error;
		return -1;
	}
	int code = station_settings_of(&conf, out, key);
	conf_free(&conf);
	return code;
}

int station_facts(struct stage_facts *facts, int live, const char *id)
{
	int error = 0;

	*facts = (struct stage_facts){0};
	if (live < 0)
		return 0;
	int folder = openat(live, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0 && errno == ENOENT)
		return 0;
	if (folder < 0) {
		facts->of[STAGE_HBWRITE].state = FACT_ERROR;
		return -1;
	}
	for (size_t i = 0; i < STAGE_FACTS; i++) {
		facts->of[i] = fact_read(folder, stage_rows[i].fact);
		if (facts->of[i].state == FACT_ERROR)
			error = errno;
	}
	close(folder);
	errno = error;
	return error ? -1 : 0;
}

bool station_removed(const int places[STATION_PLACES], const char *id)
{
	int live = places[STATION_LIVE];
	enum station_desired desired;
	char path[ID_MAX + 16];
	struct stat st;

	if (station_hidden(places[STATION_SETTINGS]) ||
		station_desired(places[STATION_STATE], id, &desired) < 0 ||
		desired != STATION_DOWN)
		return false;
	if (places[STATION_SETTINGS] >= 0 &&
		fstatat(places[STATION_SETTINGS], station_conf_name(id), &st,
			AT_SYMLINK_NOFOLLOW) == 0)
		return false;
	if (live < 0)
		return !station_hidden(live);
	for (size_t i = 0; i < STAGE_FACTS; i++) {
		snprintf(path, sizeof path, "%.64s/%s", id, stage_rows[i].fact);
		if (stage_rows[i].stays)
			continue;
		if (fstatat(live, path, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
			return false;
	}
	return true;
}

/* One that cannot be read is for the caller to find out and to report. */
static bool may_be_desired_up(int state, const struct dirent *entry)
{
	enum station_desired desired;

	if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
		return false;
	return station_desired(state, entry->d_name, &desired) < 0 ||
		desired == STATION_UP;
}

/* True if an entry of the place stands for a station; if so, its name becomes the ID. */
static bool is_station(
	const int places[STATION_PLACES], enum station_place place, struct dirent *entry)
{
	if (place == STATION_SETTINGS) {
		size_t len = strlen(entry->d_name), suffix = strlen(SUFFIX);

		if (len <= suffix || strcmp(entry->d_name + len - suffix, SUFFIX) != 0)
			return false;
		entry->d_name[len - suffix] = '\0';
	}
	if (!station_id_ok(entry->d_name))
		return false;
	if (place == STATION_STATE)
		return may_be_desired_up(places[place], entry);
	return place != STATION_LIVE || !station_removed(places, entry->d_name);
}

static int gather(struct station_list *list, const int places[STATION_PLACES],
	enum station_place place)
{
	struct dirent **found;
	int code = 0;

	int n = scandirat(places[place], ".", &found, NULL, NULL);
	if (n < 0)
		return -1;
	struct dirent **all = reallocarray(
		list->entries, list->count + (size_t)n + 1, sizeof(struct dirent *));
	if (all)
		list->entries = all;
	else
		code = -1;
	for (int i = 0; i < n; i++) {
		if (code == 0 && is_station(places, place, found[i]))
			list->entries[list->count++] = found[i];
		else
			free(found[i]);
	}
	free(found);
	return code;
}

static int compare(const void *a, const void *b)
{
	const struct dirent *const *one = a, *const *two = b;

	return strverscmp((*one)->d_name, (*two)->d_name);
}

int station_list(struct station_list *list, const int places[STATION_PLACES])
{
	size_t count = 0;

	*list = (struct station_list){0};
	for (size_t i = 0; i < STATION_PLACES; i++) {
		if (places[i] >= 0 && gather(list, places, i) < 0) {
			station_list_free(list);
			return -1;
		}
	}
	if (list->count > 1)
		qsort(list->entries, list->count, sizeof *list->entries, compare);
	for (size_t i = 0; i < list->count; i++) {
		if (count > 0 &&
			compare(&list->entries[count - 1], &list->entries[i]) == 0)
			free(list->entries[i]);
		else
			list->entries[count++] = list->entries[i];
	}
	list->count = count;
	return 0;
}

void station_list_free(struct station_list *list)
{
	while (list->count > 0)
		free(list->entries[--list->count]);
	free(list->entries);
}
