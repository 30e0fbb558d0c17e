#include "station.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	return paths[place];
}

int station_open(enum station_place place)
{
	const char *root = getenv("STREAMHUB_ROOT");
	char *path;

	if (asprintf(&path, "%s%s", root ? root : "", paths[place]) < 0)
		return -1;
	int fd = path_open_folder(path);
	free(path);
	return fd;
}

bool station_id_ok(const char *id)
{
	size_t len = strspn(id, ID_CHARS);

	return len > 0 && len <= ID_MAX && !id[len] && id[0] != '.' && id[0] != '-';
}

enum station_wish station_wish(int state, const char *id)
{
	char name[ID_MAX + sizeof "/desired"], word[8] = "";

	snprintf(name, sizeof name, "%.64s/desired", id);
	if (path_read(state, name, word, sizeof word - 1) < 0)
		return STATION_UNDECIDED;
	word[strcspn(word, "\n")] = '\0';
	return strcmp(word, "up") == 0      ? STATION_UP
		: strcmp(word, "down") == 0 ? STATION_DOWN
					    : STATION_UNDECIDED;
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
	*out = strcmp(value, "yes") == 0;
	return *out || strcmp(value, "no") == 0 ? 0 : -1;
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
	struct station_settings read = *out;
	const char *bad = NULL;
	if (read_yes_no(&conf, "ACTIVE", &read.active) < 0)
		bad = "ACTIVE";
	else if (read_seconds(&conf, "STALE_AFTER", &read.stale_after) < 0)
		bad = "STALE_AFTER";
	else if (read_seconds(&conf, "SILENT_AFTER", &read.silent_after) < 0)
		bad = "SILENT_AFTER";
	conf_free(&conf);
	if (!bad) {
		*out = read;
		return 0;
	}
	*key = bad;
	errno = EINVAL;
	return -1;
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
	int folder = openat(live, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0 && (live < 0 || errno == ENOENT))
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
	return station_id_ok(entry->d_name) &&
		(entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
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
		if (station_wish(state, wished[i]->d_name) == STATION_UP)
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
