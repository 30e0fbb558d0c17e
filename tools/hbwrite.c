/* hbwrite: passes lines through and keeps a heartbeat that says when the last one came.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/fact.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/ready.h"
#include "base/sigfd.h"

#define STATE_CHARS "abcdefghijklmnopqrstuvwxyz_-"
#define STATE_MAX 32
#define LAST_MAX FACT_VALUE_MAX /* so long a line is cut and marked by the fact */
#define BEAT_EVERY CLOCK_SECOND /* at most one write in that time */
#define LAST_FLUSH (CLOCK_SECOND / 2) /* how long a reader may take after SIGTERM */

static bool null, once;
static const char *state = "ok", *message = "";

static const struct opt_row rows[] = {
	{'0', "null", NULL, "lines end with NUL instead of a new line", .flag = &null},
	{'1', "once", NULL, "beat once, read nothing, and end", .flag = &once},
	{'e', "state", "STATE", "the state to write, one word (default: ok)",
		.text = &state},
	{'m', "message", "MESSAGE", "the message to write (default: none)",
		.text = &message},
};

static const struct opt_tool tool = {
	"hbwrite",
	"[-01] [-e STATE] [-m MESSAGE] FILE",
	"Pass standard input to standard output and keep a heartbeat in FILE.",
	rows,
	sizeof rows / sizeof *rows,
};

/* The heartbeat, and what is not in it yet. */
struct beat {
	int folder;
	const char *path, *name;
	int64_t count;
	char last[LAST_MAX];
	size_t last_len;
	bool due; /* lines came since the last write */
	int64_t after; /* no write before this */
	int error; /* errno of the last write, 0 if it went well */
};

/* True if the error may get better by itself while lines flow. */
static bool passes(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EIO || error == ENOMEM ||
		error == EMFILE || error == ENFILE || error == EAGAIN;
}

/* Errors of FILE, and the advice for each. */
static const struct trouble {
	int error, code;
	const char *text;
} troubles[] = {
	{ENOENT, EX_NOINPUT, "its folder is missing: create it first"},
	{ENOTDIR, EX_NOINPUT, "its folder is not a folder: name another"},
	{ELOOP, EX_USAGE, "is a symbolic link: name the file itself"},
	{EISDIR, EX_USAGE, "is a folder: name a file in it"},
	{EINVAL, EX_USAGE, "is neither a regular file nor free: name another"},
	{ENAMETOOLONG, EX_USAGE, "the name is too long for a heartbeat: shorten it"},
	{EROFS, EX_IOERR, "its file system is read-only"},
	{EEXIST, EX_IOERR,
		"what is named '.NAME.PID.tmp' beside it is not ours: remove it"},
	{EACCES, EX_IOERR, "its folder may not be written to by this user"},
	{EPERM, EX_IOERR, "its folder may not be written to by this user"},
	{ENOSPC, EX_IOERR, "the disk is full: free some space"},
	{EDQUOT, EX_IOERR, "the disk quota is used up: free some space"},
};

/* Says what is wrong and returns the exit code for it. */
static int explain(enum msg_level level, const char *path, int error)
{
	for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++) {
		if (troubles[i].error == error) {
			msg_say(level, "heartbeat '%s': %s", path, troubles[i].text);
			return troubles[i].code;
		}
	}
	errno = error;
	msg_say(level, "heartbeat '%s':", path);
	return EX_IOERR;
}

static int beat_write(struct beat *beat)
{
	static struct fact_writer fact;

	if (fact_begin(&fact) < 0)
		return -1;
	fact_add_number(&fact, "count", beat->count);
	fact_add_text(&fact, "state", state);
	fact_add_text(&fact, "message", message);
	fact_add(&fact, "last", beat->last, beat->last_len);
	return fact_write(&fact, beat->folder, beat->name);
}

/* Writes the beat that is due. Returns whether it makes sense to go on. */
static bool beat_now(struct beat *beat)
{
	int before = beat->error;

	beat->error = beat_write(beat) < 0 ? errno : 0;
	beat->due = beat->error != 0;
	beat->after = clock_now() + BEAT_EVERY;
	if (beat->error && beat->error != before)
		explain(passes(beat->error) ? MSG_WARN : MSG_ERROR, beat->path,
			beat->error);
	else if (before && !beat->error)
		msg_info("heartbeat '%s': written again", beat->path);
	return !beat->error || passes(beat->error);
}

static void beat_take(struct beat *beat, struct lines_in *in)
{
	struct lines_line line;
	size_t skipped = lines_skip(in);

	beat->count += (int64_t)skipped;
	while (lines_next(in, &line)) {
		beat->count++;
		beat->due = true;
		beat->last_len = line.len < LAST_MAX ? line.len : LAST_MAX;
		memcpy(beat->last, line.text, beat->last_len);
	}
}

