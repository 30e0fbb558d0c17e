#include "units_parts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "msg.h"
#include "path.h"

const char *const units_tools[UNITS_TOOLS + 1] = {
	"camwatch", "segcheck", "rtmppush", "hbwrite", "segunpack", "segpack", NULL};

bool units_uses(const char *tool, const char *id)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, UNITS_PLACE "/%.200s.d/" UNITS_DROP_IN,
		units_service(tool, id));
	return access(path, F_OK) == 0;
}

/* What the line of a drop-in that begins with key goes on with, up to end, in value. */
static const char *installed(
	const char *id, const char *key, const char *end, char value[UNITS_NAME_SIZE])
{
	char path[UNITS_NAME_SIZE], text[UNITS_TEXT_MAX + 1];
	int place = path_open_folder(UNITS_PLACE);

	snprintf(path, sizeof path, "%.200s.d/" UNITS_DROP_IN,
		units_service("hbwrite", id));
	ssize_t n = place < 0 ? -1 : path_read(place, path, text, UNITS_TEXT_MAX);
	path_close(place);
	text[n < 0 ? 0 : n] = '\0';
	const char *line = strstr(text, key);
	if (!line)
		return NULL;
	line += strlen(key);
	snprintf(value, UNITS_NAME_SIZE, "%.*s", (int)strcspn(line, end), line);
	return value;
}

/* The variable, or what was there when the station was installed; NULL: neither. */
static const char *given(const char *variable, const char *id, const char *key,
	const char *end, char stored[UNITS_NAME_SIZE])
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

const char *units_user(const char *id)
{
	static char stored[UNITS_NAME_SIZE];

	return given("SERVICE_USER", id, "\nUser=", "\n", stored);
}

const char *units_prefix(const char *id)
{
	static char stored[UNITS_NAME_SIZE];
	const char *value = given(UNITS_PREFIX_VARIABLE, id, "\nPartOf=", "@\n", stored);

	return value ? value : UNITS_PREFIX;
}

const char *units_target(const char *id)
{
	static char name[UNITS_NAME_SIZE];

	snprintf(name, sizeof name, "%.100s@%.64s.target", units_prefix(id), id);
	return name;
}

const char *units_service(const char *tool, const char *id)
{
	static char name[UNITS_NAME_SIZE];

	snprintf(name, sizeof name, "%.32s@%.64s.service", tool, id);
	return name;
}

const char *units_socket(const char *tool, const char *id)
{
	static char name[UNITS_NAME_SIZE];

	snprintf(name, sizeof name, "%.32s@%.64s.socket", tool, id);
	return name;
}

const char *units_all(const char *id)
{
	static char name[UNITS_NAME_SIZE];

	snprintf(name, sizeof name, "%.100s.target", units_prefix(id));
	return name;
}
