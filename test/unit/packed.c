/* packed: equal bytes, lines of an index. */
#include "unit.h"

#include "packed.h"

UNIT_TEST(test_same)
{
	unit_put_text("a", "0123456789");
	unit_put_text("b", "x0123456780");
	int a = openat(unit_folder, "a", O_RDONLY),
	    b = openat(unit_folder, "b", O_RDONLY);

	assert_int_equal(packed_same(a, 0, b, 1, 9), 1);
	assert_int_equal(packed_same(a, 0, b, 1, 10), 0);
	assert_int_equal(packed_same(a, 0, b, 0, 1), 0);
	assert_int_equal(packed_same(a, 10, b, 11, 0), 1);
	assert_int_equal(packed_same(a, 5, a, 5, 6), 0); /* it is shorter */
	assert_int_equal(packed_same(a, 0, -1, 0, 1), -1);
	close(a);
	close(b);
}

UNIT_TEST(test_index)
{
	const struct packed_clip rows[] = {
		{NULL, 1234567890123456789, 61005, 10, 512},
		{NULL, -1, PACKED_NO_DURATION, 20, 1024},
		{NULL, 5000000000, 7, 30, 2048},
	};
	static const char *const names[] = {"a b.mp4", "t\tn\n.mp4", "z.mp4"};
	struct packed packed = {0};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		assert_int_equal(packed_add(&packed, names[i], rows[i]), 0);
	assert_ptr_equal(packed_find(&packed, "z.mp4"), &packed.clips[2]);
	assert_null(packed_find(&packed, "z.mp"));
	assert_int_equal(packed_index(&packed, unit_folder, "index"), 0);
	assert_string_equal(unit_get("index"),
		"a b.mp4\t2009-02-13T23:31:30.123Z\t61.005\t10\t512\n"
		"t\\x09n\\x0a.mp4\t1969-12-31T23:59:59.999Z\t-\t20\t1024\n"
		"z.mp4\t1970-01-01T00:00:05.000Z\t0.007\t30\t2048\n");

	/* What an archive does not tell is learnt from it, by name and size. */
	packed_cut(&packed, 0);
	for (size_t i = UNIT_COUNT(rows); i-- > 0;) {
		struct packed_clip clip = rows[i];
		clip.duration_ms = PACKED_NO_DURATION;
		clip.mtime_ns = clip.mtime_ns / 1000000000 * 1000000000;
		clip.size += i == 2;
		assert_int_equal(packed_add(&packed, names[i], clip), 0);
	}
	packed_learn(&packed, unit_folder, "index");
	assert_int_equal(packed.clips[2].duration_ms, 61005);
	assert_int_equal(packed.clips[2].mtime_ns, 1234567890123000000);
	assert_int_equal(packed.clips[0].duration_ms, PACKED_NO_DURATION);
	packed_learn(&packed, unit_folder, "nothing");
	packed_free(&packed);
}

UNIT_TEST(test_limit)
{
	struct packed packed = {0};

	for (size_t i = 0; i < PACKED_CLIPS_MAX; i++)
		assert_int_equal(packed_add(&packed, "", (struct packed_clip){0}), 0);
	assert_int_equal(packed_add(&packed, "", (struct packed_clip){0}), -1);
	assert_int_equal(errno, EFBIG);
	packed_free(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_same),
		UNIT_IN_FOLDER(test_index),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
