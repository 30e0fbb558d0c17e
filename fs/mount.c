/*
 * A streamhubfs that was killed leaves a dead mount, at which each call fails: it is
 * unmounted first, layer by layer. A lock on the folder below then keeps a second one
 * away. As root, the child made by mount_session waits for the end of a pipe that closes
 * however we die, and then unmounts. An ordinary user has fusermount3 do it.
 */
#include "mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <mntent.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "bond.h"
#include "proc/child.h"

#define LAYERS 8 /* dead mounts on one another */
#define LOCK_TIME CLOCK_SECOND
#define PATIENCE (10 * CLOCK_SECOND)

int mount_remove(int root)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", root);
	int code = umount2(path, MNT_DETACH);
	return code < 0 && errno == EINVAL ? 0 : code; /* somebody else was faster */
}

/* Without the right to unmount there is a program that has it. */
static int unmount_as_user(const char *point)
{
	char *const args[] = {(char[]){"fusermount3"}, (char[]){"-uzq"}, (char[]){"--"},
		(char *)(uintptr_t)point, NULL};
	char how[128];

	if (child_run(args, clock_now() + PATIENCE, CLOCK_SECOND, -1, how, sizeof how) ==
		0)
		return 0;
	msg_warn("fusermount3: %s", how);
	errno = ENOTCONN;
	return -1;
}

/*
 * Unmounts what is mounted there if who served it is dead: opening a path asks nothing of
 * him, and the question after it fails at once. Returns 1 if so, 0 if not, and then fs is
 * filled in; or -1 with errno.
 */
static int unmount_dead(const char *point, struct statfs *fs)
{
	int root = open(point, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -1;
	int dead = 0, code = fstatfs(root, fs);
	if (code < 0 && (errno == ENOTCONN || errno == ECONNABORTED)) {
		dead = 1;
		code = mount_remove(root);
		if (code < 0 && errno == EPERM)
			code = unmount_as_user(point);
	}
	int error = errno;
	close(root);
	errno = error;
	return code < 0 ? -1 : dead;
}

/* True if one of us is mounted there, and not any other file system. */
static bool is_ours(const char *point)
{
	char *whole = realpath(point, NULL);
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	bool ours = !whole || !mounts;

	for (struct mntent *entry; !ours && (entry = getmntent(mounts));)
		ours = strcmp(entry->mnt_dir, whole) == 0 &&
			strcmp(entry->mnt_type, "fuse.streamhubfs") == 0;
	if (mounts)
		endmntent(mounts);
	free(whole);
	return ours;
}

/* Removes dead mounts, and refuses to be the second one there. */
static int clear_point(const char *point)
{
	struct statfs fs;
	int dead = 1;

	for (int i = 0; dead > 0 && i < LAYERS; i++) {
		dead = unmount_dead(point, &fs);
		if (dead > 0)
			msg_warn("'%s': removed the mount of one that died", point);
	}
	if (dead < 0) {
		msg_error("mount point '%s':", point);
		return errno == ENOENT || errno == ENOTDIR ? EX_NOINPUT : EX_UNAVAILABLE;
	}
	if (dead > 0) {
		msg_error("mount point '%s': more than %d dead mounts", point, LAYERS);
		return EX_UNAVAILABLE;
	}
	if (fs.f_type == FUSE_SUPER_MAGIC && is_ours(point)) {
		msg_error("mount point '%s': in use by another streamhubfs, or another "
			  "user's dead one: fusermount3 -u helps him",
			point);
		return EX_TEMPFAIL;
	}
	return EX_OK;
}

/* 1 if a folder has no entries, 0 if it has, -1 if it cannot be read. */
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
	*mount = (struct mount){.lock = -1, .guard = -1, .bond = -1};
	int code = clear_point(point);
	if (code)
		return code;
	mount->point = realpath(point, NULL);
	mount->lock = mount->point ? path_open_folder(mount->point) : -1;
	int empty = mount->lock < 0 ? -1 : is_empty(mount->lock);
	if (empty < 0) {
		msg_error("mount point '%s':", point);
		return EX_NOINPUT;
	}
	if (!empty) {
		msg_error("mount point '%s': the folder is not empty", point);
		return EX_USAGE;
	}
	/* The guard of one that was just killed may not have let go of it yet. */
	int64_t until = clock_now() + LOCK_TIME;
	while (flock(mount->lock, LOCK_EX | LOCK_NB) < 0) {
		if (clock_now() >= until) {
			msg_error("mount point '%s': another streamhubfs is starting",
				point);
			return EX_TEMPFAIL;
		}
		poll(NULL, 0, 20);
	}
	return EX_OK;
}

