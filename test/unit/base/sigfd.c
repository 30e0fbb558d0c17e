/* sigfd: signals that are read. */
#include "unit.h"

#include "base/sigfd.h"

UNIT_TEST(test_take)
{
	static const int signals[] = {SIGTERM, SIGINT};

	int fd = sigfd_open();
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(sigfd_take(fd), 0); /* does not block */
	for (size_t i = 0; i < UNIT_COUNT(signals); i++) {
		raise(signals[i]);
		unit_await(fd);
		assert_int_equal(sigfd_take(fd), signals[i]);
		assert_int_equal(sigfd_take(fd), 0);
	}
	/* Each once, however often it came before it was taken. */
	raise(SIGTERM);
	raise(SIGTERM);
	raise(SIGINT);
	assert_int_equal(sigfd_take(fd) + sigfd_take(fd), SIGTERM + SIGINT);
	assert_int_equal(sigfd_take(fd), 0);
	close(fd);
}

/* A signal that came before poll(2) is not lost, and no other one is touched. */
UNIT_TEST(test_only_these)
{
	pid_t pid = unit_fork();

	if (pid == 0) {
		int fd = sigfd_open();
		struct pollfd one = {fd, POLLIN, 0};

		kill(getpid(), SIGTERM);
		if (poll(&one, 1, UNIT_SECONDS * 1000) != 1 || sigfd_take(fd) != SIGTERM)
			_exit(1);
		raise(SIGUSR1);
		_exit(2);
	}
	assert_int_equal(unit_wait(pid), 128 + SIGUSR1);
}

/* From then on a signal does what it does without us, also one that nobody took. */
UNIT_TEST(test_close)
{
	static const int signals[] = {SIGTERM, SIGINT};

	for (size_t i = 0; i < 2 * UNIT_COUNT(signals); i++) {
		pid_t pid = unit_fork();

		if (pid == 0) {
			int fd = sigfd_open();

			if (i % 2)
				raise(signals[i / 2]);
			sigfd_close(fd);
			raise(signals[i / 2]);
			_exit(0);
		}
		assert_int_equal(unit_wait(pid), 128 + signals[i / 2]);
	}
}

UNIT_TEST(test_bad_descriptor)
{
	assert_int_equal(sigfd_take(-1), 0);
}

/* One more signal has a descriptor of its own. */
UNIT_TEST(test_one)
{
	int fd = sigfd_open(), one = sigfd_open_one(SIGUSR1);

	raise(SIGUSR1);
	unit_await(one);
	assert_int_equal(sigfd_take(fd), 0);
	assert_int_equal(sigfd_take(one), SIGUSR1);
	raise(SIGTERM);
	assert_int_equal(sigfd_take(one), 0);
	assert_int_equal(sigfd_take(fd), SIGTERM);
	close(fd);
	close(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_only_these),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_bad_descriptor),
		cmocka_unit_test(test_one),
	};

	return cmocka_run_group_tests_name("sigfd", tests, NULL, NULL);
}
