/* stationctl: lists, checks, starts, stops and shows stations. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "atomic.h"
#include "backend.h"
#include "litter.h"
#include "msg.h"
#include "opt.h"
#include "probe.h"
#include "runner.h"
#include "settings.h"
#include "snapshot.h"
#include "station.h"
#include "tell.h"
#include "units.h"
#include "vet.h"

enum { BACKEND = 256, PAUSE };

static const struct opt_row rows[] = {
	{'f', "follow", NULL, "logs: go on as the log grows"},
	{'j', "json", NULL, "list, status: print a JSON object a line"},
	{'y', "yes", NULL, "clean: do not ask"},
	{BACKEND, "backend", "NAME", "who runs stations: process or systemd"},
	{PAUSE, "pause", "SEC", "start-all, stop-all: wait between two stations (1)"},
};

static int list(const char *id), check(const char *id), start(const char *id),
	stop(const char *id), restart(const char *id), status(const char *id),
	logs(const char *id), test(const char *id), clean(const char *id),
	unit(const char *id), install(const char *id), uninstall(const char *id),
	write_new(const char *id);

/* The stations that a verb is for, when none is named; or what must be named. */
enum whom { ALL, ACTIVE, NAMED, ONE };

static const struct verb {
	const char *name;
	enum whom whom;
	const char *options; /* it can have, by their keys */
	int (*each)(const char *id); /* returns a code of sysexits.h */
	const char *help;
} verbs[] = {
	{"list", ALL, "j", list, "[ID...]: ID, name, wish, and whether it is active"},
	{"check", ALL, "", check, "[ID...]: say what is wrong with settings"},
	{"status", ALL, "j", status, "[ID...]: a line each; exit 1 if one is not well"},
	{"start", NAMED, "", start, "ID...: run them, now and after a reboot"},
	{"stop", NAMED, "", stop, "ID...: end them, and let nothing revive them"},
	{"restart", NAMED, "", restart, "ID...: stop and start"},
	{"start-all", ACTIVE, "\1", start, "start all active stations"},
	{"stop-all", ACTIVE, "\1", stop, "stop all active stations"},
	{"unit", NAMED, "", unit, "ID...: print what install adds to systemd's units"},
	{"install", NAMED, "", install, "ID...: have systemd run them at boot, not yet"},
	{"install-all", ACTIVE, "\1", install, "install all active stations"},
	{"uninstall", NAMED, "", uninstall, "ID...: stop, and undo install"},
	{"logs", ONE, "f", logs, "ID: show what its tools have said"},
	{"test", NAMED, "", test, "ID...: push a test pattern to its server"},
	{"clean", NAMED, "y", clean, "temp|failed|played ID...: remove such files"},
	{"new", ONE, "", write_new, "ID: write a file of settings to fill in"},
};

static char purpose[2048];
static const struct opt_tool tool = {
	"stationctl",
	"[-fjy] [--backend NAME] [--pause SEC] VERB [ID...]",
	purpose,
	rows,
	sizeof rows / sizeof *rows,
};

static const struct backend *backend;
static int places[STATION_PLACES];
static bool json, follow, yes;
static enum litter_kind kind;
static int64_t pause_time = TICK_SECOND;

static struct snapshot *look_at(const char *id)
{
	struct snapshot *snapshot = snapshot_read(places, id);

	if (!snapshot)
		msg_die(EX_OSERR, "station '%s':", id);
	return snapshot;
}

static int list(const char *id)
{
	struct snapshot *snapshot = look_at(id);

	tell_listed(snapshot, json);
	snapshot_free(snapshot);
	return EX_OK;
}

static int check(const char *id)
{
	int code = vet_settings(places[STATION_SETTINGS], id);

	printf("%s\t%s\n", id,
		code == EX_OK               ? "good"
			: code == EX_CONFIG ? "faulty"
					    : "unreadable");
	return code;
}

