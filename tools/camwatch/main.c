/*
 * camwatch: prints, in order, each clip of a drop folder when it is ready.
 *
 *   settle   decides about each clip, from the head of the queue
 *     drop     which clips there are, and in what order
 *       watch    events and scans of the folder
 *     late     what is done with late ones, and which clock is wrong
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/pulse.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "clip/afterplay.h"
#include "clip/cursor.h"
#include "settle.h"

#define DISK_LEAST (1 << 20) /* bytes: with less, and less than 1 %, it is full */
#define SECONDS_MAX (366 * 86400)

enum no_yes { NO, YES };
static const char *const no_yes[] = {"no", "yes", NULL};

static struct lines_out out;
static struct settle settle = {
	.age = 30 * CLOCK_SECOND,
	.hold = 60 * CLOCK_SECOND,
	.patience = 120 * CLOCK_SECOND,
	.out = &out,
};
static enum no_yes archives;
static enum afterplay_what late_then;
static int64_t scan = 5 * CLOCK_SECOND;
static const char *cursor_path, *status_path;

static void read_hold(const struct opt_tool *tool, char *value);

static const struct opt_row rows[] = {
	{'0', "null", NULL, "end paths with NUL instead of a new line",
		.flag = &settle.null},
	{'1', "once", NULL, "print what is ready, wait out the ages, and end",
		.flag = &settle.once},
	{'A', "archives", "no|yes", "archives come, too, for segunpack (no)",
		.choice = {&archives, no_yes}},
	{'a', "age", "SEC", "seconds without a write before a file is ready (30)",
		.number = {&settle.age, CLOCK_SECOND, 0, SECONDS_MAX}},
	{'c', "cursor", "CURSOR", "what is at or before this cursor is in the past",
		.text = &cursor_path},
	{'i', "interval", "SEC", "seconds between safety scans (5)",
		.number = {&scan, CLOCK_SECOND, 1, 3600}},
	{'L', "late", "keep|delete", "what is done with late files (keep)",
		.choice = {&late_then, afterplay_names}},
	{'l', "lag", "SEC", "clips so far behind one before them are late (0: none)",
		.number = {&settle.lag, CLOCK_SECOND, 0, SECONDS_MAX}},
	{'n', "newest", "HOLD",
		"hold the newest: SEC that it is still, always, never (60)",
		.read = read_hold},
	{'o', "order", "mtime|name|time", "the order; time is that in the path (mtime)",
		.choice = {&settle.drop.order, order_names}},
	{'s', "status", "DIR", "keep the fact camwatch in this folder",
		.text = &status_path},
	{'x', "match", "GLOB", "names of clips (the usual video suffixes)",
		.text = &settle.drop.glob},
};

static const struct opt_tool tool = {
	"camwatch",
	"[-01] [-a SEC] [-n HOLD] [-i SEC] [-l SEC] [-L keep|delete]\n"
	"                [-A no|yes] [-o mtime|name|time] [-x GLOB] [-c CURSOR] [-s DIR] "
	"DIR",
	"Print the path of each clip below DIR when it is ready, in order.",
	rows,
	sizeof rows / sizeof *rows,
};

static int64_t next_scan;
static bool up; /* all that was there at the start has been looked at */
static struct pulse pulse;

static bool gone; /* the drop folder, when the fact was written */

/* Finds why camwatch cannot do its work; "" if it can. */
static void find_trouble(char *words, size_t size)
{
	struct drop *drop = &settle.drop;
	struct statvfs disk = {0};

	*words = '\0';
	gone = drop->watch.root < 0;
	if (gone)
		snprintf(words, size, "'%s' is gone", drop->dir);
	else if (fstatvfs(drop->watch.root, &disk) < 0)
		return;
	else if (disk.f_files > 0 && disk.f_favail == 0)
		snprintf(words, size,
			"the disk of '%s' has no inodes left: uploads are refused",
			drop->dir);
	else if (disk.f_blocks > 0 && disk.f_bavail * disk.f_frsize < DISK_LEAST &&
		disk.f_bavail < disk.f_blocks / 100)
		snprintf(words, size, "the disk of '%s' is full: uploads are cut off",
			drop->dir);
}

static void write_fact(void)
{
	struct drop *drop = &settle.drop;
	const size_t *counts = drop->clips.counts;
	struct clip *top = drop_newest(drop);
	size_t held = top && top->set == CLIPS_QUEUE && settle.hold && !settle.once;
	char error[PATH_MAX + 64];

	find_trouble(error, sizeof error);
	const struct pulse_number numbers[] = {
		{"waiting", counts[CLIPS_COMING] + counts[CLIPS_QUEUE] - held},
		{"held", held + counts[CLIPS_PARKED] + counts[CLIPS_FUTURE]},
		{"emitted", settle.emitted},
		{"late", settle.late.count},
		{"mistimed", late_mistimed(&settle.late, drop)},
		{"skipped", drop->skipped},
		{"quiet", (drop->now.mono - drop->arrival) / CLOCK_SECOND},
		{"overflows", drop->watch.overflows},
		{"watches", drop->watch.watches},
	};

	pulse_begin(&pulse);
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "last", drop->last);
	fact_add_text(&pulse.fact, "newest", top ? top->path : "");
	fact_add_text(&pulse.fact, "error", error);
	late_words(&settle.late, drop, error, sizeof error);
	fact_add_text(&pulse.fact, "mistimed_why", error);
	fact_add_text(&pulse.fact, "mode", drop->watch.scanning ? "scan" : "inotify");
	pulse_busy(&pulse, counts[CLIPS_QUEUE] > held);
	pulse_end(&pulse);
}

