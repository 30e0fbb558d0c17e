/* plan: whose word counts, and lists that would stop too much. */
#include "unit.h"

#include "base/clock.h"
#include "plan.h"

#define UP STATION_UP
#define DOWN STATION_DOWN
#define OPEN STATION_UNDECIDED
#define PERSON STATION_BY_PERSON
#define SERVER STATION_BY_SERVER

UNIT_TEST(test_one)
{
	static const struct {
		enum station_desired desired;
		enum station_by by;
		bool runs;
		enum expected_word word;
		bool over, spoken;
		enum plan_todo todo;
	} rows[] = {
		{OPEN, PERSON, false, EXPECTED_UP, false, false, PLAN_START},
		{DOWN, SERVER, false, EXPECTED_UP, false, false, PLAN_START},
		{DOWN, PERSON, false, EXPECTED_UP, false, true, PLAN_KEEP},
		{DOWN, PERSON, false, EXPECTED_UP, true, false, PLAN_START},
		{UP, PERSON, true, EXPECTED_UP, false, true, PLAN_KEEP},
		{UP, SERVER, false, EXPECTED_UP, false, true, PLAN_KEEP},
		{UP, SERVER, true, EXPECTED_DOWN, false, false, PLAN_STOP},
		{UP, PERSON, true, EXPECTED_DOWN, false, false, PLAN_KEEP},
		{UP, PERSON, true, EXPECTED_DOWN, false, true, PLAN_STOP},
		{UP, PERSON, true, EXPECTED_DOWN, true, false, PLAN_STOP},
		{DOWN, SERVER, true, EXPECTED_DOWN, false, true, PLAN_KEEP},
		{OPEN, PERSON, false, EXPECTED_DOWN, false, true, PLAN_KEEP},
		{OPEN, PERSON, true, EXPECTED_DOWN, false, true, PLAN_STOP},
		{OPEN, PERSON, true, EXPECTED_DOWN, false, false, PLAN_KEEP},
		{UP, SERVER, true, EXPECTED_KEEP, true, true, PLAN_KEEP},
		{UP, SERVER, true, EXPECTED_NOTHING, true, true, PLAN_KEEP},
		{DOWN, SERVER, false, EXPECTED_NOTHING, true, true, PLAN_KEEP},
	};
	const char *why;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct known_station station = {.id = "1",
			.has_settings = true,
			.active = true,
			.desired = rows[i].desired,
			.by = rows[i].by,
			.runs = rows[i].runs};
		const struct plan_rule rule = {
			.over = rows[i].over, .spoken = rows[i].spoken};
		why = NULL;
		assert_int_equal(
			plan_of(&station, rows[i].word, rule, &why), rows[i].todo);
		assert_non_null(why);
		station.unreadable = true;
		assert_int_equal(plan_of(&station, rows[i].word, rule, &why), PLAN_KEEP);
		station.unreadable = station.has_settings = false;
		if (rows[i].word == EXPECTED_UP)
			assert_int_equal(
				plan_of(&station, EXPECTED_UP, rule, &why), PLAN_KEEP);
	}
	struct known_station idle = {.id = "1", .has_settings = true};
	const struct plan_rule rule = {.over = true, .spoken = true};
	assert_int_equal(plan_of(&idle, EXPECTED_UP, rule, &why), PLAN_KEEP);
}

static struct known_station stations[4];
static struct known known = {stations, UNIT_COUNT(stations)};
static struct plan_doubt doubt;
static struct expected list;
static int64_t now;

/* A list with these IDs after so many seconds. How many are held. */
static int hold(int seconds, const char *ids)
{
	const struct plan_rule rule = {.over = false, .spoken = true};

	now += seconds * CLOCK_SECOND;
	expected_free(&list);
	list.whole = true;
	for (; *ids; ids++)
		assert_int_equal(
			expected_set(&list, (char[]){*ids, '\0'}, EXPECTED_UP), 0);
	return plan_hold(&doubt, &known, &list, rule, now);
}

static int begin(void **state)
{
	(void)state;
	now = 0;
	for (size_t i = 0; i < known.count; i++)
		stations[i] = (struct known_station){.id = {(char)('1' + i)},
			.has_settings = true,
			.active = true,
			.desired = STATION_UP,
			.by = STATION_BY_SERVER,
			.runs = true};
	return 0;
}

static int end(void **state)
{
	(void)state;
	expected_free(&list);
	plan_doubt_free(&doubt);
	return 0;
}

UNIT_TEST(test_half)
{
	assert_int_equal(hold(0, "1234"), 0);
	assert_int_equal(hold(1, "12"), 0); /* half of them is no doubt */
	assert_int_equal(expected_of(&list, "3"), EXPECTED_DOWN);
	assert_int_equal(hold(1, "1"), 3);
	assert_int_equal(expected_of(&list, "1"), EXPECTED_UP);
	assert_int_equal(expected_of(&list, "2"), EXPECTED_KEEP);
	assert_int_equal(hold(29, "1"), 3); /* too soon */
	assert_int_equal(hold(1, "1"), 0);
	assert_int_equal(expected_of(&list, "2"), EXPECTED_DOWN);
}

UNIT_TEST(test_empty)
{
	assert_int_equal(hold(0, ""), 4);
	assert_int_equal(hold(40, "1234"), 0); /* it was a mistake */
	assert_int_equal(hold(1, ""), 4);
	assert_int_equal(hold(31, "4"), 0); /* three of those, again */
	assert_int_equal(expected_of(&list, "1"), EXPECTED_DOWN);
	assert_int_equal(expected_of(&list, "4"), EXPECTED_UP);
	/* One of one is all. */
	for (size_t i = 0; i < 3; i++)
		stations[i].desired = STATION_DOWN;
	assert_int_equal(hold(1, ""), 1);
	assert_int_equal(hold(30, ""), 0);
}

/* What was not to be stopped by the first list is held longer. */
UNIT_TEST(test_others)
{
	assert_int_equal(hold(0, "4"), 3);
	assert_int_equal(hold(30, "1"), 1);
	assert_int_equal(expected_of(&list, "2"), EXPECTED_DOWN);
	assert_int_equal(expected_of(&list, "4"), EXPECTED_KEEP);
	stations[1].desired = stations[2].desired = STATION_DOWN;
	assert_int_equal(hold(29, ""), 2); /* 4 for 29 s, and 1, too */
	assert_int_equal(hold(1, ""), 1);
	assert_int_equal(expected_of(&list, "1"), EXPECTED_KEEP);
	stations[3].desired = STATION_DOWN;
	assert_int_equal(hold(29, ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test_setup_teardown(test_half, begin, end),
		cmocka_unit_test_setup_teardown(test_empty, begin, end),
		cmocka_unit_test_setup_teardown(test_others, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