static int status(const char *id)
{
	struct snapshot *snapshot = look_at(id);
	pid_t pid = 0;

	int runs = backend->find(id, &pid);
	if (runs < 0)
		msg_error("station '%s': cannot be looked at:", id);
	bool as_wanted = tell_status(snapshot, pid, json);
	snapshot_free(snapshot);
	return runs < 0 ? EX_IOERR : !as_wanted;
}

/* Records the wish, for all who look after stations, before anything is done. */
static int wish(const char *id, enum station_wish what)
{
	if (station_wish_set(id, what) == 0)
		return EX_OK;
	msg_error("station '%s': cannot record that it is wanted %s:", id,
		what == STATION_UP ? "up" : "down");
	return EX_IOERR;
}

static int start(const char *id)
{
	int code = vet_settings(places[STATION_SETTINGS], id);

	if (code == EX_OK)
		code = wish(id, STATION_UP);
	return code == EX_OK ? backend->start(id) : code;
}

static int stop(const char *id)
{
	int code = wish(id, STATION_DOWN), stopped = backend->stop(id);

	return code > stopped ? code : stopped;
}

static int restart(const char *id)
{
	int code = vet_settings(places[STATION_SETTINGS], id);

	if (code == EX_OK)
		code = wish(id, STATION_UP);
	if (code == EX_OK)
		code = backend->stop(id);
	return code == EX_OK ? backend->start(id) : code;
}

static int logs(const char *id)
{
	return backend->logs(id, follow);
}

/* Does it if the settings are in order. */
static int with_settings(
	const char *id, int (*work)(const char *id, const struct conf *conf))
{
	struct conf conf;
	int code = vet_take(places[STATION_SETTINGS], id, &conf);

	if (code)
		return code;
	code = work(id, &conf);
	conf_free(&conf);
	return code;
}

static int unit(const char *id)
{
	return with_settings(id, units_print);
}

static int install(const char *id)
{
	return with_settings(id, units_install);
}

static int uninstall(const char *id)
{
	int code = stop(id), gone = units_uninstall(id);

	return gone > code ? gone : code;
}

