/* segcheck: looks inside clips, passes on the good ones, and puts the bad ones away. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "judge.h"
#include "lines.h"
#include "msg.h"
#include "opt.h"
#include "pool.h"
#include "pulse.h"
#include "ready.h"
#include "recheck.h"
#include "report_json.h"
#include "sigfd.h"
#include "tick.h"
#include "triage.h"
#include "tries.h"

#define RECORD_MAX 32768 /* more than any JSON line takes */
#define NO_WORKER "no sandboxed parser can be run (--no-sandbox goes on without):"

enum { KEEP = 256, LIST, NO_SANDBOX, RELEASE };

static const struct opt_row rows[] = {
	{'0', "null", NULL, "paths end with NUL instead of a new line"},
	{'c', "cursor", "CURSOR", "what it has passed does not go back"},
	{'d', "delay", "SEC", "a bad file this fresh may still grow (5)"},
	{'J', "jobs", "N", "look into so many files at once (1)"},
	{'j', "json", NULL, "print a JSON object for each file"},
	{'p', "profile", "PROFILE", "any, rtmp, youtube, twitch (any)"},
	{'q', "quarantine", "FAILED", "move bad files into this folder"},
	{'R', "retry-after", "SEC", "look into quarantined files again (0: never)"},
	{'r', "tries", "N", "times that a growing file is looked into (3)"},
	{'s', "status", "DIR", "keep the fact segcheck in this folder"},
	{KEEP, "keep", "N", "files that the quarantine holds, oldest out (1000)"},
	{LIST, "list", NULL, "show what is in quarantines"},
	{NO_SANDBOX, "no-sandbox", NULL, "for debugging only"},
	{RELEASE, "release", NULL, "put files back where they came from"},
};

static const struct opt_tool tool = {
	"segcheck",
	"[-0j] [-J N] [-p PROFILE] [-q FAILED] [-r N] [-d SEC] [-R SEC]\n"
	"                [-c CURSOR] [--keep N] [-s DIR] [--no-sandbox] [FILE ...]\n"
	"       segcheck --list FAILED ...\n"
	"       segcheck --release FAILED/NAME ...",
	"Look inside clips and print the good ones.",
	rows,
	sizeof rows / sizeof *rows,
};

static struct pool pool;
static char delimiter = '\n';
static bool json;
static const struct report_profile *profile;
static struct tries before; /* what an earlier segcheck had tried */
static struct triage triage = {
	.quarantine = {.folder = -1}, .delay = 5 * TICK_SECOND, .tries = 3, .keep = 1000};
static struct recheck recheck = {.quarantine = &triage.quarantine};
static struct quarantine_entry entry; /* what is looked into again */

static struct lines_in in;
static struct lines_out out;
static char **operands; /* NULL: the paths come from the input */
static int worst;

static struct pulse pulse;
static uint64_t checked, good, bad, retried, quarantined;
static char last_bad[PATH_MAX];
static const char *last_reason = "";

static void remember(int code)
{
	worst = code > worst ? code : worst;
}

/* So that who grows for ever is not tried for ever, by restart after restart. */
static void save_tries(void)
{
	static struct tries now;
	struct job *job;

	now.len = 0;
	for (size_t i = 0; (job = pool_job(&pool, i)); i++)
		if (job->tries > 0)
			tries_add(&now, job->path, job->tries);
	if (tries_save(&now, triage.quarantine.folder) < 0)
		msg_warn("quarantine '%s': '" TRIES_NAME "':", triage.quarantine.path);
}

static void take_path(const char *path, size_t len)
{
	struct job *job = pool_add(&pool, path, len);

	if (!job)
		msg_die(EX_OSERR, "take in a path:");
	job->tries = tries_take(&before, job->path);
}

