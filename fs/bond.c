#include "bond.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"

#define PATIENCE (10 * CLOCK_SECOND)

/* One message with one descriptor. */
struct parcel {
	char byte;
	struct iovec data;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct msghdr message;
};

static void parcel_init(struct parcel *parcel)
{
	*parcel = (struct parcel){.data = {&parcel->byte, 1}};
	parcel->message = (struct msghdr){
		.msg_iov = &parcel->data,
		.msg_iovlen = 1,
		.msg_control = parcel->control,
		.msg_controllen = sizeof parcel->control,
	};
}

int bond_give(int to, int fd)
{
	struct parcel parcel;

	parcel_init(&parcel);
	struct cmsghdr *head = CMSG_FIRSTHDR(&parcel.message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(head), &fd, sizeof fd);
	return sendmsg(to, &parcel.message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* The descriptor; or -1 with errno, ECONNRESET if there came none. */
static int parcel_take(int from)
{
	struct parcel parcel;
	int fd;

	parcel_init(&parcel);
	ssize_t n = recvmsg(from, &parcel.message, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -1;
	const struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&parcel.message) : NULL;
	if (!head || head->cmsg_type != SCM_RIGHTS ||
		head->cmsg_len != CMSG_LEN(sizeof fd)) {
		errno = ECONNRESET;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(head), sizeof fd);
	return fd;
}

int bond_socket(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address->sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address->sun_path, path, strlen(path));
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int bond_ask(const char *path, int *fuse, int *bond)
{
	struct sockaddr_un address;

	*fuse = *bond = -1;
	int fd = bond_socket(path, &address);
	if (fd < 0 ||
		connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
		msg_error("mounter '%s':", path);
		return errno == ENOENT ? EX_NOINPUT : EX_UNAVAILABLE;
	}
	struct pollfd answer = {fd, POLLIN, 0};
	if (poll(&answer, 1, PATIENCE) == 1) {
		*fuse = parcel_take(fd);
	} else {
		errno = ETIMEDOUT;
	}
	if (*fuse < 0) {
		msg_error("mounter '%s': did not mount, and says why:", path);
		return EX_TEMPFAIL;
	}
	*bond = fd;
	return EX_OK;
}

int bond_leave(int bond)
{
	struct pollfd end = {bond, POLLIN, 0};

	shutdown(bond, SHUT_WR);
	int ended = poll(&end, 1, PATIENCE);
	close(bond);
	return ended == 1 ? EX_OK : EX_OSERR;
}
