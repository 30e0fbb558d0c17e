/* fact: what is written, and that a reader sees the whole of it. */
#include "unit.h"

#include <limits.h>

#include "base/fact.h"
#include "base/text.h"

UNIT_TEST(test_write)
{
	static struct fact_writer writer;
	static char longest[2 * FACT_VALUE_MAX];
	struct clock_stamp before, stamp, after;
	int64_t number;

	memset(longest, 'x', sizeof longest);
	clock_stamp(&before);
	assert_int_equal(fact_begin(&writer), 0);
	clock_stamp(&after);
	fact_add_text(&writer, "text", "a\nforged: 1");
	fact_add(&writer, "bytes", "\0\xff", 2);
	fact_add(&writer, "long", longest, sizeof longest);
	fact_add(&writer, "just", longest, FACT_VALUE_MAX - 1);
	fact_add_number(&writer, "least", INT64_MIN);
	fact_add_number(&writer, "most", INT64_MAX);
	assert_int_equal(fact_write(&writer, unit_folder, "fact"), 0);

	struct fact fact = fact_read(unit_folder, "fact");
	assert_int_equal(fact.state, FACT_GOOD);
	assert_memory_equal(unit_get("fact"), "time: ", 6);
	assert_string_equal(fact_get(&fact, "text"), "a\\x0aforged: 1");
	assert_null(fact_get(&fact, "forged"));
	assert_string_equal(fact_get(&fact, "bytes"), "\\x00\\xff");
	const char *cut = fact_get(&fact, "long");
	assert_int_equal(strlen(cut), FACT_VALUE_MAX - 1);
	assert_string_equal(cut + strlen(cut) - 4, "x...");
	assert_int_equal(strspn(fact_get(&fact, "just"), "x"), FACT_VALUE_MAX - 1);
	assert_string_equal(fact_get(&fact, "least"), "-9223372036854775808");
	assert_string_equal(fact_get(&fact, "most"), "9223372036854775807");
	assert_int_equal(fact_number(&fact, "pid", &number), 0);
	assert_int_equal(number, getpid());
	assert_int_equal(fact_stamp(&fact, &stamp), 0);
	assert_string_equal(stamp.boot, before.boot);
	assert_true(before.mono <= stamp.mono && stamp.mono <= after.mono);
	fact_free(&fact);
}

UNIT_TEST(test_write_full)
{
	static struct fact_writer writer;
	char key[] = "aa", value[FACT_VALUE_MAX - 1];

	memset(value, 'x', sizeof value);
	assert_int_equal(fact_begin(&writer), 0);
	for (int i = 0; !writer.full && i < 26; i++, key[0]++)
		fact_add(&writer, key, value, sizeof value);
	assert_true(writer.full);
	fact_add_text(&writer, "zz", ""); /* fits, and does not make it whole */
	assert_true(unit_ended(fact_write(&writer, unit_folder, "fact"), EMSGSIZE));
	assert_int_equal(fact_begin(&writer), 0);
	for (int i = 0; !writer.full && i < 1000; i++)
		fact_add_text(&writer, "a", "");
	assert_int_equal(writer.keys, FACT_KEYS_MAX + 1);
	assert_true(unit_ended(fact_write(&writer, unit_folder, "fact"), EMSGSIZE));
	assert_false(unit_exists("fact"));
}

/* Puts a fact whose first and last numbers are the same, and whose length is not. */
static int put_number(int64_t number)
{
	static struct fact_writer writer;
	static char pad[FACT_VALUE_MAX];

	memset(pad, 'x', sizeof pad);
	if (fact_begin(&writer) < 0)
		return -1;
	fact_add_number(&writer, "a", number);
	fact_add(&writer, "pad", pad, (size_t)(number % 900));
	fact_add_number(&writer, "z", number);
	return fact_write(&writer, unit_folder, "fact");
}

UNIT_TEST(test_100000_reads)
{
	int64_t a = -1, z = -1, last = -1, changes = 0;
	int ends[2];

	assert_int_equal(put_number(0), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = unit_fork();
	if (pid == 0) {
		struct pollfd stop = {ends[0], POLLIN, 0};

		close(ends[1]);
		for (int64_t i = 0; poll(&stop, 1, 0) == 0; i++)
			if (put_number(i) < 0)
				_exit(1);
		_exit(0);
	}
	close(ends[0]);
	for (int i = 0; i < 100000; i++) {
		struct fact fact = fact_read(unit_folder, "fact");

		if (fact.state != FACT_GOOD || fact_number(&fact, "a", &a) < 0 ||
			fact_number(&fact, "z", &z) < 0 || a != z || a < last)
			fail_msg("read %d: state %u, errno %d, a %lld, z %lld", i,
				fact.state, errno, (long long)a, (long long)z);
		changes += a != last;
		last = a;
		fact_free(&fact);
	}
	close(ends[1]);
	assert_int_equal(unit_wait(pid), 0);
	assert_true(changes > 10);
}

/* A path is never cut, however long it is and whatever is in it. */
UNIT_TEST(test_write_path)
{
	static struct fact_writer writer;
	static char path[PATH_MAX + 2], back[PATH_MAX];

	assert_int_equal(fact_begin(&writer), 0);
	memset(path, '\n', PATH_MAX - 1);
	fact_add_path(&writer, "longest", path);
	fact_add_path(&writer, "odd", "/a\\x0a\tb\xff");
	assert_int_equal(fact_write(&writer, unit_folder, "fact"), 0);
	struct fact fact = fact_read(unit_folder, "fact");
	assert_int_equal(fact.state, FACT_GOOD);
	assert_int_equal(text_decode(back, sizeof back, fact_get(&fact, "longest")), 0);
	assert_string_equal(back, path);
	assert_string_equal(fact_get(&fact, "odd"), "/a\\x5cx0a\\x09b\\xff");
	fact_free(&fact);
	memset(path, '\n', PATH_MAX + 1);
	fact_add_path(&writer, "more", path);
	assert_true(unit_ended(fact_write(&writer, unit_folder, "fact"), EMSGSIZE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_write),
		UNIT_IN_FOLDER(test_write_path),
		UNIT_IN_FOLDER(test_write_full),
		UNIT_IN_FOLDER(test_100000_reads),
	};

	return cmocka_run_group_tests_name("fact_write", tests, NULL, NULL);
}
