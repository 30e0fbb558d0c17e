/* orchestrate: keeps running what should run, and nothing else. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "backend.h"
#include "budget.h"
#include "changes.h"
#include "child.h"
#include "msg.h"
#include "opt.h"
#include "ready.h"
#include "roster.h"
#include "sigfd.h"
#include "station.h"
#include "tick.h"
#include "verdict.h"
#include "vet.h"

#define LONGEST_PAUSE (300 * TICK_SECOND)
#define SETTLE (TICK_SECOND / 5) /* several changes are one */
#define LOST (2 * TICK_SECOND) /* who restarts it by hand may be at it */
#define AT_ONCE_MAX 64
#define BUDGET_PERIOD (3600 * TICK_SECOND)
enum { BACKEND = 256, AT_ONCE, BUDGET };

static const struct opt_row rows[] = {
	{'1', "once", NULL, "one round, until all of it is done"},
	{'i', "interval", "SEC",
		"a round at least so often ($ORCHESTRATOR_INTERVAL, 60)"},
	{'n', "dry-run", NULL, "print what would be done and do nothing"},
	{AT_ONCE, "at-once", "N", "start or stop so many at the same time (4)"},
	{BACKEND, "backend", "NAME", "who runs stations: process or systemd"},
	{BUDGET, "budget", "N", "start a station at most so often in an hour (30)"},
};

static const struct opt_tool tool = {
	"orchestrate",
	"[-1n] [-i SEC] [--at-once N] [--budget N] [--backend NAME]",
	"Keep the stations running that are wanted, and no others.",
	rows,
	sizeof rows / sizeof *rows,
};

static const struct backend *backend;
static int places[STATION_PLACES];
static struct budget budget = {.fd = -1};
static struct roster roster;
static struct pollfd *fds; /* signals, events, and one for each station */
static size_t busy;
static long long at_once = 4;
static bool dry_run, once;
static int worst, events = -1;
static int64_t round_due; /* when all are looked at next */
static int64_t woken = -VERDICT_PULSE; /* when the machine did */

static void look_at(struct work *work)
{
	struct wanted *wanted = &work->wanted;
	uint64_t settings = wanted->settings;
	pid_t pid = wanted->pid;

	wanted_decide(wanted, places, work->id, backend, dry_run);
	if (wanted->todo == WANTED_RESTART && settings == wanted->settings &&
		tick_now() < woken + VERDICT_PULSE)
		wanted->todo = WANTED_KEEP; /* its tools have slept, too */
	if (wanted->pid != pid || work->fd < 0)
		roster_follow(work, wanted->pid);
	if (settings != wanted->settings)
		work->backoff.until = 0; /* what was wrong may be mended */
	if (wanted->healthy && work->backoff.since == 0)
		backoff_works(&work->backoff, tick_now());
}

static bool is_still_wanted(const char *id)
{
	enum station_wish wish;

	return station_wish(places[STATION_STATE], id, &wish) == 0 && wish == STATION_UP;
}

/* In the child. What was planned may have been called off since. */
_Noreturn static void act(const struct work *work)
{
	int code = EX_OK;

	if (work->wanted.todo != WANTED_START)
		code = backend->stop(work->id);
	if (code == EX_OK && work->wanted.todo != WANTED_STOP &&
		is_still_wanted(work->id)) {
		code = backend->start(work->id);
		if (!is_still_wanted(work->id))
			backend->stop(work->id);
	}
	exit(code);
}

static void tell_failure(struct work *work, int code)
{
	worst = code > worst ? code : worst;
	if (code)
		msg_error("station '%s': %s failed, exit code %d", work->id,
			wanted_names[work->wanted.todo], code);
	work->wanted.todo = WANTED_KEEP;
}

