#include "units.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "afterplay.h"
#include "atomic.h"
#include "bus.h"
#include "msg.h"
#include "path.h"
#include "settings.h"

#define PREFIX "streamhub" /* the one whose targets come with streamhub */
#define PREFIX_VARIABLE "SERVICE_PREFIX"
#define DROP_IN "streamhub.conf"
#define TEXT_MAX 32768
#define NAME_SIZE 256

const char *const units_tools[] = {"camwatch", "segcheck", "rtmppush", "hbwrite", NULL};

/* What the line of a drop-in that begins with key goes on with, up to end, in value. */
static const char *installed(
	const char *id, const char *key, const char *end, char value[NAME_SIZE])
{
	char path[NAME_SIZE], text[TEXT_MAX + 1];
	int place = path_open_folder(UNITS_PLACE);

	snprintf(path, sizeof path, "%.200s.d/" DROP_IN, units_service("hbwrite", id));
	ssize_t n = place < 0 ? -1 : path_read(place, path, text, TEXT_MAX);
	if (place >= 0)
		close(place);
	text[n < 0 ? 0 : n] = '\0';
	const char *line = strstr(text, key);
	if (!line)
		return NULL;
	line += strlen(key);
	snprintf(value, NAME_SIZE, "%.*s", (int)strcspn(line, end), line);
	return value;
}

/* The variable, or what was there when the station was installed; NULL: neither. */
static const char *given(const char *variable, const char *id, const char *key,
	const char *end, char stored[NAME_SIZE])
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *value = getenv(variable);

	if (!value || !*value)
		return installed(id, key, end, stored);
	if (value[strspn(value, plain)] || strlen(value) > 64 || strchr(".-", *value))
		msg_die(EX_USAGE, "%s: '%s' is no plain name", variable, value);
	return value;
}

static const char *user(const char *id)
{
	static char stored[NAME_SIZE];

	return given("SERVICE_USER", id, "\nUser=", "\n", stored);
}

static const char *prefix(const char *id)
{
	static char stored[NAME_SIZE];
	const char *value = given(PREFIX_VARIABLE, id, "\nPartOf=", "@\n", stored);

	return value ? value : PREFIX;
}

const char *units_target(const char *id)
{
	static char name[NAME_SIZE];

	snprintf(name, sizeof name, "%.100s@%.64s.target", prefix(id), id);
	return name;
}

const char *units_service(const char *tool, const char *id)
{
	static char name[NAME_SIZE];

	snprintf(name, sizeof name, "%.32s@%.64s.service", tool, id);
	return name;
}

const char *units_socket(const char *tool, const char *id)
{
	static char name[NAME_SIZE];

	snprintf(name, sizeof name, "%.32s@%.64s.socket", tool, id);
	return name;
}

const char *units_all(const char *id)
{
	static char name[NAME_SIZE];

	snprintf(name, sizeof name, "%.100s.target", prefix(id));
	return name;
}

/* A path as systemd takes it: quoted, and no % is a specifier. */
static void put_path(FILE *out, const char *path, size_t len)
{
	fputs("ReadWritePaths=\"-", out);
	for (const char *end = path + len; path < end; path++) {
		if (strchr("\"\\%", *path))
			fputc(*path == '%' ? '%' : '\\', out);
		fputc(*path, out);
	}
	fputs("\"\n", out);
}

/* Whether the tool changes something in the drop folder. */
static bool writes_drop(const char *tool, const struct conf *conf)
{
	return strcmp(tool, "segcheck") == 0 || strcmp(tool, "rtmppush") == 0 ||
		(strcmp(tool, "camwatch") == 0 &&
			strcmp(settings_get(conf, SETTINGS_LATE), "delete") == 0);
}

/*
 * How much of a is the folder that both are in. They are opened as one: nothing is
 * renamed from one to another, even of one file system. 0: that would be all there is.
 */
static size_t common(const char *a, const char *b)
{
	size_t n = 0, last = 0;

	for (; a[n] && a[n] == b[n]; n++)
		if (a[n] == '/')
			last = n;
	if ((!a[n] && (b[n] == '/' || !b[n])) || (!b[n] && a[n] == '/'))
		last = n;
	return last;
}

