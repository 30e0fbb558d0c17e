#include "vet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "msg.h"
#include "settings.h"
#include "station.h"
#include "text.h"

static int say_faults(const struct conf *conf, const char *id)
{
	struct settings_fault fault;
	const char *key, *value;
	char text[256];
	int code = EX_OK;

	for (size_t at = 0; (key = conf_next(conf, &at, &value));) {
		if (text_is_utf8(key) && text_is_utf8(value))
			continue;
		code = EX_CONFIG; /* systemd would not load the file */
		msg_error("'%s/%s.conf': line %u: %s: expected UTF-8",
			station_path(STATION_SETTINGS), id, conf_line(key), key);
	}

	for (size_t at = 0; settings_fault(conf, &at, &fault);) {
		settings_tell(text, sizeof text, &fault);
		if (fault.expected)
			code = EX_CONFIG;
		msg_say(fault.expected ? MSG_ERROR : MSG_WARN, "'%s/%s.conf': %s",
			station_path(STATION_SETTINGS), id, text);
	}
	return code;
}

int vet_settings(int settings, const char *id)
{
	const char *place = station_path(STATION_SETTINGS);
	struct conf conf = {0};
	struct stat st = {0};
	char name[256];

	errno = -settings;
	snprintf(name, sizeof name, "%.64s.conf", id);
	if (settings < 0 || fstatat(settings, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		station_conf(&conf, settings, id) < 0) {
		msg_error("'%s/%s':", place, name);
		return errno == ENOENT ? EX_NOINPUT : EX_IOERR;
	}
	if ((st.st_mode & S_IROTH) && *settings_get(&conf, SETTINGS_RTMP_URL))
		msg_warn("'%s/%s': everybody can read it, and %s is a secret: chmod 600",
			place, name, settings_name(SETTINGS_RTMP_URL));
	int code = say_faults(&conf, id);
	conf_free(&conf);
	return code;
}
