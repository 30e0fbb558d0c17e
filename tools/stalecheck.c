/* stalecheck: judges heartbeats and stations by their facts, and may act on that. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lines.h"
#include "msg.h"
#include "opt.h"
#include "path.h"
#include "remedy.h"
#include "settings.h"
#include "station.h"
#include "text.h"
#include "verdict.h"

#define LIMIT_MAX (366 * 86400)
#define GATHERED_MAX 3072 /* two of them fit into the 8 KiB that Nagios reads */

static const struct opt_row rows[] = {
	{'b', "budget", "N/SEC", "with -x: at most N runs in SEC seconds each (1/600)"},
	{'j', "json", NULL, "print a JSON object a line"},
	{'N', "nagios", NULL, "print and exit as a Nagios plugin does"},
	{'q', "quiet", NULL, "show only what is not ok"},
	{'t', "stale-after", "SEC", "the age that is too old (settings, or 180)"},
	{'x', "exec", "CMD", "run CMD ID for what is stale or missing"},
};

static const struct opt_tool tool = {
	"stalecheck",
	"[-jNq] [-t SEC] [-x CMD [-b N/SEC]] [HEARTBEAT|DIR|ID...]",
	"Judge stations (all active ones by default) or heartbeat files.",
	rows,
	sizeof rows / sizeof *rows,
};

enum gravity { FINE, WARNING, UNKNOWN, CRITICAL };

static const struct {
	int code;
	const char *word;
} nagios[] = {
	[FINE] = {0, "OK"},
	[WARNING] = {1, "WARNING"},
	[UNKNOWN] = {3, "UNKNOWN"},
	[CRITICAL] = {2, "CRITICAL"},
};

static const struct {
	enum gravity gravity;
	bool act; /* a restart may help */
} rules[VERDICT_KINDS] = {
	[VERDICT_OK] = {FINE, false},
	[VERDICT_STALE] = {CRITICAL, true},
	[VERDICT_SILENT] = {WARNING, false},
	[VERDICT_MISSING] = {CRITICAL, true},
	[VERDICT_FUTURE] = {UNKNOWN, false},
	[VERDICT_CORRUPT] = {UNKNOWN, false},
};

static enum { PLAIN, JSON, NAGIOS_LINE } format;
static bool quiet;
static int64_t stale_option; /* milliseconds, 0: not given */
static struct remedy remedy;
static struct tick_stamp now;
static int places[STATION_PLACES];
static size_t counts[VERDICT_KINDS];
static enum gravity gravest;
static struct gathered {
	char text[GATHERED_MAX];
	size_t len, left_out;
} problems, performance; /* what -N puts behind its first words */
static int worst = EX_OK;

static void remember(int code)
{
	if (code > worst)
		worst = code;
}

/* Ends before everything is judged; a Nagios plugin says so in its line too. */
_Noreturn static void give_up(int code, const char *why)
{
	if (format == NAGIOS_LINE) {
		printf("STREAMHUB UNKNOWN - %s\n", why);
		code = nagios[UNKNOWN].code;
	}
	exit(opt_finish(code));
}

_Noreturn static void fail(int code, const char *path, const char *what)
{
	msg_error("'%s': %s:", path, what);
	give_up(code, what);
}

/* Over the limit it is rounded up, so that it never looks like the limit. */
static int64_t seconds(const struct verdict *v)
{
	return (v->age + (v->age > v->limit ? TICK_SECOND - 1 : 0)) / TICK_SECOND;
}

static void show_json(const char *name, const struct verdict *v)
{
	json_t *age = v->age < 0 ? NULL : json_integer(seconds(v));
	json_t *line = json_pack("{s:s, s:s, s:o?, s:I, s:s}", "id", name, "verdict",
		verdict_name(v->kind), "age", age, "limit",
		(json_int_t)(v->limit / TICK_SECOND), "reason", v->reason);

	bool shown = line && json_dumpf(line, stdout, JSON_COMPACT) == 0;
	int error = errno;
	json_decref(line);
	if (!shown && ferror(stdout))
		exit(lines_lost(error));
	if (!shown)
		msg_die(EX_OSERR, "'%s': no memory for JSON", name);
	putchar('\n');
}

/* Adds a whole piece, or from where there is no room for one counts. */
__attribute__((format(printf, 2, 3))) static void gather(
	struct gathered *to, const char *format_of, ...)
{
	size_t room = sizeof to->text - to->len;
	va_list ap;

	va_start(ap, format_of);
	int n = to->left_out ? -1 : vsnprintf(to->text + to->len, room, format_of, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < room) {
		to->len += (size_t)n;
		return;
	}
	to->text[to->len] = '\0';
	to->left_out++;
}

/* Characters that mean something to Nagios do not travel in a name. */
static void show_nagios(char *name, const struct verdict *v)
{
	for (char *c = name; (c = strpbrk(c, "'=|"));)
		*c = '_';
	if (v->kind != VERDICT_OK)
		gather(&problems, ", %s %s (%s)", name, verdict_name(v->kind), v->reason);
	if (v->age >= 0)
		gather(&performance, " '%s'=%" PRId64 "s;;%" PRId64 ";0", name,
			seconds(v), v->limit / TICK_SECOND);
}

