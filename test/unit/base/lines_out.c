/* lines: bytes out without blocking, and what is said when they are lost. */
#include "unit.h"

#include <limits.h>
#include <sys/socket.h>

#include "base/lines.h"
#include "base/msg.h"

static struct lines_out out;
static char bytes[LINES_CHUNK];

static char byte_of(size_t i)
{
	return (char)('0' + (31 + i) % 64);
}

/* Puts a stream into writer, takes it from reader when it is full, and compares. */
static void check_stream(int reader, size_t total)
{
	size_t put = 0, got = 0, fulls = 0;

	while (got < total) {
		size_t len = 1 + put * 7919 % LINES_CHUNK, room = LINES_CHUNK - out.len;
		len = len > room ? room : len;
		len = len > total - put ? total - put : len;
		for (size_t i = 0; i < len; i++)
			bytes[i] = byte_of(put + i);
		lines_put(&out, bytes, len);
		put += len;
		int waits = lines_flush(&out);
		assert_int_equal(waits, out.len > 0);
		fulls += waits == 1;
		unit_await(reader);
		ssize_t n = read(reader, bytes, 1 + got * 31 % 5000);
		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(bytes[i], byte_of(got++));
	}
	assert_true(fulls > 0);
}

UNIT_TEST(test_pipe_out)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	int shared = dup(ends[1]);
	lines_out(&out, ends[1]);
	assert_false(fcntl(shared, F_GETFL) & O_NONBLOCK);
	check_stream(ends[0], 1 << 20);
	/* Nobody reads: it comes back, with 1, and keeps what waits. */
	do
		lines_put(&out, bytes, LINES_CHUNK - out.len);
	while (lines_flush(&out) == 0);
	assert_int_equal(lines_flush(&out), 1);
	assert_true(out.len > 0);
	assert_false(fcntl(shared, F_GETFL) & O_NONBLOCK);
	close(ends[0]);
	assert_true(unit_ended(lines_flush(&out), EPIPE));
	close(shared);
	close(ends[1]);
}

/* A FIFO that is open for both, as "1<>fifo" has it: we stay its reader. */
UNIT_TEST(test_fifo_for_both)
{
	assert_int_equal(mkfifoat(unit_folder, "fifo", 0600), 0);
	int fd = openat(unit_folder, "fifo", O_RDWR | O_CLOEXEC);
	lines_out(&out, fd);
	lines_put(&out, "x", 1);
	assert_int_equal(lines_flush(&out), 0);
	do
		lines_put(&out, bytes, LINES_CHUNK - out.len);
	while (lines_flush(&out) == 0);
	close(fd);
}

/* A terminal that nobody looks at, or that was stopped with ^S, does not stop us. */
UNIT_TEST(test_frozen_terminal)
{
	int master;

	pid_t pid = unit_fork(); /* its alarm is the deadline */
	if (pid == 0) {
		int fd = unit_terminal(&master);
		lines_out(&out, fd);
		lines_put(&out, "seen", 4);
		if (lines_flush(&out) != 0 || read(master, bytes, 10) != 4)
			_exit(1);
		tcflow(fd, TCOOFF);
		lines_put(&out, bytes, LINES_CHUNK);
		if (lines_flush(&out) != 1 || out.len != LINES_CHUNK)
			_exit(2);
		tcflow(fd, TCOON);
		_exit(lines_flush(&out) < 0 || out.len >= LINES_CHUNK);
	}
	assert_int_equal(unit_wait(pid), 0);
}

/* A socket cannot be opened again: small writes that do not block after POLLOUT. */
UNIT_TEST(test_socket_out)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	lines_out(&out, ends[1]);
	assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
	lines_put(&out, bytes, 3 * PIPE_BUF);
	assert_int_equal(lines_flush(&out), 1);
	assert_int_equal(out.len, 2 * PIPE_BUF);
	assert_int_equal(lines_flush(&out), 1);
	assert_int_equal(lines_flush(&out), 0);
	assert_int_equal(read(ends[0], bytes, 3 * PIPE_BUF), 3 * PIPE_BUF);
	/* If it is non-blocking already, it takes what there is room for. */
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	lines_out(&out, ends[1]);
	check_stream(ends[0], 1 << 20);
	close(ends[0]);
	close(ends[1]);
}

UNIT_TEST(test_no_reader)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	lines_out(&out, ends[1]);
	lines_put(&out, "x", 1);
	assert_true(unit_ended(lines_flush(&out), EPIPE));
	close(ends[1]);
	lines_out(&out, ends[1]);
	lines_put(&out, "x", 1);
	assert_true(unit_ended(lines_flush(&out), EBADF));
}

/* A regular file takes all at once, and goes on where it was. */
UNIT_TEST(test_file_out)
{
	int fd = memfd_create("out", MFD_CLOEXEC);
	assert_int_equal(write(fd, "before", 6), 6);
	lines_out(&out, fd);
	lines_put(&out, bytes, LINES_CHUNK);
	assert_int_equal(out.len, LINES_CHUNK);
	assert_int_equal(lines_flush(&out), 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), LINES_CHUNK + 6);
	close(fd);
}

UNIT_TEST(test_lost)
{
	static const struct {
		int error, code;
		const char *text;
	} rows[] = {{EPIPE, 75, "the reader of standard output is gone"},
		{ENOSPC, 74, "standard output: No space left on device"},
		{EBADF, 74, "standard output: Bad file descriptor"},
		{EIO, 74, "standard output: Input/output error"}};
	char expected[128], got[256];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int err = memfd_create("err", MFD_CLOEXEC);
		pid_t pid = unit_fork();
		if (pid == 0) {
			dup2(err, STDERR_FILENO);
			msg_init("tool");
			_exit(lines_lost(rows[i].error));
		}
		assert_int_equal(unit_wait(pid), rows[i].code);
		ssize_t n = pread(err, got, sizeof got - 1, 0);
		assert_true(n > 0);
		got[n] = '\0';
		close(err);
		snprintf(expected, sizeof expected, "[ERROR] [tool] %s\n", rows[i].text);
		const char *head = strstr(got, "[ERROR]");
		if (!head || strcmp(head, expected) != 0)
			fail_msg("'%s'", got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe_out),
		UNIT_IN_FOLDER(test_fifo_for_both),
		cmocka_unit_test(test_frozen_terminal),
		cmocka_unit_test(test_socket_out),
		cmocka_unit_test(test_no_reader),
		cmocka_unit_test(test_file_out),
		cmocka_unit_test(test_lost),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("lines_out", tests, NULL, NULL);
}
