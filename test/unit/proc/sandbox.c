/* sandbox: what it stops, what it lets through, and kernels that have only half of it. */
#include "unit.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "media/worker.h"

/* In a child: makes these calls end with an error, 0 for nothing done. */
static bool answer(int call, uint32_t error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool done = filter &&
		seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), call, 0) == 0 &&
		seccomp_load(filter) == 0;

	seccomp_release(filter);
	return done;
}

/* Each with arguments of 0, as none may get so far that they matter. */
UNIT_TEST(test_forbidden)
{
	static const struct {
		const char *name;
		long call;
	} rows[] = {
#define CALL(name) {#name, SYS_##name}
		CALL(open),
		CALL(openat),
		CALL(openat2),
		CALL(creat),
		CALL(open_by_handle_at),
		CALL(name_to_handle_at),
		CALL(stat),
		CALL(lstat),
		CALL(statx),
		CALL(statfs),
		CALL(access),
		CALL(faccessat2),
		CALL(getdents64),
		CALL(chdir),
		CALL(fchdir),
		CALL(chroot),
		CALL(pivot_root),
		CALL(pwrite64),
		CALL(writev),
		CALL(pwritev2),
		CALL(sendfile),
		CALL(splice),
		CALL(copy_file_range),
		CALL(truncate),
		CALL(ftruncate),
		CALL(fallocate),
		CALL(fchmod),
		CALL(chmod),
		CALL(fchown),
		CALL(utimensat),
		CALL(unlink),
		CALL(unlinkat),
		CALL(rename),
		CALL(renameat2),
		CALL(link),
		CALL(symlink),
		CALL(mkdir),
		CALL(mknod),
		CALL(fsetxattr),
		CALL(socket),
		CALL(socketpair),
		CALL(connect),
		CALL(bind),
		CALL(listen),
		CALL(accept4),
		CALL(sendto),
		CALL(recvfrom),
		CALL(sendmmsg),
		CALL(setsockopt),
		CALL(execve),
		CALL(execveat),
		CALL(fork),
		CALL(vfork),
		CALL(clone),
		CALL(clone3),
		CALL(kill),
		CALL(tkill),
		CALL(tgkill),
		CALL(rt_sigqueueinfo),
		CALL(ptrace),
		CALL(process_vm_readv),
		CALL(process_vm_writev),
		CALL(pidfd_open),
		CALL(pidfd_getfd),
		CALL(prctl),
		CALL(prlimit64),
		CALL(setrlimit),
		CALL(setuid),
		CALL(capset),
		CALL(unshare),
		CALL(setns),
		CALL(mount),
		CALL(bpf),
		CALL(perf_event_open),
		CALL(userfaultfd),
		CALL(io_uring_setup),
		CALL(memfd_create),
		CALL(shmget),
		CALL(mq_open),
		CALL(keyctl),
		CALL(dup),
		CALL(dup2),
		CALL(fcntl),
		CALL(ioctl),
		CALL(pipe),
		CALL(poll),
		CALL(nanosleep),
		CALL(setitimer),
		CALL(wait4),
		CALL(seccomp),
		CALL(landlock_create_ruleset),
		CALL(init_module),
		CALL(modify_ldt),
#ifndef __SANITIZE_ADDRESS__ /* its reports need them */
		CALL(write),
		CALL(readlink),
#endif
		{"newfstatat by name", SYS_newfstatat},
		{"the x32 read", 0x40000000},
		{"a call yet to come", 4095},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		pid_t pid = unit_fork();
		if (pid == 0) {
			if (sandbox_enter(WORKER_MEMORY) == SANDBOX_NONE)
				_exit(1);
			syscall(rows[i].call, 0, 0, 0, 0, 0, 0);
			_exit(2);
		}
		int code = unit_wait(pid);
		if (code != 128 + SIGSYS)
			fail_msg("%s: %d", rows[i].name, code);
	}
}

#ifdef __x86_64__
/* The numbers of 32 bits mean other calls: 5 is open there, and fstat here. */
UNIT_TEST(test_old_calls)
{
	pid_t pid = unit_fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL); /* a kernel without them sends it */
		if (sandbox_enter(WORKER_MEMORY) == SANDBOX_NONE)
			_exit(1);
		__asm__ volatile("int $0x80"
				 :
				 : "a"(5), "b"(0), "c"(0), "d"(0)
				 : "memory");
		_exit(2);
	}
	int code = unit_wait(pid);
	assert_true(code == 128 + SIGSYS || code == 128 + SIGSEGV);
}
#endif

