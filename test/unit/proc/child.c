/* child: programs that end, and programs that do not. */
#include "unit.h"

#include "base/clock.h"
#include "proc/child.h"

#define GRACE 200
#define LONG_TIME (clock_now() + UNIT_SECONDS * CLOCK_SECOND)

static char how[256];
static const char *text;

/* Runs a shell script, with what it writes in text; returns what child_run does. */
static int run_script(const char *script, int64_t deadline, int64_t grace, int stop)
{
	char *argv[] = {strdup("sh"), strdup("-c"), strdup(script), NULL};
	int ends[2], saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	*how = '\0';
	int code = child_run(argv, deadline, grace, stop, how, sizeof how);
	dup2(saved, STDERR_FILENO);
	close(saved);
	/* It ends only when nobody of the group is left who could write. */
	text = unit_hear(ends[0]);
	close(ends[0]);
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
	return code;
}

UNIT_TEST(test_outcome)
{
	static const struct {
		const char *script;
		int code;
		const char *how;
	} rows[] = {
		{":", 0, ""},
		{"exit 0", 0, ""},
		{"exit 1", -1, "failed with exit code 1"},
		{"exit 255", -1, "failed with exit code 255"},
		{"kill -KILL $$", -1, "was ended by signal 9"},
		{"kill -TERM $$", -1, "was ended by signal 15"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(
			run_script(rows[i].script, LONG_TIME, GRACE, -1), rows[i].code);
		assert_string_equal(how, rows[i].how);
	}
	assert_int_equal(run_script("exit 3", CLOCK_NEVER, GRACE, -1), -1);
	assert_string_equal(how, "failed with exit code 3");
}

UNIT_TEST(test_cannot_run)
{
	char file[300];
	char *nothing[] = {strdup("/nowhere/program"), NULL};
	char *no_program[] = {file, NULL};

	assert_int_equal(child_run(nothing, LONG_TIME, GRACE, -1, how, sizeof how), -1);
	assert_string_equal(how, "cannot be run: No such file or directory");
	free(nothing[0]);
	unit_put_text("file", "#!/bin/sh\n");
	snprintf(file, sizeof file, "%s/file", unit_path);
	assert_int_equal(
		child_run(no_program, LONG_TIME, GRACE, -1, how, sizeof how), -1);
	assert_string_equal(how, "cannot be run: Permission denied");
	/* A small place for the words is not overrun. */
	assert_int_equal(child_run(no_program, LONG_TIME, GRACE, -1, how, 8), -1);
	assert_string_equal(how, "cannot ");
}

/* No input, output where our errors go, a group of its own, no signal held back. */
UNIT_TEST(test_surroundings)
{
	sigset_t blocked, before;

	int input = memfd_create("input", MFD_CLOEXEC), saved = dup(STDIN_FILENO);
	assert_int_equal(pwrite(input, "ours\n", 5, 0), 5);
	dup2(input, STDIN_FILENO);
	assert_int_equal(
		run_script("cat; echo out; echo err >&2", LONG_TIME, GRACE, -1), 0);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(input);
	assert_string_equal(text, "out\nerr\n");
	assert_int_equal(run_script("cut -d' ' -f5 /proc/$$/stat | grep -qx $$",
				 LONG_TIME, GRACE, -1),
		0);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run_script("exec grep -E '^Sig(Blk|Ign):' /proc/self/status",
				 LONG_TIME, GRACE, -1),
		0);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	char *end;
	assert_int_equal(strtoull(text + strlen("SigBlk:"), &end, 16), 0);
	/* The two highest are of glibc. */
	assert_int_equal(strtoull(end + strlen("\nSigIgn:"), NULL, 16) & 0x7fffffff, 0);
}

/* The group ends at the deadline, or at stop, also when it does not want to. */
UNIT_TEST(test_ended)
{
	static const struct {
		const char *script;
		const char *text;
	} rows[] = {
		{"sleep 1000", ""},
		{"sleep 1000 & sleep 1000 & wait", ""},
		{"trap 'echo ended; exit 0' TERM; sleep 1000 & wait", "ended\n"},
		{"trap '' TERM; sleep 1000 & sleep 1000; sleep 1000", ""},
		/* The program goes at once, what it started would stay. */
		{"(trap '' TERM; sleep 1000; sleep 1000) & sleep 1000", ""},
		{"kill -STOP $$", ""},
	};
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "", 1), 1);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int64_t start = clock_now();
		assert_int_equal(run_script(rows[i].script, start + 100, GRACE, -1), -1);
		assert_string_equal(how, "took too long and was ended");
		assert_string_equal(text, rows[i].text);
		assert_true(clock_now() - start >= 100);
		/* The other way: stop is readable, the deadline is far. */
		assert_int_equal(
			run_script("trap '' TERM; sleep 1000", LONG_TIME, GRACE, ends[0]),
			-1);
		assert_string_equal(how, "was ended with us");
	}
	assert_int_equal(run_script("sleep 1000", 0, GRACE, -1), -1);
	close(ends[1]);
	close(ends[0]);
}

UNIT_TEST(test_split)
{
	static const struct {
		const char *text;
		size_t max, count;
		const char *words[4];
	} rows[] = {
		{"", 4, 0, {0}},
		{" \t\n ", 4, 0, {0}},
		{"a", 4, 1, {"a"}},
		{"  a\tbc \n d ", 4, 3, {"a", "bc", "d"}},
		{"a b c d", 4, 4, {"a", "b", "c", "d"}},
		{"a b c d e", 4, 4, {"a", "b", "c", "d"}},
		{"a b", 0, 0, {0}},
		{"'a b' \"c", 4, 3, {"'a", "b'", "\"c"}}, /* no quotes */
		{"a\\ b $c", 4, 3, {"a\\", "b", "$c"}},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		char *copy = strdup(rows[i].text), *words[4] = {0};

		assert_int_equal(child_split(copy, words, rows[i].max), rows[i].count);
		for (size_t w = 0; w < rows[i].count; w++)
			assert_string_equal(words[w], rows[i].words[w]);
		free(copy);
	}
}

UNIT_TEST(test_look_here)
{
	char own[256], wanted[300], *slash;

	ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
	assert_true(n > 0);
	own[n] = '\0';
	slash = strrchr(own, '/');
	*slash = '\0';
	char *was = strdup(getenv("PATH"));
	setenv("PATH", "/a:/b", 1);
	assert_int_equal(child_look_here(), 0);
	snprintf(wanted, sizeof wanted, "%s:/a:/b", own);
	assert_string_equal(getenv("PATH"), wanted);
	unsetenv("PATH");
	assert_int_equal(child_look_here(), 0);
	snprintf(wanted, sizeof wanted, "%s:/usr/bin:/bin", own);
	assert_string_equal(getenv("PATH"), wanted);
	setenv("PATH", was, 1);
	free(was);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcome),
		UNIT_IN_FOLDER(test_cannot_run),
		cmocka_unit_test(test_surroundings),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_look_here),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
