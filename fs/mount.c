#include "mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "msg.h"
#include "path.h"
#include "tick.h"

#define LAYERS 8 /* dead mounts on one another */
#define PATIENCE (10 * TICK_SECOND)

/* Unmounts what this descriptor of its root is of, and no other. */
static int unmount_exactly(int root)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", root);
	return umount2(path, MNT_DETACH);
}

/* Without the right to unmount there is a program that has it. */
static int unmount_as_user(const char *point)
{
	char *const args[] = {(char[]){"fusermount3"}, (char[]){"-uzq"}, (char[]){"--"},
		(char *)(uintptr_t)point, NULL};
	char how[128];

	if (child_run(args, tick_now() + PATIENCE, TICK_SECOND, -1, how, sizeof how) == 0)
		return 0;
	msg_warn("fusermount3: %s", how);
	errno = ENOTCONN;
	return -1;
}

/* Removes dead mounts. Opening a folder's path asks nothing of who serves it. */
static int clear_point(const char *point)
{
	struct statfs fs;

	for (int i = 0; i < LAYERS; i++) {
		int root = open(point, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root < 0) {
			msg_error("mount point '%s':", point);
			return EX_NOINPUT;
		}
		int code = fstatfs(root, &fs);
		bool dead = code < 0 && (errno == ENOTCONN || errno == ECONNABORTED);
		if (dead) {
			msg_warn("'%s': removing the mount of one that died", point);
			code = geteuid() == 0 ? unmount_exactly(root)
					      : unmount_as_user(point);
			/* Somebody else was faster. */
			if (code < 0 && errno == EINVAL)
				code = 0;
		}
		close(root);
		if (code < 0) {
			msg_error("mount point '%s':", point);
			return EX_UNAVAILABLE;
		}
		if (!dead && fs.f_type == FUSE_SUPER_MAGIC) {
			msg_error(
				"mount point '%s': in use by another streamhubfs", point);
			return EX_TEMPFAIL;
		}
		if (!dead)
			return EX_OK;
	}
	msg_error("mount point '%s': more than %d dead mounts", point, LAYERS);
	return EX_UNAVAILABLE;
}

/* Whether a folder has no entries; -1: it cannot be read. */
static int is_empty(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int entries = 0;

	if (!dir)
		return -1;
	errno = 0;
	while (entries <= 2 && readdir(dir))
		entries++;
	int error = errno;
	closedir(dir);
	errno = error;
	return error ? -1 : entries <= 2; /* . and .. */
}

int mount_prepare(struct mount *mount, const char *point)
{
	*mount = (struct mount){.point = point, .lock = -1, .guard = -1};
	int code = clear_point(point);
	if (code)
		return code;
	mount->lock = path_open_folder(point);
	int empty = mount->lock < 0 ? -1 : is_empty(mount->lock);
	if (empty < 0) {
		msg_error("mount point '%s':", point);
		return EX_NOINPUT;
	}
	if (!empty) {
		msg_error("mount point '%s': the folder is not empty", point);
		return EX_USAGE;
	}
	if (flock(mount->lock, LOCK_EX | LOCK_NB) < 0) {
		msg_error("mount point '%s': another streamhubfs is starting", point);
		return EX_TEMPFAIL;
	}
	return EX_OK;
}

/* Keeps this capability alone. */
static int keep_capability(int capability)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0}};

	data[0].effective = data[0].permitted = UINT32_C(1) << capability;
	return (int)syscall(SYS_capset, &head, data);
}

/* The child: waits until nobody has the other end of the pipe. */
_Noreturn static void guard(int root, int waits)
{
	sigset_t all;
	char byte;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	/* The session's descriptor above all: it would keep a dead mount alive. */
	dup2(waits, STDIN_FILENO);
	dup2(root, STDOUT_FILENO);
	close_range(STDERR_FILENO, ~0U, 0);
	keep_capability(CAP_SYS_ADMIN);
	while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
		;
	int code = unmount_exactly(STDOUT_FILENO);
	_exit(code < 0 && errno != EINVAL ? EX_OSERR : EX_OK);
}

int mount_session(struct mount *mount, struct fuse_session *session)
{
	int ends[2];

	if (fuse_session_mount(session, mount->point) != 0)
		return EX_UNAVAILABLE; /* libfuse has said why */
	if (geteuid() != 0)
		return EX_OK;
	int root = open(mount->point, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root >= 0 && pipe2(ends, O_CLOEXEC) == 0) {
		mount->child = fork();
		if (mount->child == 0)
			guard(root, ends[0]);
		close(ends[0]);
		mount->guard = ends[1];
	}
	if (mount->child > 0) {
		close(root);
		return EX_OK;
	}
	msg_error("'%s': nobody to unmount it in the end:", mount->point);
	fuse_session_unmount(session);
	return EX_OSERR;
}

/* Has the view in no place that we can come to; other mounts still come and go. */
static int look_away(const char *point)
{
	if (unshare(CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -1;
	return umount2(point, MNT_DETACH);
}

int mount_drop(const struct mount *mount, const struct passwd *user)
{
	if (look_away(mount->point) < 0) {
		msg_error("'%s': a mount namespace of our own:", mount->point);
		return EX_OSERR;
	}
	if (chdir("/") < 0 || setgroups(0, NULL) < 0 ||
		setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
		prctl(PR_SET_KEEPCAPS, 1) < 0 ||
		setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0 ||
		keep_capability(CAP_DAC_READ_SEARCH) < 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		msg_error("becoming user '%s':", user->pw_name);
		return EX_OSERR;
	}
	return EX_OK;
}

int mount_end(struct mount *mount, struct fuse_session *session)
{
	int status = 0;

	if (mount->guard < 0) {
		fuse_session_unmount(session);
		return EX_OK;
	}
	close(mount->guard);
	if (waitpid(mount->child, &status, 0) == mount->child && WIFEXITED(status) &&
		WEXITSTATUS(status) == 0)
		return EX_OK;
	msg_error("'%s' could not be unmounted", mount->point);
	return EX_OSERR;
}
