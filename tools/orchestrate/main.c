/*
 * orchestrate: keeps running what should run, and nothing else.
 *
 *   worklist   the stations, and what is being done with each
 *     plan       what is to be done with one, and why
 *   events     changes that are looked at before the interval is over
 */
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

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "events.h"
#include "proc/budget.h"
#include "proc/child.h"
#include "service/backend.h"
#include "station/check.h"
#include "station/station.h"
#include "station/verdict.h"
#include "worklist.h"

#define LONGEST_PAUSE (300 * CLOCK_SECOND)
#define SETTLE (CLOCK_SECOND / 5) /* several changes are one */
#define LOST (2 * CLOCK_SECOND) /* who restarts it by hand may be at it */
#define AT_ONCE_MAX 64
#define BUDGET_PERIOD (3600 * CLOCK_SECOND)
#define INTERVAL_MAX 86400
#define LOCK_TIME (2 * CLOCK_SECOND)
#define LOCK_LOOK 20 /* milliseconds */

static bool dry_run, once;
static int64_t interval = 60 * CLOCK_SECOND, at_once = 4, runs = 90;
static const char *backend_name;

static const struct opt_row rows[] = {
	{'1', "once", NULL, "one round, until all of it is done", .flag = &once},
	{'i', "interval", "SEC", "a round at least so often ($ORCHESTRATOR_INTERVAL, 60)",
		.number = {&interval, CLOCK_SECOND, 1, INTERVAL_MAX}},
	{'n', "dry-run", NULL, "print what would be done and do nothing",
		.flag = &dry_run},
	{0, "at-once", "N", "start or stop so many at the same time (4)",
		.number = {&at_once, 1, 1, AT_ONCE_MAX}},
	{0, "backend", "NAME", "who runs stations: process or systemd",
		.text = &backend_name},
	{0, "budget", "N", "start a station at most so often in an hour (90)",
		.number = {&runs, 1, 1, 10000}},
};

static const struct opt_tool tool = {
	"orchestrate",
	"[-1n] [-i SEC] [--at-once N] [--budget N] [--backend NAME]",
	"Keep the stations running whose desired state is up, and no others.",
	rows,
	sizeof rows / sizeof *rows,
};

static const struct backend *backend;
static int places[STATION_PLACES];
static struct budget budget = {.fd = -1};
static struct worklist worklist;
static struct pollfd *fds; /* signals, events, and one for each station */
static size_t busy;
static int worst, events = -1;
static int64_t round_due; /* when all are looked at next */
static int64_t woken = -VERDICT_PULSE; /* when the machine did */

static void look_at(struct work *work)
{
	struct plan *plan = &work->plan;
	uint64_t settings = plan->settings;
	pid_t pid = plan->pid;

	plan_decide(plan, places, work->id, backend, dry_run);
	if (plan->todo == PLAN_RESTART && settings == plan->settings &&
		clock_now() < woken + VERDICT_PULSE)
		plan->todo = PLAN_KEEP; /* its tools have slept, too */
	if (plan->pid != pid || work->fd < 0)
		worklist_follow(work, plan->pid);
	if (settings != plan->settings)
		work->backoff.until = 0; /* what was wrong may be mended */
	if (plan->ill && plan->restarts >= VERDICT_RESTARTS)
		work->backoff.until = 0; /* it comes each minute now */
	if (plan->healthy && work->backoff.since == 0)
		backoff_works(&work->backoff, clock_now());
}

static bool is_still_desired(const char *id)
{
	enum station_desired desired;

	return station_desired(places[STATION_STATE], id, &desired) == 0 &&
		desired == STATION_UP;
}

/* In the child. What was planned may have been called off since. */
_Noreturn static void act(const struct work *work)
{
	int code = EX_OK;

	if (work->plan.todo != PLAN_START)
		code = backend->stop(work->id);
	if (code == EX_OK && work->plan.todo != PLAN_STOP && is_still_desired(work->id)) {
		code = backend->start(work->id);
		if (!is_still_desired(work->id))
			backend->stop(work->id);
	}
	exit(code);
}

