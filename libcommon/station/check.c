#include "station/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "clip/afterplay.h"
#include "station/grounds.h"
#include "station/settings.h"
#include "station/station.h"

#define SHORT_AGE 10 /* seconds in which an upload may well stall */

static int say_faults(const struct conf *conf, const char *id)
{
	struct settings_fault fault;
	char text[256];
	int code = EX_OK;

	for (size_t at = 0; settings_fault(conf, &at, &fault);) {
		settings_tell(text, sizeof text, &fault);
		if (fault.expected)
			code = EX_CONFIG;
		msg_say(fault.expected ? MSG_ERROR : MSG_WARN, "'%s/%s': %s",
			station_path(STATION_SETTINGS), station_conf_name(id), text);
	}
	return code;
}

/* The folder that clips go to after play; NULL: to none. */
static const char *moved_to(const struct conf *conf)
{
	const char *after = settings_get(conf, SETTINGS_AFTER_PLAY);
	const char *archive = afterplay_archive(after);

	return archive ? archive : afterplay_folder(after);
}

int check_take(int settings, const char *id, struct conf *conf)
{
	const char *place = station_path(STATION_SETTINGS);
	struct stat st = {0};
	const char *name = station_conf_name(id);

	errno = -settings;
	if (settings < 0 || fstatat(settings, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		station_conf(conf, settings, id) < 0) {
		msg_error("'%s/%s':", place, name);
		return errno == ENOENT ? EX_NOINPUT : EX_IOERR;
	}
	for (enum settings_key key = 0; key < SETTINGS_KEYS; key++)
		if (settings_is_secret(key) && (st.st_mode & S_IROTH) &&
			settings_has(conf, key))
			msg_warn("'%s/%s': everybody can read it, and %s is a secret: "
				 "chmod 600",
				place, name, settings_name(key));
	int code = say_faults(conf, id);
	const char *moved = moved_to(conf);
	const char *drop = settings_get(conf, SETTINGS_WATCH_DIR);
	const char *whose = *drop == '/' ? grounds_reserved(drop) : NULL;
	if (whose) {
		msg_error("'%s/%s': WATCH_DIR: expected a folder of the camera's: '%s' "
			  "is %s",
			place, name, drop, whose);
		code = EX_CONFIG;
	}
	whose = moved && *moved == '/' ? grounds_reserved(moved) : NULL;
	if (whose) {
		msg_error("'%s/%s': AFTER_PLAY: expected a folder for clips: '%s' is %s",
			place, name, moved, whose);
		code = EX_CONFIG;
	}
	if (moved && grounds_watched(moved, drop)) {
		msg_error("'%s/%s': AFTER_PLAY: expected another folder than WATCH_DIR",
			place, name);
		code = EX_CONFIG;
	}
	if (code)
		conf_free(conf);
	return code;
}

int check_settings(int settings, const char *id)
{
	struct conf conf;
	int code = check_take(settings, id, &conf);

	if (code == EX_OK)
		conf_free(&conf);
	return code;
}

/* True if the folder of a setting is there. If not, it is said. */
static int check_folder(const char *id, enum settings_key key, const char *path)
{
	int folder = path_open_folder(path);

	if (folder < 0)
		msg_error("'%s/%s': %s '%s':", station_path(STATION_SETTINGS),
			station_conf_name(id), settings_name(key), path);
	path_close(folder);
	return folder < 0 ? EX_CONFIG : EX_OK;
}

/* A list or folder that can be read, and the zone of its times. */
static int check_list(int settings, const char *id, const struct conf *conf)
{
	const char *path = settings_get(conf, SETTINGS_PLAYLIST);
	const char *zone = settings_get(conf, SETTINGS_TZ);
	int code = EX_OK;
	struct stat st;

	errno = EINVAL;
	if (stat(path, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
		msg_error("'%s/%s': %s '%s':", station_path(STATION_SETTINGS),
			station_conf_name(id), settings_name(SETTINGS_PLAYLIST), path);
		code = EX_CONFIG;
	}
	if (!clock_knows_zone(zone)) {
		msg_error("'%s/%s': %s '%s': there is no such time zone",
			station_path(STATION_SETTINGS), station_conf_name(id),
			settings_name(SETTINGS_TZ), zone);
		code = EX_CONFIG;
	}
	grounds_shared(settings, id, conf);
	return code;
}

int check_station(int settings, const char *id)
{
	struct conf conf;
	int code = check_take(settings, id, &conf);

	if (code)
		return code;
	if (settings_kind(&conf) == SETTINGS_LIST) {
		code = check_list(settings, id, &conf);
		conf_free(&conf);
		return code;
	}
	const char *path = settings_get(&conf, SETTINGS_WATCH_DIR);
	const char *moved = moved_to(&conf);
	code = check_folder(id, SETTINGS_WATCH_DIR, path);
	if (moved && check_folder(id, SETTINGS_AFTER_PLAY, moved))
		code = EX_CONFIG;
	grounds_shared(settings, id, &conf);
	const char *root = getenv("STREAMHUB_ROOT");
	if ((!root || !*root) && grounds_private(path))
		msg_warn("'%s/%s': %s '%s': services of systemd have a /tmp of "
			 "their own and cannot see it",
			station_path(STATION_SETTINGS), station_conf_name(id),
			settings_name(SETTINGS_WATCH_DIR), path);
	conf_free(&conf);
	return code;
}

/* True if the kernel tells this process who writes to the files of others. */
static bool can_lease(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	return syscall(SYS_capget, &head, data) == 0 &&
		(data[CAP_TO_INDEX(CAP_LEASE)].effective & CAP_TO_MASK(CAP_LEASE)) != 0;
}

/* True if the folder, or a file in it, belongs to another user than this process. */
static bool is_of_others(const char *path)
{
	int folder = path_open_folder(path);
	DIR *dir = folder < 0 ? NULL : fdopendir(folder);
	struct dirent *entry;
	struct stat st;
	bool found = false;

	if (!dir) {
		path_close(folder);
		return false;
	}
	while (!found && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		found = strcmp(name, "..") != 0 &&
			fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			(S_ISREG(st.st_mode) || strcmp(name, ".") == 0) &&
			st.st_uid != geteuid();
	}
	closedir(dir);
	return found;
}

void check_writers(int settings, const char *id)
{
	struct conf conf;

	if (can_lease() || station_conf(&conf, settings, id) < 0)
		return;
	bool is_short = settings_number(&conf, SETTINGS_MIN_FILE_AGE) < SHORT_AGE;
	if (is_short && is_of_others(settings_get(&conf, SETTINGS_WATCH_DIR)))
		msg_warn("'%s/%s': %s is below %d, and the clips belong to another "
			 "user: an upload that stalls for so long is taken for whole",
			station_path(STATION_SETTINGS), station_conf_name(id),
			settings_name(SETTINGS_MIN_FILE_AGE), SHORT_AGE);
	conf_free(&conf);
}
