#include "media/worker.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static void serve(int socket, void *data)
{
	const struct worker *worker = data;
	static struct report report;
	int fd;

	/* Keep freed memory for the next file instead of returning it to the kernel. */
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	while ((fd = sandboxed_receive(socket)) >= 0) {
		memset(&report, 0, sizeof report);
		worker->parse(fd, &report);
		close(fd);
		if (sandboxed_send(socket, &report, sizeof report) < 0)
			break;
	}
}

int worker_start(struct worker *worker)
{
	worker->deadline = CLOCK_NEVER;
	return sandboxed_start(&worker->child,
		&(struct sandboxed_plan){serve, worker, WORKER_MEMORY, worker->open});
}

/* Limits the processor time for this file, on top of the time that earlier files took. */
static void limit_time(pid_t pid)
{
	struct timespec used = {0};
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) == 0)
		clock_gettime(clock, &used);
	rlim_t most = (rlim_t)used.tv_sec + 1 + WORKER_CPU_SECONDS;
	prlimit(pid, RLIMIT_CPU, &(struct rlimit){most, RLIM_INFINITY}, NULL);
}

static int give(struct worker *worker, int fd)
{
	limit_time(worker->child.pid);
	return sandboxed_give(worker->child.socket, fd);
}

int worker_give(struct worker *worker, int fd)
{
	if (worker->child.pid == 0 && worker_start(worker) < 0)
		return -1;
	if (give(worker, fd) < 0) { /* the process died while it was idle */
		worker_stop(worker);
		if (worker_start(worker) < 0 || give(worker, fd) < 0)
			return -1;
	}
	worker->deadline = clock_now() + WORKER_SECONDS * CLOCK_SECOND;
	return 0;
}

/* Ends the process if it still runs. Returns its status as of wait(2). */
static int end(struct worker *worker)
{
	worker->deadline = CLOCK_NEVER;
	return sandboxed_end(&worker->child);
}

int worker_take(struct worker *worker, struct report *report)
{
	ssize_t n = recv(worker->child.socket, report, sizeof *report, MSG_DONTWAIT);

	if (n == sizeof *report && report_sane(report)) {
		worker->deadline = CLOCK_NEVER;
		return 1;
	}
	if (n < 0 && errno == EAGAIN && clock_now() < worker->deadline)
		return 0;
	bool late = n < 0 && errno == EAGAIN, lies = n > 0;
	/* If the socket is at its end (n is 0), the process has died by itself, and its
	 * status is not that of our SIGKILL. */
	int status = end(worker);
	*report = (struct report){.duration_ms = REPORT_NONE,
		.declared_ms = REPORT_NONE,
		.keyframe_ms = REPORT_NONE};
	if (lies)
		report_find(report, REPORT_DIED, "what it answered is no report");
	else if (late || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
		report_find(report, REPORT_TIMEOUT,
			"after %d s, or %d s of the processor", WORKER_SECONDS,
			WORKER_CPU_SECONDS);
	else if (WIFSIGNALED(status))
		report_find(report, REPORT_DIED, "by %s", sigabbrev_np(WTERMSIG(status)));
	else
		report_find(
			report, REPORT_DIED, "with exit code %d", WEXITSTATUS(status));
	return 1;
}

void worker_stop(struct worker *worker)
{
	end(worker);
}