/* A client of the network may use files below the folder, and none beside it. */
static int use_files(int folder)
{
	if (openat(folder, "made", O_CREAT | O_WRONLY, 0600) < 0 ||
		renameat(folder, "made", folder, "named") < 0 ||
		openat(folder, "named", O_RDONLY) < 0 ||
		unlinkat(folder, "named", 0) < 0 || mkdirat(folder, "day", 0700) < 0)
		return 3;
	if (open("/etc/hosts", O_RDONLY) < 0 ||
		open("/proc/sys/kernel/random/boot_id", O_RDONLY) < 0)
		return 4;
	if (open("/etc/passwd", O_WRONLY) >= 0 || open("/root", O_RDONLY) >= 0 ||
		openat(folder, "../made", O_CREAT | O_WRONLY, 0600) >= 0 ||
		open("/", O_RDONLY) >= 0)
		return 5;
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? 6 : 0;
}

UNIT_TEST(test_network)
{
	const int folders[] = {-1, unit_folder};
	pid_t pid = unit_fork();

	if (pid == 0) {
		enum sandbox_state done = sandbox_network(folders, 2);
		if (done != SANDBOX_FULL)
			_exit(done == SANDBOX_NONE);
		_exit(use_files(folders[1]));
	}
	assert_int_equal(unit_wait(pid), 0);
	static const long calls[] = {SYS_execve, SYS_execveat, SYS_mount, SYS_setns,
		SYS_unshare, SYS_bpf, SYS_io_uring_setup};
	for (size_t i = 0; i < UNIT_COUNT(calls); i++) {
		pid = unit_fork();
		if (pid == 0) {
			if (sandbox_network(NULL, 0) == SANDBOX_NONE)
				_exit(1);
			syscall(calls[i], 0, 0, 0, 0, 0, 0);
			_exit(2);
		}
		assert_int_equal(unit_wait(pid), 128 + SIGSYS);
	}
}

static int work(int fd, int socket)
{
	struct timespec now;
	struct stat st;
	char byte, bytes[16];
	struct iovec part = {&byte, 1};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};

	if (fstat(fd, &st) < 0 || st.st_size != 4 || pread(fd, bytes, 4, 0) != 4 ||
		lseek(fd, 2, SEEK_SET) != 2 || read(fd, bytes, sizeof bytes) != 2)
		return 3;
	char *more = malloc(1 << 20);
	char *all = more ? realloc(more, 32 << 20) : NULL;
	if (!all)
		return 4;
	memset(all, 1, 32 << 20);
	free(all);
	if (clock_gettime(CLOCK_MONOTONIC, &now) < 0 || close(fd) < 0)
		return 5;
	if (sendmsg(socket, &msg, MSG_NOSIGNAL) != 1 || recvmsg(socket, &msg, 0) != 1)
		return 6;
	return 0;
}

UNIT_TEST(test_allowed)
{
	struct rlimit limit;
	int ends[2];
	char byte;

	unit_put_text("file", "text");
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	pid_t pid = unit_fork();
	if (pid == 0) {
		int fd = openat(unit_folder, "file", O_RDONLY | O_CLOEXEC);
		_exit(sandbox_enter(WORKER_MEMORY) == SANDBOX_NONE ? 1
								   : work(fd, ends[1]));
	}
	unit_await(ends[0]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	static const struct {
		enum __rlimit_resource what;
		rlim_t most;
	} rows[] = {
		{RLIMIT_FSIZE, 0},
		{RLIMIT_CORE, 0},
#ifndef __SANITIZE_ADDRESS__
		{RLIMIT_AS, WORKER_MEMORY},
#endif
	};
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(prlimit(pid, rows[i].what, NULL, &limit), 0);
		assert_true(limit.rlim_cur == rows[i].most);
		assert_true(limit.rlim_max == rows[i].most);
	}
	assert_int_equal(write(ends[0], &byte, 1), 1);
	assert_int_equal(unit_wait(pid), 0);
	close(ends[0]);
	close(ends[1]);
}