int mount_keep_right(int capability)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0}};

	data[0].effective = data[0].permitted = UINT32_C(1) << capability;
	return (int)syscall(SYS_capset, &head, data);
}

/* The child: waits until nobody has the other end of the pipe. */
_Noreturn static void guard(const char *point, int waits)
{
	struct statfs fs;
	sigset_t all;
	char byte;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	/* The session's descriptor above all: it would keep a dead mount alive. */
	dup2(waits, STDIN_FILENO);
	close_range(STDOUT_FILENO, ~0U, 0);
	if (chdir("/") < 0 || mount_keep_right(CAP_SYS_ADMIN) < 0)
		_exit(EX_OSERR);
	while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(unmount_dead(point, &fs) < 0 ? EX_OSERR : EX_OK);
}

int mount_session(struct mount *mount, struct fuse_session *session)
{
	int ends[2];

	if (fuse_session_mount(session, mount->point) != 0)
		return EX_UNAVAILABLE; /* libfuse has said why */
	if (geteuid() != 0)
		return EX_OK;
	mount->child = pipe2(ends, O_CLOEXEC) < 0 ? -1 : fork();
	if (mount->child < 0) {
		msg_error("'%s': nobody to unmount it in the end:", mount->point);
		fuse_session_unmount(session);
		return EX_OSERR;
	}
	if (mount->child == 0)
		guard(mount->point, ends[0]);
	close(ends[0]);
	mount->guard = ends[1];
	return EX_OK;
}

int mount_ask(struct mount *mount, struct fuse_session *session, const char *mounter)
{
	char name[32];
	int fuse;

	*mount = (struct mount){.lock = -1, .guard = -1, .bond = -1};
	int code = bond_ask(mounter, &fuse, &mount->bond);
	if (code)
		return code;
	snprintf(name, sizeof name, "/dev/fd/%d", fuse);
	return fuse_session_mount(session, name) == 0 ? EX_OK : EX_UNAVAILABLE;
}

/* Has the view in no place that we can come to; other mounts still come and go. */
static int look_away(const char *point)
{
	if (unshare(CLONE_NEWNS) < 0 ||
		mount("none", "/", "none", MS_REC | MS_SLAVE, NULL) < 0)
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
		mount_keep_right(CAP_DAC_READ_SEARCH) < 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		msg_error("becoming user '%s':", user->pw_name);
		return EX_OSERR;
	}
	return EX_OK;
}

/* Has the child unmount, and returns whether it did. */
static bool end_guard(const struct mount *mount)
{
	int status;

	close(mount->guard);
	return waitpid(mount->child, &status, 0) == mount->child && WIFEXITED(status) &&
		WEXITSTATUS(status) == 0;
}

int mount_end(struct mount *mount, struct fuse_session *session)
{
	bool ended = true;

	if (mount->guard < 0)
		fuse_session_unmount(session);
	fuse_session_destroy(session);
	free(mount->point);
	if (mount->guard >= 0)
		ended = end_guard(mount);
	else if (mount->bond >= 0)
		ended = bond_leave(mount->bond) == EX_OK;
	if (!ended)
		msg_error("the view could not be unmounted");
	return ended ? EX_OK : EX_OSERR;
}
