#include "vet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "afterplay.h"
#include "msg.h"
#include "settings.h"
#include "station.h"

static int say_faults(const struct conf *conf, const char *id)
{
	struct settings_fault fault;
	char text[256];
	int code = EX_OK;

	for (size_t at = 0; settings_fault(conf, &at, &fault);) {
		settings_tell(text, sizeof text, &fault);
		if (fault.expected)
			code = EX_CONFIG;
		msg_say(fault.expected ? MSG_ERROR : MSG_WARN, "'%s/%s.conf': %s",
			station_path(STATION_SETTINGS), id, text);
	}
	return code;
}

/* Whether what is put there would come again: it is the drop folder, or below it. */
static bool is_watched(const char *folder, const char *drop)
{
	size_t len = strlen(drop);
	struct stat a, b;

	while (len > 1 && drop[len - 1] == '/')
		len--;
	if (strncmp(folder, drop, len) == 0 && folder[len] == '/' &&
		!strstr(folder + len, "/.") && !strstr(folder + len, "/_"))
		return true;
	return stat(folder, &a) == 0 && stat(drop, &b) == 0 && a.st_dev == b.st_dev &&
		a.st_ino == b.st_ino;
}

int vet_take(int settings, const char *id, struct conf *conf)
{
	const char *place = station_path(STATION_SETTINGS);
	struct stat st = {0};
	char name[256];

	errno = -settings;
	snprintf(name, sizeof name, "%.64s.conf", id);
	if (settings < 0 || fstatat(settings, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		station_conf(conf, settings, id) < 0) {
		msg_error("'%s/%s':", place, name);
		return errno == ENOENT ? EX_NOINPUT : EX_IOERR;
	}
	if ((st.st_mode & S_IROTH) && *settings_get(conf, SETTINGS_RTMP_URL))
		msg_warn("'%s/%s': everybody can read it, and %s is a secret: chmod 600",
			place, name, settings_name(SETTINGS_RTMP_URL));
	int code = say_faults(conf, id);
	const char *after = settings_get(conf, SETTINGS_AFTER_PLAY);
	const char *moved = afterplay_archive(after) ? afterplay_archive(after)
						     : afterplay_folder(after);
	if (moved && is_watched(moved, settings_get(conf, SETTINGS_WATCH_DIR))) {
		msg_error("'%s/%s': AFTER_PLAY: expected another folder than WATCH_DIR",
			place, name);
		code = EX_CONFIG;
	}
	if (code)
		conf_free(conf);
	return code;
}

int vet_settings(int settings, const char *id)
{
	struct conf conf;
	int code = vet_take(settings, id, &conf);

	if (code == EX_OK)
		conf_free(&conf);
	return code;
}