static void show(const char *name, const struct verdict *v)
{
	char safe[1024], age[24] = "-";

	counts[v->kind]++;
	if (rules[v->kind].gravity > gravest)
		gravest = rules[v->kind].gravity;
	if (v->kind != VERDICT_OK)
		remember(1);
	if (quiet && v->kind == VERDICT_OK)
		return;
	text_escape(safe, sizeof safe, name, strlen(name));
	if (format == JSON) {
		show_json(safe, v);
	} else if (format == NAGIOS_LINE) {
		show_nagios(safe, v);
	} else {
		if (v->age >= 0)
			snprintf(age, sizeof age, "%" PRId64, seconds(v));
		printf("%s\t%s\t%s\t%" PRId64 "\n", safe, verdict_name(v->kind), age,
			v->limit / TICK_SECOND);
	}
}

/* key: under which the entered folder keeps the budget; NULL if there is no folder. */
static void act(const char *name, const char *key, const struct verdict *v)
{
	char what[128];

	if (remedy.count == 0 || !rules[v->kind].act)
		return;
	snprintf(what, sizeof what, "%s, %s", verdict_name(v->kind), v->reason);
	int code = remedy_apply(&remedy, name, key, what, &now);
	if (code == EX_TEMPFAIL) {
		alarm(1); /* an output that takes nothing more must not hold us */
		give_up(code, "stopped by a signal");
	}
	remember(code);
}

/* After everything is read, so that no fact can be younger. */
static void look_at_clock(void)
{
	if (tick_stamp(&now) < 0)
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
		&heartbeat, &now, stale_option ? stale_option : stale * TICK_SECOND);
	fact_free(&heartbeat);
	show(path, &v);
	act(path, folder >= 0 ? name : NULL, &v);
	path_close(folder);
}

/* Whether nothing hides that a station is not to run; says once what does. */
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
	struct verdict_facts facts;
	enum station_wish wish;
	const char *key;

	if (station_wish(places[STATION_STATE], id, &wish) < 0) {
		msg_error("station '%s': 'desired' says neither up nor down:", id);
		remember(EX_CONFIG);
		sure = false;
	}
	if (station_settings(places[STATION_SETTINGS], id, &settings, &key) < 0) {
		msg_error("station '%s': settings: %s:", id, key);
		remember(EX_CONFIG);
		sure = false;
	}
	if (!named && (!settings.active || wish == STATION_DOWN))
		return false;
	remedy_enter(&remedy, home);
	if (station_facts(&facts, home, id) < 0) {
		msg_error("station '%s': cannot read its facts:", id);
		remember(EX_IOERR);
	}
	if (station_hidden(home))
		facts.heartbeat.state = FACT_ERROR;
	look_at_clock();
	struct verdict v = verdict_station(&facts, &now,
		stale_option ? stale_option : settings.stale_after,
		settings.silent_after);
	verdict_facts_free(&facts);
	show(id, &v);
	if (sure && wish != STATION_DOWN)
		act(id, home >= 0 ? id : NULL, &v);
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

/* The line of a Nagios plugin, from what -N gathered. Returns its exit code. */
static int report_nagios(void)
{
	if (gravest < UNKNOWN && (worst > 1 || (gravest == FINE && !counts[VERDICT_OK])))
		gravest = UNKNOWN;
	printf("STREAMHUB %s - %zu ok%s", nagios[gravest].word, counts[VERDICT_OK],
		problems.text);
	if (problems.left_out)
		printf(", and %zu more", problems.left_out);
	fputs(" |", stdout);
	for (size_t kind = 0; kind < VERDICT_KINDS; kind++)
		printf(" %s=%zu", verdict_name(kind), counts[kind]);
	if (performance.left_out)
		printf(" left_out=%zu", performance.left_out);
	puts(performance.text);
	return nagios[gravest].code;
}

static void read_options(int argc, char **argv)
{
	bool budget_given = false;

	remedy_init(&remedy, 1, 600 * TICK_SECOND);
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		switch (key) {
		case 'b':
			if (remedy_budget(&remedy, optarg) < 0)
				opt_refuse(&tool, "option -b: '%s' is not N/SEC", optarg);
			budget_given = true;
			break;
		case 'j':
		case 'N':
			if (format != PLAIN)
				opt_refuse(&tool, "options -j and -N exclude each other");
			format = key == 'j' ? JSON : NAGIOS_LINE;
			break;
		case 'q':
			quiet = true;
			break;
		case 't':
			stale_option = opt_number(&tool, "-t", optarg, 1, LIMIT_MAX) *
				TICK_SECOND;
			break;
		case 'x':
			if (remedy_command(&remedy, optarg) < 0)
				opt_refuse(&tool, "option -x: not 1 to %d words",
					REMEDY_WORDS);
			break;
		}
	}
	if (budget_given && remedy.count == 0)
		opt_refuse(&tool, "option -b goes with -x");
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	read_options(argc, argv);
	station_open_all(places);
	if (optind == argc && places[STATION_LIVE] < 0) {
		errno = -places[STATION_LIVE];
		fail(errno == ENOENT ? EX_NOINPUT : EX_IOERR, station_path(STATION_LIVE),
			"no folder of stations");
	}
	if (optind == argc) {
		places_readable();
		check_folder(places[STATION_LIVE], places[STATION_STATE],
			station_path(STATION_LIVE));
	}
	for (int i = optind; i < argc; i++)
		check_operand(argv[i]);

	remedy_leave(&remedy);
	return opt_finish(format == NAGIOS_LINE ? report_nagios() : worst);
}
