#include "proc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The number of kinds of file access that each version of Landlock knows. */
static const unsigned char landlock_kinds[] = {0, 13, 14, 15, 15, 16};

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* All kinds of file access that this kernel can forbid, as bits; 0: it has no Landlock.
 */
static uint64_t landlock_all(void)
{
	long version = syscall(
		SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	size_t last = sizeof landlock_kinds - 1;

	if (version < 1)
		return 0;
	return (UINT64_C(1) << landlock_kinds[(size_t)version < last ? (size_t)version
								     : last]) -
		1;
}

static bool landlock_allow(int rules, int folder, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = access, .parent_fd = folder};

	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath,
		       0) == 0;
}

/* A client of the network reads these of the system: names of hosts, certificates,
 * libraries that the C library loads for these, and the boot's id. */
static bool allow_system(int rules)
{
	static const char *const paths[] = {
		"/etc",
		"/usr",
		"/lib",
		"/lib64",
		"/run/systemd/resolve",
		"/run/resolvconf",
		"/run/NetworkManager",
		"/proc/sys/kernel/random",
#ifdef __SANITIZE_ADDRESS__ /* which looks for leaks there */
		"/proc",
#endif
	};
	bool done = true;

	for (size_t i = 0; i < sizeof paths / sizeof *paths && done; i++) {
		int folder = open(paths[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (folder < 0)
			continue;
		done = landlock_allow(rules, folder, READS);
		close(folder);
	}
	return done;
}

/* Folders: NULL for no access at all. */
static bool enter_landlock(const int *folders, size_t count)
{
	struct landlock_ruleset_attr attr = {.handled_access_fs = landlock_all()};

	if (!attr.handled_access_fs)
		return false;
	int rules = (int)syscall(
		SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);
	if (rules < 0)
		return false;
	bool done = !folders || allow_system(rules);
	for (size_t i = 0; i < count && done; i++)
		done = folders[i] < 0 ||
			landlock_allow(rules, folders[i],
				attr.handled_access_fs & ~LANDLOCK_ACCESS_FS_EXECUTE);
	if (done)
		done = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	close(rules);
	return done;
}

static const int allowed[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(close),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(fstat),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettid),
	SCMP_SYS(lseek),
	SCMP_SYS(madvise),
	SCMP_SYS(mmap),
	SCMP_SYS(mprotect),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(pread64),
	SCMP_SYS(read),
	SCMP_SYS(recvmsg),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sigaltstack),
#ifdef __SANITIZE_ADDRESS__ /* its reports */
	SCMP_SYS(readlink),
	SCMP_SYS(write),
#endif
};

static bool enter_seccomp(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof allowed / sizeof *allowed && !error; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	/* fstat(3) calls newfstatat. Limited to an empty path, it reaches only
	 * descriptors that are open already. */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
			SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	errno = -error;
	return !error;
}

/* Never raises a limit: this process may have been started with a lower one. */
static bool limit(int what, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(what, &now) < 0)
		return false;
	most = most < now.rlim_max ? most : now.rlim_max;
	return setrlimit(what, &(struct rlimit){most, most}) == 0;
}

enum sandbox_state sandbox_enter(size_t memory)
{
#ifdef __SANITIZE_ADDRESS__ /* which maps terabytes */
	memory = RLIM_INFINITY;
#endif
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || !limit(RLIMIT_FSIZE, 0) ||
		!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_AS, memory))
		return SANDBOX_NONE;
	bool landlock = enter_landlock(NULL, 0);
	if (!enter_seccomp())
		return SANDBOX_NONE;
	return landlock ? SANDBOX_FULL : SANDBOX_SECCOMP;
}

static const int refused[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
#ifndef __SANITIZE_ADDRESS__ /* it stops its own threads so */
	SCMP_SYS(ptrace),
#endif
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(keyctl),
};

enum sandbox_state sandbox_network(const int *folders, size_t count)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return SANDBOX_NONE;
	bool landlock = enter_landlock(folders, count);
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int error = filter ? 0 : -ENOMEM;
	for (size_t i = 0; i < sizeof refused / sizeof *refused && !error; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, refused[i], 0);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	errno = -error;
	return error ? SANDBOX_NONE : landlock ? SANDBOX_FULL : SANDBOX_SECCOMP;
}

const char *sandbox_name(enum sandbox_state state)
{
	static const char *const names[] = {
		[SANDBOX_NONE] = "none",
		[SANDBOX_SECCOMP] = "seccomp",
		[SANDBOX_FULL] = "full",
	};

	return names[state];
}
