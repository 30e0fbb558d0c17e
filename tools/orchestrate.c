/* orchestrate: keeps running what should run, and nothing else. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "backend.h"
#include "backoff.h"
#include "budget.h"
#include "changes.h"
#include "child.h"
#include "msg.h"
#include "opt.h"
#include "process.h"
#include "ready.h"
#include "sigfd.h"
#include "station.h"
#include "tick.h"
#include "vet.h"
#include "wanted.h"

#define LONGEST_PAUSE (300 * TICK_SECOND)
#define SETTLE (TICK_SECOND / 5) /* several changes are one */
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

struct work {
	char id[65];
	struct wanted wanted;
	struct backoff backoff;
	pid_t child; /* that does it now, or 0 */
	int fd; /* gets readable when this, or else what runs the station, ends; or -1 */
};

static const struct backend *backend;
static int places[STATION_PLACES];
static struct budget budget = {.fd = -1};
static struct work *works;
static struct pollfd *fds; /* signals, events, and one for each of them */
static size_t count, busy;
static long long at_once = 4;
static bool dry_run, once;
static int worst, events = -1;
static int64_t round_due; /* when all are looked at next */

/* Is told when this process ends; 0: none is followed. */
static void follow(struct work *work, pid_t pid)
{
	struct process process;

	if (work->fd >= 0)
		close(work->fd);
	work->fd =
		pid == 0 || process_of(&process, pid) < 0 ? -1 : process_open(&process);
}

static void look_at(struct work *work)
{
	struct wanted *wanted = &work->wanted;
	int64_t settings_ns = wanted->settings_ns;
	pid_t pid = wanted->pid;

	wanted_decide(wanted, places, work->id, backend);
	if (wanted->pid != pid || work->fd < 0)
		follow(work, wanted->pid);
	if (settings_ns != wanted->settings_ns)
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
	int code = work->wanted.todo == WANTED_STOP
		? EX_OK
		: vet_settings(places[STATION_SETTINGS], work->id);

	if (code == EX_OK && work->wanted.todo != WANTED_START)
		code = backend->stop(work->id);
	if (code == EX_OK && work->wanted.todo != WANTED_STOP &&
		is_still_wanted(work->id)) {
		code = backend->start(work->id);
		if (!is_still_wanted(work->id))
			backend->stop(work->id);
	}
	exit(code);
}

