/*
 * units_file (units_text.c) lists the drop-ins of a station with their texts; this file
 * writes, removes and enables them. A file that has the right text already is not written
 * again, so systemd is reloaded only when something changed.
 */
#include "service/units_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "proc/child.h"
#include "service/bus.h"

#define USER_TIME (30 * CLOCK_SECOND)

int units_print(const char *id, const struct conf *conf)
{
	char name[UNITS_NAME_SIZE], text[UNITS_TEXT_MAX];

	units_warn(id, conf);
	for (size_t n = 0; units_file(n, id, conf, name, text); n++)
		if (*text)
			printf("# %s/%s\n%s\n", UNITS_PLACE, name, text);
	return EX_OK;
}

/* And its folder, if nobody added to it. */
static int remove_file(int place, char *name, bool *changed)
{
	char *slash = strchr(name, '/');

	if (unlinkat(place, name, 0) == 0) {
		*changed = true;
	} else if (errno != ENOENT) {
		msg_error("'" UNITS_PLACE "/%s':", name);
		return EX_IOERR;
	}
	if (slash) {
		*slash = '\0';
		unlinkat(place, name, AT_REMOVEDIR);
	}
	return EX_OK;
}

static int write_file(int place, char *name, const char *text, bool *changed)
{
	char old[UNITS_TEXT_MAX], *slash = strchr(name, '/');
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
		atomic_keep(folder, slash ? slash + 1 : name, 0644, text, len) < 0 ||
		(slash && fsync(place) < 0 && errno != EINVAL)) {
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
	char name[UNITS_NAME_SIZE], text[UNITS_TEXT_MAX];
	int place = open_place(), code = EX_OK;

	if (place < 0)
		return EX_IOERR;
	units_warn(id, conf);
	for (size_t n = 0; code == EX_OK && units_file(n, id, conf, name, text); n++)
		code = *text ? write_file(place, name, text, changed)
			     : remove_file(place, name, changed);
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
	char name[UNITS_NAME_SIZE];
	bool changed;

	if (place < 0)
		return EX_IOERR;
	for (size_t n = 0; units_file(n, id, NULL, name, NULL); n++) {
		if (strcmp(name, units_all(id)) == 0 && any_enabled(id))
			continue;
		int one = remove_file(place, name, &changed);
		code = one > code ? one : code;
	}
	close(place);
	return code;
}

/* A user of the station's own is made where there is none: it stays, as that of all does.
 */
static int make_user(const char *user, const char *id)
{
	char own[2 * UNITS_NAME_SIZE], member[UNITS_NAME_SIZE + 32], how[64];
	char program[] = "systemd-sysusers", option[] = "--inline";

	if (!user || getpwnam(user))
		return EX_OK;
	snprintf(own, sizeof own, "u %s - \"streamhub station %s\"", user, id);
	snprintf(member, sizeof member, "m %s streamhub", user);
	char *const argv[] = {program, option, own, member, NULL};
	if (child_run(argv, clock_now() + USER_TIME, CLOCK_SECOND, -1, how, sizeof how) <
		0) {
		msg_error("user '%s': %s %s", user, program, how);
		return EX_UNAVAILABLE;
	}
	msg_info("station '%s': user '%s' is made", id, user);
	return EX_OK;
}

int units_install(const char *id, const struct conf *conf)
{
	char target[UNITS_NAME_SIZE];
	bool changed = false;
	int code = make_user(units_user(id), id);

	if (code == EX_OK)
		code = units_write(id, conf, &changed);

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
	bool set = getenv(UNITS_PREFIX_VARIABLE);
	setenv(UNITS_PREFIX_VARIABLE, units_prefix(id), 1);

	const char *const own[] = {units_target(id), NULL};
	const char *const all[] = {units_all(id), NULL};
	int code = bus_files("DisableUnitFiles", own, "b", 0);

	if (code == EX_OK && !any_enabled(id))
		code = bus_files("DisableUnitFiles", all, "b", 0);
	int removed = remove_files(id), reloaded = bus_reload();
	code = removed > code ? removed : code;
	code = reloaded > code ? reloaded : code;
	if (!set)
		unsetenv(UNITS_PREFIX_VARIABLE);
	if (code == EX_OK)
		msg_info("station '%s': uninstalled", id);
	return code;
}
