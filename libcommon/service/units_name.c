#include "service/units_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/path.h"

/* The installed drop-in, or "". False: there is none that can be read. */
static bool read_drop_in(enum stage stage, const char *id, char text[UNITS_TEXT_MAX + 1])
{
	char path[UNITS_NAME_SIZE];
	int place = path_open_folder(UNITS_PLACE);

	snprintf(path, sizeof path, "%.200s.d/" UNITS_DROP_IN, units_service(stage, id));
	ssize_t n = place < 0 ? -1 : path_read(place, path, text, UNITS_TEXT_MAX);
	path_close(place);
	text[n < 0 ? 0 : n] = '\0';
	return n >= 0;
}

bool units_uses(enum stage stage, const char *id)
{
	char text[UNITS_TEXT_MAX + 1];

	return read_drop_in(stage, id, text) && !strstr(text, UNITS_OFF);
}

/* Finds the line of an installed drop-in that begins with key, and puts the rest of it,
 * up to end, into value. */
static const char *installed(
	const char *id, const char *key, const char *end, char value[UNITS_NAME_SIZE])
{
	char text[UNITS_TEXT_MAX + 1];

	read_drop_in(STAGE_HBWRITE, id, text);
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

static const char *unit_of(enum stage stage, const char *id, const char *kind)
{
	static char name[UNITS_NAME_SIZE];

	snprintf(name, sizeof name, "%.32s@%.64s.%s", stage_rows[stage].name, id, kind);
	return name;
}

const char *units_service(enum stage stage, const char *id)
{
	return unit_of(stage, id, "service");
}

const char *units_socket(enum stage stage, const char *id)
{
	return unit_of(stage, id, "socket");
}

const char *units_all(const char *id)
{
	static char name[UNITS_NAME_SIZE];

	snprintf(name, sizeof name, "%.100s.target", units_prefix(id));
	return name;
}
