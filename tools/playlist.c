/*
 * playlist: prints what is to be played next, for ever. It prints a path when the pipe is
 * empty, never ahead: so an edit is soon on the air.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/pulse.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "clip/cursor.h"
#include "clip/library.h"
#include "clip/turn.h"

#define LONGEST_PAUSE (60 * CLOCK_SECOND)
#define CHANGES (5 * CLOCK_SECOND) /* then the list from before counts */
#define LOOK_AGAIN (CLOCK_SECOND / 4)
#define LOOK_FOR_ROOM (CLOCK_SECOND / 10)
#define LOOK_MAX 500 /* entries that are missing, until signals are heard again */
#define SAID_MAX 10 /* messages about entries that are missing, at once */
#define CURSOR_EVERY (2 * CLOCK_SECOND)

static struct library library;
static struct turns turns;
static struct lines_out out;
static struct pulse pulse;
static struct backoff backoff;
static const char *cursor_path, *place_path, *status;
static bool null;
static int64_t most = -1, seed = -1; /* not given */
static uint64_t printed, missing;
static int worst; /* of the exit codes, where it went on */
static int64_t cursor_due;
static int64_t next_try, changing; /* since when the list changes; 0: it does not */
static char trouble[PATH_MAX + 64]; /* why nothing is printed */

static const struct opt_row rows[] = {
	{'0', "null", NULL, "paths end with NUL instead of a new line", .flag = &null},
	{'c', "cursor", "CURSOR", "begin with the clip that the cursor stands in",
		.text = &cursor_path},
	{'n', "count", "N", "end after so many paths",
		.number = {&most, 1, 1, INT64_MAX / 2}},
	{'p', "place", "FILE", "keep the place in the list in this file",
		.text = &place_path},
	{'s', "status", "DIR", "keep the fact playlist in this folder", .text = &status},
	{0, "seed", "N", "what a new deck is shuffled by (by chance)",
		.number = {&seed, 1, 0, INT64_MAX / 2}},
};

static const struct opt_tool tool = {
	"playlist",
	"[-0] [-c CURSOR] [-n N] [-p FILE] [-s DIR] [--seed N] LIST|DIR",
	"Print the clips of a list or folder, for ever, each when it is asked for.",
	rows,
	sizeof rows / sizeof *rows,
};

static void write_fact(void)
{
	const struct turns_named *named = &turns.now;
	const struct turn *now =
		cursor_path && named->count > 0 ? &named->last[named->playing] : NULL;
	const struct pulse_number numbers[] = {
		{"entries", (int64_t)library.list.count},
		{"entry", now ? (int64_t)now->index + 1 : 0},
		{"round", now ? now->round : 0},
		{"printed", (int64_t)printed},
		{"missing", (int64_t)missing},
	};
	char part[8] = "";

	if (pulse.folder < 0)
		return;
	if (now && now->start >= 0)
		snprintf(part, sizeof part, "%02d:%02d", now->start / 60 % 24,
			now->start % 60);
	pulse_begin(&pulse);
	fact_add_text(&pulse.fact, "part", part);
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_path(&pulse.fact, "entry_path", now ? now->path : "");
	fact_add_path(&pulse.fact, "next",
		now && named->playing > 0 ? named->last[named->playing - 1].path : "");
	fact_add_text(&pulse.fact, "error", trouble);
	pulse_end(&pulse);
}

/* Says that something could not be written down; it goes on all the same. */
static void complain(const char *what)
{
	msg_error("'%s': %s is not kept:", place_path ? place_path : library.path, what);
	worst = EX_IOERR;
}

/* Finds out by the cursor which of the last turns plays. */
static void follow_cursor(void)
{
	static struct cursor cursor;

	cursor_due = clock_now() + CURSOR_EVERY;
	if (!cursor_path || cursor_read(&cursor, cursor_path) < 0)
		return;
	int code = turns_follow(&turns, cursor.path);
	pulse.changed |= code != 0;
	if (code < 0)
		complain("the place in the list");
}

/* There is nothing to be printed for a while; what is the matter is said once. */
static void wait_for_better(const char *what)
{
	int64_t pause = backoff_failed(&backoff, clock_now(), LONGEST_PAUSE);

	if (strcmp(trouble, what) != 0)
		msg_warn("'%s': %s; it is looked at again in %d s", library.path, what,
			(int)(pause / CLOCK_SECOND));
	snprintf(trouble, sizeof trouble, "%s", what);
	next_try = backoff.until;
	pulse.changed = true;
}

/* True if the turn's file is there. Else says so, but not too often. */
static bool is_there(const struct turn *turn, size_t said)
{
	struct stat st;
	const char *why = NULL;

	if (lstat(turn->path, &st) < 0)
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "it is no regular file";
	if (why && said < SAID_MAX && !*trouble)
		msg_warn("'%s': '%s' is left out: %s", library.path, turn->path, why);
	return !why;
}

static void print(const struct turn *turn)
{
	follow_cursor();
	if (turns_take(&turns, turn) < 0)
		complain("the place in the list");
	lines_put(&out, turn->path, strlen(turn->path));
	lines_put(&out, null ? "" : "\n", 1);
	printed++;
	*trouble = '\0';
	backoff_works(&backoff, clock_now() - BACKOFF_STABLE);
	pulse.changed = true;
}

/* Prints the next entry whose file is there. It does not look at too many in one go, so
 * that signals are heard. */
