/*
 * Stations without systemd: one stationrun each, in the background. Its lock in the live
 * folder is the truth about whether it runs; its fact says which process it is. start
 * waits until the fact is there or the process has ended, and shows what the log got
 * meanwhile; stop ends the process and waits until the lock is free.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/path.h"
#include "proc/child.h"
#include "service/backend.h"
#include "station/runner.h"
#include "station/station.h"

#define LOOK_EVERY 20 /* milliseconds */
#define START_TIME (15 * CLOCK_SECOND) /* it may wait 10 s for those before it */
#define STOP_TIME (12 * CLOCK_SECOND) /* it gives its tools 5 s, perhaps twice */
#define LEFT_TIME (5 * CLOCK_SECOND) /* that its tools have when it is killed */
#define LOG_SHOWN 2048 /* bytes of the log when it does not start */

/* The folder of live facts; -1 with errno, ENOENT: there is none. */
static int open_live(const char *id)
{
	int place = station_open(STATION_LIVE);
	int folder = place < 0 ? -1 : path_open_below(place, id);

	path_close(place);
	return folder;
}

static int find(const char *id, pid_t *pid)
{
	struct process process;
	int live = open_live(id);

	if (live < 0)
		return errno == ENOENT ? 0 : -1;
	struct fact fact = fact_read(live, stage_rows[STAGE_STATIONRUN].fact);
	int fd = runner_of(&fact, &process) < 0 ? -1 : process_open(&process);
	const char *state = fd < 0 ? NULL : fact_get(&fact, "state");
	int found = fd < 0                               ? 0
		: state && strcmp(state, "waiting") == 0 ? BACKEND_WAITS
							 : BACKEND_RUNS;
	fact_free(&fact);
	close(live);
	if (fd < 0)
		return 0;
	close(fd);
	*pid = process.pid;
	return found;
}

/* Removes what somebody killed left behind; the caller has the lock. */
static void sweep(int live, const char *id)
{
	int left = runner_sweep(live);

	if (left > 0)
		msg_warn("station '%s': was not stopped in order: %d facts removed", id,
			left);
}

static off_t log_size(int state)
{
	struct stat st = {0};

	return fstatat(state, "log", &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : st.st_size;
}

/* Says what was added to the log since it had this size, or the end of that. */
static void show_log(int state, const char *id, off_t from)
{
	char text[LOG_SHOWN + 1], *rest = text, *line;
	off_t size = log_size(state);

	int fd = path_open_file(state, "log", NULL);
	if (fd < 0)
		return;
	bool cut = size - from > LOG_SHOWN;
	if (cut)
		from = size - LOG_SHOWN;
	ssize_t n = pread(fd, text, LOG_SHOWN, from);
	text[n > 0 ? n : 0] = '\0';
	if (cut)
		strsep(&rest, "\n"); /* half a line */
	while ((line = strsep(&rest, "\n")))
		if (*line)
			msg_error("station '%s': log: %s", id, line);
	close(fd);
}

/* In the child. Whoever waits for the end of our output does not wait for it. */
_Noreturn static void become(const char *id)
{
	const char *runner = stage_rows[STAGE_STATIONRUN].name;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC); /* the caller's locks */
	if (setsid() >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
		dup2(null, STDOUT_FILENO) >= 0 &&
		(*station_path(STATION_LIVE) != '/' || chdir("/") == 0))
		execlp(runner, runner, "-l", "--", id, NULL);
	msg_error("station '%s': '%s' cannot be run:", id, runner);
	_exit(EX_OSERR);
}

/* True if its fact is there by now; if so, tells why its tools do not run, if so. */
static bool has_begun(int live, const char *id, const struct process *child)
{
	struct fact fact = fact_read(live, stage_rows[STAGE_STATIONRUN].fact);
	struct process process;

	bool begun = runner_of(&fact, &process) == 0 && process.pid == child->pid &&
		process.started == child->started;
	const char *error = begun ? fact_get(&fact, "error") : NULL;
	if (begun && error && *error)
		msg_warn("station '%s': pid %d, but %s", id, (int)child->pid, error);
	else if (begun)
		msg_info("station '%s': runs, pid %d", id, (int)child->pid);
	fact_free(&fact);
	return begun;
}

/* Ends the process that was opened as fd: SIGTERM, and SIGKILL if it takes too long. */
static int end(int fd, const char *id)
{
	static const struct {
		int signal;
		int64_t time;
	} steps[] = {{SIGTERM, STOP_TIME}, {SIGKILL, LEFT_TIME}};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (i > 0)
			msg_warn("station '%s': did not end in %lld s: killed", id,
				(long long)(STOP_TIME / CLOCK_SECOND));
		if (process_signal(fd, steps[i].signal) < 0 && errno != ESRCH) {
			msg_error("station '%s': cannot be stopped:", id);
			return EX_UNAVAILABLE;
		}
		if (process_await(fd, clock_now() + steps[i].time, -1) == 0)
			return EX_OK;
	}
	msg_error("station '%s': does not end", id);
	return EX_TEMPFAIL;
}

