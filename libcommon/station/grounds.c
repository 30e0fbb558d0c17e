#include "station/grounds.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/msg.h"
#include "clip/clipname.h"
#include "station/settings.h"
#include "station/station.h"

/* The path without links, or as it is, without a '/' at its end. */
static void resolve(char out[PATH_MAX], const char *path)
{
	if (!realpath(path, out))
		snprintf(out, PATH_MAX, "%s", path);
	for (size_t len = strlen(out); len > 1 && out[len - 1] == '/';)
		out[--len] = '\0';
}

static bool is_same(const char *path, const char *other)
{
	struct stat a, b;

	return strcmp(path, other) == 0 ||
		(stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
			a.st_ino == b.st_ino);
}

const char *grounds_below(const char *inner, const char *outer)
{
	static char path[PATH_MAX];
	char above[PATH_MAX], around[PATH_MAX];

	resolve(path, inner);
	resolve(around, outer);
	strcpy(above, path);
	for (;;) {
		if (is_same(above, around))
			return path + (above[1] ? strlen(above) : 0);
		char *slash = strrchr(above, '/');
		if (!slash || !above[1])
			return NULL;
		slash[slash == above] = '\0';
	}
}

bool grounds_watched(const char *folder, const char *drop)
{
	const char *rest = grounds_below(folder, drop);

	if (!rest)
		return false;
	for (const char *slash = rest; (slash = strchr(slash, '/')); slash++)
		if (clipname_left_out(slash + 1))
			return false;
	return true;
}

static bool has_component(const char *path, const char *name)
{
	size_t len = strlen(name);

	while ((path = strstr(path, name))) {
		if (path[-1] == '/' && (!path[len] || path[len] == '/'))
			return true;
		path += len;
	}
	return false;
}

const char *grounds_reserved(const char *drop)
{
	static const char *const own[] = {"/", "/home", "/media", "/mnt", "/opt", "/root",
		"/run", "/srv", "/tmp", "/var", "/var/lib", "/var/spool", "/var/tmp"};
	static const char *const all[] = {"/bin", "/boot", "/dev", "/etc", "/lib",
		"/lib64", "/proc", "/run/lock", "/run/user", "/sbin", "/sys", "/usr",
		"/var/cache", "/var/lib/apt", "/var/lib/systemd", "/var/lock",
		"/var/log"};
	char path[PATH_MAX];

	resolve(path, drop);
	if (has_component(path, ".ssh") || has_component(path, ".gnupg"))
		return "somebody's keys'";
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(path, own[i]) == 0)
			return "the system's";
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		size_t len = strlen(all[i]);
		if (strncmp(path, all[i], len) == 0 && (!path[len] || path[len] == '/'))
			return "the system's";
	}
	for (int place = 0; place <= STATION_VIEW; place++) {
		const char *ours = station_path((enum station_place)place);
		if (ours && (grounds_below(drop, ours) || grounds_below(ours, drop)))
			return "streamhub's own";
	}
	return NULL;
}

bool grounds_private(const char *drop)
{
	return grounds_below(drop, "/tmp") || grounds_below(drop, "/var/tmp");
}

/* Where a station's clips are. */
struct ground {
	char *id, *folder;
	bool listed; /* it is the library of a list: nothing may be deleted there */
};

static struct ground ground_of(const char *id, const struct conf *conf)
{
	bool listed = settings_kind(conf) == SETTINGS_LIST;
	const char *folder =
		settings_get(conf, listed ? SETTINGS_PLAYLIST : SETTINGS_WATCH_DIR);
	struct ground ground = {strdup(id), strdup(folder), listed};
	struct stat st;

	char *slash = ground.folder ? strrchr(ground.folder, '/') : NULL;
	if (listed && slash && (stat(folder, &st) < 0 || !S_ISDIR(st.st_mode)))
		slash[slash == ground.folder] = '\0'; /* of the list itself */
	return ground;
}

static void ground_free(struct ground *ground)
{
	free(ground->id);
	free(ground->folder);
}

/* Of all stations, read once. */
static struct ground *others;
static size_t other_count;

static void read_others(int settings)
{
	const int places[STATION_PLACES] = {[STATION_SETTINGS] = settings,
		[STATION_STATE] = -ENOENT,
		[STATION_LIVE] = -ENOENT};
	struct station_list list;
	struct conf conf;

	if (station_list(&list, places) < 0) {
		msg_warn("the other stations' settings:");
		return;
	}
	others = calloc(list.count + 1, sizeof *others);
	for (size_t i = 0; others && i < list.count; i++) {
		const char *id = list.entries[i]->d_name;
		if (station_conf(&conf, settings, id) < 0)
			continue;
		struct ground one = ground_of(id, &conf);
		if (one.id && one.folder)
			others[other_count++] = one;
		conf_free(&conf);
	}
	station_list_free(&list);
	if (!others)
		msg_die(EX_OSERR, "no memory for the other stations");
}

static void warn_of(const struct ground *own, const struct ground *other, const char *how)
{
	const char *place = station_path(STATION_SETTINGS);
	const char *name = station_conf_name(own->id);

	if (own->listed)
		msg_warn(
			"'%s/%s': the library '%s' %s drop folder of station '%s', which "
			"plays what lies there, and may delete it",
			place, name, own->folder, how, other->id);
	else if (other->listed)
		msg_warn("'%s/%s': WATCH_DIR '%s' %s library of station '%s': what is "
			 "played is taken from it",
			place, name, own->folder, how, other->id);
	else
		msg_warn("'%s/%s': WATCH_DIR '%s' %s of station '%s': both play and "
			 "delete what lies there",
			place, name, own->folder, how, other->id);
}

void grounds_shared(int settings, const char *id, const struct conf *conf)
{
	struct ground own = ground_of(id, conf);

	if (!others)
		read_others(settings);
	for (size_t i = 0; own.id && own.folder && i < other_count; i++) {
		const struct ground *other = &others[i];
		if (strcmp(other->id, id) == 0 || *other->folder != '/' ||
			(own.listed && other->listed))
			continue;
		const char *in = grounds_below(own.folder, other->folder);
		bool same = in && !*in, lists = own.listed || other->listed;
		if (same)
			warn_of(&own, other, lists ? "is the" : "is that");
		else if (grounds_watched(own.folder, other->folder))
			warn_of(&own, other, lists ? "lies in the" : "lies in that");
		else if (grounds_watched(other->folder, own.folder))
			warn_of(&own, other, lists ? "is around the" : "is around that");
	}
	ground_free(&own);
}
