/* secret: where it comes from, which one counts, and that the others do not see it. */
#include "unit.h"

#include <sysexits.h>

#include "base/secret.h"

#define VARIABLE "STREAMHUB_UNIT_SECRET"

static char out[16]; /* room for 15 */
static char file[512];

/* Reads a secret with what is not NULL; the wiped operand goes to *left. */
static int take(const char *rel, const char *operand, const char *variable, char *left)
{
	snprintf(file, sizeof file, "%s/%s", unit_path, rel ? rel : "");
	if (operand)
		strcpy(left, operand);
	if (variable)
		assert_int_equal(setenv(VARIABLE, variable, 1), 0);
	else
		unsetenv(VARIABLE);
	memset(out, 'x', sizeof out);
	return secret_read(out, sizeof out, "address", rel ? file : NULL,
		operand ? left : NULL, VARIABLE);
}

UNIT_TEST(test_read)
{
	static const struct {
		const char *file, *operand, *variable;
		int code;
		const char *out;
	} rows[] = {
		{NULL, NULL, NULL, EX_OK, ""},
		{NULL, NULL, "variable", EX_OK, "variable"},
		{NULL, "operand", NULL, EX_OK, "operand"},
		{"line", NULL, NULL, EX_OK, "file"},
		/* The file goes first, then the operand. */
		{NULL, "operand", "variable", EX_OK, "operand"},
		{"line", NULL, "variable", EX_OK, "file"},
		{"line", "operand", NULL, EX_OK, "file"},
		{"line", "operand", "variable", EX_OK, "file"},
		{NULL, "", "variable", EX_OK, ""},
		{"empty", "operand", "variable", EX_OK, ""},
		/* One line, however it ends. */
		{"no-end", NULL, NULL, EX_OK, "file"},
		{"cr", NULL, NULL, EX_OK, "file"},
		{"two", NULL, NULL, EX_OK, "file"},
		{"late", NULL, NULL, EX_OK, ""},
		{NULL, "operand\r", NULL, EX_OK, "operand"},
		{NULL, "operand\nx", NULL, EX_OK, "operand"},
		{NULL, NULL, "variable\r\n", EX_OK, "variable"},
		{NULL, NULL, "\nvariable", EX_OK, ""},
		/* Its length. */
		{"most", NULL, NULL, EX_OK, "123456789012345"},
		{"settings", "operand", "variable", EX_OK, "se cret"},
		{"long", NULL, NULL, EX_NOINPUT, ""},
		{"others", NULL, NULL, EX_OK, "A=1"},
		{"more", "operand", "variable", EX_NOINPUT, ""},
		{NULL, "123456789012345", NULL, EX_OK, "123456789012345"},
		{NULL, "1234567890123456", "variable", EX_USAGE, ""},
		{NULL, NULL, "123456789012345", EX_OK, "123456789012345"},
		{NULL, NULL, "1234567890123456", EX_USAGE, ""},
		{"line", "1234567890123456", "1234567890123456", EX_OK, "file"},
		/* Another one is not taken for a file that cannot be read. */
		{"nothing", "operand", "variable", EX_NOINPUT, ""},
		{"nothing/file", "operand", "variable", EX_NOINPUT, ""},
		{"link", "operand", "variable", EX_NOINPUT, ""},
		{"dangling", "operand", "variable", EX_NOINPUT, ""},
		{"folder", "operand", "variable", EX_NOINPUT, ""},
		{"nul", "operand", "variable", EX_NOINPUT, ""},
		{"fifo", "operand", "variable", EX_NOINPUT, ""},
		{"", "operand", "variable", EX_NOINPUT, ""},
	};
	char operand[64];

	unit_put_odd();
	unit_put_text("line", "file\n");
	unit_put_text("no-end", "file");
	unit_put_text("cr", "file\r\n");
	unit_put_text("two", "file\nline\n");
	unit_put_text("late", "\nfile\n");
	unit_put_text("empty", "");
	unit_put_text("most", "123456789012345");
	unit_put_text("more", "1234567890123456\n");
	unit_put_text("settings", "# it\nA=1\n" VARIABLE "='se cret'\nB=2\n");
	unit_put_text("long", VARIABLE "=1234567890123456\n");
	unit_put_text("others", "A=1\nB=2\n");
	unit_put("nul", "file\0x\n", 7);
	int before = unit_free_descriptor();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int code = take(rows[i].file, rows[i].operand, rows[i].variable, operand);

		if (code != rows[i].code || strcmp(out, rows[i].out) != 0)
			fail_msg("row %zu: %d, '%s'", i, code, out);
		/* Whichever counted, none is left. */
		assert_null(getenv(VARIABLE));
		if (rows[i].operand) {
			assert_int_equal(strspn(operand, "*"), strlen(rows[i].operand));
			assert_int_equal(strlen(operand), strlen(rows[i].operand));
		}
	}
	assert_int_equal(unit_free_descriptor(), before);
}

/* How often a text stands in what others see of this process. */
static size_t count_shown(const char *name, const char *text)
{
	static char seen[1 << 20];
	size_t len = 0, n = 0;
	ssize_t more;

	int fd = open(name, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	while ((more = read(fd, seen + len, sizeof seen - len)) > 0)
		len += (size_t)more;
	close(fd);
	for (char *at = seen;
		(at = memmem(at, len - (size_t)(at - seen), text, strlen(text))); at++)
		n++;
	return n;
}

/* In the child: what it was started with is not to be found in /proc afterwards. */
static int check_started(char **argv)
{
	size_t shown = count_shown("/proc/self/cmdline", "operand:KEY") +
		count_shown("/proc/self/environ", "variable:KEY");
	char key[64];

	int code = secret_read(key, sizeof key, "address", NULL, argv[2], VARIABLE);
	size_t left = count_shown("/proc/self/cmdline", "KEY") +
		count_shown("/proc/self/environ", "KEY");
	return shown == 2 && left == 0 && code == 0 && strcmp(key, "operand:KEY") == 0
		? 0
		: 1;
}

UNIT_TEST(test_wiped)
{
	static char variable[] = VARIABLE "=variable:KEY";
	static char *const environment[] = {variable, NULL};

	pid_t pid = unit_fork();
	if (pid == 0) {
		execle("/proc/self/exe", "secret", "started", "operand:KEY", (char *)NULL,
			environment);
		_exit(99);
	}
	assert_int_equal(unit_wait(pid), 0);
}

/* No message has any of it. */
UNIT_TEST(test_messages)
{
	char operand[64];

	unit_put_text("said", "");
	unit_put_text("more", "KEY4567890123456");
	int was = dup(STDERR_FILENO);
	int said = openat(unit_folder, "said", O_WRONLY | O_APPEND | O_CLOEXEC);
	dup2(said, STDERR_FILENO);
	take("more", NULL, NULL, operand);
	take(NULL, "KEY", "KEY", operand);
	take(NULL, "KEY4567890123456", NULL, operand);
	take(NULL, NULL, "KEY4567890123456", operand);
	dup2(was, STDERR_FILENO);
	close(was);
	close(said);
	const char *text = unit_get("said");
	assert_non_null(strstr(text, "more': File too large"));
	assert_non_null(strstr(text, "better give it by $" VARIABLE));
	assert_non_null(strstr(text, "longer than 15 bytes"));
	assert_null(strstr(text, "KEY"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_read),
		cmocka_unit_test(test_wiped),
		UNIT_IN_FOLDER(test_messages),
	};

	if (argc == 3 && strcmp(argv[1], "started") == 0)
		return check_started(argv);
	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
