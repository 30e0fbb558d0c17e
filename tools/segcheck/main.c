/*
 * segcheck: looks inside clips, passes on the good ones, and puts the bad ones away.
 *
 *   decide       what becomes of a clip that was looked into
 *     tries        how often each was, for the next process
 *     recheck      the second look at the quarantine
 *     memory       verdicts about what comes again
 *     report_json  a report as a line of JSON
 *
 * The looking itself is media/pool, in processes without rights.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/paths.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "decide.h"
#include "media/inspect.h"

#define LOOK_FOR_ROOM (CLOCK_SECOND / 10)
#define NO_WORKER "no sandboxed parser can be run (--no-sandbox goes on without):"

static struct paths paths;
static struct lines_out out;
static struct decide decide = {
	.triage = {.root = &decide.root,
		.quarantine = {.folder = -1},
		.delay = 5 * CLOCK_SECOND,
		.tries = 3},
	.recheck = {.quarantine = &decide.triage.quarantine},
	.paths = &paths,
	.out = &out,
	.pool = {.root = &decide.root},
	.last_reason = "",
};
static const char *dir, *failed, *status;
static bool null, list, release, open_parser;
static unsigned profile_index, sound;
static struct report_profile profile;
static int64_t workers = 1, keep = 1000;

static void read_order(const struct opt_tool *self, char *value)
{
	static const char *const names[] = {"given", NULL};

	decide.given = opt_choice(self, "-o", value, names) == 0;
}

static const struct opt_row rows[] = {
	{'0', "null", NULL, "paths end with NUL instead of a new line", .flag = &null},
	{'c', "cursor", "CURSOR", "what it has passed does not go back",
		.text = &decide.recheck.cursor},
	{'d', "delay", "SEC", "a bad file this fresh may still grow (5)",
		.number = {&decide.triage.delay, CLOCK_SECOND, 0, 3600}},
	{'J', "jobs", "N", "look into so many files at once (1)",
		.number = {&workers, 1, 1, POOL_WORKERS}},
	{'j', "json", NULL, "print a JSON object for each file", .flag = &decide.json},
	{'o', "order", "given", "the order of a list: clips come again, one at a time",
		.read = read_order},
	{'p', "profile", "PROFILE", "any, rtmp, youtube, twitch (any)",
		.choice = {&profile_index, report_profiles}},
	{'q', "quarantine", "FAILED", "move bad files into this folder", .text = &failed},
	{'R', "retry-after", "SEC", "look into quarantined files again (0: never)",
		.number = {&decide.recheck.after, CLOCK_SECOND, 0, 30 * 86400}},
	{'r', "tries", "N", "times that a growing file is looked into (3)",
		.number = {&decide.triage.tries, 1, 1, 1000}},
	{'s', "status", "DIR", "keep the fact segcheck in this folder", .text = &status},
	{0, "audio", "keep|silence|aac|profile",
		"what is done about unusable sound (keep)",
		.choice = {&sound, report_sounds}},
	{0, "dir", "DIR", "files lie below it, and no link on the way is followed",
		.text = &dir},
	{0, "keep", "N", "files that the quarantine holds, oldest out (1000)",
		.number = {&keep, 1, 1, 1000000}},
	{0, "list", NULL, "show what is in quarantines", .flag = &list},
	{0, "max-clip", "SEC", "refuse clips that last longer (0: none)",
		.number = {&decide.max_clip, CLOCK_SECOND, 0, 366 * 86400}},
	{0, "no-sandbox", NULL, "for debugging only", .flag = &open_parser},
	{0, "release", NULL, "put files back where they came from", .flag = &release},
};

static const struct opt_tool tool = {
	"segcheck",
	"[-0j] [-J N] [-o given] [-p PROFILE] [--audio keep|silence|aac|profile] [-q "
	"FAILED]\n"
	"                [-r N] [-d SEC] [-R SEC] [-c CURSOR] [--keep N] [--dir DIR]\n"
	"                [--max-clip SEC] [-s DIR] [--no-sandbox] [FILE ...]\n"
	"       segcheck [--dir DIR] --list FAILED ...\n"
	"       segcheck [--dir DIR] --release FAILED/NAME ...",
	"Look inside clips and print the good ones.",
	rows,
	sizeof rows / sizeof *rows,
};

static int run(int signals)
{
	enum { SIGNALS, INPUT, OUTPUT, FIRST_WORKER };
	struct pollfd fds[FIRST_WORKER + POOL_WORKERS] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[INPUT] = {-1, POLLIN, 0},
		[OUTPUT] = {out.fd, 0, 0},
	};

	for (;;) {
		decide_look_again(&decide);
		/* No parser, no verdict: nothing passes that nobody looked into. */
		if (pool_begin(&decide.pool) < 0)
			msg_die(EX_UNAVAILABLE, NO_WORKER);
		bool more = decide_settle(&decide);
		more = decide_take_paths(&decide) || more;
		if (lines_flush(&out) < 0)
			return lines_lost(errno);
		bool done = paths_ended(&paths) && decide.pool.count == 0 && out.len == 0;
		if (pulse_due(&decide.pulse) <= clock_now() ||
			(done && decide.pulse.folder >= 0))
			decide_write_fact(&decide);
		if (done)
			return paths.worst;

		fds[INPUT].fd = paths_fd(&paths, decide_has_room(&decide));
		bool full = decide.given && !lines_drained(&out);
		fds[OUTPUT].events = out.len > 0 || (full && out.single) ? POLLOUT : 0;
		size_t count = FIRST_WORKER + pool_poll(&decide.pool, fds + FIRST_WORKER);
		int64_t until = clock_sooner(ready_alive(), pulse_due(&decide.pulse));
		until = clock_sooner(until, pool_due(&decide.pool));
		if (pool_is_idle(&decide.pool))
			until = clock_sooner(until, recheck_due(&decide.recheck));
		if (full && !out.single)
			until = clock_sooner(until, clock_now() + LOOK_FOR_ROOM);
		if (decide.rest.until > clock_now())
			until = clock_sooner(until, decide.rest.until);
		if (poll(fds, count, more ? 0 : clock_timeout(until)) < 0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
		if (fds[INPUT].revents && paths_fill(&paths) < 0)
			msg_die(EX_IOERR, "standard input:");
		pool_take(&decide.pool);
	}
}

