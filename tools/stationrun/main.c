/*
 * stationrun: keeps the tools of one station running, and keeps their log.
 *
 *   supervise   starts and restarts the pipeline, and keeps the fact
 *     commands    of the pipeline, from the settings
 *     pipeline    the processes, joined by pipes
 *   logfile     the log, bounded
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/pulse.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "logfile.h"
#include "proc/child.h"
#include "station/runner.h"
#include "station/settings.h"
#include "station/station.h"
#include "supervise.h"

#define LOCK_TIME (10 * CLOCK_SECOND) /* that those before us have to end */
#define LOG_SIZE (1 << 20) /* and as much again */

static bool log_to_file, dry_run, ask_free;
static const char *stage_name;

static const struct opt_row rows[] = {
	{'l', "log", NULL, "log to the station's folder, not to standard error",
		.flag = &log_to_file},
	{'n', "dry-run", NULL, "print the commands and run nothing", .flag = &dry_run},
	{0, "free", NULL, "run nothing: 0 if nothing runs the station, or 1",
		.flag = &ask_free},
	{0, "stage", "NAME", "with --free: 1 too if the station has no such stage",
		.text = &stage_name},
};

static const struct opt_tool tool = {
	"stationrun",
	"[-ln] ID\n"
	"       stationrun --free [--stage NAME] ID",
	"Run the tools of a station, and run them again when one ends.",
	rows,
	sizeof rows / sizeof *rows,
};

static const char *id;
static int signals, live = -1, state = -1;
static struct supervise supervise = {.lock = -1};
static struct logfile logfile;

static void take_log(int from)
{
	char text[65536];
	ssize_t n = read(from, text, sizeof text);

	if (n > 0)
		logfile_put(&logfile, text, (size_t)n);
}

static int run(int log)
{
	enum { SIGNALS, LOG, FIRST };
	struct pollfd fds[FIRST + STAGES] = {
		[SIGNALS] = {signals, POLLIN, 0}, [LOG] = {log, POLLIN, 0}};
	const struct pipeline *pipeline = &supervise.pipeline;

	for (;;) {
		if (pipeline->count == 0)
			supervise_start(&supervise);
		if (pulse_due(&supervise.pulse) <= clock_now())
			supervise_write_fact(&supervise);
		for (size_t i = 0; i < pipeline->count; i++)
			fds[FIRST + i] =
				(struct pollfd){pipeline->links[i].fd, POLLIN, 0};
		int64_t until = clock_sooner(pulse_due(&supervise.pulse), ready_alive());
		until = clock_sooner(until, supervise_due(&supervise));
		if (poll(fds, FIRST + pipeline->count, clock_timeout(until)) < 0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[LOG].revents)
			take_log(log);
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (pipeline->count > 0)
			supervise_look_after(&supervise);
	}
}

static int open_folder(enum station_place place)
{
	int folder = station_make(place, id);

	if (folder < 0)
		msg_die(EX_IOERR, "folder '%s/%s':", station_path(place), id);
	return folder;
}

/* One of us at a time: what those before us have started must have ended, too. */
static void take_lock(void)
{
	int64_t deadline = clock_now() + LOCK_TIME;

	while ((supervise.lock = runner_lock(live)) < 0) {
		struct pollfd stop = {signals, POLLIN, 0};

		if (errno != EWOULDBLOCK)
			msg_die(EX_IOERR, "lock in '%s':", supervise.commands.live);
		if (runner_open(live) >= 0)
			msg_die(EX_TEMPFAIL, "station '%s': it runs already", id);
		if (clock_now() >= deadline)
			msg_die(EX_TEMPFAIL, "station '%s': what ran before does not end",
				id);
		if (poll(&stop, 1, 50) > 0)
			exit(EX_OK);
	}
}

/* Sends our messages and those of the tools through a pipe into the log. Returns the
 * end to read from. */
