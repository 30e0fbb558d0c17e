/* budget: what its file holds, what of it counts, and how much it may be. */
#include "unit_budget.h"

/* Who goes on for weeks forgets, too. */
UNIT_TEST(test_forgets)
{
	struct clock_stamp now = {.boot = BOOT};
	struct budget budget;
	struct stat st;
	int64_t wait;
	char name[16];

	budget_init(&budget, 10, 3600000);
	budget_enter(&budget, unit_folder);
	for (int i = 0; i < 120000; i++) {
		now.mono = i * INT64_C(86400);
		snprintf(name, sizeof name, "cam%d", i % 200);
		if (budget_spend(&budget, name, &now, &wait) != BUDGET_SPENT)
			fail_msg("after %d", i);
	}
	assert_int_equal(fstat(budget.fd, &st), 0);
	assert_in_range(st.st_size, 1, 5 << 20);
	assert_in_range(budget.count, 1000, 100000);
	budget_leave(&budget);
}

UNIT_TEST(test_what_counts)
{
	static const struct {
		const char *text;
		enum budget_answer answer; /* to one act an hour, at second 90000 */
	} rows[] = {
		{"", BUDGET_SPENT},
		{BOOT " 89999000 cam\n", BUDGET_USED_UP},
		{BOOT " 86400001 cam\n", BUDGET_USED_UP},
		{BOOT " 86400000 cam\n", BUDGET_SPENT},
		{OLD_BOOT " 89999000 cam\n", BUDGET_SPENT},
		{BOOT " 90000001 cam\n", BUDGET_SPENT}, /* of the future */
		{BOOT " -5 cam\n", BUDGET_SPENT},
		{BOOT " 89999000 cam", BUDGET_SPENT}, /* torn: it was not done */
		{BOOT " 89999000 ca", BUDGET_SPENT},
		{BOOT " 89999", BUDGET_SPENT},
		{BOOT, BUDGET_SPENT},
		{BOOT "\n" BOOT " 89999000 cam\n", BUDGET_USED_UP},
		{BOOT " 89999\n" BOOT " 89999000 cam\n", BUDGET_USED_UP},
		{"\n\n garbage\n\xff\xff\n" BOOT " 89999000 cam\n", BUDGET_USED_UP},
		{"garbage", BUDGET_SPENT},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text(BUDGET_FILE, rows[i].text);
		if (spend(1, 3600000, "cam", 90000000, NULL) != rows[i].answer)
			fail_msg("row %zu: '%s'", i, rows[i].text);
		/* After a torn line, too, the new one can be read. */
		assert_int_equal(
			spend(1, 3600000, "cam", 90000000, NULL), BUDGET_USED_UP);
	}
}

/* Puts a live line, so many copies of another, and the start of a third. */
static void put_many(const char *line, size_t copies)
{
	static const char keep[] = BOOT " 86400000 cam\n";
	size_t len = strlen(keep), size = strlen(line);
	char *text = malloc(len + copies * size + 4);

	memcpy(text, keep, len);
	for (size_t i = 0; i < copies; i++, len += size)
		memcpy(text + len, line, size);
	memcpy(text + len, "torn", 4);
	unit_put(BUDGET_FILE, text, len + 4);
	free(text);
}

/* A large memory loses what does not count any more, and nothing else. */
UNIT_TEST(test_tidy)
{
	static const char *const dead[] = {
		OLD_BOOT " 1 cam\n", BOOT " 86400002 cam\n", "\n", "garbage\n"};

	for (size_t i = 0; i < UNIT_COUNT(dead); i++) {
		put_many(dead[i], 300000);
		assert_int_equal(spend(2, 3600000, "cam", 86400001, NULL), BUDGET_SPENT);
		assert_string_equal(unit_get(BUDGET_FILE),
			BOOT " 86400000 cam\n" BOOT " 86400001 cam\n");
		assert_int_equal(
			spend(2, 3600000, "cam", 86400001, NULL), BUDGET_USED_UP);
	}
	/* One line without an end is no line. */
	put_many("x", 300000);
	assert_int_equal(spend(2, 3600000, "cam", 86400001, NULL), BUDGET_SPENT);
	assert_int_equal(spend(2, 3600000, "cam", 86400001, NULL), BUDGET_USED_UP);
}

/* What counts has a limit, what does not count has none. */
UNIT_TEST(test_limit)
{
	put_many(BOOT " 86400000 c\n", BUDGET_ACTS - 2);
	assert_int_equal(spend(2, 3600000, "cam", 86400001, NULL), BUDGET_SPENT);
	assert_int_equal(spend(9, 3600000, "cam", 86400001, NULL), BUDGET_FAILED);
	assert_int_equal(errno, EFBIG);
	put_many(BOOT " 86400000 c\n", BUDGET_ACTS);
	assert_int_equal(spend(9, 3600000, "cam", 86400001, NULL), BUDGET_FAILED);
	assert_int_equal(errno, EFBIG);
	/* A day later. */
	assert_int_equal(spend(9, 3600000, "cam", 2 * 86400001, NULL), BUDGET_SPENT);
	assert_string_equal(unit_get(BUDGET_FILE), BOOT " 172800002 cam\n");
}

/* The memory is read once for each time a folder is entered, not for each act. */
UNIT_TEST(test_read_once)
{
	const struct clock_stamp now = {.boot = BOOT, .mono = 5};
	struct budget budget;
	int64_t wait;

	unit_put_text(BUDGET_FILE, BOOT " 5 a\n");
	budget_init(&budget, 1, 1000);
	budget_enter(&budget, unit_folder);
	assert_int_equal(budget_spend(&budget, "a", &now, &wait), BUDGET_USED_UP);
	unit_put_text(BUDGET_FILE, BOOT " 5 b\n");
	assert_int_equal(budget_spend(&budget, "a", &now, &wait), BUDGET_USED_UP);
	assert_int_equal(budget_spend(&budget, "b", &now, &wait), BUDGET_SPENT);
	assert_int_equal(budget_spend(&budget, "b", &now, &wait), BUDGET_USED_UP);
	budget_leave(&budget);
	assert_string_equal(unit_get(BUDGET_FILE), BOOT " 5 b\n" BOOT " 5 b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_what_counts),
		UNIT_IN_FOLDER(test_tidy),
		UNIT_IN_FOLDER(test_forgets),
		UNIT_IN_FOLDER(test_limit),
		UNIT_IN_FOLDER(test_read_once),
	};

	return cmocka_run_group_tests_name("budget_memory", tests, NULL, NULL);
}
