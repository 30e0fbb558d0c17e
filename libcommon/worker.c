#include "worker.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tick.h"

union with_descriptor {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message(struct iovec *part, union with_descriptor *control)
{
	return (struct msghdr){.msg_iov = part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = control ? sizeof *control : 0};
}

/* With sendmsg(2) alone, as the sandbox knows no other call. */
static int answer(int socket, void *data, size_t size)
{
	struct iovec part = {data, size};
	struct msghdr msg = message(&part, NULL);

	return sendmsg(socket, &msg, MSG_NOSIGNAL) == (ssize_t)size ? 0 : -1;
}

static int receive_descriptor(int socket)
{
	union with_descriptor control;
	char byte;
	struct iovec part = {&byte, 1};
	struct msghdr msg = message(&part, &control);
	int fd = -1;

	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

/* All but the socket; and standard error, where a sanitizer reports to. */
static void drop_descriptors(int keep)
{
#ifdef __SANITIZE_ADDRESS__
	close_range(0, STDERR_FILENO - 1, 0);
	close_range(STDERR_FILENO + 1, (unsigned)keep - 1, 0);
#else
	close_range(0, (unsigned)keep - 1, 0);
#endif
	close_range((unsigned)keep + 1, ~0U, 0);
}

/* What is meant for the whole group, as Ctrl-C is: the tool heeds it, and ends us. */
static void block_signals(void)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

_Noreturn static void serve(const struct worker *worker, int socket)
{
	static struct report report;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "parser");
	block_signals();
	drop_descriptors(socket);
	/* What one file took is for the next one, and not given back and taken again. */
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	enum sandbox_state state = worker->open ? SANDBOX_NONE : sandbox_enter();
	if (!worker->open && state == SANDBOX_NONE)
		_exit(1);
	if (answer(socket, &state, sizeof state) < 0)
		_exit(1);
	while ((fd = receive_descriptor(socket)) >= 0) {
		memset(&report, 0, sizeof report);
		worker->parse(fd, &report);
		close(fd);
		if (answer(socket, &report, sizeof report) < 0)
			break;
	}
	_exit(0);
}

int worker_start(struct worker *worker)
{
	int pair[2];

	worker->pid = 0;
	worker->deadline = TICK_NEVER;
	worker->socket = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		serve(worker, pair[1]);
	}
	close(pair[1]);
	worker->socket = pair[0];
	worker->pid = pid > 0 ? pid : 0;
	if (pid < 0 ||
		recv(pair[0], &worker->sandbox, sizeof worker->sandbox, 0) !=
			sizeof worker->sandbox) {
		worker_stop(worker);
		errno = pid < 0 ? EAGAIN : EPERM;
		return -1;
	}
	return 0;
}

/* The processor time that this file may take, on top of what earlier ones took. */
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
	union with_descriptor control = {0};
	char byte = 0;
	struct iovec part = {&byte, 1};
	struct msghdr msg = message(&part, &control);

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	limit_time(worker->pid);
	return sendmsg(worker->socket, &msg, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

int worker_give(struct worker *worker, int fd)
{
	if (worker->pid == 0 && worker_start(worker) < 0)
		return -1;
	if (give(worker, fd) < 0) { /* it died while it was idle */
		worker_stop(worker);
		if (worker_start(worker) < 0 || give(worker, fd) < 0)
			return -1;
	}
	worker->deadline = tick_now() + WORKER_SECONDS * TICK_SECOND;
	return 0;
}

/* It is dead, or is now. How it ended. */
static int end(struct worker *worker)
{
	int status = 0;

	kill(worker->pid, SIGKILL);
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	worker->pid = 0;
	close(worker->socket);
	worker->socket = -1;
	worker->deadline = TICK_NEVER;
	return status;
}

int worker_take(struct worker *worker, struct report *report)
{
	ssize_t n = recv(worker->socket, report, sizeof *report, MSG_DONTWAIT);

	if (n == sizeof *report && report_sane(report)) {
		worker->deadline = TICK_NEVER;
		return 1;
	}
	if (n < 0 && errno == EAGAIN && tick_now() < worker->deadline)
		return 0;
	bool late = n < 0 && errno == EAGAIN, lies = n > 0;
	/* At the end of the socket it has died by itself: its status is not of our
	 * signal. */
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
	if (worker->pid > 0)
		end(worker);
	else if (worker->socket >= 0)
		close(worker->socket);
	worker->socket = -1;
}