static void put_drop_in(
	FILE *out, const char *tool, const char *id, const struct conf *conf)
{
	const char *as = user(id);
	const char *moved = afterplay_folder(settings_get(conf, SETTINGS_AFTER_PLAY));

	fputs("# Written by stationctl from the settings of the station.\n", out);
	if (strcmp(prefix(id), PREFIX) != 0)
		fprintf(out, "[Unit]\nPartOf=%s\n\n", units_target(id));
	fputs("[Service]\n", out);
	if (as)
		fprintf(out, "User=%s\n", as);
	const char *drop = settings_get(conf, SETTINGS_WATCH_DIR);
	size_t shared = strcmp(tool, "rtmppush") == 0 && moved ? common(drop, moved) : 0;
	if (shared > 0)
		put_path(out, drop, shared);
	else if (writes_drop(tool, conf))
		put_path(out, drop, strlen(drop));
}

/* Targets of another prefix do not come with streamhub. */
static void put_target(FILE *out, const char *id)
{
	fprintf(out, "[Unit]\nDescription=streamhub station %s\nPartOf=%s\nWants=", id,
		units_all(id));
	for (const char *const *tool = units_tools; *tool; tool++)
		fprintf(out, "%s%s", tool == units_tools ? "" : " ",
			units_service(*tool, id));
	fprintf(out, "\n\n[Install]\nWantedBy=%s\n", units_all(id));
}

static void put_all(FILE *out)
{
	fputs("[Unit]\nDescription=Stations of streamhub\n\n[Install]\n"
	      "WantedBy=multi-user.target\n",
		out);
}

/* What there is to write, one after the other: its name below UNITS_PLACE and its text.
 */
static bool next_file(
	size_t n, const char *id, const struct conf *conf, char *name, char *text)
{
	size_t drop_ins = sizeof units_tools / sizeof *units_tools - 1;

	if (n >= drop_ins + (strcmp(prefix(id), PREFIX) == 0 ? 0 : 2))
		return false;
	FILE *out = text ? fmemopen(text, TEXT_MAX, "w") : NULL;
	if (n < drop_ins) {
		snprintf(name, NAME_SIZE, "%.200s.d/" DROP_IN,
			units_service(units_tools[n], id));
		if (out)
			put_drop_in(out, units_tools[n], id, conf);
	} else if (n == drop_ins) {
		snprintf(name, NAME_SIZE, "%s", units_target(id));
		if (out)
			put_target(out, id);
	} else {
		snprintf(name, NAME_SIZE, "%s", units_all(id));
		if (out)
			put_all(out);
	}
	if (out && fclose(out) != 0)
		msg_die(EX_OSERR, "no memory for '%s'", name);
	return true;
}

/* Said where it is seen, as the station would say it clip by clip, or not at all. */
static void warn(const char *id, const struct conf *conf)
{
	const char *drop = settings_get(conf, SETTINGS_WATCH_DIR);
	const char *moved = afterplay_folder(settings_get(conf, SETTINGS_AFTER_PLAY));

	if (moved && common(drop, moved) == 0)
		msg_warn("station '%s': nothing can be moved to '%s': WATCH_DIR is in "
			 "another folder of /",
			id, moved);
	else if (moved && memrchr(drop, '/', strlen(drop)) != drop + common(drop, moved))
		msg_warn("station '%s': to move clips to '%s', rtmppush may write all of "
			 "'%.*s'",
			id, moved, (int)common(drop, moved), drop);
	if (strncmp(drop, "/tmp/", 5) == 0 || strncmp(drop, "/var/tmp/", 9) == 0)
		msg_warn("station '%s': services have a /tmp of their own: they cannot "
			 "see WATCH_DIR '%s'",
			id, drop);
	if (settings_number(conf, SETTINGS_MIN_FILE_AGE) == 0)
		msg_warn("station '%s': MIN_FILE_AGE=0: a service cannot tell that a "
			 "file of another user is still being uploaded",
			id);
}

/* There is no service that packs: the clips would only pile up. */
static int refuse(const char *id, const struct conf *conf)
{
	if (!afterplay_archive(settings_get(conf, SETTINGS_AFTER_PLAY)))
		return EX_OK;
	msg_error("station '%s': AFTER_PLAY=archive: is for stationrun alone, no service "
		  "packs",
		id);
	return EX_CONFIG;
}

