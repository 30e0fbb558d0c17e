/* bound: what servers say passes, however it is cut; what would harm libavformat does
 * not. */
#include "unit.h"

#include "bound.h"

#define BYTES(text) (const uint8_t *)text, sizeof(text) - 1
#define LENGTH(a, b, c) "\3\0\0\0" a b c "\x14\0\0\0\0"

static struct bound bound;

static void begin(void)
{
	static const uint8_t handshake[3073] = {3};

	bound_begin(&bound);
	assert_true(bound_take(&bound, handshake, sizeof handshake));
}

/* So much of nothing. */
static bool pad(size_t size)
{
	static const uint8_t zeros[70000];

	return bound_take(&bound, zeros, size);
}

UNIT_TEST(test_length)
{
	begin(); /* the longest, in chunks of 128 */
	assert_true(bound_take(&bound, BYTES(LENGTH("\0", "\x20", "\0"))));
	assert_true(pad(128));
	for (int i = 1; i < 64; i++)
		assert_true(bound_take(&bound, BYTES("\xc3")) && pad(128));
	/* Another, of the same length and with a long time, by a short header. */
	assert_true(bound_take(&bound, BYTES("\x83\xff\xff\xff\0\0\0\1")) && pad(128));
	assert_true(bound_take(&bound, BYTES("\xc3\0\0\0\2")) && pad(128));
	begin();
	assert_false(bound_take(&bound, BYTES(LENGTH("\0", "\x20", "\1"))));
	assert_false(bound_take(&bound, BYTES("\3"))); /* nor anything after it */
	begin();
	assert_false(bound_take(&bound, BYTES(LENGTH("\xff", "\xff", "\xff"))));
}

/* The size of chunks changes where the server says so. */
UNIT_TEST(test_chunk_size)
{
	begin();
	assert_true(bound_take(&bound,
		BYTES("\2\0\0\0\0\0\4\1\0\0\0\0\0\0\x10\0" LENGTH("\0", "\2", "\0"))));
	assert_true(pad(512));
	assert_true(bound_take(&bound, BYTES("\3\0\0\0\0\0\1\x14\0\0\0\0x")));
	assert_false(bound_take(&bound, BYTES(LENGTH("\1", "\0", "\0"))));
	begin();
	assert_false(bound_take(&bound, BYTES("\2\0\0\0\0\0\4\1\0\0\0\0\0\0\0\0")));
	begin();
	assert_false(bound_take(&bound, BYTES("\2\0\0\0\0\0\4\1\0\0\0\0\xff\0\0\0")));
}

/* A second header within a message: its time, type or length would be read in two ways.
 */
UNIT_TEST(test_second_header)
{
	static const char *const headers[] = {
		"\x83\xff\xff\xff\0\0\0\1xxxx", /* a long time */
		"\x43\0\0\0\0\1\0\1\0\0\0\0", /* another type */
		"\3\0\0\0\0\1\0\x14\0\0\0\0", /* the same once more */
	};

	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		begin();
		assert_true(
			bound_take(&bound, BYTES(LENGTH("\0", "\1", "\0"))) && pad(128));
		assert_false(bound_take(&bound, (const uint8_t *)headers[i], 12));
	}
	begin(); /* on another chunk stream it is none */
	assert_true(bound_take(&bound, BYTES(LENGTH("\0", "\1", "\0"))) && pad(128));
	assert_true(
		bound_take(&bound, BYTES("\2\0\0\0\0\0\1\4\0\0\0\0x\xc3")) && pad(128));
}

/* Unfinished messages on one chunk stream after the other. */
UNIT_TEST(test_streams)
{
	begin();
	for (int id = 0; id < BOUND_STREAMS; id++) {
		uint8_t head[] = {0, (uint8_t)id, 0, 0, 0, 0, 1, 0, 20, 0, 0, 0, 0};
		assert_true(bound_take(&bound, head, sizeof head) && pad(128));
	}
	assert_true(bound_take(&bound, BYTES("\xc0\1")) && pad(128));
	assert_false(bound_take(&bound, BYTES("\1\xff\xff")));
}

/* Cut anywhere, it is the same. */
UNIT_TEST(test_cut)
{
	static const char said[] = "\2\0\0\0\0\0\4\1\0\0\0\0\0\0\1\0"
				   "\3\0\0\0\0\0\3\x14\0\0\0\0abc"
				   "\x40\5\0\0\0\0\0\1\x14z"
				   "\1\7\1\0\0\0\0\0\1\x14\0\0\0\0y"
				   "\3\0\0\0\0\x20\1";
	static const size_t size = sizeof said - 1;

	for (size_t cut = 0; cut < size; cut++) {
		begin();
		assert_true(bound_take(&bound, (const uint8_t *)said, cut));
		bool rest = bound_take(&bound, (const uint8_t *)said + cut, size - cut);
		assert_true(rest); /* its header is not whole */
		assert_false(bound_take(&bound, BYTES("\x14\0\0\0\0")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_chunk_size),
		cmocka_unit_test(test_second_header),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("bound", tests, NULL, NULL);
}
