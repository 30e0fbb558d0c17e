#include "proc/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

#define STARTED 22 /* the field of /proc/PID/stat */

static int read_started(pid_t pid, int64_t *started)
{
	char path[32], text[1024];

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	int error = errno;
	if (fd >= 0)
		close(fd);
	if (n <= 0) {
		errno = n < 0 && error != ENOENT ? error : ESRCH;
		return -1;
	}
	text[n] = '\0';
	/* The second field, the name, is in parentheses and may contain blanks and
	 * parentheses itself, so count fields from the last ')'. */
	char *at = strrchr(text, ')');
	for (int field = 2; at && field < STARTED; field++)
		at = strchr(at + 1, ' ');
	*started = at ? strtoll(at, NULL, 10) : 0;
	errno = ESRCH;
	return *started > 0 ? 0 : -1;
}

int process_of(struct process *process, pid_t pid)
{
	struct clock_stamp now;

	process->pid = pid;
	if (clock_stamp(&now) < 0)
		return -1;
	memcpy(process->boot, now.boot, sizeof process->boot);
	return read_started(pid, &process->started);
}

static bool has_name(pid_t pid, const char *name)
{
	char path[32], text[32];

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n - 1 : 0] = '\0';
	return n > 0 && strcmp(text, name) == 0;
}

int process_of_fact(struct process *process, const struct fact *fact, const char *name)
{
	struct clock_stamp stamp;
	int64_t pid;

	if (fact->state == FACT_GOOD && fact_stamp(fact, &stamp) == 0 &&
		fact_number(fact, "pid", &pid) == 0 && pid <= INT32_MAX &&
		has_name((pid_t)pid, name) && process_of(process, (pid_t)pid) == 0 &&
		strcmp(process->boot, stamp.boot) == 0 &&
		process->started * CLOCK_SECOND / sysconf(_SC_CLK_TCK) <= stamp.mono)
		return 0;
	errno = ESRCH;
	return -1;
}

int process_open(const struct process *process)
{
	struct process now;

	/* First open a descriptor of the process that has the number now, then check that
	 * it is the right one: the descriptor cannot move on to another process. */
	int fd = process->pid > 0 ? (int)syscall(SYS_pidfd_open, process->pid, 0) : -1;
	if (fd < 0) {
		errno = ESRCH;
		return -1;
	}
	if (process_of(&now, process->pid) == 0 && now.started == process->started &&
		strcmp(now.boot, process->boot) == 0 && process_await(fd, 0, -1) < 0)
		return fd;
	close(fd);
	errno = ESRCH;
	return -1;
}

int process_signal(int fd, int signal)
{
	return (int)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
}

int process_await(int fd, int64_t deadline, int stop)
{
	struct pollfd fds[] = {{fd, POLLIN, 0}, {stop, POLLIN, 0}};

	for (;;) {
		if (poll(fds, 2, clock_timeout(deadline)) < 0 && errno != EINTR)
			return -1;
		if (fds[0].revents)
			return 0;
		errno = fds[1].revents ? EINTR : ETIMEDOUT;
		if (fds[1].revents || clock_timeout(deadline) == 0)
			return -1;
	}
}
