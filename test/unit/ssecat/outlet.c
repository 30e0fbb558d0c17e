/* outlet: lines that are larger than the buffer, read in pieces, come whole and in order.
 */
#include "unit.h"

#include "outlet.h"

static struct outlet outlet;
static int reader;

static int enter(void **state)
{
	int ends[2];

	(void)state;
	if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		return -1;
	reader = ends[0];
	outlet = (struct outlet){0};
	outlet_open(&outlet, false);
	lines_out(&outlet.out, ends[1]);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	outlet_close(&outlet);
	close(outlet.out.fd);
	close(reader);
	return 0;
}

static struct sse_event make(const char *data, size_t len)
{
	return (struct sse_event){
		.id = "1", .type = "t", .type_len = 1, .data = data, .data_len = len};
}

UNIT_TEST(test_json)
{
	struct sse_event event = make("a\"\\\n\0\x7f\xc3\xa9", 8);
	char got[256];

	assert_int_equal(outlet_put(&outlet, &event), 0);
	assert_true(outlet_has_room(&outlet));
	assert_int_equal(outlet_flush(&outlet), 0);
	ssize_t n = read(reader, got, sizeof got);
	assert_true(n > 0);
	got[n - 1] = '\0';
	assert_string_equal(got,
		"{\"id\":\"1\",\"event\":\"t\",\"data\":"
		"\"a\\\"\\\\\\n\\u0000\x7f\xc3\xa9\"}");
}

/* Lines around the size of the buffer, and much larger ones, data alone. */
UNIT_TEST(test_large)
{
	static const size_t sizes[] = {0, 1, LINES_CHUNK - 2, LINES_CHUNK - 1,
		LINES_CHUNK, LINES_CHUNK + 1, 3 * LINES_CHUNK + 7, 10, 1000000};
	enum { MOST = 1000000 };
	char *data = malloc(MOST), chunk[5000];
	size_t put = 0, line = 0, at = 0;

	assert_non_null(data);
	outlet.data_only = true;
	memset(data, 'x', MOST);
	while (line < UNIT_COUNT(sizes)) {
		while (put < UNIT_COUNT(sizes) && outlet_has_room(&outlet)) {
			struct sse_event event = make(data, sizes[put++]);
			assert_int_equal(outlet_put(&outlet, &event), 0);
		}
		assert_true(outlet_flush(&outlet) >= 0);
		ssize_t n = read(reader, chunk, sizeof chunk);
		for (ssize_t i = 0; i < n; i++, at++) {
			if (chunk[i] == 'x')
				continue;
			assert_true(chunk[i] == '\n' && at == sizes[line++]);
			at = SIZE_MAX; /* the line end does not count */
		}
	}
	assert_int_equal(outlet_flush(&outlet), 0);
	free(data);
}

UNIT_TEST(test_finish)
{
	enum { SIZE = 1000000 };
	char *data = malloc(SIZE);
	struct sse_event event = make(data, SIZE);

	assert_non_null(data);
	memset(data, 'x', SIZE);
	assert_int_equal(outlet_finish(&outlet), 0);
	assert_int_equal(outlet_put(&outlet, &event), 0);
	assert_false(outlet_has_room(&outlet));
	assert_int_equal(outlet_flush(&outlet), 1);
	assert_int_equal(outlet_finish(&outlet), 75); /* nobody reads */
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_json, enter, leave),
		cmocka_unit_test_setup_teardown(test_large, enter, leave),
		cmocka_unit_test_setup_teardown(test_finish, enter, leave),
	};

	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
