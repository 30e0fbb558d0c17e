/* msg: a reader of standard error that has stopped reading. */
#include "unit.h"

#include <fnmatch.h>
#include <sys/socket.h>

#include "base/msg.h"

#define STAMP "[[]20*-*-* *:*:*] "

static int stuck[2]; /* what standard error leads to */

/* No more room until it is emptied; blocking as usual. */
static size_t stop_up(void)
{
	static const char bytes[65536] = {0};
	size_t all = 0;
	ssize_t n;

	/* Full terminals find room again by and by: ^S is surer. */
	if (isatty(stuck[1])) {
		tcflow(stuck[1], TCOOFF);
		return 0;
	}
	fcntl(stuck[1], F_SETFL, O_NONBLOCK | O_WRONLY);
	for (size_t len = sizeof bytes; len > 0; len = n > 0 ? len : len / 2)
		if ((n = write(stuck[1], bytes, len)) > 0)
			all += (size_t)n;
	fcntl(stuck[1], F_SETFL, O_WRONLY);
	return all;
}

static void empty(size_t all)
{
	char bytes[4096];

	tcflow(stuck[1], TCOON);
	while (all > 0) {
		ssize_t n = read(stuck[0], bytes, all < 4096 ? all : 4096);
		if (n <= 0)
			_exit(2);
		all -= (size_t)n;
	}
}

/* A pipe, socket or terminal that takes no more: the alarm is the deadline. */
static int say_to_stuck(void)
{
	char text[8192];
	size_t len = 0;

	dup2(stuck[1], STDERR_FILENO);
	msg_init("tool");
	size_t all = stop_up();
	errno = ENOENT;
	for (int i = 0; i < 1000; i++) /* together they wait but once */
		msg_warn("lost:");
	if (errno != ENOENT || fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK)
		return 1;
	empty(all);
	msg_warn("again");
	msg_warn("and again");
	for (*text = '\0'; !strstr(text, "and again\n"); text[len] = '\0') {
		ssize_t n = read(stuck[0], text + len, sizeof text - 1 - len);
		if (n <= 0)
			return 3;
		len += (size_t)n;
	}
	return fnmatch(STAMP "[[]WARN] [[]tool] messages lost: 1000: standard error was "
			     "not read\n" STAMP "[[]WARN] [[]tool] again\n" STAMP
			     "[[]WARN] [[]tool] and again\n",
		       text, 0) == 0
		? 0
		: 4;
}

static void check_stuck(void)
{
	pid_t pid = unit_fork();
	if (pid == 0)
		_exit(say_to_stuck());
	close(stuck[1]);
	assert_int_equal(unit_wait(pid), 0);
	close(stuck[0]);
}

UNIT_TEST(test_stuck)
{
	assert_int_equal(pipe2(stuck, O_CLOEXEC), 0);
	check_stuck();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stuck), 0);
	check_stuck();
	stuck[1] = unit_terminal(&stuck[0]);
	check_stuck();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stuck),
	};

	return cmocka_run_group_tests_name("msg_stuck", tests, NULL, NULL);
}
