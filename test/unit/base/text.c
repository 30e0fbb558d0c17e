/* text: escaping for people, and whole numbers. */
#include "unit.h"

#include "base/text.h"

#define BYTES(s) (s), sizeof(s) - 1

/* Both ends are on the heap and just as large as told, so that sanitizers watch them. */
static void check_escape(const char *in, size_t len, size_t size, const char *expected)
{
	char *copy = malloc(len ? len : 1), *out = malloc(size);

	memcpy(copy, in, len);
	memset(out, 'X', size);
	size_t n = text_escape(out, size, copy, len);
	assert_string_equal(out, expected);
	assert_int_equal(n, strlen(expected));
	free(copy);
	free(out);
}

UNIT_TEST(test_escape)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} rows[] = {
		{BYTES(""), ""},
		{BYTES("plain [text] / 'a' --b"), "plain [text] / 'a' --b"},
		{BYTES("\\"), "\\x5c"},
		{BYTES("\\x0a\n"), "\\x5cx0a\\x0a"},
		{BYTES("a\nb\tc\rd"), "a\\x0ab\\x09c\\x0dd"},
		{BYTES("\033[31m"), "\\x1b[31m"},
		{BYTES("a\0b"), "a\\x00b"},
		{BYTES("~\x7f"), "~\\x7f"},
		{BYTES("\xc2\x80\xc2\x9f"), "\\xc2\\x80\\xc2\\x9f"}, /* C1 */
		{BYTES("\xc2\xa0\xc3\xa9"), "\xc2\xa0\xc3\xa9"},
		{BYTES("\xe2\x82\xac"), "\xe2\x82\xac"},
		{BYTES("\xe2\x80\xae"
		       "4pm"),
			"\\xe2\\x80\\xae4pm"}, /* U+202E */
		{BYTES("\xe2\x80\xa8"), "\\xe2\\x80\\xa8"}, /* U+2028 */
		{BYTES("\xe2\x80\x8b"), "\\xe2\\x80\\x8b"}, /* U+200B */
		{BYTES("\xe2\x81\xa6"), "\\xe2\\x81\\xa6"}, /* U+2066 */
		{BYTES("\xd8\x9c\xc2\xad"), "\\xd8\\x9c\\xc2\\xad"},
		{BYTES("\xef\xbb\xbf"), "\\xef\\xbb\\xbf"}, /* U+FEFF */
		{BYTES("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81"}, /* a tag */
		{BYTES("\xe1\x85\x9f\xe1\x85\xa0"), /* Hangul fillers */
			"\\xe1\\x85\\x9f\\xe1\\x85\\xa0"},
		{BYTES("\xe3\x85\xa4\xef\xbe\xa0"), "\\xe3\\x85\\xa4\\xef\\xbe\\xa0"},
		{BYTES("\xe1\x85\x9e\xe1\x85\xa1"), "\xe1\x85\x9e\xe1\x85\xa1"},
		{BYTES("\xf0\x9d\x85\xb3\xf0\x9d\x85\xba"), /* of music */
			"\\xf0\\x9d\\x85\\xb3\\xf0\\x9d\\x85\\xba"},
		{BYTES("\xf0\x9d\x85\xb2\xf0\x9d\x85\xbb"),
			"\xf0\x9d\x85\xb2\xf0\x9d\x85\xbb"},
		{BYTES("\xe2\x80\xaf\xe2\x80\x90"), "\xe2\x80\xaf\xe2\x80\x90"},
		{BYTES("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80"},
		{BYTES("\xc0\xaf"), "\\xc0\\xaf"}, /* overlong */
		{BYTES("\xc1\xbf"), "\\xc1\\xbf"},
		{BYTES("\xe0\x80\xaf"), "\\xe0\\x80\\xaf"},
		{BYTES("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf"},
		{BYTES("\xed\xa0\x80"), "\\xed\\xa0\\x80"}, /* surrogates */
		{BYTES("\xed\xbf\xbf"), "\\xed\\xbf\\xbf"},
		{BYTES("\xed\x9f\xbf\xee\x80\x80"), "\xed\x9f\xbf\xee\x80\x80"},
		{BYTES("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf"},
		{BYTES("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
		{BYTES("\xf8\x88\x80\x80\x80"), "\\xf8\\x88\\x80\\x80\\x80"},
		{BYTES("\xe2\x82"), "\\xe2\\x82"}, /* truncated */
		{BYTES("\xf0\x9f\x98!"), "\\xf0\\x9f\\x98!"},
		{BYTES("\xc3"), "\\xc3"},
		{BYTES("\x80\xfe\xff"), "\\x80\\xfe\\xff"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		check_escape(rows[i].in, rows[i].len, 64, rows[i].out);
		/* What just fits is not cut. */
		if (strlen(rows[i].out) >= 3)
			check_escape(rows[i].in, rows[i].len, strlen(rows[i].out) + 1,
				rows[i].out);
	}
}

UNIT_TEST(test_escape_cuts)
{
	static const struct {
		const char *in;
		size_t size;
		const char *out;
	} rows[] = {
		{"abc", 4, "abc"},
		{"abcd", 4, "..."},
		{"abcd", 5, "abcd"},
		{"abcde", 5, "a..."},
		{"\xe2\x82\xac\xe2\x82\xac", 4, "..."},
		{"\xe2\x82\xac\xe2\x82\xac", 6, "..."},
		{"\xe2\x82\xac\xe2\x82\xac", 7, "\xe2\x82\xac\xe2\x82\xac"},
		{"ab\xe2\x82\xac\xe2\x82\xac", 8, "ab..."},
		{"ab\xe2\x82\xac\xe2\x82\xac", 9, "ab\xe2\x82\xac\xe2\x82\xac"},
		{"\n", 4, "..."},
		{"\n", 5, "\\x0a"},
		{"abc\n\n", 8, "abc..."},
		{"abc\n\n", 11, "abc\\x0a..."},
		{"abc\n\n", 12, "abc\\x0a\\x0a"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		check_escape(rows[i].in, strlen(rows[i].in), rows[i].size, rows[i].out);
}

/* Puts back what was escaped. Returns how many bytes it was. */
static size_t unescape(unsigned char *out, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned int byte = (unsigned char)text[i];

		if (byte == '\\') {
			assert_int_equal(sscanf(text + i, "\\x%2x", &byte), 1);
			i += 3;
		}
		out[n++] = (unsigned char)byte;
	}
	return n;
}

/* Whatever the bytes and the size: it ends in NUL, only escapes and UTF-8 are there, and
 * it is the start of the bytes.
 */
UNIT_TEST(test_escape_any_bytes)
{
	enum { LEN = 1 << 16 };
	unsigned char *in = malloc(LEN);
	uint32_t seed = 1;
	char out[200];

	for (size_t i = 0; i < LEN; i++)
		in[i] = (unsigned char)((seed = seed * 1664525 + 1013904223) >> 24);
	for (size_t at = 0; at < LEN; at += 61) {
		size_t size = 4 + at % (sizeof out - 4);
		size_t n = text_escape(out, size, in + at, LEN - at);

		assert_true(n < size);
		assert_int_equal(strlen(out), n);
		for (size_t i = 0; i < n; i++)
			assert_true((unsigned char)out[i] >= ' ' && out[i] != 0x7f);
		unsigned char again[sizeof out];
		bool cut = n >= 3 && strcmp(out + n - 3, "...") == 0;
		size_t bytes = unescape(again, out, cut ? n - 3 : n);
		assert_memory_equal(again, in + at, bytes);
		assert_true(cut || bytes == LEN - at);
	}
	free(in);
}

/* What is escaped comes back as it was. */
UNIT_TEST(test_escape_and_back)
{
	char out[64], back[64];

	for (int byte = 1; byte < 256; byte++) {
		char one[] = {'\\', (char)byte, 'x', '0', '\0'};

		text_escape(out, sizeof out, one, strlen(one));
		assert_int_equal(text_decode(back, sizeof back, out), 0);
		assert_string_equal(back, one);
	}
}

/* What nobody escaped. */
UNIT_TEST(test_decode)
{
	static const struct {
		const char *in;
		size_t size;
		const char *out;
		int error;
	} rows[] = {{"\\x4A\\x4a", 8, "JJ", 0}, {"\\", 8, "\\", 0}, {"\\x", 8, "\\x", 0},
		{"\\x4", 8, "\\x4", 0}, {"\\xg1", 8, "\\xg1", 0},
		{"\\x-1", 8, "\\x-1", 0}, {"\\x 1", 8, "\\x 1", 0},
		{"\\x0x1", 8, "\\x0x1", 0}, {"\\X41", 8, "\\X41", 0},
		{"\\\\x41", 8, "\\A", 0}, {"\\x411", 8, "A1", 0}, {"abc", 4, "abc", 0},
		{"abc", 3, NULL, ENAMETOOLONG}, {"ab\\x63", 3, NULL, ENAMETOOLONG},
		{"a\\x00b", 8, NULL, EINVAL}};
	char out[8];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int code = text_decode(out, rows[i].size, rows[i].in);

		if (!unit_ended(code, rows[i].error))
			fail_msg("'%s': %d, errno %d", rows[i].in, code, errno);
		if (code == 0)
			assert_string_equal(out, rows[i].out);
	}
}

UNIT_TEST(test_is_utf8)
{
	static const char *const good[] = {"", "a\x01\x7f\n\\", "\xc2\x80", "\xc3\xb1",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80", "\xff", "a\xf1", "\xc3", "\xc3(",
		"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xe2\x82"};

	for (size_t i = 0; i < UNIT_COUNT(good); i++)
		if (!text_is_utf8(good[i]))
			fail_msg("good %zu", i);
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		if (text_is_utf8(bad[i]))
			fail_msg("bad %zu", i);
}

UNIT_TEST(test_number)
{
	static const struct {
		const char *text;
		long long min, max, number;
		int error;
	} rows[] = {
		{"0", 0, 9, 0, 0}, {"-0", 0, 9, 0, 0}, {"007", 0, 9, 7, 0},
		{"9", 0, 9, 9, 0}, {"-9", -9, 9, -9, 0},
		{"9223372036854775807", 0, INT64_MAX, INT64_MAX, 0},
		{"-9223372036854775808", INT64_MIN, 0, INT64_MIN, 0},
		{"10", 0, 9, 0, ERANGE}, {"-1", 0, 9, 0, ERANGE}, {"0", 1, 9, 0, ERANGE},
		{"9223372036854775808", 0, INT64_MAX, 0, ERANGE},
		{"-9223372036854775809", INT64_MIN, 0, 0, ERANGE},
		{"99999999999999999999999999999999999999", 0, INT64_MAX, 0, ERANGE},
		{"", 0, 9, 0, EINVAL}, {"-", 0, 9, 0, EINVAL}, {"--1", -9, 9, 0, EINVAL},
		{"+1", 0, 9, 0, EINVAL}, {"- 1", -9, 9, 0, EINVAL},
		{"-+1", -9, 9, 0, EINVAL}, {" 1", 0, 9, 0, EINVAL},
		{"\t1", 0, 9, 0, EINVAL}, {"1 ", 0, 9, 0, EINVAL},
		{"1\n", 0, 9, 0, EINVAL}, {"1.0", 0, 9, 0, EINVAL},
		{"1e3", 0, 9999, 0, EINVAL}, {"0x1", 0, 9, 0, EINVAL},
		{"5s", 0, 9, 0, EINVAL}, {"99999999999999999999x", 0, 9, 0, EINVAL},
		{"\xd9\xa1", 0, 9, 0, EINVAL}, /* a digit elsewhere */
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		long long number = 42;
		int code = text_number(rows[i].text, rows[i].min, rows[i].max, &number);

		if (code != (rows[i].error ? -1 : 0) ||
			(code < 0 && errno != rows[i].error))
			fail_msg("'%s': %d, errno %d", rows[i].text, code, errno);
		assert_int_equal(number, rows[i].error ? 42 : rows[i].number);
	}
}

UNIT_TEST(test_after)
{
	static const struct {
		const char *text, *start, *after;
	} cases[] = {{"rtmp://a", "rtmp://", "a"}, {"rtmp://", "rtmp://", ""},
		{"rtmp:/", "rtmp://", NULL}, {"Rtmp://a", "rtmp://", NULL},
		{"", "a", NULL}, {"a", "", "a"}, {"", "", ""}};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		const char *after = text_after(cases[i].text, cases[i].start);
		assert_int_equal(!after, !cases[i].after);
		if (after)
			assert_string_equal(after, cases[i].after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_cuts),
		cmocka_unit_test(test_escape_any_bytes),
		cmocka_unit_test(test_escape_and_back),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_is_utf8),
		cmocka_unit_test(test_number),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
