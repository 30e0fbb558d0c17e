#include "service/units_parts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/msg.h"
#include "base/text.h"
#include "clip/afterplay.h"
#include "station/settings.h"
#include "station/station.h"

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

/* The stage that comes next in the pipeline of these settings; STAGES after the last. */
static enum stage next_of(enum stage stage, const struct conf *conf)
{
	do
		stage++;
	while (stage < STAGES && !stage_is_on(stage, conf));
	return stage;
}

static void put_unit(FILE *out, const char *id)
{
	fputs("[Unit]\n", out);
	if (strcmp(units_prefix(id), UNITS_PREFIX) != 0)
		fprintf(out, "PartOf=%s\n", units_target(id));
	fputs("\n[Service]\n", out);
}

/* The folders that it may change. */
static void put_folders(FILE *out, enum stage stage, const struct conf *conf)
{
	const struct stage_row *row = &stage_rows[stage];
	const char *moved = afterplay_folder(settings_get(conf, SETTINGS_AFTER_PLAY));
	const char *drop = settings_get(conf, SETTINGS_WATCH_DIR);
	const char *store = stage_store(conf);
	size_t shared = row->moves && moved ? common(drop, moved) : 0;

	if (row->packs) {
		put_path(out, "Environment=\"STREAMHUB_STORE=", store, strlen(store));
		put_path(out, "ReadWritePaths=\"-", store, strlen(store));
	}
	if (shared > 0)
		put_path(out, "ReadWritePaths=\"-", drop, shared);
	else if (*drop && row->writes_drop && row->writes_drop(conf))
		put_path(out, "ReadWritePaths=\"-", drop, strlen(drop));
}

/* Options by the settings of the station: a unit file is the same for all stations. */
static void put_more(FILE *out, enum stage stage, const struct conf *conf)
{
	static const struct stage_paths paths = {
		.cursor = "%S/streamhub/%i/" STATION_CURSOR};
	char *text = NULL;
	size_t size = 0;

	FILE *more = open_memstream(&text, &size);
	if (!more)
		msg_die(EX_OSERR, "no memory for options");
	stage_more(more, stage, conf, &paths);
	if (fclose(more) != 0)
		msg_die(EX_OSERR, "no memory for options");
	if (size > 0)
		fprintf(out, "Environment=\"STREAMHUB_MORE=%s\"\n", text + 1);
	free(text);
}

/* A word of a command as systemd takes it. */
static void put_word(FILE *out, const char *word)
{
	fputs(" \"", out);
	for (; *word; word++) {
		if (strchr("\"\\", *word))
			fputc('\\', out);
		else if (strchr("%$", *word))
			fputc(*word, out);
		fputc(*word, out);
	}
	fputc('"', out);
}

/* The whole command, where that of the unit has options that the station must not have.
 */
static void put_command(
	FILE *out, enum stage stage, const char *id, const struct conf *conf)
{
	char cursor[PATH_MAX], place[PATH_MAX], live[PATH_MAX];
	const struct stage_paths paths = {.cursor = cursor, .place = place, .live = live};
	const char *argv[STAGE_WORDS];

	snprintf(cursor, sizeof cursor, "%s/%.64s/" STATION_CURSOR,
		station_path(STATION_STATE), id);
	snprintf(place, sizeof place, "%s/%.64s/" STATION_PLACE,
		station_path(STATION_STATE), id);
	snprintf(live, sizeof live, "%s/%.64s", station_path(STATION_LIVE), id);
	stage_command(argv, stage, conf, &paths);
	fprintf(out, "ExecStart=\nExecStart=%s", argv[0]);
	if (stage_rows[stage].secret)
		fputs(" -u %d/settings", out);
	for (const char *const *word = argv + 1; *word; word++)
		put_word(out, *word);
	fputc('\n', out);
}

/* A stage that is off needs its user: systemd gives the live folder to the user of each
 * unit that it starts, before it asks whether the station has the stage. */
static void put_drop_in(
	FILE *out, enum stage stage, const char *id, const struct conf *conf)
{
	const char *as = units_user(id);
	enum stage reader = next_of(stage, conf);
	bool on = stage_is_on(stage, conf);

	if (!on && !as)
		return;
	fputs("# Written by stationctl from the settings of the station.\n", out);
	if (!on)
		fputs(UNITS_OFF, out);
	put_unit(out, id);
	if (as)
		fprintf(out, "User=%s\n", as);
	if (!on)
		return;
	if (reader < STAGES) {
		fprintf(out, "StandardOutput=file:%%t/streamhub.fifo/%%i.%s\n",
			stage_rows[reader].name);
		fprintf(out, "Sockets=%s@%%i.socket\n", stage_rows[reader].name);
	}
	if (settings_kind(conf) == SETTINGS_LIST && stage_rows[stage].options[0])
		put_command(out, stage, id, conf);
	else
		put_more(out, stage, conf);
	put_folders(out, stage, conf);
}

/* Targets of another prefix do not come with streamhub. */
static void put_target(FILE *out, const char *id)
{
	fprintf(out, "[Unit]\nDescription=streamhub station %s\nPartOf=%s\nWants=", id,
		units_all(id));
	for (enum stage stage = 0; stage < STAGES; stage++)
		fprintf(out, "%s%s", stage == 0 ? "" : " ", units_service(stage, id));
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
	if (n >= STAGES + (strcmp(units_prefix(id), UNITS_PREFIX) == 0 ? 0 : 2))
		return false;
	if (text)
		*text = '\0';
	FILE *out = text ? fmemopen(text, UNITS_TEXT_MAX, "w") : NULL;
	if (n < STAGES) {
		snprintf(name, UNITS_NAME_SIZE, "%.200s.d/" UNITS_DROP_IN,
			units_service(n, id));
		if (out)
			put_drop_in(out, n, id, conf);
	} else if (n == STAGES) {
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
	if (text_after(drop, "/tmp/") || text_after(drop, "/var/tmp/"))
		msg_warn("station '%s': services have a /tmp of their own: they cannot "
			 "see WATCH_DIR '%s'",
			id, drop);
}
