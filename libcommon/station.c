#include "station.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "path.h"
#include "text.h"
#include "tick.h"

#define ID_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define ID_MAX 64
#define SECONDS_MAX (366 * 86400)

static const char *const paths[STATION_PLACES] = {
	[STATION_SETTINGS] = "/etc/streamhub/stations",
	[STATION_STATE] = "/var/lib/streamhub",
	[STATION_LIVE] = "/run/streamhub.d",
};

const char *station_path(enum station_place place)
{
	static char *whole[STATION_PLACES];
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

bool station_known(const int places[STATION_PLACES], const char *id)
{
	char conf[ID_MAX + sizeof ".conf"];
	struct stat st;

	if (!station_id_ok(id))
		return false;
	snprintf(conf, sizeof conf, "%.64s.conf", id);
	for (size_t i = 0; i < STATION_PLACES; i++)
		if (places[i] >= 0 &&
			fstatat(places[i], i == STATION_SETTINGS ? conf : id, &st,
				AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	return false;
}

static int read_seconds(const struct conf *conf, const char *key, int64_t *out)
{
	const char *value = conf_get(conf, key);
	long long seconds;

	if (!value)
		return 0;
	if (text_number(value, 1, SECONDS_MAX, &seconds) < 0)
		return -1;
	*out = seconds * TICK_SECOND;
	return 0;
}

static int read_yes_no(const struct conf *conf, const char *key, bool *out)
{
	const char *value = conf_get(conf, key);

	if (!value)
		return 0;
	bool yes = strcmp(value, "yes") == 0;
	if (!yes && strcmp(value, "no") != 0)
		return -1;
	*out = yes;
	return 0;
}

int station_settings(
	int settings, const char *id, struct station_settings *out, const char **key)
{
	char name[ID_MAX + sizeof ".conf"];
	struct conf conf;

	*out = (struct station_settings){true, STATION_STALE_AFTER, STATION_SILENT_AFTER};
	*key = "the file";
	snprintf(name, sizeof name, "%.64s.conf", id);
	if (settings < 0)
		return 0;
	if (conf_read(&conf, settings, name) < 0)
		return errno == ENOENT ? 0 : -1;
	*key = NULL;
	if (read_seconds(&conf, "SILENT_AFTER", &out->silent_after) < 0)
		*key = "SILENT_AFTER";
	if (read_seconds(&conf, "STALE_AFTER", &out->stale_after) < 0)
		*key = "STALE_AFTER";
	if (read_yes_no(&conf, "ACTIVE", &out->active) < 0)
		*key = "ACTIVE";
	conf_free(&conf);
	errno = EINVAL;
	return *key ? -1 : 0;
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

static int is_station(const struct dirent *entry)
{
	return station_id_ok(entry->d_name);
}

/* A wish that cannot be told is for the caller to find out and to tell. */
static bool may_be_wished_up(int state, const struct dirent *entry)
{
	enum station_wish wish;

	if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
		return false;
	return station_wish(state, entry->d_name, &wish) < 0 || wish == STATION_UP;
}

/* Puts the entries of both into one list, in order, and each ID once. */
static int merge(struct station_list *list, struct dirent **other, size_t others)
{
	struct dirent **all =
		malloc((list->count + others + 1) * sizeof(struct dirent *));
	size_t n = 0, l = 0, o = 0;

	if (!all)
		return -1;
	while (l < list->count || o < others) {
		int order = l == list->count ? 1
			: o == others
			? -1
			: strverscmp(list->entries[l]->d_name, other[o]->d_name);
		all[n++] = order <= 0 ? list->entries[l++] : other[o];
		if (order == 0)
			free(other[o]);
		o += order >= 0;
	}
	free(list->entries);
	list->entries = all;
	list->count = n;
	return 0;
}

int station_list(struct station_list *list, int live, int state)
{
	struct dirent **wished = NULL;
	size_t up = 0;

	int n = scandirat(live, ".", &list->entries, is_station, versionsort);
	if (n < 0)
		return -1;
	list->count = (size_t)n;
	n = state < 0 ? 0 : scandirat(state, ".", &wished, is_station, versionsort);
	for (int i = 0; i < n; i++) {
		if (may_be_wished_up(state, wished[i]))
			wished[up++] = wished[i];
		else
			free(wished[i]);
	}
	if (n >= 0 && merge(list, wished, up) == 0) {
		free(wished);
		return 0;
	}
	while (up > 0)
		free(wished[--up]);
	free(wished);
	station_list_free(list);
	return -1;
}

void station_list_free(struct station_list *list)
{
	while (list->count > 0)
		free(list->entries[--list->count]);
	free(list->entries);
}