static int divert_log(void)
{
	int ends[2];

	if (logfile_open(&logfile, state, "log", LOG_SIZE) < 0)
		msg_die(EX_IOERR, "log '%s/%s/log':", station_path(STATION_STATE), id);
	if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ||
		dup2(ends[1], STDERR_FILENO) < 0)
		msg_die(EX_OSERR, "log:");
	close(ends[1]);
	msg_init(tool.name);
	return ends[0];
}

/* True if the pipeline of the station has the stage. */
static bool has_stage(void)
{
	int settings = station_open(STATION_SETTINGS);
	enum stage stage = stage_find(stage_name);
	struct conf conf;

	if (stage == STAGES)
		opt_refuse(&tool, "option --stage: '%s' is no stage", stage_name);
	if (settings < 0 || station_conf(&conf, settings, id) < 0)
		msg_die(EX_IOERR, "station '%s': settings:", id);
	bool is_on = stage_is_on(stage, &conf);
	conf_free(&conf);
	close(settings);
	return is_on;
}

/* For the units, as root: the folder is their user's, who may have put anything there. */
static int say_free(void)
{
	signal(SIGTERM, SIG_IGN); /* a unit that is stopped meanwhile has not failed */
	if (stage_name && !has_stage())
		return opt_finish(1);
	int free = runner_free(id);
	if (free < 0)
		msg_error("station '%s': its lock:", id);
	else if (free && station_settle(id) < 0)
		msg_warn("station '%s': its cursor is not moved to its place:", id);
	return opt_finish(free < 0 ? EX_IOERR : !free);
}

/* Prints the commands. Returns the exit code. */
static int show_commands(void)
{
	char error[512];

	if (commands_read(&supervise.commands, error, sizeof error) < 0)
		msg_die(EX_CONFIG, "station '%s': %s", id, error);
	commands_print(&supervise.commands);
	return opt_finish(EX_OK);
}

/* The folders that only one of the tools writes to. */
static void make_own_folders(void)
{
	static const char *const names[] = {STATION_PLAYER, STATION_LIST};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int own = station_settle(id) < 0 ? -1 : station_make_own(id, names[i]);
		if (own < 0)
			msg_die(EX_IOERR,
				"folder '%s/%s/%s':", station_path(STATION_STATE), id,
				names[i]);
		close(own);
	}
}

/* Becomes the one that runs the station. Returns 0, or an exit code. */
static int take_over(void)
{
	signals = sigfd_open();
	if (signals < 0 || process_of(&supervise.self, getpid()) < 0 ||
		child_look_here() < 0)
		msg_die(EX_OSERR, "start:");
	state = open_folder(STATION_STATE);
	live = open_folder(STATION_LIVE);
	take_lock();
	make_own_folders();
	return pulse_open(&supervise.pulse, supervise.commands.live, tool.name);
}

static void read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);

	id = opt_operand(&tool, operands, "ID");
	if (!station_id_ok(id))
		opt_refuse(&tool, "'%s' is no ID of a station", id);
}

int main(int argc, char **argv)
{
	int log = -1;

	opt_begin(&tool);
	read_options(argc, argv);
	for (enum settings_key key = 0; key < SETTINGS_KEYS; key++)
		if (settings_is_secret(key)) /* it is for one tool alone */
			unsetenv(settings_name(key));
	srand((unsigned)getpid());
	if (ask_free)
		return say_free();
	if (commands_begin(&supervise.commands, id) < 0)
		msg_die(EX_CONFIG, "station '%s': STREAMHUB_ROOT is too long", id);
	if (dry_run)
		return show_commands();
	int code = take_over();
	if (code)
		return code;
	if (log_to_file)
		log = divert_log();
	int left = runner_sweep(live);
	if (left > 0)
		msg_warn("station '%s': was not stopped in order: %d facts removed", id,
			left);
	ready_up();
	code = run(log);
	ready_down();
	supervise_stop(&supervise);
	runner_sweep(live);
	if (log_to_file)
		take_log(log);
	return opt_finish(code);
}
