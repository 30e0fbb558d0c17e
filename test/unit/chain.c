/* chain: programs that are started together, end together, and outlive nobody. */
#include "unit.h"

#include <sys/file.h>

#include "chain.h"
#include "process.h"
#include "tick.h"

#define GRACE (UNIT_SECONDS * TICK_SECOND)

static struct chain chain;
static char how[100];
static int ends[2]; /* what they say on standard error */

static int enter(void **state)
{
	return unit_enter(state) < 0 ? -1 : pipe2(ends, O_CLOEXEC);
}

static int leave(void **state)
{
	close(ends[0]);
	return unit_leave(state);
}

/* Starts shell scripts, at most three. */
static int start(const char *const *scripts, size_t count, int held, size_t *failed)
{
	const char *argvs[3][4];
	struct chain_link links[3];

	for (size_t i = 0; i < count; i++) {
		memcpy(argvs[i], (const char *[]){"sh", "-c", scripts[i], NULL},
			sizeof argvs[i]);
		links[i] = (struct chain_link){argvs[i], NULL, NULL};
	}
	links[0].variable = "STREAMHUB_UNIT";
	links[0].value = "first";
	return chain_start(&chain, links, count, ends[1], held, failed);
}

/* All that is said until nobody is left who could. */
static const char *hear(void)
{
	close(ends[1]);
	return unit_hear(ends[0]);
}

static int await_end(void)
{
	struct pollfd fds[CHAIN_MAX];

	for (size_t i = 0; i < chain.count; i++)
		fds[i] = (struct pollfd){chain.links[i].fd, POLLIN, 0};
	if (poll(fds, chain.count, (int)GRACE) <= 0)
		return -2;
	return chain_ended(&chain, how, sizeof how);
}

/* What goes through, and who has which variable. */
UNIT_TEST(test_pipes)
{
	static const char *const scripts[] = {"cat; echo $STREAMHUB_UNIT; echo 1 >&2",
		"sed s/^/x/; echo $STREAMHUB_UNIT", "cat >&2; echo gone"};
	size_t failed;

	unsetenv("STREAMHUB_UNIT");
	assert_int_equal(start(scripts, 3, -1, &failed), 0);
	assert_int_equal(chain.count, 3);
	assert_int_equal(getpgid(chain.links[2].pid), chain.links[0].pid);
	assert_string_equal(hear(), "1\nxfirst\n\n");
	assert_in_range(await_end(), 0, 2);
	assert_string_equal(how, "ended with exit code 0");
	chain_stop(&chain, GRACE);
	chain_stop(&chain, GRACE);
	assert_int_equal(chain.count, 0);
	assert_true(unit_ended(waitpid(-1, NULL, WNOHANG), ECHILD));
}

UNIT_TEST(test_ended)
{
	static const struct {
		const char *scripts[2];
		int index;
		const char *how;
	} rows[] = {
		{{"exit 3", "exec sleep 1000"}, 0, "ended with exit code 3"},
		{{"exec sleep 1000", "kill -9 $$"}, 1, "was ended by signal 9"},
		/* Those who end because of another, before that one is gone. */
		{{"exec >&-; sleep 0.1; exit 66", "cat"}, 0, "ended with exit code 66"},
		{{"exit 75", "sleep 0.1; exit 66"}, 1, "ended with exit code 66"},
		{{"exit 75", "exec sleep 1000"}, 0, "ended with exit code 75"},
		{{"exit 75", "exit 0"}, 1, "ended with exit code 0"},
	};
	size_t failed;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(start(rows[i].scripts, 2, -1, &failed), 0);
		assert_int_equal(await_end(), rows[i].index);
		assert_string_equal(how, rows[i].how);
		/* It can be asked again. */
		assert_int_equal(chain_ended(&chain, how, sizeof how), rows[i].index);
		chain_stop(&chain, GRACE);
	}
	assert_string_equal(hear(), "");
}

/* What does not listen, and what was started by those who have ended. */
UNIT_TEST(test_stop)
{
	static const char *const scripts[] = {
		"exec 3>&2 2>/dev/null; trap 'echo end >&3; exit' TERM; echo >&3;"
		"while :; do sleep 0.01; done",
		"exec 3>&2 2>/dev/null; trap '' TERM; sleep 1000 & echo >&3;"
		"while :; do sleep 0.01; done"};
	size_t failed;
	char c[2];

	assert_int_equal(start(scripts, 2, -1, &failed), 0);
	for (int i = 0; i < 2; i++) {
		unit_await(ends[0]);
		assert_int_equal(read(ends[0], c, 1), 1);
	}
	int64_t began = tick_now();
	chain_stop(&chain, 300);
	assert_in_range(tick_now() - began, 300, GRACE);
	/* A shell may also tell that its sleep was ended. */
	assert_non_null(strstr(hear(), "end\n"));
	assert_true(unit_ended(waitpid(-1, NULL, WNOHANG), ECHILD));
}

/* One that cannot be started takes the others with it. */
UNIT_TEST(test_cannot)
{
	static const char *const sleeps[] = {"sleep", "1000", NULL};
	static const char *const nothing[] = {"/nowhere/program", NULL};
	const struct chain_link links[] = {
		{sleeps, 0, 0}, {sleeps, 0, 0}, {nothing, 0, 0}};
	size_t failed = 99;

	int before = unit_free_descriptor();
	assert_true(
		unit_ended(chain_start(&chain, links, 3, ends[1], -1, &failed), ENOENT));
	assert_int_equal(failed, 2);
	assert_int_equal(chain.count, 0);
	assert_true(unit_ended(waitpid(-1, NULL, WNOHANG), ECHILD));
	assert_int_equal(unit_free_descriptor(), before);
	hear();
}

/* We are killed: all of them end, and a lock that they hold is free only then. */
UNIT_TEST(test_orphans)
{
	static const char *const scripts[] = {
		"exec 3>&2 2>/dev/null; trap 'echo end >&3; exit' TERM; echo >&3;"
		"while :; do sleep 0.01; done",
		"exec sleep 1000"};
	char c[2];

	unit_put_text("lock", "");
	int lock = openat(unit_folder, "lock", O_RDWR | O_CLOEXEC);
	pid_t pid = unit_fork();
	if (pid == 0) {
		size_t failed;
		int held = openat(unit_folder, "lock", O_RDWR | O_CLOEXEC);
		if (flock(held, LOCK_EX) < 0 || start(scripts, 2, held, &failed) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	unit_await(ends[0]);
	assert_int_equal(read(ends[0], c, 1), 1);
	assert_true(unit_ended(flock(lock, LOCK_EX | LOCK_NB), EWOULDBLOCK));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_string_equal(hear(), "end\n");
	alarm(UNIT_SECONDS);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	alarm(0);
	close(lock);
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTERED(test_pipes),
		ENTERED(test_ended),
		ENTERED(test_stop),
		ENTERED(test_cannot),
		ENTERED(test_orphans),
	};

	return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
