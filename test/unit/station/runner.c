/* runner: whom a fact names, the lock, and what is left behind. */
#include "unit.h"

#include <sys/file.h>

#include "station/runner.h"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define HEAD "boot: " BOOT "\nmono: 1\n"

UNIT_TEST(test_of)
{
	static const struct {
		const char *text;
		bool names;
	} rows[] = {
		{HEAD "pid: 7\nticks: 123\n", true},
		{"ticks: 123\npid: 7\n" HEAD, true},
		{HEAD "pid: 7\n", false},
		{HEAD "ticks: 123\n", false},
		{"pid: 7\nticks: 123\n", false},
		{"boot: short\nmono: 1\npid: 7\nticks: 123\n", false},
		{HEAD "pid: 0\nticks: 123\n", false},
		{HEAD "pid: -7\nticks: 123\n", false},
		{HEAD "pid: 4294967303\nticks: 123\n", false},
		{HEAD "pid: 7 \nticks: 123\n", false},
		{HEAD "pid: 7\nticks: x\n", false},
		{HEAD "pid: 7\nticks: 123", false},
		{"", false},
		{"\x7f\x01", false},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct fact fact = fact_parse(rows[i].text, strlen(rows[i].text));
		struct process process = {.pid = 99};

		int code = runner_of(&fact, &process);
		if (!unit_ended(code, rows[i].names ? 0 : EINVAL))
			fail_msg("row %zu: %d", i, code);
		assert_int_equal(process.pid, code == 0 ? 7 : 99);
		if (code == 0) {
			assert_int_equal(process.started, 123);
			assert_string_equal(process.boot, BOOT);
		}
		fact_free(&fact);
	}
	struct process process;
	struct fact none = {.state = FACT_ABSENT};
	assert_true(unit_ended(runner_of(&none, &process), EINVAL));
}

/* Only who started then, in this boot, is meant. */
UNIT_TEST(test_open)
{
	struct process self;
	char text[200], other[] = "0";

	assert_true(unit_ended(runner_open(unit_folder), EINVAL));
	unit_put_text("stationrun", "noise\x01");
	assert_true(unit_ended(runner_open(unit_folder), EINVAL));
	assert_int_equal(process_of(&self, getpid()), 0);
	*other = self.boot[0] == '0' ? '1' : '0';
	const struct {
		const char *boot, *rest;
		int64_t started;
		int error;
	} rows[] = {
		{"", self.boot, self.started, 0},
		{"", self.boot, self.started + 1, ESRCH},
		{other, self.boot + 1, self.started, ESRCH},
	};
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		snprintf(text, sizeof text, "boot: %s%s\nmono: 1\npid: %d\nticks: %lld\n",
			rows[i].boot, rows[i].rest, (int)self.pid,
			(long long)rows[i].started);
		unit_put_text("stationrun", text);
		int fd = runner_open(unit_folder);
		if (!unit_ended(fd, rows[i].error))
			fail_msg("row %zu: %d, errno %d", i, fd, errno);
		if (fd >= 0)
			close(fd);
	}
}

UNIT_TEST(test_lock)
{
	int lock = runner_lock(unit_folder);

	assert_true(lock >= 0);
	assert_true(fcntl(lock, F_GETFD) & FD_CLOEXEC);
	assert_true(unit_ended(runner_lock(unit_folder), EWOULDBLOCK));
	int heir = dup(lock);
	close(lock);
	assert_true(unit_ended(runner_lock(unit_folder), EWOULDBLOCK));
	close(heir);
	lock = runner_lock(unit_folder);
	assert_true(lock >= 0);
	close(lock);
	unlinkat(unit_folder, ".lock", 0);
	symlinkat("elsewhere", unit_folder, ".lock");
	assert_true(unit_ended(runner_lock(unit_folder), ELOOP));
	assert_false(unit_exists("elsewhere"));
}

UNIT_TEST(test_sweep)
{
	static const char *const names[] = {"camwatch", "segcheck", "rtmppush",
		"stationrun", "heartbeat", "mine", ".camwatch.1.tmp"};

	assert_int_equal(runner_sweep(unit_folder), 0);
	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		unit_put_text(names[i], "");
	assert_int_equal(runner_sweep(unit_folder), 4);
	assert_int_equal(unit_entries(), 2);
	assert_true(unit_exists("heartbeat") && unit_exists("mine"));
	mkdirat(unit_folder, "camwatch", 0755);
	assert_int_equal(runner_sweep(unit_folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of),
		UNIT_IN_FOLDER(test_open),
		UNIT_IN_FOLDER(test_lock),
		UNIT_IN_FOLDER(test_sweep),
	};

	return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
