/* process: who has a number, and that nobody else is ever meant. */
#include "unit.h"

#include <sys/prctl.h>

#include "base/clock.h"
#include "proc/process.h"

#define SOON (clock_now() + UNIT_SECONDS * CLOCK_SECOND)

static struct process process;

/* A child that waits for a signal, by this name. */
static pid_t start(const char *name)
{
	pid_t pid = unit_fork();

	if (pid == 0) {
		prctl(PR_SET_NAME, name);
		for (;;)
			pause();
	}
	return pid;
}

UNIT_TEST(test_signal)
{
	pid_t pid = start("plain");

	assert_int_equal(process_of(&process, pid), 0);
	int fd = process_open(&process);
	assert_true(fd >= 0);
	assert_true(unit_ended(process_await(fd, clock_now(), -1), ETIMEDOUT));
	int ready = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(unit_ended(process_await(fd, CLOCK_NEVER, ready), EINTR));
	close(ready);
	assert_int_equal(process_signal(fd, SIGKILL), 0);
	assert_int_equal(process_await(fd, SOON, -1), 0);
	assert_true(unit_ended(process_open(&process), ESRCH));
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_true(unit_ended(process_signal(fd, SIGKILL), ESRCH));
	close(fd);
	assert_true(unit_ended(process_open(&process), ESRCH));
	assert_true(unit_ended(process_of(&process, pid), ESRCH));
}

/* The same number, but another start or another boot, is somebody else. */
UNIT_TEST(test_stranger)
{
	pid_t pid = start("stranger");

	assert_int_equal(process_of(&process, pid), 0);
	struct process other = process;
	other.started--;
	assert_true(unit_ended(process_open(&other), ESRCH));
	other = process;
	other.boot[0] ^= 1;
	assert_true(unit_ended(process_open(&other), ESRCH));
	static const pid_t none[] = {0, -1, INT32_MAX, INT32_MIN};
	for (size_t i = 0; i < UNIT_COUNT(none); i++) {
		other = process;
		other.pid = none[i];
		assert_true(unit_ended(process_open(&other), ESRCH));
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* A name that looks like fields of its own. */
UNIT_TEST(test_name)
{
	static const char *const names[] = {
		") 1 2 3", "a b c", "((", ")", "", "x\n) S 1"};
	struct process self;

	assert_int_equal(process_of(&self, getpid()), 0);
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		char was[16];

		prctl(PR_GET_NAME, was);
		prctl(PR_SET_NAME, names[i]);
		int code = process_of(&process, getpid());
		prctl(PR_SET_NAME, was);
		assert_int_equal(code, 0);
		assert_int_equal(process.started, self.started);
		assert_string_equal(process.boot, self.boot);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_stranger),
		cmocka_unit_test(test_name),
	};

	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