static void begin(struct work *work)
{
	int64_t now = tick_now(), wait;
	struct tick_stamp stamp;

	if (work->wanted.todo != WANTED_STOP) {
		int code = vet_settings(places[STATION_SETTINGS], work->id);
		if (code) {
			backoff_failed(&work->backoff, now, LONGEST_PAUSE);
			tell_failure(work, code);
			round_due = tick_sooner(round_due, work->backoff.until);
			return;
		}
		enum budget_answer answer = tick_stamp(&stamp) < 0
			? BUDGET_FAILED
			: budget_spend(&budget, work->id, &stamp, &wait);
		if (answer != BUDGET_SPENT) {
			msg_warn("station '%s': %s: %s, left alone", work->id,
				wanted_names[work->wanted.todo],
				answer == BUDGET_USED_UP ? "too often" : strerror(errno));
			work->wanted.todo = WANTED_KEEP;
			return;
		}
		backoff_failed(&work->backoff, now, LONGEST_PAUSE);
	}
	msg_info("station '%s': %s, as %s", work->id, wanted_names[work->wanted.todo],
		work->wanted.why);
	work->child = fork();
	if (work->child == 0)
		act(work);
	if (work->child < 0)
		msg_die(EX_OSERR, "station '%s': no process for it:", work->id);
	roster_follow(work, work->child);
	busy++;
}

/* Takes in who has ended. */
static void reap(void)
{
	int status = 0;

	for (size_t i = 0; i < roster.count; i++) {
		struct work *work = &roster.works[i];
		if (work->child == 0 || waitpid(work->child, &status, WNOHANG) <= 0)
			continue;
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : EX_OSERR;
		tell_failure(work, code);
		roster_follow(work, 0);
		work->child = 0;
		busy--;
		/* Things may have changed meanwhile; and what failed is tried again. */
		int64_t again = tick_now() + SETTLE;
		round_due = tick_sooner(round_due,
			work->backoff.until > again && code ? work->backoff.until
							    : again);
	}
}

/* Begins what is to be done, at most so many at a time. When something is due next. */
static int64_t go_on(void)
{
	int64_t next = TICK_NEVER, now = tick_now();

	for (size_t i = 0; i < roster.count; i++) {
		struct work *work = &roster.works[i];
		if (work->wanted.todo == WANTED_KEEP || work->child > 0)
			continue;
		if (work->wanted.todo != WANTED_STOP && work->backoff.until > now) {
			next = tick_sooner(next, work->backoff.until);
		} else if (busy < (size_t)at_once) {
			look_at(work); /* it may have had to wait since the plan */
			if (work->wanted.todo != WANTED_KEEP)
				begin(work);
		}
	}
	return next;
}

/* Anew for each round: a folder may have been replaced. */
static void open_places(void)
{
	static bool opened;

	for (enum station_place place = 0; place < STATION_PLACES; place++) {
		if (opened && places[place] >= 0)
			close(places[place]);
		bool settings = place == STATION_SETTINGS; /* are a person's */
		places[place] =
			settings ? station_open(place) : station_make_place(place);
		if (places[place] < 0 && !settings)
			msg_die(EX_IOERR, "'%s':", station_path(place));
		changes_watch(events, place);
	}
	opened = true;
}

/* Is the only one who acts on stations. */
static void take_lock(void)
{
	budget_enter(&budget, places[STATION_LIVE]);
	errno = budget.error;
	if (budget.fd < 0 && errno == EWOULDBLOCK)
		msg_die(EX_TEMPFAIL, "another process acts on stations already");
	if (budget.fd < 0)
		msg_die(EX_IOERR, "'%s/" BUDGET_FILE "':", station_path(STATION_LIVE));
}

/* Facts are not old because the machine slept. */
static void note_sleep(void)
{
	static int64_t before = INT64_MAX;
	int64_t slept = tick_slept();

	if (slept > before && slept - before > 10 * TICK_SECOND)
		woken = tick_now();
	before = slept;
}