/* Fills the hands from the operands or from what was read. True: something came. */
static bool take_paths(void)
{
	size_t had = pool.count;
	struct lines_line line;

	while (pool.count < POOL_JOBS) {
		if (operands) {
			if (!*operands)
				break;
			take_path(*operands, strlen(*operands));
			operands++;
		} else if (!lines_next(&in, &line)) {
			break;
		} else if (line.cut || line.len >= PATH_MAX ||
			memchr(line.text, 0, line.len)) {
			msg_error("standard input: '%.60s...' is no path", line.text);
			remember(EX_NOINPUT);
		} else if (line.len > 0) {
			take_path(line.text, line.len);
		}
	}
	return pool.count > had;
}

static void put_out(const char *text, char end)
{
	lines_put(&out, text, strlen(text));
	lines_put(&out, &end, 1);
}

static void put_json(const struct job *job)
{
	char *text = report_json(&job->report, profile, job->path);

	if (!text)
		msg_die(EX_OSERR, "no memory for the report about '%s'", job->path);
	put_out(text, '\n');
	free(text);
}

/* What becomes of a bad one. False: it is looked into once more. */
static bool put_away(struct job *job, enum report_code reason)
{
	int64_t due;
	int code = triage_bad(&triage, job->path, job->fd, &job->st, job->tries,
		report_code_name(reason), job->report.detail, &due);

	if (code == TRIAGE_AGAIN) {
		job->tries++;
		pool_again(job, due);
		retried++;
		pulse.changed = true;
		save_tries();
		return false;
	}
	if (code == EX_CONFIG)
		exit(code);
	remember(code);
	quarantined += code == EX_OK;
	return true;
}

/* Decides about a report. False: not yet. */
static bool decide(struct job *job)
{
	enum report_code code = report_judge(&job->report, profile);
	bool away = triage.quarantine.folder >= 0;

	checked++;
	if (code != REPORT_GOOD && away && !put_away(job, code))
		return false;
	if (json)
		put_json(job);
	if (code == REPORT_GOOD) {
		good++;
		if (!json)
			put_out(job->path, delimiter);
		return true;
	}
	bad++;
	remember(1);
	snprintf(last_bad, sizeof last_bad, "%s", job->path);
	last_reason = report_code_name(code);
	if (!away)
		msg_warn("'%s' is bad, %s: %s", job->path, last_reason,
			job->report.detail);
	return true;
}

/* Lets go of the first clips in hand that are decided. True: there were some. */
static bool settle(void)
{
	struct job *job;
	bool some = false;

	while ((job = pool_job(&pool, 0)) && job->state >= JOB_DONE &&
		out.len <= sizeof out.buf - RECORD_MAX) {
		bool counted = job->tries > 0;
		if (job->state == JOB_LOST)
			remember(EX_NOINPUT);
		else if (!decide(job))
			return true;
		pool_drop(&pool);
		some = true;
		pulse.changed = true;
		if (counted)
			save_tries();
	}
	return some;
}

/* The second look at what was put away. */
static void look_again(void)
{
	struct job *job = &pool.extra;
	enum report_code code = report_judge(&job->report, profile);

	if (job->state == JOB_DONE && code == REPORT_GOOD)
		recheck_good(&recheck, &entry);
	else if (job->state == JOB_DONE)
		recheck_bad(&recheck, &entry, report_code_name(code), job->report.detail);
	else if (job->state == JOB_LOST)
		recheck_bad(&recheck, &entry, entry.code, entry.reason);
	if (job->state >= JOB_DONE)
		pool_drop_extra(&pool);
	if (pool_is_idle(&pool) && recheck_next(&recheck, &entry))
		pool_add_extra(&pool, triage.quarantine.folder, entry.name);
}

static void write_fact(void)
{
	const struct pulse_number numbers[] = {
		{"checked", checked},
		{"good", good},
		{"bad", bad},
		{"retried", retried},
		{"quarantined", quarantined},
	};

	pulse_begin(&pulse);
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "last_bad", last_bad);
	fact_add_text(&pulse.fact, "last_reason", last_reason);
	fact_add_text(&pulse.fact, "sandbox", sandbox_name(pool.workers[0].cell.sandbox));
	pulse_end(&pulse);
}

