#include "proc/sandboxed.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

int sandboxed_send(int socket, const void *data, size_t size)
{
	struct iovec part = {(void *)(uintptr_t)data, size};
	struct msghdr msg = message(&part, NULL);

	return sendmsg(socket, &msg, MSG_NOSIGNAL) == (ssize_t)size ? 0 : -1;
}

int sandboxed_receive(int socket)
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

int sandboxed_give(int socket, int fd)
{
	union with_descriptor control = {0};
	char byte = 0;
	struct iovec part = {&byte, 1};
	struct msghdr msg = message(&part, &control);

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	return sendmsg(socket, &msg, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* Closes all descriptors but the socket, and but standard error in a sanitized build,
 * because the sanitizer reports there. */
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

/* Ctrl-C and the like reach the whole process group. The tool handles them and then ends
 * this process, so block them here. */
static void block_signals(void)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

_Noreturn static void serve(const struct sandboxed_plan *plan, int socket)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "parser");
	block_signals();
	drop_descriptors(socket);
	enum sandbox_state state =
		plan->open ? SANDBOX_NONE : sandbox_enter(plan->memory);
	if (!plan->open && state == SANDBOX_NONE)
		_exit(1);
	if (sandboxed_send(socket, &state, sizeof state) < 0)
		_exit(1);
	plan->main(socket, plan->data);
	_exit(0);
}

/*
 * The C library reads the time zone from a file when a time is first formatted, as
 * libavformat does for a clip's creation time. In the sandbox that would kill the
 * process, so have it read now. With TZ set to the default file's own name the library
 * does not look at that file again.
 */
static void load_time_zone(void)
{
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
}

int sandboxed_start(struct sandboxed *child, const struct sandboxed_plan *plan)
{
	int pair[2];

	*child = (struct sandboxed){.socket = -1};
	load_time_zone();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		serve(plan, pair[1]);
	}
	close(pair[1]);
	child->socket = pair[0];
	child->pid = pid > 0 ? pid : 0;
	if (pid > 0 &&
		recv(pair[0], &child->sandbox, sizeof child->sandbox, 0) ==
			sizeof child->sandbox)
		return 0;
	sandboxed_end(child);
	errno = pid < 0 ? EAGAIN : EPERM;
	return -1;
}

int sandboxed_end(struct sandboxed *child)
{
	int status = 0;

	if (child->pid > 0) {
		kill(child->pid, SIGKILL);
		while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (child->socket >= 0)
		close(child->socket);
	child->pid = 0;
	child->socket = -1;
	return status;
}
