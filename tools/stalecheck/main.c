/*
 * stalecheck: judges heartbeats and stations by their facts, and may act on that.
 *
 *   show     verdicts on standard output, in three formats
 *   remedy   the command of -x, within its budget
 *
 * station/verdict decides what is stale.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "remedy.h"
#include "show.h"
#include "station/settings.h"
#include "station/station.h"
#include "station/verdict.h"

#define LIMIT_MAX (366 * 86400)

static bool json, nagios_plugin, quiet;
static int64_t stale_option; /* milliseconds, 0: not given */
static const char *budget;
static struct remedy remedy;

static void read_command(const struct opt_tool *tool, char *value);

static const struct opt_row rows[] = {
	{'b', "budget", "N/SEC", "with -x: at most N runs in SEC seconds each (1/600)",
		.text = &budget},
	{'j', "json", NULL, "print a JSON object a line", .flag = &json},
	{'N', "nagios", NULL, "print and exit as a Nagios plugin does",
		.flag = &nagios_plugin},
	{'q', "quiet", NULL, "show only what is not ok", .flag = &quiet},
	{'t', "stale-after", "SEC", "the age that is too old (settings, or 180)",
		.number = {&stale_option, CLOCK_SECOND, 1, LIMIT_MAX}},
	{'x', "exec", "CMD", "run CMD ID for what is stale or missing",
		.read = read_command},
};

static const struct opt_tool tool = {
	"stalecheck",
	"[-jNq] [-t SEC] [-x CMD [-b N/SEC]] [HEARTBEAT|DIR|ID...]",
	"Judge stations (all active ones by default) or heartbeat files.",
	rows,
	sizeof rows / sizeof *rows,
};

static struct remedy once; /* the same command, for an error that restarts do not end */
static struct clock_stamp now;
static int places[STATION_PLACES];
static int worst = EX_OK;

static void remember(int code)
{
	if (code > worst)
		worst = code;
}

static void show(const char *name, const struct verdict *v)
{
	enum show_format format = SHOW_TEXT;

	if (json)
		format = SHOW_JSON;
	else if (nagios_plugin)
		format = SHOW_NAGIOS;
	show_verdict(name, v, format, quiet);
	if (v->kind != VERDICT_OK)
		remember(1);
}

/* Ends before everything is judged; a Nagios plugin says so in its line too. */
_Noreturn static void give_up(int code, const char *why)
{
	if (nagios_plugin)
		code = show_nagios_failure(why);
	exit(opt_finish(code));
}

_Noreturn static void fail(int code, const char *path, const char *what)
{
	msg_error("'%s': %s:", path, what);
	give_up(code, what);
}

/* key: under which the entered folder keeps the budget; NULL if there is no folder. */
static void apply(
	struct remedy *by, const char *name, const char *key, const struct verdict *v)
{
	char what[VERDICT_REASON + 16];

	snprintf(what, sizeof what, "%s, %s", verdict_name(v->kind), v->reason);
	int code = remedy_apply(by, name, key, what, &now);
	if (code == EX_TEMPFAIL) {
		alarm(1); /* an output that takes nothing more must not hold us */
		give_up(code, "stopped by a signal");
	}
	remember(code);
}

static void act(const char *name, const char *key, const struct verdict *v)
{
	/* A restart may help. */
	bool may_help = v->kind == VERDICT_STALE || v->kind == VERDICT_MISSING;

	if (remedy.count > 0 && may_help && !v->unreachable)
		apply(&remedy, name, key, v);
}

/*
 * orchestrate has restarted the station for nothing: once until the next beat. The memory
 * is in the station's own folder, as an orchestrate that runs holds the one above.
 */
static void act_once(
	int home, const char *id, const struct fact *heartbeat, const struct verdict *v)
{
	struct clock_stamp beat = {0};
	char key[NAME_MAX];

	if (once.count == 0 || v->kind != VERDICT_ERROR || v->restarts < VERDICT_RESTARTS)
		return;
	if (heartbeat->state != FACT_GOOD || fact_stamp(heartbeat, &beat) < 0)
		beat.mono = 0;
	snprintf(key, sizeof key, "%.64s@%" PRId64, id, beat.mono);
	int folder = path_open_below(home, id);
	remedy_enter(&once, folder);
	apply(&once, id, folder >= 0 ? key : NULL, v);
	path_close(folder);
}

/* After everything is read, so that no fact can be younger. */
static void look_at_clock(void)
{
	if (clock_stamp(&now) < 0)
		fail(EX_OSERR, "/proc", "no boot id");
}

static void check_heartbeat(const char *path)
{
	const char *name;
	struct fact heartbeat = {.state = FACT_ABSENT};

	int folder = path_open_parent(path, &name);
	remedy_enter(&remedy, folder);
	if (folder >= 0)
		heartbeat = fact_read(folder, name);
	else if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG)
		heartbeat.state = FACT_ERROR;
	if (heartbeat.state == FACT_ERROR) {
		msg_error("heartbeat '%s':", path);
		remember(EX_IOERR);
	}
	look_at_clock();
	int64_t stale = settings_number(&(struct conf){0}, SETTINGS_STALE_AFTER);
	struct verdict v = verdict_heartbeat(
		&heartbeat, &now, stale_option ? stale_option : stale * CLOCK_SECOND);
	fact_free(&heartbeat);
	show(path, &v);
	act(path, folder >= 0 ? name : NULL, &v);
	path_close(folder);
}

