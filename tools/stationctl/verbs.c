/*
 * A verb is a function for one station, and a row in the table at the end, which says for
 * which stations it is called. The main program loops over the stations.
 */
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/msg.h"
#include "check_idle.h"
#include "playlist.h"
#include "service/units.h"
#include "show.h"
#include "station/check.h"
#include "station/runner.h"
#include "station/settings.h"
#include "test_push.h"

static struct snapshot *look_at(const struct verb_context *with, const char *id)
{
	struct snapshot *snapshot = snapshot_read(with->places, id);

	if (!snapshot)
		msg_die(EX_OSERR, "station '%s':", id);
	return snapshot;
}

static int list(const struct verb_context *with, const char *id)
{
	struct snapshot *snapshot = look_at(with, id);

	show_listed(snapshot, with->json);
	snapshot_free(snapshot);
	return EX_OK;
}

static int check(const struct verb_context *with, const char *id)
{
	int settings = with->places[STATION_SETTINGS];
	int code = check_station(settings, id);
	struct conf conf;

	if (code == EX_OK && station_conf(&conf, settings, id) == 0) {
		code = check_idle(id, &conf);
		conf_free(&conf);
	}
	/* The services of systemd have the capability that it takes. */
	if (code == EX_OK && with->backend == &backend_process)
		check_writers(settings, id);
	printf("%s\t%s\n", id,
		code == EX_OK               ? "good"
			: code == EX_CONFIG ? "faulty"
					    : "unreadable");
	return code;
}

static int status(const struct verb_context *with, const char *id)
{
	struct snapshot *snapshot = look_at(with, id);
	pid_t pid = 0;

	int runs = with->backend->find(id, &pid);
	if (runs < 0)
		msg_error("station '%s': cannot be looked at:", id);
	bool as_wanted = show_status(snapshot, pid, with->json);
	bool known = runs >= 0 && !snapshot_is_hidden(snapshot);
	snapshot_free(snapshot);
	return known ? !as_wanted : EX_IOERR;
}

/*
 * Records what is desired, for all who look after stations, before anything is done.
 * After an error errno says why.
 */
static int desire(const char *id, enum station_desired what)
{
	if (station_desire(id, what) == 0)
		return EX_OK;
	int error = errno;
	msg_error("station '%s': cannot record that its desired state is %s:", id,
		what == STATION_UP ? "up" : "down");
	errno = error;
	return EX_IOERR;
}

static int start(const struct verb_context *with, const char *id)
{
	int code = check_station(with->places[STATION_SETTINGS], id);

	if (code == EX_OK)
		code = desire(id, STATION_UP);
	return code == EX_OK ? with->backend->start(id) : code;
}

static int stop(const struct verb_context *with, const char *id)
{
	int code = desire(id, STATION_DOWN);

	/* Without the right to record it there is no right to stop the processes: one
	 * message is enough. */
	if (code && (errno == EACCES || errno == EPERM))
		return code;
	int stopped = with->backend->stop(id);
	return code > stopped ? code : stopped;
}

static int restart(const struct verb_context *with, const char *id)
{
	int code = check_station(with->places[STATION_SETTINGS], id);

	if (code == EX_OK)
		code = desire(id, STATION_UP);
	if (code == EX_OK)
		code = with->backend->stop(id);
	return code == EX_OK ? with->backend->start(id) : code;
}

static int logs(const struct verb_context *with, const char *id)
{
	return with->backend->logs(id, with->follow);
}

/* Does it if the settings are in order. */
static int with_settings(const struct verb_context *with, const char *id,
	int (*work)(
		const struct verb_context *with, const char *id, const struct conf *conf))
{
	struct conf conf;
	int code = check_take(with->places[STATION_SETTINGS], id, &conf);

	if (code)
		return code;
	code = work(with, id, &conf);
	conf_free(&conf);
	return code;
}

static int print_unit(
	const struct verb_context *with, const char *id, const struct conf *conf)
{
	(void)with;
	return units_print(id, conf);
}

static int unit(const struct verb_context *with, const char *id)
{
	return with_settings(with, id, print_unit);
}

static int install_units(
	const struct verb_context *with, const char *id, const struct conf *conf)
{
	(void)with;
	return units_install(id, conf);
}

static int install(const struct verb_context *with, const char *id)
{
	return with_settings(with, id, install_units);
}

static int uninstall(const struct verb_context *with, const char *id)
{
	int code = stop(with, id);
	int gone = units_uninstall(id);

	return gone > code ? gone : code;
}

/* Keeps a station that does not run from being started until *lock is closed. */
static int hold_idle(const struct verb_context *with, const char *id, int *lock)
{
	pid_t pid;
	int found = with->backend->find(id, &pid);

	*lock = found ? -1 : runner_hold(id);
	if (*lock >= 0)
		return EX_OK;
	if (found > 0 || (found == 0 && errno == EWOULDBLOCK)) {
		msg_error(
			"station '%s': it runs, or somebody is at it: stop it first", id);
		return EX_TEMPFAIL;
	}
	msg_error("station '%s': cannot be looked at:", id);
	return EX_IOERR;
}

