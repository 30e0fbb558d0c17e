/*
 * segunpack: puts the clips of an archive in its place in a stream of paths.
 *
 *   unpack_job       one path, from its opening to the list of its clips
 *     unpack           runs a process without rights that reads the archive
 *       read_archive     does so, within limits
 *         gzip             whether a gzip file is whole
 *     unpack_folder    the folder of its clips beside it
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/paths.h"
#include "base/pulse.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "clip/aside.h"
#include "clip/triage.h"
#include "unpack_job.h"

enum then { THEN_KEEP, THEN_DELETE, THEN_PLAYED };
static const char *const thens[] = {"keep", "delete", "played", NULL};

static struct unpack_job job; /* what is in hand */
static bool null;
static enum then then;
static int64_t keep = 1000;
static const char *dir, *failed, *status;

static const struct opt_row rows[] = {
	{'0', "null", NULL, "paths end with NUL instead of a new line", .flag = &null},
	{'q', "quarantine", "FAILED", "move bad archives into this folder",
		.text = &failed},
	{'s', "status", "DIR", "keep the fact segunpack in this folder", .text = &status},
	{'t', "then", "WHAT", "with archives: keep, delete, played (keep)",
		.choice = {&then, thens}},
	{0, "dir", "DIR", "files lie below it, and no link on the way is followed",
		.text = &dir},
	{0, "keep", "N", "files that the quarantine holds, oldest out (1000)",
		.number = {&keep, 1, 1, 1000000}},
	{0, "no-sandbox", NULL, "for debugging only", .flag = &job.unpack.open},
};

static const struct opt_tool tool = {
	"segunpack",
	"[-0] [-t WHAT] [-q FAILED] [--keep N] [--dir DIR] [-s DIR]\n"
	"                 [--no-sandbox] [ARCHIVE ...]",
	"Print the clips of archives in their place.",
	rows,
	sizeof rows / sizeof *rows,
};

static size_t printed; /* of its clips */
static int64_t tries; /* when it was bad */

/* Archives whose clips are printed, and not all played. */
static struct pending {
	struct pending *next;
	struct path_id id;
	char name[UNPACK_FOLDER_NAME_MAX + 1], path[];
} * pending;

static struct root root; /* the drop folder */
static struct triage triage = {.root = &root,
	.quarantine = {.folder = -1},
	.delay = 5 * CLOCK_SECOND,
	.tries = 3};
static struct paths paths;
static struct lines_out out;

static struct pulse pulse;
static uint64_t archives, clips, bad, passed;
static char last[PATH_MAX], last_bad[PATH_MAX];
static const char *last_reason = "";

static void let_go(void)
{
	unpack_job_drop(&job);
	pulse.changed = true;
}

static void remove_archive(const char *path, struct path_id id)
{
	const char *name;
	int parent = root_open_parent(&root, path, &name);

	if ((parent < 0 || aside_remove(parent, name, id) < 0) && errno != ENOENT) {
		msg_error("'%s': cannot be deleted:", path);
		paths_remember(&paths, EX_IOERR);
	}
	path_close(parent);
}

/* True if all clips have left its folder; then it goes, and the archive. */
static bool has_gone(const struct pending *one)
{
	const char *name;
	int parent = root_open_parent(&root, one->path, &name);
	int place = parent < 0 ? -1 : path_open_below(parent, UNPACK_FOLDER_PLACE);
	bool all;
	size_t count = 1;

	if (place >= 0)
		free(unpack_folder_list(place, one->name, &count, &all));
	bool gone = place >= 0 && errno == 0 && count == 0;
	if (gone) {
		remove_archive(one->path, one->id);
		unpack_folder_remove(place, one->name);
	}
	path_close(place);
	path_close(parent);
	return gone;
}

static void settle_pending(void)
{
	for (struct pending **at = &pending, *one; (one = *at);) {
		if (has_gone(one)) {
			*at = one->next;
			free(one);
		} else {
			at = &one->next;
		}
	}
}

/* All of its clips are printed, and the reader has them. */
static void settle(void)
{
	const char *path = job.path;
	struct path_id id = path_id(&job.st);

	if (then == THEN_DELETE)
		remove_archive(path, id);
	if (then == THEN_PLAYED) {
		struct pending *one = calloc(1, sizeof *one + strlen(path) + 1);
		if (!one)
			msg_die(EX_OSERR, "no memory for '%s'", path);
		one->id = id;
		strcpy(one->name, job.name);
		strcpy(one->path, path);
		one->next = pending;
		pending = one;
	}
	archives++;
	snprintf(last, sizeof last, "%s", path);
	let_go();
}

/* Prints what there is room for. True: all of it. */
static bool print_clips(void)
{
	char path[PATH_MAX];

	for (; printed < job.count; printed++) {
		const char *name = job.clips[printed].name;
		int len = snprintf(path, sizeof path, "%.*s" UNPACK_FOLDER_PLACE "/%s/%s",
			(int)job.head, job.path, job.name, name);
		if (len >= (int)sizeof path) {
			msg_error("'%s': too long a path for '%s'", job.path, name);
			paths_remember(&paths, EX_NOINPUT);
			continue;
		}
		if (out.len + (size_t)len + 1 > sizeof out.buf)
			return false;
		paths_put(&paths, &out, path);
		clips++;
	}
	return true;
}