/* Writes out the last lines, if the reader takes them in time. Returns the exit code. */
static int finish(struct lines_out *out)
{
	struct pollfd fds[] = {{out->fd, POLLOUT, 0}};
	int64_t deadline = clock_now() + LAST_FLUSH;
	int left;

	while ((left = lines_flush(out)) > 0) {
		int timeout = clock_timeout(deadline);
		if (timeout == 0) {
			msg_error("%zu bytes not taken by the reader of standard output",
				out->len);
			return EX_TEMPFAIL;
		}
		if (poll(fds, 1, timeout) < 0 && errno != EINTR)
			return lines_lost(errno);
	}
	return left < 0 ? lines_lost(errno) : EX_OK;
}

/* The loop: ends with the input, a signal, or when it cannot go on. The exit code. */
static int pass(
	struct beat *beat, struct lines_in *in, struct lines_out *out, int signals)
{
	enum { SIGNALS, INPUT, OUTPUT };
	struct pollfd fds[] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[INPUT] = {in->fd, POLLIN, 0},
		[OUTPUT] = {out->fd, 0, 0},
	};

	for (;;) {
		int64_t until = ready_alive();
		if (beat->due)
			until = clock_sooner(until, beat->after);
		/* While output waits, the input is left alone: it must fit as a whole. */
		fds[INPUT].fd = out->len == 0 ? in->fd : -1;
		fds[OUTPUT].events = out->len > 0 ? POLLOUT : 0;
		if (poll(fds, sizeof fds / sizeof *fds, clock_timeout(until)) < 0) {
			if (errno == EINTR)
				continue;
			msg_error("poll:");
			return EX_OSERR;
		}
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return finish(out);
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
		if (fds[INPUT].fd >= 0 && fds[INPUT].revents) {
			ssize_t n = lines_fill(in);
			if (n < 0 && errno != EAGAIN) {
				msg_error("standard input:");
				return EX_IOERR;
			}
			if (n > 0)
				lines_put(out, in->chunk, (size_t)n);
			beat_take(beat, in);
		}
		if (lines_flush(out) < 0)
			return lines_lost(errno);
		if (beat->due && clock_timeout(beat->after) == 0 && !beat_now(beat)) {
			finish(out);
			return EX_IOERR;
		}
		if (in->ended)
			return EX_OK; /* it was read to its end: nothing waits */
	}
}

/* A heartbeat that cannot be written is better found out before the first line. */
static void try_beat(struct beat *beat)
{
	struct atomic file;

	if (atomic_begin(&file, beat->folder, beat->name, 0644) < 0) {
		beat->error = errno;
		int code =
			explain(passes(errno) ? MSG_WARN : MSG_ERROR, beat->path, errno);
		if (!passes(beat->error))
			exit(code);
	}
	atomic_abort(&file);
}

static int filter(struct beat *beat, int signals)
{
	static struct lines_in in;
	static struct lines_out out;

	try_beat(beat);
	lines_in(&in, STDIN_FILENO, null ? '\0' : '\n');
	lines_out(&out, STDOUT_FILENO);
	ready_up();
	int code = pass(beat, &in, &out, signals);
	ready_down();
	if (beat->due && !beat_now(beat))
		code = EX_IOERR;
	return beat->due && code == EX_OK ? EX_IOERR : code;
}

/* Returns the FILE. */
static const char *read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);
	size_t state_len = strspn(state, STATE_CHARS);

	if (state_len == 0 || state_len > STATE_MAX || state[state_len])
		opt_refuse(&tool,
			"option -e: '%s' is not one word of 1 to %d a-z, _ or -", state,
			STATE_MAX);
	if (once && null)
		opt_refuse(&tool, "options -0 and -1 exclude each other");
	return opt_operand(&tool, operands, "FILE");
}

/* Opens the folder of the heartbeat. Returns 0, or an exit code. */
static int open_folder(struct beat *beat)
{
	struct clock_stamp stamp;

	if (clock_stamp(&stamp) < 0)
		msg_die(EX_OSERR, "boot id '/proc/sys/kernel/random/boot_id':");
	beat->folder = path_open_parent(beat->path, &beat->name);
	if (beat->folder < 0 && errno == EACCES)
		msg_die(EX_IOERR,
			"heartbeat '%s': its folder may not be read by this user",
			beat->path);
	if (beat->folder < 0)
		return explain(MSG_ERROR, beat->path, errno);
	if (atomic_sweep(beat->folder, beat->name) < 0)
		msg_warn("heartbeat '%s': what killed writers left is not cleared:",
			beat->path);
	return EX_OK;
}

int main(int argc, char **argv)
{
	struct beat beat = {0};

	opt_begin(&tool);
	beat.path = read_options(argc, argv);
	/* With -1 too: a signal comes before the temporary, or after it is in place. */
	int signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "signals:");
	int code = open_folder(&beat);
	if (code)
		return code;
	if (!once)
		return opt_finish(filter(&beat, signals));
	beat.count = 1;
	return beat_write(&beat) < 0 ? explain(MSG_ERROR, beat.path, errno) : EX_OK;
}
