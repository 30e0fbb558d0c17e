/* ready: what arrives at the supervisor's socket. Each case is a process of its own. */
#include "unit.h"

#include <limits.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/ready.h"

static int supervisor;

static int listen_there(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (unit_enter(state) < 0)
		return -1;
	snprintf(address.sun_path, sizeof address.sun_path, "%.90s/notify", unit_path);
	supervisor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(supervisor, (struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return setenv("NOTIFY_SOCKET", address.sun_path, 1);
}

static int hang_up(void **state)
{
	close(supervisor);
	return unit_leave(state);
}

/* Runs service in a child; what it told, a line each, must be as expected. */
static void check(int (*service)(void), const char *expected)
{
	char told[1024] = "";
	size_t len = 0;
	ssize_t n;

	pid_t pid = unit_fork();
	if (pid == 0)
		_exit(service());
	assert_int_equal(unit_wait(pid), 0);
	while ((n = recv(supervisor, told + len, sizeof told - len - 2, 0)) > 0) {
		len += (size_t)n;
		told[len++] = '\n';
	}
	told[len] = '\0';
	assert_string_equal(told, expected);
}

static int up_and_down(void)
{
	ready_up();
	ready_down();
	return 0;
}

UNIT_TEST(test_up_and_down)
{
	check(up_and_down, "READY=1\nSTOPPING=1\n");
}

static int nobody_watches(void)
{
	return ready_alive() == CLOCK_NEVER && ready_alive() == CLOCK_NEVER ? 0 : 1;
}

static int nobody_listens(void)
{
	setenv("WATCHDOG_USEC", "600000000", 1);
	unsetenv("NOTIFY_SOCKET");
	up_and_down();
	ready_alive();
	setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	up_and_down();
	return 0;
}

UNIT_TEST(test_nobody)
{
	static const struct {
		const char *usec, *pid;
	} rows[] = {{NULL, NULL}, {"600000000", "1"}, {"0", NULL}, {"soon", NULL}};

	check(nobody_listens, "");
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		if (rows[i].usec)
			setenv("WATCHDOG_USEC", rows[i].usec, 1);
		if (rows[i].pid)
			setenv("WATCHDOG_PID", rows[i].pid, 1);
		check(nobody_watches, "");
		unsetenv("WATCHDOG_PID");
	}
}

/* Ten minutes: due at once, and again after five. */
static int fed_once(void)
{
	char pid[24];

	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	setenv("WATCHDOG_USEC", "600000000", 1);
	int64_t before = clock_now(), due = ready_alive();
	if (due < before + 300 * CLOCK_SECOND || due > clock_now() + 300 * CLOCK_SECOND)
		return 1;
	return ready_alive() == due && ready_alive() == due ? 0 : 2;
}

/* 20 ms: each deadline that ready_alive hands out is early enough, and feeds again. */
static int fed_often(void)
{
	setenv("WATCHDOG_USEC", "20000", 1);
	for (int i = 0; i < 3; i++) {
		int64_t due = ready_alive();

		if (due > clock_now() + 10)
			return 1;
		while (clock_now() < due)
			poll(NULL, 0, clock_timeout(due));
	}
	return 0;
}

UNIT_TEST(test_watchdog)
{
	check(fed_once, "WATCHDOG=1\n");
	check(fed_often, "WATCHDOG=1\nWATCHDOG=1\nWATCHDOG=1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_up_and_down, listen_there, hang_up),
		cmocka_unit_test_setup_teardown(test_nobody, listen_there, hang_up),
		cmocka_unit_test_setup_teardown(test_watchdog, listen_there, hang_up),
	};

	return cmocka_run_group_tests_name("ready", tests, NULL, NULL);
}
