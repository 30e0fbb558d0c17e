/* nal: packets of H.264 and H.265 that an encoder can have made, and others. */
#include "unit.h"

#include "media/nal.h"

#define BYTES(s) (s), sizeof(s) - 1

/* The packet is on the heap and just as large as told, so that sanitizers watch it. */
static enum nal_fault check(const char *bytes, size_t len, size_t zeros, unsigned prefix)
{
	uint8_t *copy = calloc(1, len + zeros + !(len + zeros));

	memcpy(copy, bytes, len);
	enum nal_fault fault = nal_check(copy, len + zeros, prefix);
	free(copy);
	return fault;
}

UNIT_TEST(test_check)
{
	static const struct {
		const char *bytes;
		size_t len;
		unsigned prefix;
		enum nal_fault fault;
	} rows[] = {
		{BYTES("\0\0\0\1\x65"), 4, NAL_FINE},
		{BYTES("\0\0\0\3\x65yz\0\0\0\1\x41"), 4, NAL_FINE},
		{BYTES("\0\0\2\x65x"), 3, NAL_FINE},
		{BYTES("\0\2\x65x\0\1\x41"), 2, NAL_FINE},
		{BYTES("\2\x65x\1\x41"), 1, NAL_FINE},
		{BYTES("\0\0\0\2\x65"), 4, NAL_BROKEN}, /* a byte is missing */
		{BYTES("\0\0\0\1\x65x"), 4, NAL_BROKEN}, /* and one too many */
		{BYTES("\0\0\0\1\x65\0\0\0"), 4, NAL_BROKEN},
		{BYTES("\0\0\0\1\x65\0\0\0\0"), 4, NAL_BROKEN},
		{BYTES("\0\0\0\0\0\0\0\1\x65"), 4, NAL_BROKEN}, /* of no bytes */
		{BYTES("\0\0\0\1\xe5"), 4, NAL_BROKEN}, /* the forbidden bit */
		{BYTES("\xff\xff\xff\xff\x65"), 4, NAL_BROKEN},
		{BYTES("\0\0\0\1"), 4, NAL_BROKEN},
		{BYTES("\0"), 4, NAL_BROKEN},
		{BYTES("\0"), 1, NAL_BROKEN},
		{BYTES("\0\0\1\x65"), NAL_ANNEX_B, NAL_FINE},
		{BYTES("\0\0\0\1\x09\xf0"), NAL_ANNEX_B, NAL_FINE},
		{BYTES("\0\0\0\0\0\1\x65"), NAL_ANNEX_B, NAL_FINE},
		{BYTES("\0\0\1"), NAL_ANNEX_B, NAL_BROKEN},
		{BYTES("\0\0\0\0"), NAL_ANNEX_B, NAL_BROKEN},
		{BYTES("\0\1\x65"), NAL_ANNEX_B, NAL_BROKEN},
		{BYTES("\0\0\2\x65"), NAL_ANNEX_B, NAL_BROKEN},
		{BYTES("\0\0\1\xe5"), NAL_ANNEX_B, NAL_BROKEN},
		{BYTES("\x65xyz"), NAL_ANNEX_B, NAL_BROKEN},
		{BYTES("\0"), NAL_ANNEX_B, NAL_BROKEN},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (check(rows[i].bytes, rows[i].len, 0, rows[i].prefix) != rows[i].fault)
			fail_msg("row %zu", i);
	/* libavformat gives packets of no bytes for edits. */
	assert_int_equal(nal_check((const uint8_t *)"", 0, 4), NAL_FINE);
	assert_int_equal(nal_check((const uint8_t *)"", 0, NAL_ANNEX_B), NAL_BROKEN);
}

UNIT_TEST(test_check_holes)
{
	/* Some padding is fine, a hole is not, whatever is before it. */
	assert_int_equal(check(BYTES("\0\0\1\x65"), 255, NAL_ANNEX_B), NAL_FINE);
	assert_int_equal(check(BYTES("\0\0\1\x65"), 256, NAL_ANNEX_B), NAL_ZEROS);
	assert_int_equal(check(BYTES("\0\0\0\xf0\x65"), 239, 4), NAL_FINE);
	assert_int_equal(check(BYTES("\0\0\1\1\x65"), 256, 4), NAL_ZEROS);
	assert_int_equal(check(BYTES("\0\0\0\1\x65"), 5000, 4), NAL_ZEROS);
	assert_int_equal(check(BYTES(""), 300, 4), NAL_ZEROS);
}

/* A run of zeros of any length, at any place, is found, and the longest is told. */
UNIT_TEST(test_zeros)
{
	enum { SIZE = 700 };
	static const size_t leasts[] = {16, 64, 256};
	uint8_t *data = malloc(SIZE);

	for (size_t i = 0; i < UNIT_COUNT(leasts); i++)
		for (size_t run = leasts[i]; run < leasts[i] + 40; run++)
			for (size_t at = 0; at + run <= SIZE; at += 7) {
				memset(data, 0xff, SIZE);
				memset(data + at, 0, run);
				assert_int_equal(nal_zeros(data, SIZE, leasts[i]), run);
				memset(data + at, 0xff, run - leasts[i] + 1);
				assert_int_equal(nal_zeros(data, SIZE, leasts[i]), 0);
			}
	memset(data, 0xff, SIZE);
	memset(data + 10, 0, 100);
	memset(data + 111, 0, 300);
	memset(data + 412, 0, 200);
	assert_int_equal(nal_zeros(data, SIZE, 64), 300);
	memset(data, 0, SIZE);
	assert_int_equal(nal_zeros(data, SIZE, 64), SIZE);
	assert_int_equal(nal_zeros(data, 63, 64), 0);
	assert_int_equal(nal_zeros(data, 0, 64), 0);
	free(data);
}

UNIT_TEST(test_prefix)
{
	static const struct {
		const char *extradata;
		size_t len, skip;
		unsigned prefix;
	} rows[] = {
		{BYTES("\1\x64\0\x0a\xff\xe1"), 4, 4},
		{BYTES("\1\x64\0\x0a\xfd"), 4, 2},
		{BYTES("\1\x64\0\x0a\xfc"), 4, 1},
		{BYTES("\1\x64\0\x0a"), 4, NAL_ANNEX_B}, /* too short to tell */
		{BYTES("\0\0\0\1\x67"), 4, NAL_ANNEX_B},
		{BYTES(""), 4, NAL_ANNEX_B},
		{BYTES("\1aaaaaaaaaaaaaaaaaaaa\xff"), 21, 4},
		{BYTES("\1aaaaaaaaaaaaaaaaaaaa"), 21, NAL_ANNEX_B},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		uint8_t *copy = malloc(rows[i].len + 1);

		memcpy(copy, rows[i].extradata, rows[i].len);
		if (nal_prefix(copy, rows[i].len, rows[i].skip) != rows[i].prefix)
			fail_msg("row %zu", i);
		free(copy);
	}
	assert_int_equal(nal_prefix(NULL, 0, 4), NAL_ANNEX_B);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_holes),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_prefix),
	};

	return cmocka_run_group_tests_name("nal", tests, NULL, NULL);
}