/* Takes in what has come, then decides. Returns 0, 1: there is more, or -1 with errno. */
static int work(int more)
{
	struct drop *drop = &settle.drop;

	settle_read_clocks(&settle);
	if (!more && drop->now.mono >= settle.wake) {
		settle.wake = CLOCK_NEVER;
		drop_requeue(drop);
	}
	/* Not before all was looked at once, however many there are. */
	if (!more && drop->now.mono >= next_scan) {
		late_say(&settle.late);
		drop_scan(drop);
		next_scan = drop->now.mono + scan;
	}
	more = drop_catch_up(drop, SETTLE_ITEMS);
	/* Not older than any time that was just seen. */
	settle_read_clocks(&settle);
	if (gone != (drop->watch.root < 0))
		pulse.changed = true;
	if (more)
		return more;
	if (!up)
		ready_up();
	up = true;
	more = settle_all(&settle);
	pulse.changed = pulse.changed || settle.changed;
	settle.changed = false;
	return more;
}

static int run(int signals)
{
	enum { SIGNALS, EVENTS, OUTPUT };
	struct pollfd fds[] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[EVENTS] = {settle.drop.watch.inotify, POLLIN, 0},
		[OUTPUT] = {out.fd, 0, 0},
	};
	int more = 0;

	next_scan = clock_now() + scan;
	for (;;) {
		more = work(more);
		if (more < 0)
			return lines_lost(errno);
		bool done = settle.once && !more && out.len == 0 &&
			settle.wake == CLOCK_NEVER &&
			settle.drop.clips.counts[CLIPS_QUEUE] == 0;
		if (pulse_due(&pulse) <= settle.drop.now.mono ||
			(done && pulse.folder >= 0))
			write_fact();
		if (done)
			return EX_OK;

		int64_t until = clock_sooner(next_scan, ready_alive());
		until = clock_sooner(until, pulse_due(&pulse));
		until = clock_sooner(until, clock_sooner(settle.due, settle.wake));
		if (more)
			until = 0;
		fds[OUTPUT].events = out.len > 0 ? POLLOUT : 0;
		if (poll(fds, sizeof fds / sizeof *fds, clock_timeout(until)) < 0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[EVENTS].revents)
			pulse.changed = true;
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
	}
}

/* A cursor that cannot be read must not become a broadcast of all that was. */
static void read_cursor(const char *path)
{
	static struct cursor cursor;

	if (cursor_read(&cursor, path) == 0) {
		if (!drop_from(&settle.drop, &cursor))
			msg_die(EX_CONFIG, "cursor '%s': no time stamp in '%s'", path,
				cursor.path);
	} else if (errno != ENOENT) {
		msg_die(errno == EBADMSG ? EX_CONFIG : EX_IOERR,
			"cursor '%s' (remove it to play all there is):", path);
	}
}

static void read_hold(const struct opt_tool *self, char *value)
{
	if (strcmp(value, "always") == 0)
		settle.hold = CLOCK_NEVER;
	else if (strcmp(value, "never") == 0)
		settle.hold = 0;
	else
		settle.hold =
			opt_number(self, "-n", value, 0, SECONDS_MAX) * CLOCK_SECOND;
}

static void read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);

	settle.drop.dir = opt_operand(&tool, operands, "DIR");
	if (settle.drop.order == ORDER_GIVEN)
		opt_refuse(&tool, "option -o: a folder has no order 'given'");
	if (settle.lag && settle.drop.order == ORDER_BY_NAME)
		opt_refuse(&tool, "option -l needs an order by time: not -o name");
	if (settle.lag && settle.lag / 2 < settle.patience)
		settle.patience = settle.lag / 2;
	settle.drop.archives = archives == YES;
	settle.late.remove = late_then == AFTERPLAY_DELETE;
	int code = pulse_open(&pulse, status_path, "camwatch");
	if (code)
		exit(code);
	if (cursor_path)
		read_cursor(cursor_path);
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	read_options(argc, argv);
	signal(SIGIO, SIG_IGN); /* the kernel's sign that a lease is in somebody's way */
	int signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "start:");
	if (drop_open(&settle.drop) < 0)
		msg_die(EX_NOINPUT, "'%s': cannot be watched:", settle.drop.dir);
	/* From here on the camera may be called silent. */
	settle.drop.arrival = clock_now();
	lines_out(&out, STDOUT_FILENO);
	int code = run(signals);
	ready_down();
	late_say(&settle.late);
	size_t left = settle.drop.clips.counts[CLIPS_PARKED] +
		settle.drop.clips.counts[CLIPS_FUTURE];
	if (settle.once && left > 0)
		msg_info("'%s': left: %zu files, empty, being written, or of the future",
			settle.drop.dir, left);
	return opt_finish(code);
}