static int push_pattern(
	const struct verb_context *with, const char *id, const struct conf *conf)
{
	int lock;
	int code = hold_idle(with, id, &lock);

	if (code)
		return code;
	if (settings_has(conf, SETTINGS_SOURCE_URL))
		code = test_source(id, settings_get(conf, SETTINGS_SOURCE_URL));
	if (settings_has(conf, SETTINGS_RTMP_URL)) {
		int pushed = test_push(id, settings_get(conf, SETTINGS_RTMP_URL));
		printf("%s\t%s\n", id, pushed == EX_OK ? "accepted" : "failed");
		code = pushed > code ? pushed : code;
	}
	close(lock);
	return code;
}

static int test(const struct verb_context *with, const char *id)
{
	return with_settings(with, id, push_pattern);
}

static int clean_up(
	const struct verb_context *with, const char *id, const struct conf *conf)
{
	int lock;
	int code = hold_idle(with, id, &lock);

	if (code)
		return code;
	code = clean_station(with->kind, id, conf, with->yes);
	close(lock);
	return code;
}

static int clean(const struct verb_context *with, const char *id)
{
	return with_settings(with, id, clean_up);
}

static int use_list(
	const struct verb_context *with, const char *id, const struct conf *conf)
{
	pid_t pid;
	int runs = with->backend->find(id, &pid);

	return playlist_do(with->places, id, conf, runs == BACKEND_RUNS, with->words);
}

static int playlist(const struct verb_context *with, const char *id)
{
	return with_settings(with, id, use_list);
}

static int write_new(const struct verb_context *with, const char *id)
{
	(void)with;
	int folder = station_make_place(STATION_SETTINGS);
	const char *name = station_conf_name(id);
	char *text = NULL;
	size_t size = 0;

	FILE *out = open_memstream(&text, &size);
	if (!out)
		msg_die(EX_OSERR, "no memory for a text");
	settings_template(out);
	if (fclose(out) != 0)
		msg_die(EX_OSERR, "no memory for a text");
	if (folder >= 0)
		atomic_sweep(folder, name);
	int made = folder < 0 ? -1 : atomic_put_new(folder, name, 0600, text, size);
	free(text);
	if (made < 0) {
		msg_error("'%s/%s':", station_path(STATION_SETTINGS), name);
		return errno == EEXIST ? EX_CANTCREAT : EX_IOERR;
	}
	printf("%s/%s\n", station_path(STATION_SETTINGS), name);
	if (fflush(stdout) != 0)
		msg_warn("'%s/%s' was made, but not printed:",
			station_path(STATION_SETTINGS), name);
	return EX_OK;
}

const struct verb verbs[] = {
	{"list", VERB_ALL, VERB_JSON, list,
		"[ID...]: ID, name, desired, and whether it is active"},
	{"check", VERB_ALL, 0, check, "[ID...]: say what is wrong with settings"},
	{"status", VERB_ALL, VERB_JSON, status,
		"[ID...]: a line each; exit 1 if one is not well"},
	{"start", VERB_NAMED, 0, start, "ID...: run them, now and after a reboot"},
	{"stop", VERB_NAMED, 0, stop, "ID...: end them, and let nothing revive them"},
	{"restart", VERB_NAMED, 0, restart, "ID...: stop and start"},
	{"start-all", VERB_ACTIVE, VERB_PAUSE, start, "start all active stations"},
	{"stop-all", VERB_ACTIVE, VERB_PAUSE, stop, "stop all active stations"},
	{"unit", VERB_NAMED, 0, unit,
		"ID...: print what install adds to systemd's units"},
	{"install", VERB_NAMED, 0, install,
		"ID...: have systemd run them at boot, not yet"},
	{"install-all", VERB_ACTIVE, VERB_PAUSE, install, "install all active stations"},
	{"uninstall", VERB_NAMED, 0, uninstall, "ID...: stop, and undo install"},
	{"logs", VERB_ONE, VERB_FOLLOW, logs, "ID: show what its tools have said"},
	{"test", VERB_NAMED, 0, test,
		"ID...: look at its source, push a test pattern to its server"},
	{"clean", VERB_NAMED, VERB_YES | VERB_KIND, clean,
		"temp|failed|played ID...: remove such files"},
	{"playlist", VERB_ONE, VERB_WORDS, playlist,
		"ID [add CLIP [N]|remove ENTRY|move ENTRY N|next]: its list"},
	{"new", VERB_NEW, 0, write_new, "ID: write a file of settings to fill in"},
	{NULL, VERB_ALL, 0, NULL, NULL},
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (strcmp(verb->name, name) == 0)
			return verb;
	return NULL;
}