/* Looks at all, and says in one line what is, what should be, and what is to be done. */
static void plan(int64_t interval)
{
	size_t todo[WANTED_RESTART + 1] = {0};
	int64_t due = interval;

	if (!dry_run) {
		open_places();
		take_lock();
	}
	note_sleep();
	free(fds);
	if (roster_update(&roster, places) < 0 ||
		!(fds = calloc(roster.count + 2, sizeof *fds)))
		msg_die(EX_OSERR, "stations:");
	for (size_t i = 0; i < roster.count; i++) {
		struct work *work = &roster.works[i];
		changes_watch_station(events, work->id);
		if (work->child == 0)
			look_at(work);
		due = tick_sooner(due, work->wanted.due);
		todo[work->wanted.todo]++;
		if (dry_run)
			printf("%s\t%s\t%s\n", work->id, wanted_names[work->wanted.todo],
				work->wanted.why);
	}
	msg_say(todo[WANTED_KEEP] < roster.count ? MSG_INFO : MSG_DEBUG,
		"%zu stations: %zu to start, %zu to stop, %zu to restart, %zu to keep",
		roster.count, todo[WANTED_START], todo[WANTED_STOP], todo[WANTED_RESTART],
		todo[WANTED_KEEP]);
	round_due = tick_now() + (due > SETTLE ? due : SETTLE);
}

/* Until something happens. Whether a station has lost what runs it. */
static bool await(int signals, int64_t until)
{
	bool any = false;

	fds[0] = (struct pollfd){signals, POLLIN, 0};
	fds[1] = (struct pollfd){events, POLLIN, 0};
	for (size_t i = 0; i < roster.count; i++) {
		fds[2 + i] = (struct pollfd){roster.works[i].fd, POLLIN, 0};
		if (roster.works[i].child > 0 &&
			roster.works[i].fd < 0) /* it has ended already */
			until = 0;
	}
	if (poll(fds, 2 + roster.count, tick_timeout(until)) < 0 && errno != EINTR)
		msg_die(EX_OSERR, "poll:");
	for (size_t i = 0; i < roster.count; i++) {
		if (roster.works[i].child > 0 || !fds[2 + i].revents)
			continue;
		roster_follow(&roster.works[i], 0);
		any = true;
	}
	return any;
}

static int run(int64_t interval, int signals)
{
	bool planned = false;

	for (;;) {
		reap();
		if (round_due <= tick_now() && !(once && planned)) {
			plan(interval);
			planned = true;
		}
		int64_t due = go_on();
		if (once && busy == 0 && due == TICK_NEVER)
			return worst;
		int64_t until = tick_sooner(
			tick_sooner(once ? due : round_due, due), ready_alive());
		bool any = await(signals, until);
		if (fds[0].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[1].revents && changes_take(events))
			round_due = tick_sooner(round_due, tick_now() + SETTLE);
		if (any)
			round_due = tick_sooner(round_due, tick_now() + LOST);
	}
}

int main(int argc, char **argv)
{
	const char *given = getenv("ORCHESTRATOR_INTERVAL");
	long long runs = 30, interval = 60;

	opt_begin(&tool);
	if (given)
		interval = opt_number(&tool, "ORCHESTRATOR_INTERVAL", given, 1, 86400);
	backend = backend_choose(NULL);
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		once = once || key == '1';
		dry_run = dry_run || key == 'n';
		if (key == 'i')
			interval = opt_number(&tool, "-i", optarg, 1, 86400);
		if (key == AT_ONCE)
			at_once = opt_number(&tool, "--at-once", optarg, 1, AT_ONCE_MAX);
		if (key == BUDGET)
			runs = opt_number(&tool, "--budget", optarg, 1, 10000);
		if (key == BACKEND && !(backend = backend_choose(optarg)))
			opt_refuse(&tool, "option --backend: there is no '%s'", optarg);
	}
	if (optind < argc)
		opt_refuse(&tool, "it takes no operand");
	if (dry_run) {
		station_open_all(places);
		for (enum station_place place = 0; place < STATION_PLACES; place++)
			if (station_hidden(places[place])) {
				errno = -places[place];
				msg_die(EX_IOERR, "'%s':", station_path(place));
			}
		plan(0);
		return opt_finish(EX_OK);
	}
	struct rlimit files; /* one for each station that runs */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	int signals = sigfd_open();
	events = changes_open();
	if (events < 0)
		msg_warn("changes are seen when the interval is over:");
	if (signals < 0 || child_look_here() < 0)
		msg_die(EX_OSERR, "start:");
	srand((unsigned)getpid());
	budget_init(&budget, runs, BUDGET_PERIOD);
	open_places();
	take_lock();
	ready_up();
	int code = run(interval * TICK_SECOND, signals);
	ready_down();
	return opt_finish(code);
}
