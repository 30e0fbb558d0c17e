#include "cell.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
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

int cell_send(int socket, const void *data, size_t size)
{
	struct iovec part = {(void *)(uintptr_t)data, size};
	struct msghdr msg = message(&part, NULL);

	return sendmsg(socket, &msg, MSG_NOSIGNAL) == (ssize_t)size ? 0 : -1;
}

int cell_receive(int socket)
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

int cell_give(int socket, int fd)
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

_Noreturn static void serve(const struct cell_plan *plan, int socket)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "parser");
	block_signals();
	drop_descriptors(socket);
	enum sandbox_state state =
		plan->open ? SANDBOX_NONE : sandbox_enter(plan->memory);
	if (!plan->open && state == SANDBOX_NONE)
		_exit(1);
	if (cell_send(socket, &state, sizeof state) < 0)
		_exit(1);
	plan->main(socket, plan->data);
	_exit(0);
}

int cell_start(struct cell *cell, const struct cell_plan *plan)
{
	int pair[2];

	*cell = (struct cell){.socket = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		serve(plan, pair[1]);
	}
	close(pair[1]);
	cell->socket = pair[0];
	cell->pid = pid > 0 ? pid : 0;
	if (pid > 0 &&
		recv(pair[0], &cell->sandbox, sizeof cell->sandbox, 0) ==
			sizeof cell->sandbox)
		return 0;
	cell_end(cell);
	errno = pid < 0 ? EAGAIN : EPERM;
	return -1;
}

int cell_end(struct cell *cell)
{
	int status = 0;

	if (cell->pid > 0) {
		kill(cell->pid, SIGKILL);
		while (waitpid(cell->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (cell->socket >= 0)
		close(cell->socket);
	cell->pid = 0;
	cell->socket = -1;
	return status;
}
