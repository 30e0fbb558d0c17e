/* backoff: the pauses, what ends a row of failures, and how far they are spread. */
#include "unit.h"

#include "base/backoff.h"

#define MINUTE (60 * CLOCK_SECOND)

static void fail_in(struct backoff *backoff, int64_t now, int64_t seconds)
{
	int64_t wanted = seconds * CLOCK_SECOND;
	int64_t pause = backoff_failed(backoff, now, MINUTE);

	assert_in_range(pause, wanted * 80 / 100, wanted * 120 / 100);
	assert_int_equal(backoff->until, now + pause);
	assert_int_equal(backoff->since, 0);
}

UNIT_TEST(test_row)
{
	static const int64_t pauses[] = {5, 10, 20, 40, 60, 60, 60};
	struct backoff backoff = {0};

	for (size_t i = 0; i < UNIT_COUNT(pauses); i++) {
		fail_in(&backoff, 1000, pauses[i]);
		assert_int_equal(backoff.failures, i + 1);
	}
	backoff.failures = INT64_MAX / 2; /* no overflow, and no wait for one */
	fail_in(&backoff, 1000, 60);
}

/* Only what has worked for a minute begins a new row. */
UNIT_TEST(test_stable)
{
	struct backoff backoff = {0};

	fail_in(&backoff, 1, 5);
	backoff_works(&backoff, 7000);
	fail_in(&backoff, 7000 + MINUTE - 1, 10);
	fail_in(&backoff, 7000 + 2 * MINUTE, 20);
	backoff_works(&backoff, 7000);
	fail_in(&backoff, 7000 + MINUTE, 5);
	fail_in(&backoff, 7000 + MINUTE, 10);
}

/* It begins with a pause of its own, once, if there is one. */
UNIT_TEST(test_first)
{
	static const int64_t pauses[] = {1, 5, 10, 20, 40, 60, 60};
	struct backoff backoff = {.first = CLOCK_SECOND};

	fail_in(&backoff, 1, 5);
	for (int round = 0; round < 2; round++) {
		backoff_works(&backoff, 7000);
		for (size_t i = 0; i < UNIT_COUNT(pauses); i++)
			fail_in(&backoff, 7000 + MINUTE, pauses[i]);
	}
	backoff_works(&backoff, 7000);
	fail_in(&backoff, 7000 + MINUTE - 1, 60);
}

/* They do not come together. */
UNIT_TEST(test_spread)
{
	int64_t least = INT64_MAX, most = 0;

	for (int i = 0; i < 1000; i++) {
		struct backoff backoff = {0};
		int64_t pause = backoff_failed(&backoff, 0, MINUTE);
		least = pause < least ? pause : least;
		most = pause > most ? pause : most;
	}
	assert_in_range(least, 4000, 4100);
	assert_in_range(most, 5900, 6000);
}

/* Full jitter: from 0 to the pause, all parts of it, and the pause doubles as ever. */
UNIT_TEST(test_full)
{
	static const int64_t most[] = {2, 4, 8, 16, 32, 60, 60};

	for (size_t i = 0; i < UNIT_COUNT(most); i++) {
		int tenths[10] = {0};
		for (int n = 0; n < 1000; n++) {
			struct backoff backoff = {.base = 2 * CLOCK_SECOND, .full = true};
			backoff.failures = (int64_t)i;
			int64_t pause = backoff_failed(&backoff, 1, MINUTE);
			assert_in_range(pause, 0, most[i] * CLOCK_SECOND);
			tenths[pause * 10 / (most[i] * CLOCK_SECOND + 1)]++;
		}
		for (int tenth = 0; tenth < 10; tenth++)
			assert_in_range(tenths[tenth], 50, 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_stable),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_spread),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