static void tell_failure(struct work *work, int code)
{
	worst = code > worst ? code : worst;
	if (code)
		msg_error("station '%s': %s failed, exit code %d", work->id,
			plan_names[work->plan.todo], code);
	work->plan.todo = PLAN_KEEP;
}

static void begin(struct work *work)
{
	int64_t now = clock_now();
	int64_t wait;
	struct clock_stamp stamp;

	if (work->plan.todo != PLAN_STOP) {
		int code = check_settings(places[STATION_SETTINGS], work->id);
		if (code) {
			backoff_failed(&work->backoff, now, LONGEST_PAUSE);
			tell_failure(work, code);
			round_due = clock_sooner(round_due, work->backoff.until);
			return;
		}
		enum budget_answer answer = clock_stamp(&stamp) < 0
			? BUDGET_FAILED
			: budget_spend(&budget, work->id, &stamp, &wait);
		if (answer != BUDGET_SPENT) {
			msg_warn("station '%s': %s: %s, left alone", work->id,
				plan_names[work->plan.todo],
				answer == BUDGET_USED_UP ? "too often" : strerror(errno));
			work->plan.todo = PLAN_KEEP;
			return;
		}
		backoff_failed(&work->backoff, now, LONGEST_PAUSE);
	}
	if (work->plan.todo == PLAN_RESTART && work->plan.ill &&
		plan_note(&work->plan, places[STATION_LIVE], work->id) < 0)
		msg_warn("station '%s': this restart cannot be counted:", work->id);
	msg_info("station '%s': %s, as %s", work->id, plan_names[work->plan.todo],
		work->plan.why);
	work->child = fork();
	if (work->child == 0)
		act(work);
	if (work->child < 0)
		msg_die(EX_OSERR, "station '%s': no process for it:", work->id);
	worklist_follow(work, work->child);
	busy++;
}

/* Takes in who has ended. */
static void reap(void)
{
	int status = 0;

	for (size_t i = 0; i < worklist.count; i++) {
		struct work *work = &worklist.works[i];
		if (work->child == 0 || waitpid(work->child, &status, WNOHANG) <= 0)
			continue;
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : EX_OSERR;
		tell_failure(work, code);
		worklist_follow(work, 0);
		work->child = 0;
		busy--;
		/* Things may have changed meanwhile; and what failed is tried again. */
		int64_t again = clock_now() + SETTLE;
		round_due = clock_sooner(round_due,
			work->backoff.until > again && code ? work->backoff.until
							    : again);
	}
}

