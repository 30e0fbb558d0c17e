#include "units_parts.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "afterplay.h"
#include "msg.h"
#include "settings.h"

/* A path as systemd takes it: quoted, and no % is a specifier. */
static void put_path(FILE *out, const char *key, const char *path, size_t len)
{
	fprintf(out, "%s", key);
	for (const char *end = path + len; path < end; path++) {
		if (strchr("\"\\%", *path))
			fputc(*path == '%' ? '%' : '\\', out);
		fputc(*path, out);
	}
	fputs("\"\n", out);
}

static bool is(const char *tool, const char *name)
{
	return strcmp(tool, name) == 0;
}

/* The folder of the archives of what was played, or NULL. */
static const char *store_of(const struct conf *conf)
{
	return afterplay_archive(settings_get(conf, SETTINGS_AFTER_PLAY));
}

/* Whether these settings need the tool at all. */
static bool is_needed(const char *tool, const struct conf *conf)
{
	if (is(tool, "segunpack"))
		return settings_yes(conf, SETTINGS_UNPACK);
	return !is(tool, "segpack") || store_of(conf);
}

/* Whether the tool changes something in the drop folder. */
static bool writes_drop(const char *tool, const struct conf *conf)
{
	bool packed = store_of(conf);

	if (is(tool, "camwatch"))
		return !packed && is(settings_get(conf, SETTINGS_LATE), "delete");
	return is(tool, "segcheck") || is(tool, "segunpack") || is(tool, "segpack") ||
		(is(tool, "rtmppush") && !packed);
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

/* What stands between two of the usual tools gets what the first of them prints. */
static void put_reader(FILE *out, const char *reader)
{
	fprintf(out, "StandardOutput=file:%%t/streamhub.fifo/%%i.%s\n", reader);
	fprintf(out, "Sockets=%s@%%i.socket\n", reader);
}

static void put_unit(FILE *out, const char *tool, const char *id, const struct conf *conf)
{
	fputs("[Unit]\n", out);
	if (strcmp(units_prefix(id), UNITS_PREFIX) != 0)
		fprintf(out, "PartOf=%s\n", units_target(id));
	for (const char *const *other = units_tools + UNITS_USUAL; *other; other++)
		if (is(tool, "camwatch") && is_needed(*other, conf))
			fprintf(out, "Wants=%s@%%i.service\nAfter=%s@%%i.service\n",
				*other, *other);
	fputs("\n[Service]\n", out);
}

static void put_drop_in(
	FILE *out, const char *tool, const char *id, const struct conf *conf)
{
	const char *as = units_user(id), *store = store_of(conf);
	const char *moved = afterplay_folder(settings_get(conf, SETTINGS_AFTER_PLAY));
	const char *drop = settings_get(conf, SETTINGS_WATCH_DIR);

	fputs("# Written by stationctl from the settings of the station.\n", out);
	put_unit(out, tool, id, conf);
	if (as)
		fprintf(out, "User=%s\n", as);
	if (is(tool, "camwatch") && is_needed("segunpack", conf))
		put_reader(out, "segunpack");
	if (is(tool, "rtmppush") && store)
		put_reader(out, "segpack");
	/* What is late and not packed yet when all dies must be there when it is back. */
	if (store && (is(tool, "camwatch") || is(tool, "rtmppush")))
		fputs("Environment=\"STREAMHUB_MORE=-L keep\"\n", out);
	if (is(tool, "segpack")) {
		put_path(out, "Environment=\"STREAMHUB_STORE=", store, strlen(store));
		put_path(out, "ReadWritePaths=\"-", store, strlen(store));
	}
	size_t shared = is(tool, "rtmppush") && moved ? common(drop, moved) : 0;
	if (shared > 0)
		put_path(out, "ReadWritePaths=\"-", drop, shared);
	else if (writes_drop(tool, conf))
		put_path(out, "ReadWritePaths=\"-", drop, strlen(drop));
}

/* Targets of another prefix do not come with streamhub. */
static void put_target(FILE *out, const char *id)
{
	fprintf(out, "[Unit]\nDescription=streamhub station %s\nPartOf=%s\nWants=", id,
		units_all(id));
	for (size_t n = 0; n < UNITS_USUAL; n++)
		fprintf(out, "%s%s", n == 0 ? "" : " ",
			units_service(units_tools[n], id));
	fprintf(out, "\n\n[Install]\nWantedBy=%s\n", units_all(id));
}

static void put_all(FILE *out)
{
	fputs("[Unit]\nDescription=Stations of streamhub\n\n[Install]\n"
	      "WantedBy=multi-user.target\n",
		out);
}

bool units_file(size_t n, const char *id, const struct conf *conf,
	char name[UNITS_NAME_SIZE], char *text)
{
	const size_t drop_ins = UNITS_TOOLS;

	if (n >= drop_ins + (strcmp(units_prefix(id), UNITS_PREFIX) == 0 ? 0 : 2))
		return false;
	if (text)
		*text = '\0';
	FILE *out = text ? fmemopen(text, UNITS_TEXT_MAX, "w") : NULL;
	if (n < drop_ins) {
		snprintf(name, UNITS_NAME_SIZE, "%.200s.d/" UNITS_DROP_IN,
			units_service(units_tools[n], id));
		if (out && is_needed(units_tools[n], conf))
			put_drop_in(out, units_tools[n], id, conf);
	} else if (n == drop_ins) {
		snprintf(name, UNITS_NAME_SIZE, "%s", units_target(id));
		if (out)
			put_target(out, id);
	} else {
		snprintf(name, UNITS_NAME_SIZE, "%s", units_all(id));
		if (out)
			put_all(out);
	}
	if (out && fclose(out) != 0)
		msg_die(EX_OSERR, "no memory for '%s'", name);
	return true;
}

/* Said where it is seen, as the station would say it clip by clip, or not at all. */
void units_warn(const char *id, const struct conf *conf)
{
	const char *drop = settings_get(conf, SETTINGS_WATCH_DIR);
	const char *moved = afterplay_folder(settings_get(conf, SETTINGS_AFTER_PLAY));

	if (moved && common(drop, moved) == 0)
		msg_warn("station '%s': nothing can be moved to '%s': WATCH_DIR is in "
			 "another folder of /",
			id, moved);
	else if (moved && strrchr(drop, '/') > drop + common(drop, moved))
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
