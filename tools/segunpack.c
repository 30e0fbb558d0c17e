/* segunpack: puts the clips of an archive in its place in a stream of paths. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lines.h"
#include "msg.h"
#include "opt.h"
#include "path.h"
#include "pulse.h"
#include "ready.h"
#include "sigfd.h"
#include "tick.h"
#include "triage.h"
#include "unfold.h"

enum { KEEP = 256, NO_SANDBOX };

static const struct opt_row rows[] = {
	{'0', "null", NULL, "paths end with NUL instead of a new line"},
	{'q', "quarantine", "FAILED", "move bad archives into this folder"},
	{'s', "status", "DIR", "keep the fact segunpack in this folder"},
	{'t', "then", "WHAT", "with archives: keep, delete, played (keep)"},
	{KEEP, "keep", "N", "files that the quarantine holds, oldest out (1000)"},
	{NO_SANDBOX, "no-sandbox", NULL, "for debugging only"},
};

static const struct opt_tool tool = {
	"segunpack",
	"[-0] [-t WHAT] [-q FAILED] [--keep N] [-s DIR]\n"
	"                 [--no-sandbox] [ARCHIVE ...]",
	"Print the clips of archives in their place.",
	rows,
	sizeof rows / sizeof *rows,
};

enum then { THEN_KEEP, THEN_DELETE, THEN_PLAYED };
static const char *const thens[] = {"keep", "delete", "played", NULL};

static struct unfold unfold; /* what is in hand */
static size_t printed; /* of its clips */
static int64_t tries; /* when it was bad */

/* Archives whose clips are printed, and not all played. */
static struct pending {
	struct pending *next;
	struct path_id id;
	char name[UNPACKED_NAME_MAX + 1], path[];
} * pending;

static struct triage triage = {
	.quarantine = {.folder = -1}, .delay = 5 * TICK_SECOND, .tries = 3, .keep = 1000};
static enum then then;
static char delimiter = '\n';
static char **operands; /* NULL: the paths come from the input */
static struct lines_in in;
static struct lines_out out;
static int worst;

static struct pulse pulse;
static uint64_t archives, clips, bad, passed;
static char last[PATH_MAX], last_bad[PATH_MAX];
static const char *last_reason = "";

static void remember(int code)
{
	worst = code > worst ? code : worst;
}

static void let_go(void)
{
	unfold_drop(&unfold);
	pulse.changed = true;
}

static void put_out(const char *path, size_t len)
{
	lines_put(&out, path, len);
	lines_put(&out, &delimiter, 1);
}

static void remove_archive(const char *path, struct path_id id)
{
	const char *name;
	int parent = path_open_parent(path, &name);

	if ((parent < 0 || path_remove_same(parent, name, id) < 0) && errno != ENOENT) {
		msg_error("'%s': cannot be deleted:", path);
		remember(EX_IOERR);
	}
	path_close(parent);
}