/* Begins what is to be done, at most so many at a time. When something is due next. */
static int64_t go_on(void)
{
	int64_t next = CLOCK_NEVER, now = clock_now();

	for (size_t i = 0; i < worklist.count; i++) {
		struct work *work = &worklist.works[i];
		if (work->plan.todo == PLAN_KEEP || work->child > 0)
			continue;
		if (work->plan.todo != PLAN_STOP && work->backoff.until > now) {
			next = clock_sooner(next, work->backoff.until);
		} else if (busy < (size_t)at_once) {
			look_at(work); /* it may have had to wait since the plan */
			if (work->plan.todo != PLAN_KEEP)
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
		events_watch(events, place);
	}
	opened = true;
}

/* Is the only one who acts on stations. A child that the one before us has just forked
 * may hold its lock for a moment more. */
static void take_lock(void)
{
	int64_t deadline = clock_now() + LOCK_TIME;

	budget_enter(&budget, places[STATION_LIVE]);
	while (budget.fd < 0 && budget.error == EWOULDBLOCK && clock_now() < deadline) {
		poll(NULL, 0, LOCK_LOOK);
		budget_leave(&budget);
		budget_enter(&budget, places[STATION_LIVE]);
	}
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
	int64_t slept = clock_slept();

	if (slept > before && slept - before > 10 * CLOCK_SECOND)
		woken = clock_now();
	before = slept;
}

/* Looks at all, and says in one line what is, what should be, and what is to be done. */
static void plan(void)
{
	size_t todo[PLAN_RESTART + 1] = {0};
	int64_t due = interval;

	if (!dry_run) {
		open_places();
		take_lock();
	}
	if (places[STATION_SETTINGS] < 0) /* nobody tells when the folder is there */
		due = clock_sooner(due, LOST);
	note_sleep();
	free(fds);
	if (worklist_update(&worklist, places) < 0 ||
		!(fds = calloc(worklist.count + 2, sizeof *fds)))
		msg_die(EX_OSERR, "stations:");
	for (size_t i = 0; i < worklist.count; i++) {
		struct work *work = &worklist.works[i];
		events_watch_station(events, work->id);
		if (work->child == 0)
			look_at(work);
		due = clock_sooner(due, work->plan.due);
		todo[work->plan.todo]++;
		if (dry_run)
			printf("%s\t%s\t%s\n", work->id, plan_names[work->plan.todo],
				work->plan.why);
	}
	msg_say(todo[PLAN_KEEP] < worklist.count ? MSG_INFO : MSG_DEBUG,
		"%zu stations: %zu to start, %zu to stop, %zu to restart, %zu to keep",
		worklist.count, todo[PLAN_START], todo[PLAN_STOP], todo[PLAN_RESTART],
		todo[PLAN_KEEP]);
	round_due = clock_now() + (due > SETTLE ? due : SETTLE);
}

/* Until something happens. Whether a station has lost what runs it. */
static bool await(int signals, int64_t until)
{
	bool any = false;

	fds[0] = (struct pollfd){signals, POLLIN, 0};
	fds[1] = (struct pollfd){events, POLLIN, 0};
	for (size_t i = 0; i < worklist.count; i++) {
		fds[2 + i] = (struct pollfd){worklist.works[i].fd, POLLIN, 0};
		if (worklist.works[i].child > 0 &&
			worklist.works[i].fd < 0) /* it has ended already */
			until = 0;
	}
	if (poll(fds, 2 + worklist.count, clock_timeout(until)) < 0 && errno != EINTR)
		msg_die(EX_OSERR, "poll:");
	for (size_t i = 0; i < worklist.count; i++) {
		if (worklist.works[i].child > 0 || !fds[2 + i].revents)
			continue;
		worklist_follow(&worklist.works[i], 0);
		any = true;
	}
	return any;
}

static int run(int signals)
{
	bool planned = false;

	for (;;) {
		reap();
		if (round_due <= clock_now() && !(once && planned)) {
			plan();
			planned = true;
		}
		int64_t due = go_on();
		if (once && busy == 0 && due == CLOCK_NEVER)
			return worst;
		int64_t until = clock_sooner(
			clock_sooner(once ? due : round_due, due), ready_alive());
		bool any = await(signals, until);
		if (fds[0].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[1].revents && events_take(events))
			round_due = clock_sooner(round_due, clock_now() + SETTLE);
		if (any)
			round_due = clock_sooner(round_due, clock_now() + LOST);
	}
}

static void read_options(int argc, char **argv)
{
	const char *given = getenv("ORCHESTRATOR_INTERVAL");

	if (given)
		interval = opt_number(&tool, "ORCHESTRATOR_INTERVAL", given, 1,
				   INTERVAL_MAX) *
			CLOCK_SECOND;
	char **operands = opt_read(&tool, argc, argv);
	backend = backend_choose(backend_name);
	if (!backend)
		opt_refuse(&tool, "option --backend: there is no '%s'", backend_name);
	if (*operands)
		opt_refuse(&tool, "it takes no operand");
}

/* Prints what would be done. Returns the exit code. */
static int show_plan(void)
{
	station_open_all(places);
	for (enum station_place place = 0; place < STATION_PLACES; place++)
		if (station_hidden(places[place])) {
			errno = -places[place];
			msg_die(EX_IOERR, "'%s':", station_path(place));
		}
	plan();
	return opt_finish(EX_OK);
}

/* One descriptor for each station that runs. */
static void allow_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	read_options(argc, argv);
	if (dry_run)
		return show_plan();
	allow_descriptors();
	int signals = sigfd_open();
	events = events_open();
	if (events < 0)
		msg_warn("changes are seen when the interval is over:");
	if (signals < 0 || child_look_here() < 0)
		msg_die(EX_OSERR, "start:");
	srand((unsigned)getpid());
	budget_init(&budget, runs, BUDGET_PERIOD);
	open_places();
	take_lock();
	ready_up();
	int code = run(signals);
	ready_down();
	return opt_finish(code);
}