/* Keeps a station that does not run from being started until *lock is closed. */
static int hold_idle(const char *id, int *lock)
{
	pid_t pid;
	int found = backend->find(id, &pid);

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

static int push_pattern(const char *id, const struct conf *conf)
{
	int lock, code = hold_idle(id, &lock);

	if (code)
		return code;
	code = probe_push(id, settings_get(conf, SETTINGS_RTMP_URL));
	printf("%s\t%s\n", id, code == EX_OK ? "accepted" : "failed");
	close(lock);
	return code;
}

static int test(const char *id)
{
	return with_settings(id, push_pattern);
}

static int clean_up(const char *id, const struct conf *conf)
{
	int lock, code = hold_idle(id, &lock);

	if (code)
		return code;
	code = litter_clean(kind, id, conf, yes);
	close(lock);
	return code;
}

static int clean(const char *id)
{
	return with_settings(id, clean_up);
}

static int write_new(const char *id)
{
	int folder = station_make_place(STATION_SETTINGS);
	char name[256], *text = NULL;
	size_t size = 0;

	FILE *out = open_memstream(&text, &size);
	if (!out)
		msg_die(EX_OSERR, "no memory for a text");
	settings_template(out);
	if (fclose(out) != 0)
		msg_die(EX_OSERR, "no memory for a text");
	snprintf(name, sizeof name, "%.64s.conf", id);
	if (folder >= 0)
		atomic_sweep(folder, name);
	int made = folder < 0 ? -1 : atomic_put_new(folder, name, 0600, text, size);
	free(text);
	if (made < 0) {
		msg_error("'%s/%s':", station_path(STATION_SETTINGS), name);
		return errno == EEXIST ? EX_CANTCREAT : EX_IOERR;
	}
	printf("%s/%s\n", station_path(STATION_SETTINGS), name);
	return EX_OK;
}

static bool is_active(const char *id)
{
	struct conf conf;

	if (station_conf(&conf, places[STATION_SETTINGS], id) < 0)
		return true; /* and it will be said what is wrong with it */
	bool active = conf.len > 0 && settings_yes(&conf, SETTINGS_ACTIVE);
	conf_free(&conf);
	return active;
}

/* Does it if there is such a station, or it is to make one. */
static int run_one(const struct verb *verb, const char *id)
{
	if (verb->each == write_new || station_known(places, id))
		return verb->each(id);
	msg_error("station '%s': there is none", id);
	return EX_NOINPUT;
}

/* Does it for those that are named, or that it is for. Returns the worst code. */
static int run(const struct verb *verb, const char *const *ids, size_t count)
{
	int worst = EX_OK;
	bool begun = false;

	for (size_t i = 0; i < count; i++) {
		if (verb->whom == ACTIVE && !is_active(ids[i]))
			continue;
		if (verb->whom == ACTIVE && begun)
			poll(NULL, 0, (int)pause_time);
		begun = true;
		int code = run_one(verb, ids[i]);
		worst = code > worst ? code : worst;
	}
	return worst;
}

static int run_all(const struct verb *verb)
{
	struct station_list all;

	if (station_list(&all, places) < 0)
		msg_die(EX_IOERR, "stations:");
	const char **ids = calloc(all.count + 1, sizeof *ids);
	if (!ids)
		msg_die(EX_OSERR, "stations:");
	for (size_t i = 0; i < all.count; i++)
		ids[i] = all.entries[i]->d_name;
	int worst = run(verb, ids, all.count);
	free(ids);
	station_list_free(&all);
	return worst;
}

/* What --help says of the verbs, and the completion reads. */
static void describe(void)
{
	FILE *out = fmemopen(purpose, sizeof purpose, "w");

	if (!out)
		msg_die(EX_OSERR, "no memory for a text");
	fputs("Steer stations. The verbs are:\n", out);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		fprintf(out, "\n  %-10s %s", verbs[i].name, verbs[i].help);
	fclose(out);
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	opt_refuse(&tool, "unknown verb '%s'", name);
}

static const struct verb *read_command(int argc, char **argv)
{
	char given[8] = "";
	size_t count = 0;

	backend = backend_choose(NULL);
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		yes = yes || key == 'y';
		json = json || key == 'j';
		follow = follow || key == 'f';
		if (key == PAUSE)
			pause_time = opt_number(&tool, "--pause", optarg, 0, 3600) *
				TICK_SECOND;
		if (key == BACKEND && !(backend = backend_choose(optarg)))
			opt_refuse(&tool, "option --backend: there is no '%s'", optarg);
		if (key != BACKEND && count < sizeof given - 1)
			given[count++] = key == PAUSE ? '\1' : (char)key;
	}
	if (optind == argc)
		opt_refuse(&tool, "no VERB");
	const struct verb *verb = find_verb(argv[optind++]);
	if (verb->each == clean && optind < argc)
		kind = (enum litter_kind)opt_choice(
			&tool, "clean", argv[optind++], litter_names);
	int ids = argc - optind;
	if (given[strspn(given, verb->options)])
		opt_refuse(&tool, "an option that '%s' does not have", verb->name);
	if ((verb->whom == NAMED && ids == 0) || (verb->whom == ONE && ids != 1))
		opt_refuse(&tool, "'%s' needs %s", verb->name,
			verb->whom == ONE ? "one ID" : "an ID");
	if (verb->whom == ACTIVE && ids > 0)
		opt_refuse(&tool, "'%s' takes no ID", verb->name);
	for (int i = optind; i < argc; i++)
		if (!station_id_ok(argv[i]))
			opt_refuse(&tool, "'%s' is no ID of a station", argv[i]);
	return verb;
}

int main(int argc, char **argv)
{
	describe();
	opt_begin(&tool);
	const struct verb *verb = read_command(argc, argv);
	tell_begin();
	station_open_all(places);
	int code = optind < argc
		? run(verb, (const char *const *)argv + optind, (size_t)(argc - optind))
		: run_all(verb);
	return opt_finish(code);
}