/* Whether all clips have left its folder; then it goes, and the archive. */
static bool has_gone(const struct pending *one)
{
	const char *name;
	int parent = path_open_parent(one->path, &name);
	int place = parent < 0 ? -1 : path_open_below(parent, UNPACKED_PLACE);
	bool all;
	size_t count = 1;

	if (place >= 0)
		free(unpacked_list(place, one->name, &count, &all));
	bool gone = place >= 0 && errno == 0 && count == 0;
	if (gone) {
		remove_archive(one->path, one->id);
		unpacked_remove(place, one->name);
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
	const char *path = unfold.path;
	struct path_id id = path_id(&unfold.st);

	if (then == THEN_DELETE)
		remove_archive(path, id);
	if (then == THEN_PLAYED) {
		struct pending *one = calloc(1, sizeof *one + strlen(path) + 1);
		if (!one)
			msg_die(EX_OSERR, "no memory for '%s'", path);
		one->id = id;
		strcpy(one->name, unfold.name);
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

	for (; printed < unfold.count; printed++) {
		const char *name = unfold.clips[printed].name;
		int len = snprintf(path, sizeof path, "%.*s" UNPACKED_PLACE "/%s/%s",
			(int)unfold.head, unfold.path, unfold.name, name);
		if (len >= (int)sizeof path) {
			msg_error("'%s': too long a path for '%s'", unfold.path, name);
			remember(EX_NOINPUT);
			continue;
		}
		if (out.len + (size_t)len + 1 > sizeof out.buf)
			return false;
		put_out(path, (size_t)len);
		clips++;
	}
	return true;
}

/* What becomes of a bad one. */
static void put_away(void)
{
	const char *reason = entries_code_name(unfold.unpack.code);
	const char *detail = unfold.unpack.detail;
	int64_t due;
	int code = EX_OK;

	detail = *detail ? detail : "see segunpack(1)";
	if (triage.quarantine.folder < 0)
		msg_warn("'%s' is bad, %s: %s", unfold.path, reason, detail);
	else
		code = triage_bad(&triage, unfold.path, unfold.fd, &unfold.st, tries,
			reason, detail, &due);
	if (code == TRIAGE_AGAIN) {
		tries++;
		unfold_again(&unfold, due);
		return;
	}
	if (code == EX_CONFIG)
		exit(code);
	remember(code);
	remember(1);
	bad++;
	snprintf(last_bad, sizeof last_bad, "%s", unfold.path);
	last_reason = reason;
	let_go();
}

/* The next path. False: there is none now. */
static bool take_path(void)
{
	struct lines_line line;

	if (operands) {
		if (!*operands)
			return false;
		line = (struct lines_line){*operands, strlen(*operands), false};
		operands++;
	} else if (!lines_next(&in, &line)) {
		return false;
	}
	if (line.len == 0)
		return true;
	if (line.cut || line.len >= PATH_MAX || memchr(line.text, 0, line.len)) {
		msg_error("standard input: '%.60s...' is no path", line.text);
		remember(EX_NOINPUT);
		return true;
	}
	tries = 0;
	printed = 0;
	unfold_begin(&unfold, line.text, line.len);
	return true;
}

/* Takes the next step. False: it has to wait for something. */
static bool step(void)
{
	switch (unfold.state) {
	case UNFOLD_IDLE:
		return take_path();
	case UNFOLD_WAITS:
		unfold_go_on(&unfold);
		return unfold.state != UNFOLD_WAITS;
	case UNFOLD_RUNS:
		return false;
	case UNFOLD_PASSES:
		put_out(unfold.path, strlen(unfold.path));
		passed++;
		let_go();
		return true;
	case UNFOLD_WHOLE:
		/* The archive stays until the reader has them all. */
		if (!print_clips() || out.len > 0)
			return false;
		settle();
		return true;
	case UNFOLD_BAD:
		put_away();
		return true;
	case UNFOLD_LOST:
		remember(unfold.code);
		if (unfold.code == EX_UNAVAILABLE)
			exit(unfold.code);
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
		{"unpacked_bytes", unfold.bytes},
	};
	const struct pulse_number queue = {"queue", unfold.state != UNFOLD_IDLE};

	pulse_begin(&pulse);
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "last", last);
	fact_add_text(&pulse.fact, "last_bad", last_bad);
	fact_add_text(&pulse.fact, "last_reason", last_reason);
	pulse_numbers(&pulse, &queue, 1);
	fact_add_text(&pulse.fact, "sandbox", sandbox_name(unfold.unpack.cell.sandbox));
	pulse_busy(&pulse, unfold.state != UNFOLD_IDLE);
	pulse_end(&pulse);
}

static int run(int signals)
{
	enum { SIGNALS, INPUT, OUTPUT, CELL, COUNT };

	for (;;) {
		bool full;
		while (!(full = out.len + PATH_MAX >= sizeof out.buf) && step())
			;
		int left = lines_flush(&out);
		if (left < 0)
			return lines_lost(errno);
		if (full && left == 0)
			continue;
		bool idle = unfold.state == UNFOLD_IDLE && left == 0;
		bool done = idle && (operands ? !*operands : in.ended);
		if (idle)
			settle_pending();
		if (pulse_due(&pulse) <= tick_now() || (done && pulse.folder >= 0))
			write_fact();
		if (done)
			return worst;

		bool more = left == 0 && unfold.state == UNFOLD_WHOLE;
		struct pollfd fds[COUNT] = {
			[SIGNALS] = {signals, POLLIN, 0},
			[INPUT] = {idle && !operands ? in.fd : -1, POLLIN, 0},
			[OUTPUT] = {out.fd, left ? POLLOUT : 0, 0},
			[CELL] = {unfold.unpack.cell.socket, POLLIN, 0},
		};
		int64_t until = tick_sooner(ready_alive(), pulse_due(&pulse));
		if (unfold.state == UNFOLD_WAITS)
			until = tick_sooner(until, unfold.due);
		if (unfold.state == UNFOLD_RUNS)
			until = tick_sooner(until, unfold.unpack.deadline);
		if (pending)
			until = tick_sooner(until, tick_now() + TICK_SECOND);
		if (poll(fds, COUNT, more ? 0 : tick_timeout(until)) < 0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
		if (fds[INPUT].revents && lines_fill(&in) < 0 && errno != EAGAIN)
			msg_die(EX_IOERR, "standard input:");
		if (unfold.state == UNFOLD_RUNS)
			unfold_go_on(&unfold);
	}
}

int main(int argc, char **argv)
{
	const char *failed = NULL, *status = NULL;

	opt_begin(&tool);
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		if (key == '0')
			delimiter = '\0';
		if (key == 'q')
			failed = optarg;
		if (key == 's')
			status = optarg;
		if (key == 't')
			then = (enum then)opt_choice(&tool, "-t", optarg, thens);
		if (key == KEEP)
			triage.keep =
				(size_t)opt_number(&tool, "--keep", optarg, 1, 1000000);
		unfold.unpack.open = unfold.unpack.open || key == NO_SANDBOX;
	}
	if (optind < argc)
		operands = argv + optind;
	else if (isatty(STDIN_FILENO))
		opt_refuse(&tool, "no ARCHIVE, and standard input is a terminal");
	int code = pulse_open(&pulse, status, "segunpack");
	if (!code && failed)
		code = triage_open(&triage, failed);
	if (code)
		return code;
	signal(SIGIO, SIG_IGN); /* the kernel's sign that a lease is in somebody's way */
	int signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "start:");
	unfold_init(&unfold);
	unfold.anew = then == THEN_KEEP;
	unfold.sync = then != THEN_KEEP;
	if (unfold.unpack.open)
		msg_warn("no sandbox: a hostile archive could do anything");
	lines_in(&in, STDIN_FILENO, delimiter);
	lines_out(&out, STDOUT_FILENO);
	ready_up();
	code = run(signals);
	unfold_drop(&unfold);
	ready_down();
	return opt_finish(code);
}