#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes; make check runs both builds */
/* Who gave less gave less: that is neither raised nor a reason not to start. */
UNIT_TEST(test_less_memory)
{
	struct rlimit limit, less = {WORKER_MEMORY / 2, WORKER_MEMORY / 2};

	for (int unprivileged = 0; unprivileged < 2; unprivileged++) {
		pid_t pid = unit_fork();
		if (pid == 0) {
			if (setrlimit(RLIMIT_AS, &less) < 0 ||
				(unprivileged && geteuid() == 0 && setuid(65534) < 0))
				_exit(1);
			/* Seccomp that only seems to be there: so that we can ask. */
			if (!answer(SCMP_SYS(seccomp), 0) ||
				sandbox_enter(WORKER_MEMORY) == SANDBOX_NONE)
				_exit(2);
			getrlimit(RLIMIT_AS, &limit);
			_exit(limit.rlim_cur == less.rlim_cur &&
						limit.rlim_max == less.rlim_max
					? 0
					: 3);
		}
		assert_int_equal(unit_wait(pid), 0);
	}
}
#endif

/* Landlock by itself, with seccomp that only seems to be there. */
UNIT_TEST(test_landlock)
{
	unit_put_text("file", "text");
	assert_int_equal(mkdirat(unit_folder, "folder", 0755), 0);
	pid_t pid = unit_fork();
	if (pid == 0) {
		int fd = openat(unit_folder, "file", O_RDONLY | O_CLOEXEC);
		if (!answer(SCMP_SYS(seccomp), 0))
			_exit(1);
		enum sandbox_state got = sandbox_enter(WORKER_MEMORY);
		if (got == SANDBOX_SECCOMP)
			_exit(77);
		if (got != SANDBOX_FULL)
			_exit(2);
#define REFUSED(call) ((call) < 0 && errno == EACCES)
		if (!REFUSED(openat(unit_folder, "file", O_RDONLY | O_CLOEXEC)))
			_exit(3);
		if (!REFUSED(openat(unit_folder, "file", O_WRONLY | O_CLOEXEC)))
			_exit(4);
		if (!REFUSED(openat(
			    unit_folder, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)))
			_exit(5);
		if (!REFUSED(
			    openat(unit_folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)))
			_exit(6);
		if (!REFUSED(unlinkat(unit_folder, "file", 0)))
			_exit(7);
		if (!REFUSED(unlinkat(unit_folder, "folder", AT_REMOVEDIR)))
			_exit(8);
		if (!REFUSED(mkdirat(unit_folder, "made", 0700)))
			_exit(9);
		if (!REFUSED(symlinkat("x", unit_folder, "made")))
			_exit(10);
		if (!REFUSED(execl("/bin/true", "true", (char *)NULL)))
			_exit(11);
		char byte;
		_exit(pread(fd, &byte, 1, 0) == 1 ? 0 : 12);
	}
	int code = unit_wait(pid);
	if (code == 77)
		UNIT_SKIP("this kernel has no Landlock");
	assert_int_equal(code, 0);
}

UNIT_TEST(test_half)
{
	static const struct {
		const char *name;
		int call;
		uint32_t error;
		enum sandbox_state state;
	} rows[] = {
		{"no Landlock", SCMP_SYS(landlock_create_ruleset), ENOSYS,
			SANDBOX_SECCOMP},
		{"Landlock disabled", SCMP_SYS(landlock_create_ruleset), EOPNOTSUPP,
			SANDBOX_SECCOMP},
		{"Landlock refuses", SCMP_SYS(landlock_restrict_self), EPERM,
			SANDBOX_SECCOMP},
		{"no seccomp", SCMP_SYS(seccomp), ENOSYS, SANDBOX_NONE},
		{"seccomp refuses", SCMP_SYS(seccomp), EINVAL, SANDBOX_NONE},
		{"no new privileges", SCMP_SYS(prctl), EINVAL, SANDBOX_NONE},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		pid_t pid = unit_fork();
		if (pid == 0) {
			if (!answer(rows[i].call, rows[i].error))
				_exit(100);
			enum sandbox_state got = sandbox_enter(WORKER_MEMORY);
			_exit(got == SANDBOX_NONE && errno == 0 ? 101 : (int)got);
		}
		int code = unit_wait(pid);
		if (code != (int)rows[i].state)
			fail_msg("%s: %d", rows[i].name, code);
	}
}

UNIT_TEST(test_names)
{
	assert_string_equal(sandbox_name(SANDBOX_NONE), "none");
	assert_string_equal(sandbox_name(SANDBOX_SECCOMP), "seccomp");
	assert_string_equal(sandbox_name(SANDBOX_FULL), "full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forbidden),
		UNIT_IN_FOLDER(test_network),
#ifdef __x86_64__
		cmocka_unit_test(test_old_calls),
#endif
		UNIT_IN_FOLDER(test_allowed),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(test_less_memory),
#endif
		UNIT_IN_FOLDER(test_landlock),
		cmocka_unit_test(test_half),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