static void begin(struct work *work)
{
	int64_t now = tick_now(), wait;
	struct tick_stamp stamp;

	if (work->wanted.todo != WANTED_STOP) {
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
	follow(work, work->child);
	busy++;
}

/* Takes in who has ended. */
static void reap(void)
{
	int status = 0;

	for (size_t i = 0; i < count; i++) {
		struct work *work = &works[i];
		if (work->child == 0 || waitpid(work->child, &status, WNOHANG) <= 0)
			continue;
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : EX_OSERR;
		worst = code > worst ? code : worst;
		if (code)
			msg_error("station '%s': %s failed, exit code %d", work->id,
				wanted_names[work->wanted.todo], code);
		follow(work, 0);
		work->child = 0;
		work->wanted.todo = WANTED_KEEP;
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

	for (size_t i = 0; i < count; i++) {
		struct work *work = &works[i];
		if (work->wanted.todo == WANTED_KEEP || work->child > 0)
			continue;
		if (work->wanted.todo != WANTED_STOP && !work->wanted.asked &&
			work->backoff.until > now)
			next = tick_sooner(next, work->backoff.until);
		else if (busy < (size_t)at_once)
			begin(work);
	}
	return next;
}

/* Keeps what is done for a station that there is no more. */
static size_t keep_busy(struct work *next, struct work *work)
{
	if (work->child == 0) {
		follow(work, 0);
		return 0;
	}
	*next = *work;
	return 1;
}

/* The stations that there are now, with what was known of them before. */
static void list_stations(void)
{
	struct station_list all;

	if (station_list(&all, places) < 0)
		msg_die(EX_IOERR, "stations:");
	size_t n = 0, old = 0, most = all.count + count;
	struct work *next = calloc(most + 1, sizeof *next);
	free(fds);
	fds = calloc(most + 2, sizeof *fds);
	if (!next || !fds)
		msg_die(EX_OSERR, "stations:");
	for (size_t i = 0; i < all.count; i++) {
		const char *id = all.entries[i]->d_name;
		if (!station_id_ok(id))
			continue;
		for (; old < count && strverscmp(works[old].id, id) < 0; old++)
			n += keep_busy(&next[n], &works[old]);
		if (old < count && strcmp(works[old].id, id) == 0) {
			next[n] = works[old++];
		} else {
			next[n] = (struct work){.fd = -1};
			snprintf(next[n].id, sizeof next[n].id, "%.64s", id);
		}
		n++;
	}
	for (; old < count; old++)
		n += keep_busy(&next[n], &works[old]);
	station_list_free(&all);
	free(works);
	works = next;
	count = n;
}

/* Anew for each round: a folder may have been replaced. */
static void open_places(void)
{
	static bool opened;

	for (enum station_place place = 0; place < STATION_PLACES; place++) {
		if (opened)
			close(places[place]);
		places[place] = station_make_place(place);
		if (places[place] < 0)
			msg_die(EX_IOERR, "'%s':", station_path(place));
		changes_watch(events, place);
	}
	opened = true;
}

/* Looks at all, and says in one line what is, what should be, and what is to be done. */
static void plan(int64_t interval)
{
	size_t todo[WANTED_RESTART + 1] = {0};
	int64_t due = interval;

	if (!dry_run)
		open_places();
	list_stations();
	for (size_t i = 0; i < count; i++) {
		struct work *work = &works[i];
		changes_watch_station(events, work->id);
		if (work->child == 0)
			look_at(work);
		due = tick_sooner(due, work->wanted.due + 1);
		todo[work->wanted.todo]++;
		if (dry_run)
			printf("%s\t%s\t%s\n", work->id, wanted_names[work->wanted.todo],
				work->wanted.why);
	}
	msg_say(todo[WANTED_KEEP] < count ? MSG_INFO : MSG_DEBUG,
		"%zu stations: %zu to start, %zu to stop, %zu to restart, %zu to keep",
		count, todo[WANTED_START], todo[WANTED_STOP], todo[WANTED_RESTART],
		todo[WANTED_KEEP]);
	round_due = tick_now() + (due > SETTLE ? due : SETTLE);
}

/* Until something happens. Whether a station has lost what runs it. */
static bool await(int signals, int64_t until)
{
	bool any = false;

	fds[0] = (struct pollfd){signals, POLLIN, 0};
	fds[1] = (struct pollfd){events, POLLIN, 0};
	for (size_t i = 0; i < count; i++) {
		fds[2 + i] = (struct pollfd){works[i].fd, POLLIN, 0};
		if (works[i].child > 0 && works[i].fd < 0) /* it has ended already */
			until = 0;
	}
	if (poll(fds, 2 + count, tick_timeout(until)) < 0 && errno != EINTR)
		msg_die(EX_OSERR, "poll:");
	for (size_t i = 0; i < count; i++) {
		if (works[i].child > 0 || !fds[2 + i].revents)
			continue;
		follow(&works[i], 0);
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
		if ((fds[1].revents && changes_take(events)) || any)
			round_due = tick_sooner(round_due, tick_now() + SETTLE);
	}
}

/* Is the only one who acts on stations. */
static void take_lock(void)
{
	open_places();
	budget_enter(&budget, places[STATION_LIVE]);
	errno = budget.error;
	if (budget.fd < 0 && errno == EWOULDBLOCK)
		msg_die(EX_TEMPFAIL, "another process acts on stations already");
	if (budget.fd < 0)
		msg_die(EX_IOERR, "'%s/" BUDGET_FILE "':", station_path(STATION_LIVE));
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
		plan(0);
		return opt_finish(EX_OK);
	}
	int signals = sigfd_open();
	events = changes_open();
	if (events < 0)
		msg_warn("changes are seen when the interval is over:");
	if (signals < 0 || child_look_here() < 0)
		msg_die(EX_OSERR, "start:");
	srand((unsigned)getpid());
	budget_init(&budget, runs, BUDGET_PERIOD);
	take_lock();
	ready_up();
	int code = run(interval * TICK_SECOND, signals);
	ready_down();
	return opt_finish(code);
}
