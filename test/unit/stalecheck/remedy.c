/* remedy: which command is run, and what its outcome is worth. */
#include "unit.h"

#include <sysexits.h>

#include "remedy.h"

static const struct clock_stamp now = {
	.boot = "01234567-89ab-cdef-0123-456789abcdef", .mono = 100000};

/* Applies it once to name, entered or not, in a run of its own. */
static int apply(const char *command, const char *name, bool enter)
{
	struct remedy remedy;
	char text[200];

	remedy_init(&remedy, 1, 10000);
	snprintf(text, sizeof text, "%s", command);
	assert_int_equal(remedy_command(&remedy, text), 0);
	remedy_enter(&remedy, enter ? unit_folder : -1);
	int code = remedy_apply(&remedy, name, enter ? name : NULL, "tired", &now);
	remedy_leave(&remedy);
	return code;
}

UNIT_TEST(test_budget)
{
	static const struct {
		const char *text;
		long long runs;
		int64_t seconds; /* 0: is none */
	} rows[] = {{"1/1", 1, 1}, {"2/3600", 2, 3600}, {"1000/86400", 1000, 86400},
		{"", 0, 0}, {"1", 0, 0}, {"/", 0, 0}, {"1/", 0, 0}, {"/1", 0, 0},
		{"0/1", 0, 0}, {"1001/1", 0, 0}, {"1/0", 0, 0}, {"1/86401", 0, 0},
		{"1/1/1", 0, 0}, {" 1/1", 0, 0}, {"1 /1", 0, 0}, {"-1/1", 0, 0},
		{"00000000000000000001/1", 0, 0}};
	struct remedy remedy;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		bool good = rows[i].seconds > 0;

		remedy_init(&remedy, 7, 8);
		if (remedy_budget(&remedy, rows[i].text) != (good ? 0 : -1) ||
			remedy.budget.runs != (good ? rows[i].runs : 7) ||
			remedy.budget.period != (good ? rows[i].seconds * 1000 : 8))
			fail_msg("'%s'", rows[i].text);
	}
}

UNIT_TEST(test_command)
{
	struct remedy remedy;
	char many[2 * (REMEDY_WORDS + 1) + 1] = "", blank[] = " \t", three[] = "a b c",
					   one[] = "d";

	remedy_init(&remedy, 1, 1000);
	assert_int_equal(remedy.count, 0);
	assert_int_equal(remedy_command(&remedy, blank), -1);
	assert_int_equal(remedy_command(&remedy, three), 0);
	assert_int_equal(remedy.count, 3);
	/* Nothing of the earlier one is left. */
	assert_int_equal(remedy_command(&remedy, one), 0);
	assert_int_equal(remedy.count, 1);
	assert_string_equal(remedy.words[0], "d");
	for (size_t i = 1; i < UNIT_COUNT(remedy.words); i++)
		assert_null(remedy.words[i]);
	for (size_t i = 0; i <= REMEDY_WORDS; i++)
		strcat(many, "x ");
	assert_int_equal(remedy_command(&remedy, many), -1);
	many[2 * REMEDY_WORDS] = '\0';
	for (size_t i = 0; i < 2 * REMEDY_WORDS; i++)
		many[i] = i % 2 ? ' ' : 'x';
	assert_int_equal(remedy_command(&remedy, many), 0);
	assert_int_equal(remedy.count, REMEDY_WORDS);
}

UNIT_TEST(test_apply)
{
	static const char touch[] = "touch first";

	assert_int_equal(fchdir(unit_folder), 0);
	assert_int_equal(apply(touch, "/dev/null", true), EX_OK);
	assert_true(unit_exists("first"));
	unlinkat(unit_folder, "first", 0);
	assert_int_equal(apply(touch, "/dev/null", true), EX_OK); /* used up */
	assert_false(unit_exists("first"));
	assert_int_equal(apply(touch, "/dev/null", false), EX_IOERR);
	assert_false(unit_exists("first"));
	assert_int_equal(apply("false", "a", true), EX_UNAVAILABLE);
	assert_int_equal(apply("/nowhere/program", "b", true), EX_UNAVAILABLE);
}

/* A signal ends the command, and afterwards us again. */
UNIT_TEST(test_signal)
{
	static const int signals[] = {SIGTERM, SIGINT};

	assert_int_equal(fchdir(unit_folder), 0);
	for (size_t i = 0; i < UNIT_COUNT(signals); i++) {
		char name[2] = {(char)('a' + i), '\0'};

		unlinkat(unit_folder, "started", 0);
		assert_int_equal(mkfifoat(unit_folder, "started", 0644), 0);
		int started = openat(unit_folder, "started", O_RDWR | O_CLOEXEC);
		unit_put_text("script", "#!/bin/sh\necho >\"$1\"\nexec sleep 1000\n");
		assert_int_equal(fchmodat(unit_folder, "script", 0755, 0), 0);
		pid_t pid = unit_fork();
		if (pid == 0) {
			if (apply("./script started", name, true) != EX_TEMPFAIL)
				_exit(1);
			raise(signals[i]);
			_exit(2);
		}
		unit_await(started);
		kill(pid, signals[i]);
		assert_int_equal(unit_wait(pid), 128 + signals[i]);
		close(started);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_command),
		UNIT_IN_FOLDER(test_apply),
		UNIT_IN_FOLDER(test_signal),
	};

	return cmocka_run_group_tests_name("remedy", tests, NULL, NULL);
}
