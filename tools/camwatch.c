/* camwatch: prints, in order, each clip of a drop folder when it is ready. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "afterplay.h"
#include "cursor.h"
#include "drop.h"
#include "lines.h"
#include "msg.h"
#include "opt.h"
#include "path.h"
#include "pulse.h"
#include "ready.h"
#include "sigfd.h"
#include "tick.h"

#define ITEMS_A_TURN 4096 /* then signals and the output are looked at */
#define PATIENCE (300 * TICK_SECOND) /* so long one being written holds back others */
#define SECONDS_MAX (366 * 86400)
#define JUST_NOW (TICK_SECOND / 10)
#define LATE_SAID 10 /* late files named between two scans */

static const struct opt_row rows[] = {
	{'0', "null", NULL, "end paths with NUL instead of a new line"},
	{'1', "once", NULL, "print what is ready, wait out the ages, and end"},
	{'A', "archives", "no|yes", "archives come, too, for segunpack (no)"},
	{'a', "age", "SEC", "seconds without a write before a file is ready (30)"},
	{'c', "cursor", "CURSOR", "what is at or before this cursor is in the past"},
	{'i', "interval", "SEC", "seconds between safety scans (5)"},
	{'L', "late", "keep|delete", "what is done with late files (keep)"},
	{'l', "lag", "SEC", "files so far behind the newest are late (0: none)"},
	{'n', "newest", "HOLD", "hold the newest: always, never, SEC (always)"},
	{'o', "order", "mtime|name|time", "the order; time is that in the path (mtime)"},
	{'s', "status", "DIR", "keep the fact camwatch in this folder"},
	{'x', "match", "GLOB", "names of clips (the usual video suffixes)"},
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

static const char *const no_yes[] = {"no", "yes", NULL}; /* of -A */
static int64_t age = 30 * TICK_SECOND, scan = 5 * TICK_SECOND, lag;
static int64_t hold = TICK_NEVER; /* the newest, until it was still for so long */
static bool once, delete_late;
static char delimiter = '\n';

static struct drop drop;
static struct lines_out out;
static int64_t due; /* when the head of the queue is to be looked at again */
static int64_t wake; /* when what is parked is */

static struct pulse pulse;
static uint64_t emitted, late, late_kept;

static void read_clocks(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	drop.now = (struct clips_clock){tick_now(), path_nanoseconds(ts)};
}

/* Sets a clip aside, so that it holds nothing back, until an event, a scan, or then. */
static bool park(struct clip *clip, enum clips_set where, int64_t until)
{
	clips_put(&drop.clips, clip, where);
	if (until < wake)
		wake = until;
	return true;
}

static bool wait_until(int64_t until)
{
	due = until;
	return false;
}

/* A clip whose turn has passed. Kept ones are named up to a number, then only counted. */
static bool pass_over(struct clip *clip, const char *why)
{
	late++;
	clips_put(&drop.clips, clip, CLIPS_DONE);
	if (!delete_late) {
		if (++late_kept <= LATE_SAID)
			msg_warn("'%s' is late, %s: left where it is", clip->path, why);
	} else if (path_remove_same(drop.watch.root, clip->path, clip->id) == 0) {
		msg_warn("'%s' is late, %s: deleted", clip->path, why);
		clips_drop(&drop.clips, clip);
	} else {
		msg_error("'%s' is late, %s, but could not be deleted:", clip->path, why);
	}
	return true;
}

static bool emit(struct clip *clip)
{
	lines_put(&out, drop.dir, strlen(drop.dir));
	if (drop.dir[strlen(drop.dir) - 1] != '/')
		lines_put(&out, "/", 1);
	lines_put(&out, clip->path, strlen(clip->path));
	lines_put(&out, &delimiter, 1);
	drop_set_last(&drop, clip);
	clips_put(&drop.clips, clip, CLIPS_DONE);
	emitted++;
	return true;
}

/* Opens the file and looks again. False: it is not what the queue believes. */
static bool prove(struct clip *clip, bool *written)
{
	struct stat st;

	*written = false;
	int fd = path_open_file(drop.watch.root, clip->path, &st);
	if (fd < 0 && (errno == EACCES || errno == EMFILE || errno == ENFILE))
		return true; /* who reads the path will have to say it */
	if (fd < 0) {
		clips_drop(&drop.clips, clip);
		return false;
	}
	bool same = path_same(path_id(&st), clip->id);
	*written = path_has_writer(fd);
	close(fd);
	if (!same)
		drop_take(&drop, clip, &st, false);
	return same;
}

/*
 * What sorts at or before the last one printed. But without an age, files of one tick of
 * the kernel's clock may be seen one by one: those come as they arrive.
 */
static bool has_passed(const struct clip *clip)
{
	bool one_tick = age == 0 && emitted > 0 && drop.order == ORDER_BY_MTIME &&
		clip->key == drop.last_key && strcmp(clip->path, drop.last) != 0;

	return !one_tick && drop_compare_last(&drop, clip) <= 0;
}

/* Decides about the head of the queue. False: it has to wait, and all behind it. */
static bool advance(struct clip *clip)
{
	static struct clip *head;
	static int64_t head_since;
	bool passed = has_passed(clip), written;
	int64_t settles = clips_settles(clip, &drop.now, age);

	if (clip != head)
		head_since = drop.now.tick;
	head = clip;
	bool patient = !passed && drop.now.tick - head_since < PATIENCE;
	if (drop_of_the_future(&drop, clip))
		return park(clip, CLIPS_FUTURE, TICK_NEVER);
	if (settles > drop.now.tick)
		return patient ? wait_until(settles) : park(clip, CLIPS_PARKED, settles);
	if (!passed && lag && (drop_newest(&drop)->key - clip->key) / 1000000 >= lag)
		return pass_over(clip, "too far behind the newest");
	if (!passed && !once && clip == drop_newest(&drop) &&
		drop.now.tick - clip->since < hold)
		return wait_until(hold == TICK_NEVER ? TICK_NEVER : clip->since + hold);
	if (!prove(clip, &written))
		return true;
	/* The event of closing a file comes a moment before the kernel lets go of it. */
	int64_t again = TICK_NEVER;
	if (written && drop.now.tick - clip->looked < JUST_NOW)
		again = drop.now.tick + 1;
	/* By mtime a clip that is still being written will move back by itself. */
	if (written && drop.order != ORDER_BY_MTIME && patient)
		return wait_until(again);
	if (written || clip->id.size == 0)
		return park(clip, CLIPS_PARKED, again);
	return passed ? pass_over(clip, "what comes after it is out") : emit(clip);
}

/*
 * Works off the head of the queue, one path after the other, so that each is decided as
 * late as can be. Returns 0, 1 if there is more to do at once, or -1 with errno.
 */
static int advance_all(void)
{
	struct clip *clip;
	int left = 0;

	due = TICK_NEVER;
	for (int n = 0; n < ITEMS_A_TURN; n++) {
		left = lines_flush(&out);
		if (left || !(clip = clips_first(&drop.clips, CLIPS_QUEUE)) ||
			!advance(clip))
			return left < 0 ? -1 : 0;
		pulse.changed = true;
	}
	return 1;
}

static void write_fact(void)
{
	const size_t *counts = drop.clips.counts;
	struct clip *top = drop_newest(&drop);
	size_t held = top && top->set == CLIPS_QUEUE && hold && !once;
	const struct pulse_number numbers[] = {
		{"waiting", counts[CLIPS_QUEUE] - held},
		{"held", held + counts[CLIPS_PARKED] + counts[CLIPS_FUTURE]},
		{"emitted", emitted},
		{"late", late},
		{"skipped", drop.skipped},
		{"quiet", (drop.now.tick - drop.arrival) / TICK_SECOND},
		{"overflows", drop.watch.overflows},
		{"watches", drop.watch.watches},
	};

	pulse_begin(&pulse);
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "last", drop.last);
	fact_add_text(&pulse.fact, "newest", top ? top->path : "");
	fact_add_text(&pulse.fact, "mode", drop.watch.scanning ? "scan" : "inotify");
	pulse_busy(&pulse, counts[CLIPS_QUEUE] > held);
	pulse_end(&pulse);
}

