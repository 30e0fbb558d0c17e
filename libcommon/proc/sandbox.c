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

static bool enter_landlock(void)
{
	struct landlock_ruleset_attr attr = {0};
	long version = syscall(
		SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	size_t last = sizeof landlock_kinds - 1;

	if (version < 1)
		return false;
	attr.handled_access_fs =
		(UINT64_C(1) << landlock_kinds[(size_t)version < last ? (size_t)version
								      : last]) -
		1;
	int rules = (int)syscall(
		SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);
	if (rules < 0)
		return false;
	bool done = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
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
	bool landlock = enter_landlock();
	if (!enter_seccomp())
		return SANDBOX_NONE;
	return landlock ? SANDBOX_FULL : SANDBOX_SECCOMP;
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
