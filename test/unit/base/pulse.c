/* pulse: since when there is something to do; the rest is seen from the tools that use
 * it. */
#include "unit.h"

#include "base/path.h"
#include "base/pulse.h"

/* What busy says when there is something to do, or not. */
static int64_t busy(struct pulse *pulse, bool is_busy)
{
	char text[FACT_SIZE_MAX];
	int64_t since = 0;

	pulse_begin(pulse);
	pulse_busy(pulse, is_busy);
	pulse_end(pulse);
	ssize_t len = path_read(unit_folder, "tool", text, sizeof text);
	assert_true(len > 0);
	struct fact fact = fact_parse(text, (size_t)len);
	assert_int_equal(fact.state, FACT_GOOD);
	if (*fact_get(&fact, "busy"))
		assert_int_equal(fact_seconds(&fact, "busy", &since), 0);
	fact_free(&fact);
	return since;
}

UNIT_TEST(test_busy)
{
	struct pulse pulse = {.folder = unit_folder, .name = "tool"};
	struct clock_stamp now;

	assert_int_equal(clock_stamp(&now), 0);
	pulse.started = now.mono - 29 * CLOCK_SECOND;
	assert_int_equal(busy(&pulse, false), 0);
	assert_int_equal(busy(&pulse, true), 0); /* it may have been so before */
	pulse.started -= 2 * CLOCK_SECOND;
	assert_int_equal(busy(&pulse, true), 0);
	assert_int_equal(busy(&pulse, false), 0);
	int64_t since = busy(&pulse, true);
	assert_in_range(since, now.mono, now.mono + 5 * CLOCK_SECOND);
	assert_int_equal(busy(&pulse, true), since);
	assert_int_equal(busy(&pulse, false), 0);
}

/* What a killed one has left is cleared by the next. */
UNIT_TEST(test_open)
{
	struct pulse pulse;

	unit_put_text(".tool.1.tmp", "half");
	unit_put_text(".other.1.tmp", "half");
	assert_int_equal(pulse_open(&pulse, unit_path, "tool"), 0);
	assert_false(unit_exists(".tool.1.tmp"));
	assert_true(unit_exists(".other.1.tmp"));
	close(pulse.folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_busy),
		UNIT_IN_FOLDER(test_open),
	};

	return cmocka_run_group_tests_name("pulse", tests, NULL, NULL);
}