/* The late ones that were only counted. */
static void say_late(void)
{
	if (late_kept > LATE_SAID)
		msg_warn("%" PRIu64 " more files are late: left where they are",
			late_kept - LATE_SAID);
	late_kept = 0;
}

static int run(int signals)
{
	enum { SIGNALS, EVENTS, OUTPUT };
	struct pollfd fds[] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[EVENTS] = {drop.watch.inotify, POLLIN, 0},
		[OUTPUT] = {out.fd, 0, 0},
	};
	int64_t next_scan = tick_now() + scan;
	bool up = false;
	int more = 0;

	for (;;) {
		read_clocks();
		if (!more && drop.now.tick >= wake) {
			wake = TICK_NEVER;
			drop_requeue(&drop);
		}
		/* Not before all was looked at once, however many there are. */
		if (!more && drop.now.tick >= next_scan) {
			say_late();
			drop_scan(&drop);
			next_scan = drop.now.tick + scan;
		}
		more = drop_catch_up(&drop, ITEMS_A_TURN);
		read_clocks(); /* not older than any time that was just seen */
		if (!more && !up)
			ready_up();
		up = up || !more;
		if (!more)
			more = advance_all();
		if (more < 0)
			return lines_lost(errno);
		bool done = once && !more && out.len == 0 && wake == TICK_NEVER &&
			drop.clips.counts[CLIPS_QUEUE] == 0;
		if (pulse_due(&pulse) <= drop.now.tick || (done && pulse.folder >= 0))
			write_fact();
		if (done)
			return EX_OK;

		int64_t until = tick_sooner(next_scan, ready_alive());
		until = tick_sooner(until, pulse_due(&pulse));
		until = tick_sooner(until, tick_sooner(due, wake));
		if (more)
			until = 0;
		fds[OUTPUT].events = out.len > 0 ? POLLOUT : 0;
		if (poll(fds, sizeof fds / sizeof *fds, tick_timeout(until)) < 0 &&
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
		if (!drop_from(&drop, &cursor))
			msg_die(EX_CONFIG, "cursor '%s': no time stamp in '%s'", path,
				cursor.path);
	} else if (errno != ENOENT) {
		msg_die(errno == EBADMSG ? EX_CONFIG : EX_IOERR,
			"cursor '%s' (remove it to play all there is):", path);
	}
}

