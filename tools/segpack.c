/* segpack: keeps played clips in one archive an hour, with an index, and bounds them. */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archiver.h"
#include "backlog.h"
#include "judge.h"
#include "lines.h"
#include "msg.h"
#include "opt.h"
#include "packname.h"
#include "path.h"
#include "pool.h"
#include "pulse.h"
#include "ready.h"
#include "sigfd.h"
#include "tick.h"

#define BATCH_BYTES (INT64_C(256) << 20)
#define CLIP_BYTES (INT64_C(64) << 30) /* a hole may claim more than any disk has */
#define WORKERS 2
#define AGE_MAX (100 * INT64_C(31557600))
#define NO_WORKER "no sandboxed parser can be run:"

static const struct opt_row rows[] = {
	{'0', "null", NULL, "paths end with NUL instead of a new line"},
	{'c', "cursor", "CURSOR", "begin with what it has passed; needs -d"},
	{'d', "dir", "WATCH_DIR", "the folder that names are taken below; needs -c"},
	{'K', "keep", "BYTES", "remove the oldest archives beyond so many bytes"},
	{'k', "keep-age", "AGE", "remove archives older than so many seconds"},
	{'s', "status", "DIR", "keep the fact segpack in this folder"},
	{'z', "format", "FORMAT", "tar, zip: what an hour that is over becomes (tar)"},
};

static const struct opt_tool tool = {
	"segpack",
	"[-0] [-z FORMAT] [-k AGE] [-K BYTES] [-c CURSOR] [-d WATCH_DIR]\n"
	"               [-s DIR] DIR",
	"Keep played clips in archives by the hour and print what is done.",
	rows,
	sizeof rows / sizeof *rows,
};

static struct archiver archiver = {.age = -1, .most = -1};
static struct pool pool;
static struct hour_source batch[POOL_JOBS]; /* the first in the pool, packed */
static size_t batched, gone; /* of them those that are let go */
static struct clips backlog;
static const char *watch;

static char delimiter = '\n';
static struct lines_in in;
static struct lines_out out;
static int signals, worst;
static int broken; /* the exit code when the store cannot be written to */

static struct pulse pulse;
static uint64_t packed, bytes, again;
static char last[PATH_MAX];

static void remember(int code)
{
	worst = code > worst ? code : worst;
}

static size_t queued(void)
{
	return pool.count + backlog.counts[CLIPS_QUEUE];
}

/* Whether it was in the backlog: who told of it did not know that. */
static bool is_known(const char *path)
{
	const struct clip *clip =
		watch ? clips_find(&backlog, packname(path, watch)) : NULL;
	struct stat st;

	if (!clip)
		return false;
	return lstat(path, &st) < 0 ? errno == ENOENT : path_same(path_id(&st), clip->id);
}

static void take_path(const char *path, size_t len)
{
	if (!pool_add(&pool, path, len))
		msg_die(EX_OSERR, "take in a path:");
}

/* Fills the hands from the backlog, then from what was read. True: something came. */
static bool take_paths(void)
{
	size_t had = pool.count;
	char path[2 * PATH_MAX];
	struct lines_line line;
	struct clip *clip;

	while (pool.count < POOL_JOBS && (clip = clips_first(&backlog, CLIPS_QUEUE))) {
		int n = snprintf(path, sizeof path, "%s/%s", watch, clip->path);
		clips_put(&backlog, clip, CLIPS_DONE);
		take_path(path, (size_t)n);
	}
	while (pool.count < POOL_JOBS && lines_next(&in, &line)) {
		if (line.cut || line.len >= PATH_MAX || memchr(line.text, 0, line.len)) {
			msg_error("standard input: '%.60s...' is no path", line.text);
			remember(EX_NOINPUT);
			continue;
		}
		snprintf(path, sizeof path, "%.*s", (int)line.len, line.text);
		if (line.len > 0 && !is_known(path))
			take_path(path, line.len);
	}
	return pool.count > had;
}

_Static_assert(POOL_JOBS <= HOUR_BATCH_MAX, "a batch fits into an hour");