int units_print(const char *id, const struct conf *conf)
{
	char name[NAME_SIZE], text[TEXT_MAX];
	int code = refuse(id, conf);

	if (code)
		return code;
	warn(id, conf);
	for (size_t n = 0; next_file(n, id, conf, name, text); n++)
		printf("# %s/%s\n%s\n", UNITS_PLACE, name, text);
	return EX_OK;
}

static int write_file(int place, char *name, const char *text, bool *changed)
{
	char old[TEXT_MAX], *slash = strchr(name, '/');
	int folder = place, code = EX_OK;
	size_t len = strlen(text);

	ssize_t n = path_read(place, name, old, sizeof old);
	if (n == (ssize_t)len && memcmp(old, text, len) == 0)
		return EX_OK;
	if (slash) {
		*slash = '\0';
		folder = mkdirat(place, name, 0755) == 0 || errno == EEXIST
			? path_open_below(place, name)
			: -1;
		*slash = '/';
	}
	if (folder < 0 ||
		atomic_put(folder, slash ? slash + 1 : name, 0644, text, len) < 0) {
		msg_error("'" UNITS_PLACE "/%s':", name);
		code = EX_IOERR;
	}
	*changed = true;
	if (slash && folder >= 0)
		close(folder);
	return code;
}

static int open_place(void)
{
	int place = path_open_folder(UNITS_PLACE);

	if (place < 0)
		msg_error("'" UNITS_PLACE "':");
	return place;
}

int units_write(const char *id, const struct conf *conf, bool *changed)
{
	char name[NAME_SIZE], text[TEXT_MAX];
	int code = refuse(id, conf), place = code ? -1 : open_place();

	if (place < 0)
		return code ? code : EX_IOERR;
	warn(id, conf);
	for (size_t n = 0; code == EX_OK && next_file(n, id, conf, name, text); n++)
		code = write_file(place, name, text, changed);
	close(place);
	return code;
}

static bool any_enabled(const char *id)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, UNITS_PLACE "/%s.wants", units_all(id));
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool any = false;

	while (dir && !any && (entry = readdir(dir)))
		any = *entry->d_name != '.';
	if (dir)
		closedir(dir);
	return any;
}

static int remove_files(const char *id)
{
	int place = open_place(), code = EX_OK;
	char name[NAME_SIZE];

	if (place < 0)
		return EX_IOERR;
	for (size_t n = 0; next_file(n, id, NULL, name, NULL); n++) {
		char *slash = strchr(name, '/');
		if (!slash && strcmp(name, units_all(id)) == 0 && any_enabled(id))
			continue;
		if (unlinkat(place, name, 0) < 0 && errno != ENOENT) {
			msg_error("'" UNITS_PLACE "/%s':", name);
			code = EX_IOERR;
		}
		if (slash) {
			*slash = '\0';
			unlinkat(place, name, AT_REMOVEDIR); /* if nobody added to it */
		}
	}
	close(place);
	return code;
}

int units_install(const char *id, const struct conf *conf)
{
	char target[NAME_SIZE];
	bool changed = false;
	int code = units_write(id, conf, &changed);

	strcpy(target, units_target(id));
	const char *const units[] = {target, units_all(id), NULL};
	if (code == EX_OK)
		code = bus_reload();
	if (code == EX_OK)
		code = bus_files("EnableUnitFiles", units, "bb", 0, 0);
	if (code == EX_OK)
		code = bus_reload();
	if (code == EX_OK)
		msg_info("station '%s': %s, %s is enabled", id,
			changed ? "installed" : "was installed", target);
	return code;
}

int units_uninstall(const char *id)
{
	/* It is told by what goes first. */
	bool set = getenv(PREFIX_VARIABLE);
	setenv(PREFIX_VARIABLE, prefix(id), 1);

	const char *const own[] = {units_target(id), NULL};
	const char *const all[] = {units_all(id), NULL};
	int code = bus_files("DisableUnitFiles", own, "b", 0);

	if (code == EX_OK && !any_enabled(id))
		code = bus_files("DisableUnitFiles", all, "b", 0);
	int removed = remove_files(id), reloaded = bus_reload();
	code = removed > code ? removed : code;
	code = reloaded > code ? reloaded : code;
	if (!set)
		unsetenv(PREFIX_VARIABLE);
	if (code == EX_OK)
		msg_info("station '%s': uninstalled", id);
	return code;
}