/* Acts on quarantines, instead. */
static int each_operand(char **operands)
{
	int (*act)(struct root * root, const char *path) =
		list ? triage_list : triage_release;

	if (!*operands)
		opt_refuse(&tool, "no FAILED folder or file named");
	for (; *operands; operands++)
		paths_remember(&paths, act(&decide.root, *operands));
	return opt_finish(paths.worst);
}

/* Returns the operands. */
static char **read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);

	if (list && release)
		opt_refuse(&tool, "options --list and --release exclude each other");
	if (list || release)
		return operands;
	if (decide.recheck.after && !failed)
		opt_refuse(&tool, "option -R needs a quarantine: -q");
	if (decide.given && failed)
		opt_refuse(&tool, "with -o given no clip is moved: no -q");
	if (!*operands && isatty(STDIN_FILENO))
		opt_refuse(&tool, "no FILE, and standard input is a terminal");
	profile = report_profile_with(profile_index, sound);
	decide.profile = &profile;
	decide.triage.keep = (size_t)keep;
	decide.recheck.tries = 2 * decide.triage.tries;
	return operands;
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	char **operands = read_options(argc, argv);
	int code = root_open(&decide.root, dir);
	if ((list || release) && !code)
		return each_operand(operands);
	if (!code)
		code = pulse_open(&decide.pulse, status, tool.name);
	if (!code && failed)
		code = triage_open(&decide.triage, failed);
	if (code)
		return code;
	if (failed)
		decide_begin(&decide);
	signal(SIGIO, SIG_IGN); /* the kernel's sign that a lease is in somebody's way */
	int signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "start:");
	if (pool_start(&decide.pool, (size_t)workers, inspect_file, open_parser) < 0)
		msg_die(EX_UNAVAILABLE, NO_WORKER);
	paths_begin(&paths, operands, null);
	lines_out(&out, STDOUT_FILENO);
	if (decide.given)
		lines_single(&out);
	ready_up();
	code = run(signals);
	ready_down();
	return opt_finish(code);
}