/* Reports a bad archive and quarantines it. */
static void put_away(void)
{
	const char *reason = read_archive_code_name(job.unpack.code);
	const char *detail = job.unpack.detail;
	const struct triage_file file = {job.path, job.parent, job.fd, &job.st, tries};
	int64_t due;
	int code = EX_OK;

	detail = *detail ? detail : "see segunpack(1)";
	if (triage.quarantine.folder < 0)
		msg_warn("'%s' is bad, %s: %s", job.path, reason, detail);
	else
		code = triage_bad(&triage, &file, reason, detail, &due);
	if (code == TRIAGE_AGAIN || code == TRIAGE_FULL) {
		tries += code == TRIAGE_AGAIN;
		unpack_job_again(&job, due);
		return;
	}
	if (code == EX_CONFIG)
		exit(code);
	paths_remember(&paths, code);
	paths_remember(&paths, 1);
	bad++;
	snprintf(last_bad, sizeof last_bad, "%s", job.path);
	last_reason = reason;
	let_go();
}

/* The next path. False: there is none now. */
static bool take_path(void)
{
	const char *path = paths_next(&paths);

	if (!path)
		return false;
	tries = 0;
	printed = 0;
	unpack_job_begin(&job, path);
	return true;
}

/* Takes the next step. False: it has to wait for something. */
static bool step(void)
{
	switch (job.state) {
	case UNPACK_JOB_IDLE:
		return take_path();
	case UNPACK_JOB_WAITS:
		unpack_job_go_on(&job);
		return job.state != UNPACK_JOB_WAITS;
	case UNPACK_JOB_RUNS:
		return false;
	case UNPACK_JOB_PASSES:
		paths_put(&paths, &out, job.path);
		passed++;
		let_go();
		return true;
	case UNPACK_JOB_WHOLE:
		/* The archive stays until the reader has them all. */
		if (!print_clips() || out.len > 0)
			return false;
		settle();
		return true;
	case UNPACK_JOB_BAD:
		put_away();
		return true;
	case UNPACK_JOB_LOST:
		paths_remember(&paths, job.code);
		if (job.code == EX_UNAVAILABLE)
			exit(job.code);
		let_go();
		return true;
	}
	return false;
}

static void write_fact(void)
{
	const struct pulse_number numbers[] = {
		{"archives", archives},
		{"clips", clips},
		{"bad", bad},
		{"passed", passed},
		{"unpacked_bytes", job.bytes},
	};
	const struct pulse_number queue = {"queue", job.state != UNPACK_JOB_IDLE};

	pulse_begin(&pulse);
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "last", last);
	fact_add_text(&pulse.fact, "last_bad", last_bad);
	fact_add_text(&pulse.fact, "last_reason", last_reason);
	pulse_numbers(&pulse, &queue, 1);
	fact_add_text(&pulse.fact, "sandbox", sandbox_name(job.unpack.child.sandbox));
	pulse_busy(&pulse, job.state != UNPACK_JOB_IDLE);
	pulse_end(&pulse);
}

static int run(int signals)
{
	enum { SIGNALS, INPUT, OUTPUT, CHILD, COUNT };

	for (;;) {
		bool full;
		while (!(full = out.len + PATH_MAX >= sizeof out.buf) && step())
			;
		int left = lines_flush(&out);
		if (left < 0)
			return lines_lost(errno);
		if (full && left == 0)
			continue;
		bool idle = job.state == UNPACK_JOB_IDLE && left == 0;
		bool done = idle && paths_ended(&paths);
		if (idle)
			settle_pending();
		if (pulse_due(&pulse) <= clock_now() || (done && pulse.folder >= 0))
			write_fact();
		if (done)
			return paths.worst;

		bool more = left == 0 && job.state == UNPACK_JOB_WHOLE;
		struct pollfd fds[COUNT] = {
			[SIGNALS] = {signals, POLLIN, 0},
			[INPUT] = {paths_fd(&paths, idle), POLLIN, 0},
			[OUTPUT] = {out.fd, left ? POLLOUT : 0, 0},
			[CHILD] = {job.unpack.child.socket, POLLIN, 0},
		};
		int64_t until = clock_sooner(ready_alive(), pulse_due(&pulse));
		if (job.state == UNPACK_JOB_WAITS)
			until = clock_sooner(until, job.due);
		if (job.state == UNPACK_JOB_RUNS)
			until = clock_sooner(until, job.unpack.deadline);
		if (pending)
			until = clock_sooner(until, clock_now() + CLOCK_SECOND);
		if (poll(fds, COUNT, more ? 0 : clock_timeout(until)) < 0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
		if (fds[INPUT].revents && paths_fill(&paths) < 0)
			msg_die(EX_IOERR, "standard input:");
		if (job.state == UNPACK_JOB_RUNS)
			unpack_job_go_on(&job);
	}
}

/* Returns the operands. */
static char **read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);

	if (!*operands && isatty(STDIN_FILENO))
		opt_refuse(&tool, "no ARCHIVE, and standard input is a terminal");
	triage.keep = (size_t)keep;
	return operands;
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	char **operands = read_options(argc, argv);
	int code = root_open(&root, dir);
	if (!code)
		code = pulse_open(&pulse, status, "segunpack");
	if (!code && failed)
		code = triage_open(&triage, failed);
	if (code)
		return code;
	signal(SIGIO, SIG_IGN); /* the kernel's sign that a lease is in somebody's way */
	int signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "start:");
	unpack_job_init(&job);
	job.root = &root;
	job.anew = then == THEN_KEEP;
	job.sync = then != THEN_KEEP;
	if (job.unpack.open)
		msg_warn("no sandbox: a hostile archive could do anything");
	paths_begin(&paths, operands, null);
	lines_out(&out, STDOUT_FILENO);
	ready_up();
	code = run(signals);
	unpack_job_drop(&job);
	ready_down();
	return opt_finish(code);
}