static int run(int signals)
{
	enum { SIGNALS, INPUT, OUTPUT, FIRST_WORKER };
	struct pollfd fds[FIRST_WORKER + POOL_WORKERS] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[INPUT] = {STDIN_FILENO, POLLIN, 0},
		[OUTPUT] = {out.fd, 0, 0},
	};

	for (;;) {
		look_again();
		/* No parser, no verdict: nothing passes that nobody looked into. */
		if (pool_begin(&pool) < 0)
			msg_die(EX_UNAVAILABLE, NO_WORKER);
		bool more = settle();
		more = take_paths() || more;
		if (lines_flush(&out) < 0)
			return lines_lost(errno);
		bool ended = operands ? !*operands : in.ended;
		bool done = ended && pool.count == 0 && out.len == 0;
		if (pulse_due(&pulse) <= tick_now() || (done && pulse.folder >= 0))
			write_fact();
		if (done)
			return worst;

		fds[INPUT].fd =
			!operands && !in.ended && pool.count < POOL_JOBS ? in.fd : -1;
		fds[OUTPUT].events = out.len > 0 ? POLLOUT : 0;
		size_t count = FIRST_WORKER + pool_poll(&pool, fds + FIRST_WORKER);
		int64_t until = tick_sooner(ready_alive(), pulse_due(&pulse));
		until = tick_sooner(until, pool_due(&pool));
		if (pool_is_idle(&pool))
			until = tick_sooner(until, recheck_due(&recheck));
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

static int each_operand(int (*act)(const char *path), char **paths)
{
	if (!*paths)
		opt_refuse(&tool, "no FAILED folder or file named");
	for (; *paths; paths++)
		remember(act(*paths));
	return opt_finish(worst);
}

int main(int argc, char **argv)
{
	const char *failed = NULL, *status = NULL;
	int (*act)(const char *path) = NULL;
	size_t workers = 1;
	bool open = false;

	opt_begin(&tool);
	profile = report_profile(0);
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		switch (key) {
		case '0':
			delimiter = '\0';
			break;
		case 'c':
			recheck.cursor = optarg;
			break;
		case 'd':
			triage.delay =
				opt_number(&tool, "-d", optarg, 0, 3600) * TICK_SECOND;
			break;
		case 'J':
			workers =
				(size_t)opt_number(&tool, "-J", optarg, 1, POOL_WORKERS);
			break;
		case 'j':
			json = true;
			break;
		case 'p':
			profile = report_profile(
				opt_choice(&tool, "-p", optarg, report_profiles));
			break;
		case 'q':
			failed = optarg;
			break;
		case 'R':
			recheck.after = opt_number(&tool, "-R", optarg, 0, 30 * 86400) *
				TICK_SECOND;
			break;
		case 'r':
			triage.tries = opt_number(&tool, "-r", optarg, 1, 1000);
			break;
		case 's':
			status = optarg;
			break;
		case KEEP:
			triage.keep =
				(size_t)opt_number(&tool, "--keep", optarg, 1, 1000000);
			break;
		case LIST:
			act = triage_list;
			break;
		case NO_SANDBOX:
			open = true;
			break;
		case RELEASE:
			act = triage_release;
			break;
		}
	}
	if (act)
		return each_operand(act, argv + optind);
	if (recheck.after && !failed)
		opt_refuse(&tool, "option -R needs a quarantine: -q");
	if (optind < argc)
		operands = argv + optind;
	else if (isatty(STDIN_FILENO))
		opt_refuse(&tool, "no FILE, and standard input is a terminal");
	int code = pulse_open(&pulse, status, "segcheck");
	if (!code && failed)
		code = triage_open(&triage, failed);
	if (code)
		return code;
	if (failed)
		tries_load(&before, triage.quarantine.folder);
	recheck.tries = 2 * triage.tries;
	signal(SIGIO, SIG_IGN); /* the kernel's sign that a lease is in somebody's way */
	int signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "start:");
	if (pool_start(&pool, workers, judge_file, open) < 0)
		msg_die(EX_UNAVAILABLE, NO_WORKER);
	lines_in(&in, STDIN_FILENO, delimiter);
	lines_out(&out, STDOUT_FILENO);
	ready_up();
	code = run(signals);
	ready_down();
	return opt_finish(code);
}
