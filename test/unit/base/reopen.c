/* reopen: what becomes non-blocking is ours alone. */
#include "unit.h"

#include "base/reopen.h"

static void check(int fd, int mode)
{
	int flags = fcntl(fd, F_GETFL), own = reopen_nonblocking(fd);

	assert_true(own >= 0);
	assert_int_equal(
		fcntl(own, F_GETFL) & (O_ACCMODE | O_NONBLOCK), mode | O_NONBLOCK);
	assert_true(fcntl(own, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL), flags);
	close(own);
}

UNIT_TEST(test_pipe)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	check(ends[0], O_RDONLY);
	check(ends[1], O_WRONLY);
	close(ends[0]);
	check(ends[1], O_WRONLY); /* to find out that there is no reader */
	close(ends[1]);
	assert_true(unit_ended(reopen_nonblocking(ends[1]), EBADF));
}

UNIT_TEST(test_fifo_for_both)
{
	assert_int_equal(mkfifoat(unit_folder, "fifo", 0600), 0);
	int fd = openat(unit_folder, "fifo", O_RDWR | O_CLOEXEC);
	check(fd, O_RDWR);
	close(fd);
}

UNIT_TEST(test_terminal)
{
	int terminal = unit_terminal(NULL);

	check(terminal, O_RDWR);
	close(terminal);
}

UNIT_TEST(test_others)
{
	unit_put_text("file", "");
	int fds[] = {openat(unit_folder, "file", O_WRONLY | O_CLOEXEC), dup(unit_folder),
		open("/dev/null", O_WRONLY | O_CLOEXEC)};

	for (size_t i = 0; i < UNIT_COUNT(fds); i++) {
		assert_true(unit_ended(reopen_nonblocking(fds[i]), EINVAL));
		close(fds[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe),
		UNIT_IN_FOLDER(test_fifo_for_both),
		cmocka_unit_test(test_terminal),
		UNIT_IN_FOLDER(test_others),
	};

	return cmocka_run_group_tests_name("reopen", tests, NULL, NULL);
}
