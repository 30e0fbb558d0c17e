/* fact: what is read, and what is none. */
#include "unit.h"

#include "base/fact.h"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"

static void check_parse(const char *text, size_t len, enum fact_state state)
{
	char *copy = malloc(len + 1);

	memcpy(copy, text, len);
	struct fact fact = fact_parse(copy, len);
	free(copy); /* it took one of its own */
	if (fact.state != state)
		fail_msg("'%s': %u", text, fact.state);
	fact_free(&fact);
}

UNIT_TEST(test_parse)
{
	static const char *const good[] = {"a: 1\n", "a: 1\nb: \nc_d: x: y\n", "a:  1 \n",
		"a: 1\naa: 1\n", "a: b\nb: a\n"};
	static const char *const corrupt[] = {"", "\n", "a: 1", "a: 1\nb: 2", "a: 1\nb",
		"a: 1\n\n", "a\n", "a:\n", "a:1\n", "a : 1\n", ": 1\n", " a: 1\n",
		"A: 1\n", "a1: 1\n", "a-b: 1\n", "\xc3\xa9: 1\n", "a: 1\na: 1\n",
		"a: 1\nb: 2\nc: \na: 2\n", "{\"a\": 1}\n"};

	for (size_t i = 0; i < UNIT_COUNT(good); i++)
		check_parse(good[i], strlen(good[i]), FACT_GOOD);
	for (size_t i = 0; i < UNIT_COUNT(corrupt); i++)
		check_parse(corrupt[i], strlen(corrupt[i]), FACT_CORRUPT);
	check_parse("a: 1\0\n", 6, FACT_CORRUPT);
	check_parse("a: 1\n\0", 6, FACT_CORRUPT);
	check_parse("\0\0\0\n", 4, FACT_CORRUPT); /* what a power cut leaves */
}

/* No more lines than it takes to find a key twice at once. */
UNIT_TEST(test_many_keys)
{
	char text[(FACT_KEYS_MAX + 1) * 6];
	size_t len = 0;

	for (int i = 0; i < FACT_KEYS_MAX + 1; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%c%c: \n",
			'a' + i / 26, 'a' + i % 26);
	check_parse(text, len, FACT_CORRUPT);
	check_parse(text, len - 5, FACT_GOOD);
}

UNIT_TEST(test_get)
{
	static const char text[] = "a: one\nbb: \nb: c: d\nlast:  x \n";
	struct fact fact = fact_parse(text, strlen(text));

	assert_string_equal(fact_get(&fact, "a"), "one");
	assert_string_equal(fact_get(&fact, "bb"), "");
	assert_string_equal(fact_get(&fact, "b"), "c: d");
	assert_string_equal(fact_get(&fact, "last"), " x ");
	assert_null(fact_get(&fact, "one")); /* a value */
	fact_free(&fact);
	assert_null(fact_get(&fact, "a"));
}

UNIT_TEST(test_next)
{
	struct fact fact = fact_parse("a: one\nb: \n", strlen("a: one\nb: \n"));
	const char *value;
	size_t at = 0;

	assert_string_equal(fact_next(&fact, &at, &value), "a");
	assert_string_equal(value, "one");
	assert_string_equal(fact_next(&fact, &at, &value), "b");
	assert_string_equal(value, "");
	assert_null(fact_next(&fact, &at, &value));
	assert_null(fact_next(&fact, &at, &value));
	fact_free(&fact);
	at = 0;
	assert_null(fact_next(&fact, &at, &value));
}

UNIT_TEST(test_numbers)
{
	static const struct {
		const char *value;
		int64_t number, milli; /* -1: is none */
	} rows[] = {{"0", 0, 0}, {"12", 12, 12000},
		{"9223372036854775807", INT64_MAX, -1}, {"9223372036854775808", -1, -1},
		{"4611686018427387", 4611686018427387, 4611686018427387000},
		{"4611686018427388", 4611686018427388, -1}, {"1.5", -1, 1500},
		{"1.05", -1, 1050}, {"0.001", -1, 1}, {"0.0019", -1, 1},
		{"1.123456789", -1, 1123}, {"1.", -1, -1}, {".5", -1, -1},
		{"1.2.3", -1, -1}, {"1.-5", -1, -1}, {"1.5s", -1, -1}, {"1,5", -1, -1},
		{"-1", -1, -1}, {"-1.5", -1, -1}, {"-0.5", -1, -1}, {"+1", -1, -1},
		{" 1", -1, -1}, {"1 ", -1, -1}, {"1e3", -1, -1}, {"0x10", -1, -1},
		{"", -1, -1}, {"nan", -1, -1}, {"00000000000000000000000001.0", -1, -1}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		char text[64];
		int64_t number = -1, milli = -1;
		int len = snprintf(text, sizeof text, "b: 7\na: %s\n", rows[i].value);
		struct fact fact = fact_parse(text, (size_t)len);

		int code = fact_number(&fact, "a", &number);
		if (number != rows[i].number || code != (number < 0 ? -1 : 0))
			fail_msg("'%s': %lld", rows[i].value, (long long)number);
		code = fact_seconds(&fact, "a", &milli);
		if (milli != rows[i].milli || code != (milli < 0 ? -1 : 0))
			fail_msg("'%s': %lld ms", rows[i].value, (long long)milli);
		fact_free(&fact);
	}
}

UNIT_TEST(test_stamp)
{
	static const char *const rows[] = {"boot: " BOOT "\nmono: 12.345\n",
		"boot: " BOOT "\n", "mono: 12.345\n", "boot: " BOOT "\nmono: \n",
		"boot: " BOOT "\nmono: -1\n", "boot: " BOOT "0\nmono: 12.345\n",
		"boot: 0\nmono: 12.345\n"};
	struct clock_stamp stamp;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct fact fact = fact_parse(rows[i], strlen(rows[i]));

		/* Only the first is one. */
		assert_int_equal(fact_stamp(&fact, &stamp), i == 0 ? 0 : -1);
		assert_string_equal(stamp.boot, BOOT);
		fact_free(&fact);
	}
}

UNIT_TEST(test_read)
{
	static char big[FACT_SIZE_MAX + 1];
	static const struct {
		const char *name;
		enum fact_state state;
	} rows[] = {{"good", FACT_GOOD}, {"full", FACT_GOOD}, {"nothing", FACT_ABSENT},
		{"big", FACT_CORRUPT}, {"half", FACT_CORRUPT}, {"link", FACT_CORRUPT},
		{"fifo", FACT_CORRUPT}, {".", FACT_CORRUPT}, {"..", FACT_ERROR},
		{"good/x", FACT_ERROR}};

	memset(big, 'x', sizeof big);
	memcpy(big, "a: ", 3);
	big[FACT_SIZE_MAX] = '\n';
	unit_put("big", big, FACT_SIZE_MAX + 1);
	big[FACT_SIZE_MAX - 1] = '\n';
	unit_put("full", big, FACT_SIZE_MAX);
	unit_put_text("good", "a: 1\n");
	unit_put_text("half", "a: 1\nb: 2");
	unit_put_odd();
	char long_name[301];
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	assert_int_equal(fact_read(unit_folder, long_name).state, FACT_ABSENT);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct fact fact = fact_read(unit_folder, rows[i].name);

		if (fact.state != rows[i].state)
			fail_msg("%s: %u, errno %d", rows[i].name, fact.state, errno);
		fact_free(&fact);
	}
	assert_true(fact_read(-1, "good").state == FACT_ERROR && errno == EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_stamp),
		UNIT_IN_FOLDER(test_read),
	};

	return cmocka_run_group_tests_name("fact", tests, NULL, NULL);
}