/* Puts those into the batch that are of one hour, which is returned. */
static int64_t fill_batch(size_t *count)
{
	int64_t time = STORE_NO_HOUR, size = 0;
	struct job *job;

	for (*count = 0; (job = pool_job(&pool, *count)); ++*count) {
		struct hour_source *source = &batch[*count];
		*source = (struct hour_source){.fd = job->fd, .state = HOUR_UNREADABLE};
		if (job->state == JOB_LOST)
			continue;
		if (job->st.st_size > CLIP_BYTES) {
			source->error = EFBIG;
			continue;
		}
		bool died = report_found(&job->report, REPORT_DIED) ||
			report_found(&job->report, REPORT_TIMEOUT);
		/* An upload that stalled may go on, and its end would be lost. */
		source->state = path_has_writer(job->fd) ? HOUR_CHANGED : HOUR_WAITS;
		source->id = path_id(&job->st);
		source->name = packname(job->path, watch);
		source->duration_ms = died || job->report.duration_ms < 0
			? PACKED_NO_DURATION
			: job->report.duration_ms;
		int64_t of = store_hour(source->id.mtime_ns);
		size += source->id.size;
		if (time != STORE_NO_HOUR && (of != time || size > BATCH_BYTES))
			break;
		time = of;
	}
	return time;
}

/* Packs what waits, as soon as all of it was looked into. True: it did. */
static bool pack(void)
{
	struct job *job;
	size_t count;

	if (batched > 0 || pool.count == 0 || archiver.backoff.until > tick_now())
		return false;
	for (size_t i = 0; (job = pool_job(&pool, i)); i++)
		if (job->state < JOB_DONE)
			return false;
	int64_t time = fill_batch(&count);
	int code =
		time == STORE_NO_HOUR ? 0 : archiver_add(&archiver, time, batch, count);
	pulse.changed = true;
	broken = code > 0 ? code : 0;
	if (code != 0)
		return false;
	batched = count;
	gone = 0;
	return true;
}

/* The clip is in the archive: it goes. False: it does not. */
static bool remove_clip(const struct job *job, struct path_id id)
{
	const char *name;
	int folder = path_open_parent(job->path, &name);
	int code = folder < 0 ? -1 : path_remove_same(folder, name, id);

	path_close(folder);
	if (code == 0 || errno == ENOENT)
		return true;
	int why = errno;
	msg_error("'%s': packed, but not removed:", job->path);
	remember(why == ESTALE ? EX_TEMPFAIL : EX_IOERR);
	return false;
}

static void finish(const struct job *job, const struct hour_source *source)
{
	switch (source->state) {
	case HOUR_PACKED:
	case HOUR_AGAIN:
		packed += source->state == HOUR_PACKED;
		again += source->state == HOUR_AGAIN;
		bytes += source->state == HOUR_PACKED ? (uint64_t)source->id.size : 0;
		if (!remove_clip(job, source->id))
			break;
		snprintf(last, sizeof last, "%s", job->path);
		lines_put(&out, job->path, strlen(job->path));
		lines_put(&out, &delimiter, 1);
		break;
	case HOUR_UNREADABLE:
		errno = source->error;
		if (errno) /* else the pool has told */
			msg_error("'%s': cannot be packed:", job->path);
		remember(EX_NOINPUT);
		break;
	case HOUR_WAITS:
	case HOUR_CHANGED:
		msg_warn("'%s': changed while it was packed: it stays", job->path);
		remember(EX_TEMPFAIL);
		break;
	}
}

/* Lets go of what is in the archive, while there is room to tell. True: there was some.
 */
static bool let_go(void)
{
	size_t had = pool.count;

	while (gone < batched && out.len <= sizeof out.buf - 2 * PATH_MAX) {
		finish(pool_job(&pool, 0), &batch[gone++]);
		pool_drop(&pool);
		pulse.changed = true;
	}
	if (batched > 0 && gone == batched) {
		batched = gone = 0;
		archiver_bound(&archiver);
	}
	return pool.count < had;
}

static void write_fact(void)
{
	const struct pulse_number numbers[] = {
		{"packed", (int64_t)packed},
		{"bytes", (int64_t)bytes},
		{"again", (int64_t)again},
		{"removed", (int64_t)archiver.removed},
		{"queue", (int64_t)queued()},
	};

	pulse_begin(&pulse);
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "archive", archiver.archive);
	fact_add_path(&pulse.fact, "last", last);
	fact_add_text(&pulse.fact, "error", archiver.error);
	pulse_busy(&pulse, queued() > 0);
	pulse_end(&pulse);
}

