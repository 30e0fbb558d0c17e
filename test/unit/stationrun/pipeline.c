/* pipeline: programs that are started together, end together, and outlive nobody. */
#include "unit.h"

#include <sys/file.h>

#include "base/clock.h"
#include "pipeline.h"
#include "proc/process.h"

#define GRACE (UNIT_SECONDS * CLOCK_SECOND)

static struct pipeline pipeline;
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
	struct pipeline_link links[3];

	for (size_t i = 0; i < count; i++) {
		memcpy(argvs[i], (const char *[]){"sh", "-c", scripts[i], NULL},
			sizeof argvs[i]);
		links[i] = (struct pipeline_link){argvs[i], NULL, NULL};
	}
	links[0].variable = "STREAMHUB_UNIT";
	links[0].value = "first";
	return pipeline_start(&pipeline, links, count, ends[1], held, failed);
}

/* All that is said until nobody is left who could. */
static const char *hear(void)
{
	close(ends[1]);
	return unit_hear(ends[0]);
}

static int await_end(void)
{
	struct pollfd fds[PIPELINE_MAX];

	for (size_t i = 0; i < pipeline.count; i++)
		fds[i] = (struct pollfd){pipeline.links[i].fd, POLLIN, 0};
	if (poll(fds, pipeline.count, (int)GRACE) <= 0)
		return -2;
	return pipeline_ended(&pipeline, how, sizeof how);
}

/* What goes through, and who has which variable. */
UNIT_TEST(test_pipes)
{
	static const char *const scripts[] = {"cat; echo $STREAMHUB_UNIT; echo 1 >&2",
		"sed s/^/x/; echo $STREAMHUB_UNIT", "cat >&2; echo gone"};
	size_t failed;

	unsetenv("STREAMHUB_UNIT");
	assert_int_equal(start(scripts, 3, -1, &failed), 0);
	assert_int_equal(pipeline.count, 3);
	assert_int_equal(getpgid(pipeline.links[2].pid), pipeline.links[0].pid);
	assert_string_equal(hear(), "1\nxfirst\n\n");
	assert_in_range(await_end(), 0, 2);
	assert_string_equal(how, "ended with exit code 0");
	pipeline_stop(&pipeline, GRACE);
	pipeline_stop(&pipeline, GRACE);
	assert_int_equal(pipeline.count, 0);
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
		assert_int_equal(
			pipeline_ended(&pipeline, how, sizeof how), rows[i].index);
		pipeline_stop(&pipeline, GRACE);
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
	int64_t began = clock_now();
	pipeline_stop(&pipeline, 300);
	assert_in_range(clock_now() - began, 300, GRACE);
	/* A shell may also tell that its sleep was ended. */
	assert_non_null(strstr(hear(), "end\n"));
	assert_true(unit_ended(waitpid(-1, NULL, WNOHANG), ECHILD));
}

/* One that cannot be started takes the others with it. */
UNIT_TEST(test_cannot)
{
	static const char *const sleeps[] = {"sleep", "1000", NULL};
	static const char *const nothing[] = {"/nowhere/program", NULL};
	const struct pipeline_link links[] = {
		{sleeps, 0, 0}, {sleeps, 0, 0}, {nothing, 0, 0}};
	size_t failed = 99;

	int before = unit_free_descriptor();
	assert_true(unit_ended(
		pipeline_start(&pipeline, links, 3, ends[1], -1, &failed), ENOENT));
	assert_int_equal(failed, 2);
	assert_int_equal(pipeline.count, 0);
	assert_true(unit_ended(waitpid(-1, NULL, WNOHANG), ECHILD));
	assert_int_equal(unit_free_descriptor(), before);

	/* Not a single descriptor is free: the first link is the one that failed. */
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	rlim_t most = limit.rlim_cur;
	limit.rlim_cur = (rlim_t)before;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	failed = 99;
	int code = pipeline_start(&pipeline, links, 3, ends[1], -1, &failed),
	    error = errno;
	limit.rlim_cur = most;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(code, -1);
	assert_int_equal(error, EMFILE);
	assert_int_equal(failed, 0);
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

	return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