static void print_next(void)
{
	static struct turn turn;
	static size_t gone; /* in a row */
	int code = 0;

	for (int looked = 0; looked < LOOK_MAX; looked++) {
		code = turns_next(&turns, &library.list, time(NULL), &turn);
		if (code <= 0)
			break;
		if (is_there(&turn, gone)) {
			missing = gone;
			gone = 0;
			print(&turn);
			return;
		}
		turns_leave(&turns, &turn);
		if (++gone < turn.of)
			continue;
		/* As if nobody had looked: they may only be away for a moment. */
		turns_forget(&turns);
		missing = gone;
		gone = 0;
		wait_for_better("no file of it is there");
		return;
	}
	if (code > 0)
		return; /* and goes on at once */
	gone = 0;
	if (code < 0)
		msg_die(EX_IOERR, "'%s': its place is lost:", library.path);
	wait_for_better("it names nothing to be played now");
}

/* Decides what is next, as late as can be. */
static void decide(void)
{
	char why[128];
	enum library_answer answer = library_read(&library);

	if (answer == LIBRARY_GONE) {
		snprintf(why, sizeof why, "it cannot be read: %s", strerror(errno));
		wait_for_better(why);
		return;
	}
	if (answer == LIBRARY_READY)
		changing = 0;
	else if (changing == 0)
		changing = clock_now();
	/* A list that changes all the time is waited for once, not for each clip. */
	if (changing && clock_now() < changing + CHANGES)
		next_try = clock_now() + LOOK_AGAIN;
	else if (library.known)
		print_next();
	else
		wait_for_better("somebody is writing it");
}

static bool is_drained(void)
{
	return out.len == 0 && lines_drained(&out);
}

static int run(int signals)
{
	enum { SIGNALS, OUTPUT };
	struct pollfd fds[] = {
		[SIGNALS] = {signals, POLLIN, 0}, [OUTPUT] = {out.fd, 0, 0}};

	for (;;) {
		bool done = most >= 0 && (int64_t)printed >= most;
		if (!done && clock_now() >= next_try && is_drained())
			decide();
		int flushed = lines_flush(&out);
		if (flushed < 0)
			return lines_lost(errno);
		if (done && flushed == 0)
			return worst;
		if (clock_now() >= cursor_due)
			follow_cursor();
		if (pulse_due(&pulse) <= clock_now())
			write_fact();
		bool full = !is_drained();
		int64_t until = full ? CLOCK_NEVER : next_try;
		if (full && !out.single)
			until = clock_now() + LOOK_FOR_ROOM;
		if (cursor_path)
			until = clock_sooner(until, cursor_due);
		until = clock_sooner(
			until, clock_sooner(ready_alive(), pulse_due(&pulse)));
		fds[OUTPUT].events = full && (out.single || out.len > 0) ? POLLOUT : 0;
		if (poll(fds, 2, clock_timeout(until)) < 0 && errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return worst;
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
	}
}

/* Returns the operand. */
static const char *read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);
	const char *operand = opt_operand(&tool, operands, "LIST|DIR");
	const char *zone = getenv("TZ");
	struct stat st;

	if (zone && !*zone)
		unsetenv("TZ"); /* a setting without a value is none */
	/* The C library would take UTC. A rule such as CET-1CEST has a digit. */
	if (zone && !strpbrk(zone, "0123456789") && !clock_knows_zone(zone))
		msg_die(EX_CONFIG, "TZ: there is no time zone '%s'", zone);
	if (place_path && !cursor_path)
		opt_refuse(&tool, "option -p needs to know what was played: -c");
	if (most < 0 && (fstat(STDOUT_FILENO, &st) < 0 || !S_ISFIFO(st.st_mode)))
		opt_refuse(&tool, "standard output is no pipe: -n N says how many paths");
	if (seed < 0 && getrandom(&seed, sizeof seed, 0) != sizeof seed)
		msg_die(EX_OSERR, "start:");
	return operand;
}

/* Finds the place where it was. Returns 0, or an exit code. */
static int open_place(void)
{
	static struct cursor cursor;
	const char *name = NULL;
	int folder = place_path ? path_open_parent(place_path, &name) : -1;

	if (place_path && folder < 0) {
		msg_error("'%s':", place_path);
		return EX_NOINPUT;
	}
	if (turns_open(&turns, folder, name, (uint64_t)seed) < 0) {
		if (errno != EBADMSG) {
			msg_error("'%s':", place_path);
			return EX_IOERR;
		}
		msg_warn("'%s' is damaged: the cursor alone says where it was",
			place_path);
	}
	if (!cursor_path)
		return EX_OK;
	bool played = cursor_read(&cursor, cursor_path) == 0;
	if (!played && errno != ENOENT) {
		msg_error("cursor '%s'%s:", cursor_path,
			errno == EBADMSG ? " (remove it to begin anew)" : "");
		return errno == EBADMSG ? EX_CONFIG : EX_NOINPUT;
	}
	turns_resume(&turns, played ? cursor.path : NULL);
	return EX_OK;
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	library_init(&library, read_options(argc, argv));
	signal(SIGIO, SIG_IGN); /* the kernel's sign that a lease is in somebody's way */
	if (library_read(&library) == LIBRARY_GONE) {
		if (errno == ENODEV)
			msg_error("'%s' is neither a list nor a folder", library.path);
		else
			msg_error("'%s':", library.path);
		return EX_NOINPUT;
	}
	int code = open_place();
	if (!code)
		code = pulse_open(&pulse, status, tool.name);
	int signals = code ? -1 : sigfd_open();
	if (!code && signals < 0)
		msg_die(EX_OSERR, "start:");
	if (code)
		return code;
	lines_out(&out, STDOUT_FILENO);
	lines_single(&out);
	ready_up();
	code = run(signals);
	ready_down();
	turns_close(&turns);
	list_free(&library.list);
	return opt_finish(code);
}