static int run(void)
{
	enum { SIGNALS, INPUT, OUTPUT, FIRST_WORKER };
	struct pollfd fds[FIRST_WORKER + WORKERS] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[INPUT] = {in.fd, POLLIN, 0},
		[OUTPUT] = {out.fd, 0, 0},
	};

	for (;;) {
		bool more = let_go();
		more = take_paths() || more;
		if (pool_begin(&pool) < 0)
			msg_die(EX_UNAVAILABLE, NO_WORKER);
		more = pack() || more;
		if (lines_flush(&out) < 0)
			return lines_lost(errno);
		more = more || (gone < batched && out.len == 0); /* there is room again */
		if (broken)
			return broken;
		bool done = in.ended && queued() == 0 && out.len == 0 && !more;
		if (done)
			archiver_end(&archiver);
		if (archiver.due <= tick_now())
			archiver_bound(&archiver);
		if (pulse_due(&pulse) <= tick_now() || (done && pulse.folder >= 0))
			write_fact();
		if (done)
			return worst > archiver.worst ? worst : archiver.worst;

		bool room =
			pool.count < POOL_JOBS && archiver.backoff.until <= tick_now();
		bool reads = !in.ended && room && backlog.counts[CLIPS_QUEUE] == 0;
		fds[INPUT].fd = reads ? in.fd : -1;
		fds[OUTPUT].events = out.len > 0 ? POLLOUT : 0;
		size_t count = FIRST_WORKER + pool_poll(&pool, fds + FIRST_WORKER);
		int64_t until = tick_sooner(ready_alive(), pulse_due(&pulse));
		until = tick_sooner(tick_sooner(until, archiver.due), pool_due(&pool));
		if (archiver.backoff.until > tick_now())
			until = tick_sooner(until, archiver.backoff.until);
		if (poll(fds, count, more ? 0 : tick_timeout(until)) < 0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
		if (fds[INPUT].fd >= 0 && fds[INPUT].revents && lines_fill(&in) < 0 &&
			errno != EAGAIN)
			msg_die(EX_IOERR, "standard input:");
		pool_take(&pool);
	}
}

/* What a kill has lost on the way to us. */
static void read_backlog(const char *path)
{
	struct cursor cursor;

	if (cursor_read(&cursor, path) < 0) {
		if (errno != ENOENT)
			msg_warn("cursor '%s':", path);
	} else if (backlog_read(&backlog, watch, &cursor) < 0) {
		msg_warn("folder '%s': not all of it was read:", watch);
	}
}

int main(int argc, char **argv)
{
	static const char *const formats[] = {"tar", "zip", NULL};
	const char *cursor = NULL, *status = NULL;

	opt_begin(&tool);
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		switch (key) {
		case '0':
			delimiter = '\0';
			break;
		case 'c':
			cursor = optarg;
			break;
		case 'd':
			watch = optarg;
			for (size_t n = strlen(optarg); n > 1 && optarg[n - 1] == '/';)
				optarg[--n] = '\0';
			break;
		case 'K':
			archiver.most = opt_number(&tool, "-K", optarg, 1, INT64_MAX);
			break;
		case 'k':
			archiver.age = opt_number(&tool, "-k", optarg, 0, AGE_MAX);
			break;
		case 's':
			status = optarg;
			break;
		case 'z':
			archiver.zip = opt_choice(&tool, "-z", optarg, formats) == 1;
			break;
		}
	}
	if (!cursor != !watch)
		opt_refuse(&tool, "options -c and -d need each other");
	if (argc - optind != 1)
		opt_refuse(&tool, argc == optind ? "no DIR" : "more than one DIR");
	if (isatty(STDIN_FILENO))
		opt_refuse(&tool, "standard input is a terminal");
	setlocale(LC_CTYPE, "C.UTF-8"); /* names are; libarchive asks */
	srand((unsigned)getpid());
	int code = pulse_open(&pulse, status, tool.name);
	if (!code)
		code = archiver_open(&archiver, argv[optind]);
	if (code)
		return code;
	signal(SIGXFSZ, SIG_IGN);
	archiver.stop = signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "start:");
	if (pool_start(&pool, WORKERS, judge_file, false) < 0)
		msg_die(EX_UNAVAILABLE, NO_WORKER);
	if (watch)
		read_backlog(cursor);
	lines_in(&in, STDIN_FILENO, delimiter);
	lines_out(&out, STDOUT_FILENO);
	ready_up();
	archiver_begin(&archiver);
	code = run();
	ready_down();
	return opt_finish(code);
}