static void read_options(int argc, char **argv)
{
	const char *cursor_path = NULL, *status_path = NULL;

	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		switch (key) {
		case '0':
			delimiter = '\0';
			break;
		case '1':
			once = true;
			break;
		case 'A':
			drop.archives = opt_choice(&tool, "-A", optarg, no_yes);
			break;
		case 'a':
			age = opt_number(&tool, "-a", optarg, 0, SECONDS_MAX) *
				TICK_SECOND;
			break;
		case 'c':
			cursor_path = optarg;
			break;
		case 'i':
			scan = opt_number(&tool, "-i", optarg, 1, 3600) * TICK_SECOND;
			break;
		case 'L':
			delete_late = opt_choice(&tool, "-L", optarg, afterplay_names) ==
				AFTERPLAY_DELETE;
			break;
		case 'l':
			lag = opt_number(&tool, "-l", optarg, 0, SECONDS_MAX) *
				TICK_SECOND;
			break;
		case 'n':
			hold = strcmp(optarg, "always") == 0 ? TICK_NEVER
				: strcmp(optarg, "never") == 0
				? 0
				: opt_number(&tool, "-n", optarg, 0, SECONDS_MAX) *
					TICK_SECOND;
			break;
		case 'o':
			drop.order = opt_choice(&tool, "-o", optarg, order_names);
			break;
		case 's':
			status_path = optarg;
			break;
		case 'x':
			drop.glob = optarg;
			break;
		}
	}
	if (argc - optind != 1)
		opt_refuse(&tool, argc == optind ? "no DIR" : "more than one DIR");
	if (lag && drop.order == ORDER_BY_NAME)
		opt_refuse(&tool, "option -l needs an order by time: not -o name");
	drop.dir = argv[optind];
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
	if (drop_open(&drop) < 0)
		msg_die(EX_NOINPUT, "'%s': cannot be watched:", drop.dir);
	lines_out(&out, STDOUT_FILENO);
	int code = run(signals);
	ready_down();
	say_late();
	size_t left = drop.clips.counts[CLIPS_PARKED] + drop.clips.counts[CLIPS_FUTURE];
	if (once && left > 0)
		msg_info("'%s': left: %zu files, empty, being written, or of the future",
			drop.dir, left);
	return opt_finish(code);
}
