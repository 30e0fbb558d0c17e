/*
 * segpack: keeps played clips in one archive an hour, with an index, and bounds them.
 *
 *   pack         the clips on their way into the archives
 *   archiver     adds batches to hours, ends hours, bounds the store
 *     store        the folder of archives: which there are, and how old
 *     hour_tar     the archive of an hour, while clips are added
 *       batch        clips that are added together
 *       clip_list    the clips that are in an archive, and its index
 *     hour_zip     what it becomes when the hour is over, with --format zip
 *   missed       clips that were played, but did not reach us
 *   clip_name    the name that a clip gets in an archive
 *
 * How long a clip is, media/pool finds out, in processes without rights.
 */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/paths.h"
#include "base/pulse.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "media/inspect.h"
#include "pack.h"

#define WORKERS 2
#define AGE_MAX (100 * INT64_C(31557600))
#define NO_WORKER "no sandboxed parser can be run:"

enum format { TAR, ZIP };
static const char *const formats[] = {"tar", "zip", NULL};

static struct paths paths;
static struct lines_out out;
static struct pack pack = {
	.archiver = {.age = -1, .most = -1},
	.pool = {.root = &pack.root},
	.paths = &paths,
	.out = &out,
};
static bool null;
static enum format format;
static const char *cursor, *status, *dir;

static void read_dir(const struct opt_tool *tool, char *value);

static const struct opt_row rows[] = {
	{'0', "null", NULL, "paths end with NUL instead of a new line", .flag = &null},
	{'c', "cursor", "CURSOR", "begin with what it has passed; needs -d",
		.text = &cursor},
	{'d', "dir", "WATCH_DIR", "clips lie below it, by names without links",
		.read = read_dir},
	{'K', "keep", "BYTES", "remove the oldest archives beyond so many bytes",
		.number = {&pack.archiver.most, 1, 1, INT64_MAX}},
	{'k', "keep-age", "AGE", "remove archives older than so many seconds",
		.number = {&pack.archiver.age, 1, 0, AGE_MAX}},
	{'s', "status", "DIR", "keep the fact segpack in this folder", .text = &status},
	{'z', "format", "FORMAT", "tar, zip: what an hour that is over becomes (tar)",
		.choice = {&format, formats}},
};

static const struct opt_tool tool = {
	"segpack",
	"[-0] [-z FORMAT] [-k AGE] [-K BYTES] [-c CURSOR] [-d WATCH_DIR]\n"
	"               [-s DIR] DIR",
	"Keep played clips in archives by the hour and print what is done.",
	rows,
	sizeof rows / sizeof *rows,
};

static int signals;
static int run(void)
{
	enum { SIGNALS, INPUT, OUTPUT, FIRST_WORKER };
	struct pollfd fds[FIRST_WORKER + WORKERS] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[INPUT] = {-1, POLLIN, 0},
		[OUTPUT] = {out.fd, 0, 0},
	};

	for (;;) {
		bool more = pack_let_go(&pack);
		more = pack_take_paths(&pack) || more;
		if (pool_begin(&pack.pool) < 0)
			msg_die(EX_UNAVAILABLE, NO_WORKER);
		more = pack_go_on(&pack) || more;
		if (lines_flush(&out) < 0)
			return lines_lost(errno);
		/* Paths of packed clips waited for room in the output, and now there is
		 * room. */
		if (pack.gone < pack.batched && out.len == 0)
			more = true;
		if (pack.broken)
			return pack.broken;
		bool done = paths_ended(&paths) && pack_queued(&pack) == 0 &&
			out.len == 0 && !more;
		if (done)
			archiver_end(&pack.archiver);
		if (pack.archiver.due <= clock_now())
			archiver_bound(&pack.archiver);
		if (pulse_due(&pack.pulse) <= clock_now() ||
			(done && pack.pulse.folder >= 0))
			pack_write_fact(&pack);
		if (done) {
			paths_remember(&paths, pack.archiver.worst);
			return paths.worst;
		}

		bool room = pack.pool.count < POOL_JOBS &&
			pack.archiver.backoff.until <= clock_now();
		fds[INPUT].fd =
			paths_fd(&paths, room && pack.missed.counts[CLIPS_QUEUE] == 0);
		fds[OUTPUT].events = out.len > 0 ? POLLOUT : 0;
		size_t count = FIRST_WORKER + pool_poll(&pack.pool, fds + FIRST_WORKER);
		int64_t until = clock_sooner(ready_alive(), pack_due(&pack));
		if (poll(fds, count, more ? 0 : clock_timeout(until)) < 0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
		if (fds[INPUT].revents && paths_fill(&paths) < 0)
			msg_die(EX_IOERR, "standard input:");
		pool_take(&pack.pool);
	}
}

/* Reads the clips whose paths were lost when a tool before segpack was killed. */
static void read_missed(const char *path)
{
	struct cursor passed;

	if (cursor_read(&passed, path) < 0) {
		if (errno != ENOENT)
			msg_warn("cursor '%s':", path);
	} else if (missed_read(&pack.missed, pack.root.dir, &passed) < 0) {
		msg_warn("folder '%s': not all of it was read:", pack.root.dir);
	}
}

/* Paths below it are made with one '/' behind it. */
static void read_dir(const struct opt_tool *self, char *value)
{
	(void)self;
	for (size_t n = strlen(value); n > 1 && value[n - 1] == '/'; n--)
		value[n - 1] = '\0';
	dir = value;
}

/* Returns the DIR. */
static const char *read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);

	if (cursor && !dir)
		opt_refuse(&tool, "option -c needs the drop folder: -d");
	const char *path = opt_operand(&tool, operands, "DIR");
	if (isatty(STDIN_FILENO))
		opt_refuse(&tool, "standard input is a terminal");
	pack.archiver.zip = format == ZIP;
	return path;
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	const char *path = read_options(argc, argv);
	setlocale(LC_CTYPE, "C.UTF-8"); /* names are; libarchive asks */
	srand((unsigned)getpid());
	int code = root_open(&pack.root, dir);
	if (!code)
		code = pulse_open(&pack.pulse, status, tool.name);
	if (!code)
		code = archiver_open(&pack.archiver, &pack.root, path);
	if (code)
		return code;
	signal(SIGXFSZ, SIG_IGN);
	signals = sigfd_open();
	pack.archiver.stop = signals;
	if (signals < 0)
		msg_die(EX_OSERR, "start:");
	if (pool_start(&pack.pool, WORKERS, inspect_file, false) < 0)
		msg_die(EX_UNAVAILABLE, NO_WORKER);
	if (cursor)
		read_missed(cursor);
	paths_begin(&paths, NULL, null);
	lines_out(&out, STDOUT_FILENO);
	ready_up();
	archiver_begin(&pack.archiver);
	code = run();
	ready_down();
	return opt_finish(code);
}
