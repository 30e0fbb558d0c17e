/* opt: the standard descriptors, at the beginning and at the end. */
#include "unit.h"

#include <sys/resource.h>

#include "base/opt.h"

static const struct opt_tool tool = {"tool", "", "Does nothing.", NULL, 0};

static void expect_said(int fd, const char *text)
{
	char got[256];
	ssize_t n = pread(fd, got, sizeof got - 1, 0);

	assert_true(n >= 0);
	got[n] = '\0';
	close(fd);
	if (!strstr(got, text))
		fail_msg("%s", got);
}

/* A write that failed before others went well: errno is that of something else. */
UNIT_TEST(test_lost_before)
{
	int err = memfd_create("err", MFD_CLOEXEC);

	pid_t pid = unit_fork();
	if (pid == 0) {
		dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		setvbuf(stdout, NULL, _IONBF, 0);
		printf("lost");
		dup2(memfd_create("out", MFD_CLOEXEC), STDOUT_FILENO);
		errno = ENOENT;
		_exit(opt_finish(0));
	}
	assert_int_equal(unit_wait(pid), 74);
	expect_said(err, "] standard output: a write to it failed\n");
}

static const struct rlimit none = {0, 256}, some = {256, 256};

static void allow_descriptors(void)
{
	setrlimit(RLIMIT_NOFILE, &some); /* the leak sanitizer needs them, at exit */
}

/* No descriptor is to be had for a closed one: it says so. */
UNIT_TEST(test_no_descriptors)
{
	int err = memfd_create("err", MFD_CLOEXEC);

	pid_t pid = unit_fork();
	if (pid == 0) {
		dup2(err, STDERR_FILENO);
		close(STDIN_FILENO);
		setrlimit(RLIMIT_NOFILE, &none);
		atexit(allow_descriptors);
		opt_begin(&tool);
		_exit(0);
	}
	assert_int_equal(unit_wait(pid), 71);
	expect_said(err,
		"[tool] descriptor 0 is closed, and /dev/null instead: Too many "
		"open files\n");
}

/* The exit code of a tool that prints and gets none of the descriptors in the mask. */
static int run_without(int mask)
{
	char byte;

	pid_t pid = unit_fork();
	if (pid == 0) {
		int away = memfd_create("away", MFD_CLOEXEC);
		dup2(away, STDOUT_FILENO);
		dup2(away, STDERR_FILENO);
		for (int fd = 0; fd < 3; fd++)
			if (mask & 1 << fd)
				close(fd);
		opt_begin(&tool);
		if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 3)
			_exit(1);
		for (int fd = 0; fd < 3; fd++) {
			if (!(mask & 1 << fd))
				continue;
			ssize_t n = fd ? write(fd, "x", 1) : read(fd, &byte, 1);
			if (n != -1 || errno != EBADF)
				_exit(2);
		}
		printf("a");
		_exit(opt_finish(0));
	}
	return unit_wait(pid);
}

UNIT_TEST(test_closed_descriptors)
{
	for (int mask = 0; mask < 8; mask++)
		assert_int_equal(run_without(mask), mask & 2 ? 74 : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lost_before),
		cmocka_unit_test(test_no_descriptors),
		cmocka_unit_test(test_closed_descriptors),
	};

	return cmocka_run_group_tests_name("opt_end", tests, NULL, NULL);
}
