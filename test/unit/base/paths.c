/* paths: what a filter gets to work on, from operands and from standard input. */
#include "unit.h"

#include <sysexits.h>

#include "base/msg.h"
#include "base/paths.h"

static struct paths paths;
static char got[65536]; /* the paths that came, each in brackets */

/* Takes all that comes until there is no more now. */
static void take(void)
{
	const char *path;

	while ((path = paths_next(&paths)))
		snprintf(got + strlen(got), sizeof got - strlen(got), "[%s]", path);
}

/* Standard input becomes a pipe. Returns its other end, which does not block either. */
static int open_input(void)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	*got = '\0';
	return ends[1];
}

static void put(int fd, const char *data, size_t len)
{
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(paths_fill(&paths), 0);
	take();
}

static char long_line[2 * PATH_MAX];

/* A line of so many letters, as a string. */
static const char *letters(size_t count)
{
	memset(long_line, 'a', count);
	long_line[count] = '\0';
	return long_line;
}

UNIT_TEST(test_operands)
{
	char longest[PATH_MAX], longer[PATH_MAX + 1];
	char *operands[] = {(char[]){"a"}, longer, (char[]){""}, longest, NULL};

	memset(longest, 'b', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	memset(longer, 'c', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	paths_begin(&paths, operands, false);
	assert_false(paths_ended(&paths));
	assert_int_equal(paths_fd(&paths, true), -1);
	assert_string_equal(paths_next(&paths), "a");
	assert_int_equal(paths.worst, EX_OK);
	assert_string_equal(paths_next(&paths), "");
	assert_int_equal(paths.worst, EX_NOINPUT);
	assert_false(paths_ended(&paths));
	assert_ptr_equal(paths_next(&paths), longest);
	assert_true(paths_ended(&paths));
	assert_null(paths_next(&paths));
}

UNIT_TEST(test_input)
{
	static const struct {
		bool null;
		const char *input;
		size_t len;
		const char *paths;
		int worst;
	} cases[] = {
		{false, "", 0, "", EX_OK},
		{false, "a\nb\n", 4, "[a][b]", EX_OK},
		{false, "a\n\n\nb", 5, "[a][b]", EX_OK},
		{false, " a \n\t\n", 6, "[ a ][\t]", EX_OK},
		{false, "a\0b\nc\n", 6, "[c]", EX_NOINPUT},
		{false, "\0\n", 2, "", EX_NOINPUT},
		{true, "a\0b\0", 4, "[a][b]", EX_OK},
		{true, "a\nb\0\0c", 6, "[a\nb][c]", EX_OK},
	};
	char *none[] = {NULL};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		int end = open_input();
		paths_begin(&paths, i % 2 ? none : NULL, cases[i].null);
		put(end, cases[i].input, cases[i].len);
		assert_false(paths_ended(&paths) && cases[i].len > 0);
		close(end);
		assert_int_equal(paths_fill(&paths), 0);
		take();
		assert_string_equal(got, cases[i].paths);
		assert_int_equal(paths.worst, cases[i].worst);
		assert_true(paths_ended(&paths));
		assert_int_equal(paths_fd(&paths, true), -1);
	}
}

UNIT_TEST(test_lengths)
{
	static const struct {
		size_t length;
		bool path;
	} cases[] = {{1, true}, {PATH_MAX - 1, true}, {PATH_MAX, false},
		{PATH_MAX + 1, false}, {sizeof long_line - 1, false}};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		int end = open_input();
		paths_begin(&paths, NULL, false);
		put(end, letters(cases[i].length), cases[i].length);
		assert_string_equal(got, "");
		put(end, "\nnext\n", 6);
		assert_int_equal(strlen(got),
			(cases[i].path ? cases[i].length + 2 : 0) + strlen("[next]"));
		assert_int_equal(paths.worst, cases[i].path ? EX_OK : EX_NOINPUT);
		close(end);
	}
}

/* It reads only while there is room, and nothing that it has read is left. */
UNIT_TEST(test_when_to_read)
{
	int end = open_input();

	paths_begin(&paths, NULL, false);
	assert_int_equal(paths_fd(&paths, true), STDIN_FILENO);
	assert_int_equal(paths_fd(&paths, false), -1);
	assert_int_equal(paths_fill(&paths), 0); /* nothing has come: EAGAIN */
	assert_int_equal(paths_fd(&paths, true), STDIN_FILENO);
	assert_int_equal(write(end, "a\nb\n", 4), 4);
	assert_int_equal(paths_fill(&paths), 0);
	assert_int_equal(paths_fd(&paths, true), -1);
	assert_string_equal(paths_next(&paths), "a");
	assert_true(paths.more);
	assert_int_equal(paths_fd(&paths, true), -1);
	assert_string_equal(paths_next(&paths), "b");
	assert_null(paths_next(&paths));
	assert_int_equal(paths_fd(&paths, true), STDIN_FILENO);
	/* The last line has no end, and is one. */
	assert_int_equal(write(end, "c", 1), 1);
	assert_int_equal(paths_fill(&paths), 0);
	assert_null(paths_next(&paths));
	close(end);
	assert_int_equal(paths_fill(&paths), 0);
	assert_false(paths_ended(&paths));
	assert_string_equal(paths_next(&paths), "c");
	assert_null(paths_next(&paths));
	assert_true(paths_ended(&paths));
}

UNIT_TEST(test_cannot_read)
{
	close(open_input());
	assert_int_equal(dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDIN_FILENO), 0);
	paths_begin(&paths, NULL, false);
	assert_true(unit_ended(paths_fill(&paths), EBADF));
}

UNIT_TEST(test_put)
{
	static struct lines_out out;

	lines_out(&out, memfd_create("out", MFD_CLOEXEC));
	paths_begin(&paths, NULL, false);
	paths_put(&paths, &out, "a");
	paths_begin(&paths, NULL, true);
	paths_put(&paths, &out, "b");
	assert_int_equal(out.len, 4);
	assert_memory_equal(out.buf, "a\nb\0", 4);
	close(out.fd);
}

UNIT_TEST(test_worst)
{
	paths_begin(&paths, NULL, false);
	assert_int_equal(paths.worst, EX_OK);
	paths_remember(&paths, EX_IOERR);
	paths_remember(&paths, 1);
	paths_remember(&paths, EX_OK);
	assert_int_equal(paths.worst, EX_IOERR);
	paths_remember(&paths, EX_CONFIG);
	assert_int_equal(paths.worst, EX_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_when_to_read),
		cmocka_unit_test(test_cannot_read),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_worst),
	};

	msg_init("paths");
	return cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
