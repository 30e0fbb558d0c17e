/* lines: lines in, over any chunk border. */
#include "unit.h"

#include "base/lines.h"

static struct lines_in in;

/* Byte i of line n: never a delimiter. */
static char byte_of(size_t n, size_t i)
{
	return (char)('0' + (n * 31 + i) % 64);
}

static bool next_line(struct lines_line *line)
{
	while (!lines_next(&in, line)) {
		if (in.ended)
			return false;
		assert_true(lines_fill(&in) >= 0);
	}
	return true;
}

/* Lines of these lengths go into a file and come out again, the last one unfinished. */
static void check_lines(const size_t *lens, size_t count, char delimiter)
{
	static char text[4 << 20];
	struct lines_line line;
	char *end = text;

	int fd = memfd_create("lines", MFD_CLOEXEC);
	for (size_t n = 0; n < count; n++) {
		for (size_t i = 0; i < lens[n]; i++)
			*end++ = byte_of(n, i);
		if (n + 1 < count)
			*end++ = delimiter;
	}
	assert_int_equal(pwrite(fd, text, (size_t)(end - text), 0), end - text);
	lines_in(&in, fd, delimiter);
	/* An unfinished line of no length is none. */
	for (size_t n = 0; n < count - (lens[count - 1] == 0); n++) {
		assert_true(next_line(&line));
		size_t expected = lens[n] < LINES_MAX ? lens[n] : LINES_MAX;
		if (line.len != expected || line.cut != (lens[n] > LINES_MAX))
			fail_msg("line %zu of %zu bytes: %zu, cut %d", n, lens[n],
				line.len, line.cut);
		for (size_t i = 0; i < line.len; i++)
			assert_int_equal(line.text[i], byte_of(n, i));
	}
	assert_false(next_line(&line));
	/* Once more, but only counted and the last of each chunk taken. */
	size_t passed = 0;
	lseek(fd, 0, SEEK_SET);
	lines_in(&in, fd, delimiter);
	while (!in.ended) {
		assert_true(lines_fill(&in) >= 0);
		passed += lines_skip(&in);
		for (int taken = 0; lines_next(&in, &line); passed++)
			assert_int_equal(taken++, 0);
	}
	assert_int_equal(passed, count - (lens[count - 1] == 0));
	size_t last = passed ? lens[passed - 1] : 0;
	if (passed)
		assert_int_equal(line.len, last < LINES_MAX ? last : LINES_MAX);
	for (size_t i = 0; passed && i < line.len; i++)
		assert_int_equal(line.text[i], byte_of(passed - 1, i));
	close(fd);
}

UNIT_TEST(test_lengths)
{
	static const size_t rows[][7] = {{0}, {1}, {0, 0, 0, 1}, {1 << 20, 5, 1 << 20},
		{LINES_MAX - 1, LINES_MAX, LINES_MAX + 1, 3, 0, LINES_MAX + 1},
		{LINES_CHUNK - 1, LINES_CHUNK, LINES_CHUNK + 1, 0, LINES_CHUNK - 1},
		{LINES_CHUNK - 1, 0, 7, LINES_CHUNK}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		size_t count = UNIT_COUNT(rows[i]);

		check_lines(rows[i], count, '\n'); /* ends with empty lines */
		while (count > 1 && rows[i][count - 1] == 0)
			count--;
		check_lines(rows[i], count, '\n'); /* the last one is unfinished */
		check_lines(rows[i], count, '\0');
	}
}

/* The second line begins, lies and ends around the border of two chunks. */
UNIT_TEST(test_chunk_border)
{
	static const size_t second[] = {0, 1, 5, LINES_MAX - 1, LINES_MAX, LINES_MAX + 1};

	for (size_t s = 0; s < UNIT_COUNT(second); s++) {
		for (size_t before = 0; before < 8; before++) {
			size_t lens[] = {LINES_CHUNK - before, second[s], 4, 0};

			check_lines(lens, UNIT_COUNT(lens), '\n');
			lens[0] -= second[s];
			check_lines(lens, UNIT_COUNT(lens), '\n');
		}
	}
}

/* Short lines, more than one block of bytes that are counted together. */
UNIT_TEST(test_many_lines)
{
	static size_t lens[70000];

	for (size_t count = 1; count <= UNIT_COUNT(lens); count += 1 + count * 3 / 2) {
		for (size_t i = 0; i < count; i++)
			lens[i] = i % 3 * (i % 7 == 0);
		check_lines(lens, count, '\n');
		check_lines(lens, count, '\0');
	}
}

/* With NUL between lines a new line is a byte as any other. */
UNIT_TEST(test_other_delimiter)
{
	struct lines_line line;

	int fd = memfd_create("lines", MFD_CLOEXEC);
	assert_int_equal(pwrite(fd, "a\nb\0c\r\n", 7, 0), 7);
	lines_in(&in, fd, '\0');
	assert_true(next_line(&line) && line.len == 3);
	assert_memory_equal(line.text, "a\nb", 3);
	assert_true(next_line(&line) && line.len == 3);
	assert_memory_equal(line.text, "c\r\n", 3);
	close(fd);
}

/* A byte at a time, with nothing there between: EAGAIN is not the end. */
UNIT_TEST(test_slow_input)
{
	static const char text[] = "one\n\ntwo";
	struct lines_line line;
	char got[16] = "";
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	lines_in(&in, ends[0], '\n');
	for (size_t i = 0; i < strlen(text); i++) {
		assert_true(unit_ended(lines_fill(&in), EAGAIN) && !in.ended);
		assert_false(lines_next(&in, &line));
		assert_int_equal(write(ends[1], text + i, 1), 1);
		assert_int_equal(lines_fill(&in), 1);
		assert_int_equal(in.chunk[0], text[i]);
		while (lines_next(&in, &line))
			strcat(strncat(got, line.text, line.len), ";");
	}
	assert_string_equal(got, "one;;");
	close(ends[1]);
	assert_int_equal(lines_fill(&in), 0);
	assert_true(in.ended && lines_next(&in, &line));
	assert_memory_equal(line.text, "two", 3);
	assert_false(lines_next(&in, &line));
	close(ends[0]);
	assert_true(unit_ended(lines_fill(&in), EBADF) && !in.ended);
}

UNIT_TEST(test_single)
{
	static struct lines_out out;
	char byte;
	int ends[2];
	int file = memfd_create("single", MFD_CLOEXEC);

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	lines_out(&out, ends[1]);
	lines_single(&out);
	assert_true(out.single && lines_drained(&out));
	lines_put(&out, "a\n", 2);
	assert_int_equal(lines_flush(&out), 0);
	struct pollfd room = {out.fd, POLLOUT, 0};
	assert_false(lines_drained(&out));
	assert_int_equal(poll(&room, 1, 0), 0);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_false(lines_drained(&out));
	assert_int_equal(poll(&room, 1, 0), 0);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_true(lines_drained(&out));
	assert_int_equal(poll(&room, 1, 0), 1);
	close(ends[0]);
	close(out.fd);
	/* A regular file takes all at once. */
	lines_out(&out, file);
	lines_single(&out);
	assert_true(!out.single && lines_drained(&out));
	assert_int_equal(pwrite(file, "a", 1, 0), 1);
	assert_true(lines_drained(&out));
	close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_chunk_border),
		cmocka_unit_test(test_many_lines),
		cmocka_unit_test(test_other_delimiter),
		cmocka_unit_test(test_slow_input),
		cmocka_unit_test(test_single),
	};

	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
