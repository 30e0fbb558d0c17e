#include "station.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atomic.h"
#include "conf.h"
#include "path.h"
#include "runner.h"
#include "settings.h"
#include "tick.h"

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

int station_wish(int state, const char *id, enum station_wish *wish)
{
	static const struct {
		const char *text;
		enum station_wish wish;
	} words[] = {{"up\n", STATION_UP}, {"up", STATION_UP}, {"down\n", STATION_DOWN},
		{"down", STATION_DOWN}};
	char name[ID_MAX + sizeof "/desired"], text[8];

	*wish = STATION_UNDECIDED;
	if (state < 0)
		return 0;
	snprintf(name, sizeof name, "%.64s/desired", id);
	ssize_t len = path_read(state, name, text, sizeof text);
	if (len < 0 && errno == ENOENT)
		return 0;
	if (len < 0 && errno != EFBIG)
		return -1;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (len == (ssize_t)strlen(words[i].text) &&
			memcmp(text, words[i].text, (size_t)len) == 0) {
			*wish = words[i].wish;
			return 0;
		}
	errno = EINVAL;
	return -1;
}

int station_wish_set(const char *id, enum station_wish wish)
{
	const char *text = wish == STATION_UP ? "up\n" : "down\n";
	int folder = station_make(STATION_STATE, id);
	struct atomic file;
	int code = -1;

	if (folder < 0)
		return -1;
	atomic_sweep(folder, "desired");
	if (atomic_begin(&file, folder, "desired", 0644) == 0) {
		if (write(file.fd, text, strlen(text)) == (ssize_t)strlen(text) &&
			atomic_sync(&file) == 0 && atomic_commit(&file) == 0)
			code = fsync(folder);
		else
			atomic_abort(&file);
	}
	int error = errno;
	close(folder);
	errno = error;
	return code;
}

bool station_known(const int places[STATION_PLACES], const char *id)
{
	char conf[ID_MAX + sizeof SUFFIX];
	struct stat st;

	if (!station_id_ok(id))
		return false;
	snprintf(conf, sizeof conf, "%.64s" SUFFIX, id);
	for (size_t i = 0; i < STATION_PLACES; i++)
		if (places[i] >= 0 &&
			fstatat(places[i], i == STATION_SETTINGS ? conf : id, &st,
				AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	return false;
}

int station_conf(struct conf *conf, int settings, const char *id)
{
	char name[ID_MAX + sizeof SUFFIX];

	*conf = (struct conf){0};
	if (settings < 0)
		return 0;
	snprintf(name, sizeof name, "%.64s" SUFFIX, id);
	return conf_read(conf, settings, name) < 0 && errno != ENOENT ? -1 : 0;
}

int station_settings_of(
	const struct conf *conf, struct station_settings *out, const char **key)
{
	static const enum settings_key keys[] = {
		SETTINGS_SILENT_AFTER, SETTINGS_STALE_AFTER, SETTINGS_ACTIVE};

	*out = (struct station_settings){
		.active = settings_yes(conf, SETTINGS_ACTIVE),
		.stale_after = settings_number(conf, SETTINGS_STALE_AFTER) * TICK_SECOND,
		.silent_after =
			settings_number(conf, SETTINGS_SILENT_AFTER) * TICK_SECOND,
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

int station_facts(struct verdict_facts *facts, int live, const char *id)
{
	const struct {
		struct fact *fact;
		const char *name;
	} files[] = {
		{&facts->heartbeat, "heartbeat"},
		{&facts->camwatch, "camwatch"},
		{&facts->segcheck, "segcheck"},
		{&facts->rtmppush, "rtmppush"},
		{&facts->stationrun, RUNNER},
		{&facts->segunpack, "segunpack"},
		{&facts->segpack, "segpack"},
	};
	int error = 0;

	*facts = (struct verdict_facts){0};
	if (live < 0)
		return 0;
	int folder = openat(live, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0 && errno == ENOENT)
		return 0;
	if (folder < 0) {
		facts->heartbeat.state = FACT_ERROR;
		return -1;
	}
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		*files[i].fact = fact_read(folder, files[i].name);
		if (files[i].fact->state == FACT_ERROR)
			error = errno;
	}
	close(folder);
	errno = error;
	return error ? -1 : 0;
}

/* A wish that cannot be told is for the caller to find out and to tell. */
static bool may_be_wished_up(int state, const struct dirent *entry)
{
	enum station_wish wish;

	if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
		return false;
	return station_wish(state, entry->d_name, &wish) < 0 || wish == STATION_UP;
}

/* Whether an entry of the place stands for a station; if so, its name becomes the ID. */
static bool is_station(enum station_place place, int folder, struct dirent *entry)
{
	if (place == STATION_SETTINGS) {
		size_t len = strlen(entry->d_name), suffix = strlen(SUFFIX);

		if (len <= suffix || strcmp(entry->d_name + len - suffix, SUFFIX) != 0)
			return false;
		entry->d_name[len - suffix] = '\0';
	}
	return station_id_ok(entry->d_name) &&
		(place != STATION_STATE || may_be_wished_up(folder, entry));
}

static int gather(struct station_list *list, enum station_place place, int folder)
{
	struct dirent **found;
	int code = 0;

	int n = scandirat(folder, ".", &found, NULL, NULL);
	if (n < 0)
		return -1;
	struct dirent **all = reallocarray(
		list->entries, list->count + (size_t)n + 1, sizeof(struct dirent *));
	if (all)
		list->entries = all;
	else
		code = -1;
	for (int i = 0; i < n; i++) {
		if (code == 0 && is_station(place, folder, found[i]))
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
		if (places[i] >= 0 && gather(list, i, places[i]) < 0) {
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