/* True if nothing hides that a station is not to run; says once what does. */
static bool places_readable(void)
{
	static bool said;
	bool readable = true;

	for (size_t i = 0; i < STATION_PLACES; i++) {
		if (!station_hidden(places[i]))
			continue;
		errno = -places[i];
		if (!said)
			msg_error("'%s':", station_path(i));
		remember(EX_IOERR);
		readable = false;
	}
	said = true;
	return readable;
}

/* One that nobody named is passed over if it should not run. True if it was judged. */
static bool check_station(int home, const char *id, bool named)
{
	bool sure = places_readable();
	struct station_settings settings;
	struct stage_facts facts;
	enum station_desired desired;
	const char *key;

	if (station_desired(places[STATION_STATE], id, &desired) < 0) {
		msg_error("station '%s': 'desired' says neither up nor down:", id);
		remember(EX_CONFIG);
		sure = false;
	}
	if (station_settings(places[STATION_SETTINGS], id, &settings, &key) < 0) {
		msg_error("station '%s': settings: %s:", id, key);
		remember(EX_CONFIG);
		sure = false;
	}
	if (!named && (!settings.active || desired == STATION_DOWN))
		return false;
	remedy_enter(&remedy, home);
	if (station_facts(&facts, home, id) < 0) {
		msg_error("station '%s': cannot read its facts:", id);
		remember(EX_IOERR);
	}
	if (station_hidden(home))
		facts.of[STAGE_HBWRITE].state = FACT_ERROR;
	look_at_clock();
	struct verdict v = verdict_station(&facts, &now,
		stale_option ? stale_option : settings.stale_after,
		settings.silent_after);
	show(id, &v);
	if (sure && desired != STATION_DOWN) {
		act(id, home >= 0 ? id : NULL, &v);
		act_once(home, id, &facts.of[STAGE_HBWRITE], &v);
	}
	stage_facts_free(&facts);
	return true;
}

/*
 * The stations that should run, below a folder of live facts. Returns how many. In a
 * folder that somebody named a file is no station.
 */
static size_t check_folder(int home, int state, const char *path)
{
	const int from[STATION_PLACES] = {
		[STATION_SETTINGS] = -1, [STATION_STATE] = state, [STATION_LIVE] = home};
	struct station_list list;
	size_t checked = 0;

	if (station_list(&list, from) < 0)
		fail(EX_IOERR, path, "cannot list it");
	for (size_t i = 0; i < list.count; i++)
		if (home == places[STATION_LIVE] || list.entries[i]->d_type != DT_REG)
			checked += check_station(home, list.entries[i]->d_name, false);
	station_list_free(&list);
	if (checked == 0)
		msg_debug("'%s': no active station", path);
	return checked;
}

static void check_operand(const char *operand)
{
	bool known = station_known(places, operand);
	int folder = known ? -1 : path_open_folder(operand);

	if (folder >= 0) {
		if (check_folder(folder, -1, operand) == 0) {
			msg_error("'%s': no active stations in this folder", operand);
			remember(EX_NOINPUT);
		}
		close(folder);
	} else if (known || (errno == ENOENT && station_id_ok(operand))) {
		check_station(places[STATION_LIVE], operand, true);
	} else {
		check_heartbeat(operand);
	}
}

static void read_command(const struct opt_tool *self, char *value)
{
	if (remedy_command(&remedy, value) < 0)
		opt_refuse(self, "option -x: not 1 to %d words", REMEDY_WORDS);
}

/* Returns the operands. */
static char **read_options(int argc, char **argv)
{
	remedy_init(&remedy, 1, 600 * CLOCK_SECOND);
	char **operands = opt_read(&tool, argc, argv);
	if (json && nagios_plugin)
		opt_refuse(&tool, "options -j and -N exclude each other");
	if (budget && remedy_budget(&remedy, budget) < 0)
		opt_refuse(&tool, "option -b: '%s' is not N/SEC", budget);
	if (budget && remedy.count == 0)
		opt_refuse(&tool, "option -b goes with -x");
	once = remedy;
	once.once = true;
	budget_init(&once.budget, 1, BUDGET_MEMORY * CLOCK_SECOND);
	return operands;
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	char **operands = read_options(argc, argv);
	station_open_all(places);
	if (!*operands && places[STATION_LIVE] < 0) {
		errno = -places[STATION_LIVE];
		fail(errno == ENOENT ? EX_NOINPUT : EX_IOERR, station_path(STATION_LIVE),
			"no folder of stations");
	}
	if (!*operands) {
		places_readable();
		check_folder(places[STATION_LIVE], places[STATION_STATE],
			station_path(STATION_LIVE));
	}
	for (; *operands; operands++)
		check_operand(*operands);

	remedy_leave(&remedy);
	remedy_leave(&once);
	return opt_finish(nagios_plugin ? show_nagios_line(worst) : worst);
}
