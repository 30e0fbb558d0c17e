/* clock: deadlines and stamps. */
#include "unit.h"

#include <fnmatch.h>
#include <limits.h>
#include <time.h>

#include "base/clock.h"

static int64_t ms_of(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

UNIT_TEST(test_now)
{
	int64_t before = ms_of(CLOCK_MONOTONIC), now = clock_now();
	assert_true(before <= now && now <= ms_of(CLOCK_MONOTONIC));
}

UNIT_TEST(test_timeout)
{
	assert_int_equal(clock_timeout(CLOCK_NEVER), -1);
	assert_int_equal(clock_timeout(CLOCK_NEVER - 1), INT_MAX);
	assert_int_equal(clock_timeout(clock_now()), 0);
	assert_int_equal(clock_timeout(clock_now() - 1), 0);
	assert_int_equal(clock_timeout(0), 0);
	assert_int_equal(clock_timeout(-CLOCK_SECOND), 0);
	int64_t deadline = clock_now() + 1000 * CLOCK_SECOND;
	int64_t left = clock_timeout(deadline);
	assert_true(left <= 1000 * CLOCK_SECOND && left >= deadline - clock_now());
}

/* A poll(2) with that timeout does not end before the deadline. */
UNIT_TEST(test_timeout_is_enough)
{
	int64_t deadline = clock_now() + 20;
	poll(NULL, 0, clock_timeout(deadline));
	assert_true(clock_now() >= deadline);
	assert_int_equal(clock_timeout(deadline), 0);
}

UNIT_TEST(test_stamp)
{
	struct clock_stamp stamp, again;
	char boot[38] = "";

	int64_t before = ms_of(CLOCK_BOOTTIME);
	assert_int_equal(clock_stamp(&stamp), 0);
	assert_true(before <= stamp.mono && stamp.mono <= ms_of(CLOCK_BOOTTIME));
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, boot, 37), 37);
	close(fd);
	boot[36] = '\0';
	assert_string_equal(stamp.boot, boot);
	assert_int_equal(clock_stamp(&again), 0);
	assert_string_equal(again.boot, boot);
	assert_true(again.mono >= stamp.mono);
}

UNIT_TEST(test_wall)
{
	static const char *const zones[] = {"UTC", "Asia/Tokyo", "XXX-5:30"};
	char wall[32];
	struct tm tm;

	for (size_t i = 0; i < UNIT_COUNT(zones); i++) {
		setenv("TZ", zones[i], 1);
		tzset();
		time_t before = time(NULL);
		clock_wall(wall, sizeof wall);
		assert_int_equal(
			fnmatch("[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:"
				"[0-5][0-9]:[0-6][0-9]Z",
				wall, 0),
			0);
		assert_non_null(strptime(wall, "%Y-%m-%dT%H:%M:%SZ", &tm));
		/* Zones differ by hours; the time that passes here does not. */
		assert_true(llabs((long long)(timegm(&tm) - before)) < 1800);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_now),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_timeout_is_enough),
		cmocka_unit_test(test_stamp),
		cmocka_unit_test(test_wall),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