static bool runs_already(const char *id)
{
	pid_t pid;

	if (find(id, &pid) <= 0)
		return false;
	msg_info("station '%s': runs already, pid %d", id, (int)pid);
	return true;
}

static int await_begin(int live, const char *id, pid_t pid)
{
	int64_t deadline = clock_now() + START_TIME;
	struct process child;
	int status;

	int fd = process_of(&child, pid) < 0 ? -1 : process_open(&child);
	while (fd >= 0 && clock_now() < deadline &&
		process_await(fd, clock_now() + LOOK_EVERY, -1) < 0) {
		if (has_begun(live, id, &child)) {
			close(fd);
			return EX_OK;
		}
	}
	if (waitpid(pid, &status, WNOHANG) != pid) { /* nobody would find it */
		msg_error("station '%s': does not say that it runs, pid %d: is ended", id,
			(int)pid);
		if (fd >= 0) {
			end(fd, id);
			close(fd);
		}
		return EX_TEMPFAIL;
	}
	path_close(fd);
	if (runs_already(id)) /* somebody else was faster */
		return EX_OK;
	if (WIFEXITED(status))
		msg_error("station '%s': did not start: exit code %d", id,
			WEXITSTATUS(status));
	else
		msg_error("station '%s': did not start: signal %d", id, WTERMSIG(status));
	return EX_UNAVAILABLE;
}

static int launch(int live, int state, const char *id)
{
	off_t size = log_size(state);
	int lock = runner_lock(live);

	if (lock >= 0) {
		sweep(live, id);
		close(lock);
	}
	fflush(NULL);
	pid_t pid = child_look_here() < 0 ? -1 : fork();
	if (pid < 0) {
		msg_error("station '%s': '%s' cannot be run:", id,
			stage_rows[STAGE_STATIONRUN].name);
		return EX_OSERR;
	}
	if (pid == 0)
		become(id);
	int code = await_begin(live, id, pid);
	if (code)
		show_log(state, id, size);
	return code;
}

static int start(const char *id)
{
	int live = station_make(STATION_LIVE, id);
	int state = live < 0 ? -1 : station_make(STATION_STATE, id);
	int code = EX_IOERR;

	if (state < 0)
		msg_error("station '%s': cannot make its folders:", id);
	else if (runs_already(id))
		code = EX_OK;
	else
		code = launch(live, state, id);
	path_close(live);
	path_close(state);
	return code;
}

/* Until nobody holds the lock. One may just begin, and have no fact yet. */
static int await_rest(int live, const char *id, bool *ran)
{
	int64_t deadline = clock_now() + LEFT_TIME;
	int code = EX_OK, lock;

	while ((lock = runner_lock(live)) < 0 && code == EX_OK) {
		if (errno != EWOULDBLOCK) {
			msg_error("station '%s': lock:", id);
			return EX_IOERR;
		}
		int fd = runner_open(live);
		*ran = true;
		if (fd >= 0) {
			code = end(fd, id);
			close(fd);
			deadline = clock_now() + LEFT_TIME;
		} else if (clock_now() >= deadline) {
			msg_error("station '%s': what it left behind does not end", id);
			code = EX_TEMPFAIL;
		}
		poll(NULL, 0, LOOK_EVERY);
	}
	if (lock >= 0) {
		sweep(live, id);
		close(lock);
	}
	return code;
}

static int stop(const char *id)
{
	int live = open_live(id);
	bool ran = false;

	if (live < 0 && errno != ENOENT) {
		msg_error("station '%s': '%s/%s':", id, station_path(STATION_LIVE), id);
		return EX_IOERR;
	}
	int code = live < 0 ? EX_OK : await_rest(live, id, &ran);
	path_close(live);
	if (code == EX_OK)
		msg_info("station '%s': %s", id, ran ? "stopped" : "does not run");
	return code;
}

static int logs(const char *id, bool follow)
{
	int state = station_open(STATION_STATE);
	char name[128], *path;

	snprintf(name, sizeof name, "%.64s/log", id);
	if (path_open_file(state, name, NULL) < 0) {
		msg_error("log '%s/%s':", station_path(STATION_STATE), name);
		return errno == ENOENT || state < 0 ? EX_NOINPUT : EX_IOERR;
	}
	if (asprintf(&path, "%s/%s", station_path(STATION_STATE), name) >= 0)
		execlp("tail", "tail", follow ? "-F" : "-q", "-n", follow ? "20" : "+1",
			"--", path, NULL);
	msg_error("'tail' cannot be run:");
	return EX_OSERR;
}

const struct backend backend_process = {
	.name = "process",
	.find = find,
	.start = start,
	.stop = stop,
	.logs = logs,
};
