#include "pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "proc/process.h"

/* In the child: becomes the program, or writes to the descriptor report why it cannot. */
__attribute__((noreturn)) static void become(const struct pipeline_link *link,
	pid_t parent, pid_t group, const int files[3], int held, int report)
{
	char *const *argv;
	sigset_t none;

	memcpy(&argv, &link->argv, sizeof argv); /* drops const, as exec(3) has no const
						    but changes nothing */
	sigemptyset(&none);
	for (int signal = 1; signal < NSIG; signal++)
		sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	bool ready = setpgid(0, group) == 0 && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 &&
		(held < 0 || fcntl(held, F_SETFD, 0) == 0) &&
		(!link->variable || setenv(link->variable, link->value, 1) == 0);
	for (int i = 0; i < 3 && ready; i++)
		ready = dup2(files[i], i) >= 0;
	if (getppid() != parent) /* it died before PR_SET_PDEATHSIG was set */
		_exit(EXIT_FAILURE);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (ready)
		execvp(argv[0], argv);
	int error = errno;
	ssize_t told = write(report, &error, sizeof error);
	_exit(told > 0 ? EXIT_FAILURE : EXIT_FAILURE + 1);
}

/* Starts one program. Returns 0, or the errno of the failure. */
static int start(struct pipeline *pipeline, const struct pipeline_link *link,
	const int files[3], int held)
{
	pid_t parent = getpid();
	pid_t group = pipeline->count > 0 ? pipeline->links[0].pid : 0;
	int report[2], error = 0;

	if (pipe2(report, O_CLOEXEC) < 0)
		return errno;
	pid_t pid = fork();
	if (pid == 0)
		become(link, parent, group, files, held, report[1]);
	error = pid < 0 ? errno : 0;
	close(report[1]);
	if (pid > 0) {
		setpgid(pid,
			group); /* child and parent both, before the next one starts */
		int fd = (int)syscall(SYS_pidfd_open, pid, 0);
		pipeline->links[pipeline->count].pid = pid;
		pipeline->links[pipeline->count++].fd = fd;
		ssize_t n = read(report[0], &error, sizeof error);
		if (n == 0 && fd < 0)
			error = EMFILE;
		else if (n < 0)
			error = errno;
	}
	close(report[0]);
	return error;
}

int pipeline_start(struct pipeline *pipeline, const struct pipeline_link *links,
	size_t count, int errors, int held, size_t *failed)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int ends[2] = {-1, -1};
	int error = in < 0 ? errno : 0;

	pipeline->count = 0;
	*failed = 0;
	for (size_t i = 0; i < count && !error; i++) {
		*failed = i;
		bool last = i + 1 == count;
		if (last)
			ends[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (last ? ends[1] < 0 : pipe2(ends, O_CLOEXEC) < 0) {
			error = errno;
			break;
		}
		error = start(
			pipeline, &links[i], (const int[]){in, ends[1], errors}, held);
		close(in);
		close(ends[1]);
		in = last ? -1 : ends[0];
	}
	if (in >= 0)
		close(in);
	if (!error)
		return 0;
	pipeline_stop(pipeline, 0);
	errno = error;
	return -1;
}

/* True if this program has ended; info says how. It stays a zombie, so that the number of
 * the group is not given to others. */
static bool has_ended(const struct pipeline *pipeline, int i, siginfo_t *info)
{
	*info = (siginfo_t){0};
	return waitid(P_PID, (id_t)pipeline->links[i].pid, info,
		       WEXITED | WNOHANG | WNOWAIT) < 0 ||
		info->si_pid != 0;
}

/* The exit code of a program; -1 if it has not exited by itself. */
static int exit_code(const struct pipeline *pipeline, int i)
{
	siginfo_t info;

	return has_ended(pipeline, i, &info) && info.si_code == CLD_EXITED
		? info.si_status
		: -1;
}

/*
 * Finds the program that made this one end. Exit code 0 means that its input ended, so
 * the one before it ended first; EX_TEMPFAIL means that its reader is gone, so the one
 * behind it did. That one may need a moment to become a zombie.
 */
static int cause(const struct pipeline *pipeline, int i)
{
	int code = exit_code(pipeline, i), step = code == 0 ? -1 : 1;
	int64_t deadline = clock_now() + CLOCK_SECOND;

	while ((code == 0 || code == EX_TEMPFAIL) && exit_code(pipeline, i) == code) {
		int next = i + step;

		if (next < 0 || (size_t)next == pipeline->count ||
			process_await(pipeline->links[next].fd, deadline, -1) < 0 ||
			(code == 0 && exit_code(pipeline, next) == EX_TEMPFAIL))
			break;
		i = next;
	}
	return i;
}

int pipeline_ended(const struct pipeline *pipeline, char *how, size_t size)
{
	siginfo_t info;
	int i = 0;

	while ((size_t)i < pipeline->count && !has_ended(pipeline, i, &info))
		i++;
	if ((size_t)i == pipeline->count)
		return -1;
	i = cause(pipeline, i);
	has_ended(pipeline, i, &info);
	if (info.si_pid == 0)
		snprintf(how, size, "is gone: %s", strerror(errno));
	else if (info.si_code == CLD_EXITED)
		snprintf(how, size, "ended with exit code %d", info.si_status);
	else
		snprintf(how, size, "was ended by signal %d", info.si_status);
	return i;
}

void pipeline_stop(struct pipeline *pipeline, int64_t grace)
{
	int64_t deadline = clock_now() + grace;

	if (pipeline->count == 0)
		return;
	pid_t group = pipeline->links[0].pid;
	kill(-group, SIGTERM);
	for (size_t i = 0; i < pipeline->count; i++)
		if (pipeline->links[i].fd >= 0)
			process_await(pipeline->links[i].fd, deadline, -1);
	kill(-group, SIGKILL);
	for (size_t i = 0; i < pipeline->count; i++) {
		while (waitpid(pipeline->links[i].pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		if (pipeline->links[i].fd >= 0)
			close(pipeline->links[i].fd);
	}
	pipeline->count = 0;
}
