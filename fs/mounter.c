/*
 * One loop over two descriptors: the socket, where servers ask, and the connection of the
 * one that has the mount. Each server gets a mount of its own; the number of the mount,
 * taken with statx(2), tells it from one that somebody else puts on top.
 */
#include "mounter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "bond.h"
#include "mount.h"

struct mounter {
	const char *point;
	int socket;
	int server; /* the connection of the one that has the mount; -1: nobody has */
	uint64_t mount; /* its number; 0: there is none */
};

/* Listens in place of a mounter that was killed: the mount point is locked, it is ours.
 */
static int listen_at(const char *path)
{
	struct sockaddr_un address;
	struct stat st;

	int fd = bond_socket(path, &address);
	if (fd < 0)
		return -1;
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	mode_t mask = umask(0177);
	int code = bind(fd, (const struct sockaddr *)&address, sizeof address);
	umask(mask);
	if (code == 0 && listen(fd, 1) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Mounts as libfuse does, for an open /dev/fuse. */
static int mount_fuse(const char *point, int fuse)
{
	char options[128];

	snprintf(options, sizeof options,
		"fd=%d,rootmode=40000,user_id=%u,group_id=%u,default_permissions,allow_"
		"other",
		fuse, (unsigned)geteuid(), (unsigned)getegid());
	return mount("streamhubfs", point, "fuse.streamhubfs",
		MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, options);
}

/*
 * The root of what is mounted there, and the number of the mount; or -1 with errno. Asks
 * nothing of the server, which may be dead or stopped. Kept open it would keep others
 * from unmounting.
 */
static int open_root(const char *point, uint64_t *mount)
{
	struct statx st;

	int root = open(point, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	if (statx(root, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &st) < 0) {
		int error = errno;
		close(root);
		errno = error;
		return -1;
	}
	*mount = st.stx_mnt_id;
	return root;
}

/* Unmounts, whoever has files open there, unless somebody else was faster. */
static int unmount(struct mounter *mounter)
{
	uint64_t mount;

	int root = open_root(mounter->point, &mount);
	int code = root < 0 ? -1 : mount == mounter->mount ? mount_remove(root) : 0;
	if (code < 0)
		msg_error("'%s': unmounting:", mounter->point);
	if (root >= 0)
		close(root);
	mounter->mount = 0;
	return code < 0 ? EX_OSERR : EX_OK;
}

/* Unmounts what the server has, and then lets go of it: it waits for that. */
static int let_go(struct mounter *mounter)
{
	int code = mounter->mount ? unmount(mounter) : EX_OK;

	if (mounter->server >= 0)
		close(mounter->server);
	mounter->server = -1;
	return code;
}

/* Mounts for the server. The descriptor is its own: with a copy here no death would show.
 */
static int mount_for_server(struct mounter *mounter)
{
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fuse < 0) {
		msg_error("/dev/fuse:");
		return EX_UNAVAILABLE;
	}
	int code = mount_fuse(mounter->point, fuse);
	int root = code < 0 ? -1 : open_root(mounter->point, &mounter->mount);
	if (root >= 0)
		close(root);
	else if (code == 0)
		umount2(mounter->point, MNT_DETACH);
	if (root < 0 || bond_give(mounter->server, fuse) < 0)
		code = -1;
	if (code < 0)
		msg_error("'%s': mounting for another:", mounter->point);
	close(fuse);
	return code < 0 ? EX_UNAVAILABLE : EX_OK;
}

/* One more that connects. Returns an exit code: that of the mounter, if not EX_OK. */
static int let_in(struct mounter *mounter)
{
	int server = accept4(mounter->socket, NULL, NULL, SOCK_CLOEXEC);

	if (server < 0) {
		msg_error("accept:");
		return EX_OSERR;
	}
	if (mounter->server >= 0) {
		msg_warn("'%s': another streamhubfs serves it", mounter->point);
		close(server);
		return EX_OK;
	}
	mounter->server = server;
	return mount_for_server(mounter) == EX_OK ? EX_OK : let_go(mounter);
}

static int wait_for_servers(struct mounter *mounter, int signals)
{
	enum { SIGNALS, SERVER, SOCKET };
	int code = EX_OK;

	while (code == EX_OK) {
		struct pollfd fds[] = {
			[SIGNALS] = {signals, POLLIN, 0},
			[SERVER] = {mounter->server, POLLIN, 0},
			[SOCKET] = {mounter->socket, POLLIN, 0},
		};
		if (poll(fds, sizeof fds / sizeof *fds, clock_timeout(ready_alive())) <
			0) {
			if (errno == EINTR)
				continue;
			msg_error("poll:");
			return EX_OSERR;
		}
		if (fds[SIGNALS].revents && sigfd_take(signals))
			break;
		if (fds[SERVER].revents) /* it has nothing to say but that it ends */
			code = let_go(mounter);
		if (code == EX_OK && fds[SOCKET].revents)
			code = let_in(mounter);
	}
	return code;
}

int mounter_run(const char *path, const char *point, int signals)
{
	struct mounter mounter = {.socket = -1, .server = -1};
	struct mount mount;

	int code = mount_prepare(&mount, point);
	if (code)
		return code;
	mounter.point = mount.point;
	mounter.socket = listen_at(path);
	if (mounter.socket < 0) {
		msg_error("socket '%s':", path);
		return EX_OSERR;
	}
	if (geteuid() == 0 && mount_keep_right(CAP_SYS_ADMIN) < 0) {
		msg_error("giving up root's rights:");
		return EX_OSERR;
	}
	ready_up();
	code = wait_for_servers(&mounter, signals);
	ready_down();
	int end = let_go(&mounter);
	unlink(path);
	return code ? code : end;
}
