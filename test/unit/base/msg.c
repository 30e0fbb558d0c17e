/* msg: one line and one write a message. Each case is a process of its own. */
#include "unit.h"

#include <fnmatch.h>
#include <sys/socket.h>

#include "base/msg.h"

/* A date and a time for fnmatch(3); "??-" would be a trigraph. */
#define STAMP "[[]20*-*-* *:*:*] "

/* What was written, a write an entry: the socket keeps them apart. */
static struct {
	char text[8][8192];
	size_t count;
} said;

/* Runs tool in a child whose standard error is a socket, and returns its exit code. */
static int listen_to(int (*tool)(void))
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	pid_t pid = unit_fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		_exit(tool());
	}
	close(ends[1]);
	int code = unit_wait(pid);
	ssize_t n;
	said.count = 0;
	while ((n = recv(ends[0], said.text[said.count], sizeof *said.text - 1, 0)) > 0) {
		said.text[said.count++][n] = '\0';
		assert_true(said.count < UNIT_COUNT(said.text));
	}
	close(ends[0]);
	return code;
}

static void expect(int (*tool)(void), const char *pattern)
{
	assert_int_equal(listen_to(tool), 0);
	assert_int_equal(said.count, 1);
	if (fnmatch(pattern, said.text[0], 0) != 0)
		fail_msg("%s", said.text[0]);
}

static int clear(void **state)
{
	(void)state;
	return unsetenv("DEBUG") | unsetenv("LOG_LEVEL") | unsetenv("JOURNAL_STREAM");
}

static int say_all(void)
{
	msg_init("tool");
	msg_debug("Debug");
	msg_info("Info");
	msg_warn("Warn");
	msg_error("Error");
	return 0;
}

UNIT_TEST(test_levels)
{
	static const struct {
		const char *debug, *level, *shown;
	} rows[] = {{"", "", "IWE"}, {"", "DEBUG", "DIWE"}, {"", "INFO", "IWE"},
		{"", "WARN", "WE"}, {"", "ERROR", "E"}, {"", "error", "E"},
		{"1", "", "DIWE"}, {"1", "ERROR", "DIWE"}, {"0", "", "IWE"},
		{"yes", "", "IWE"}, {"", "LOUD", "LIWE"}, {"", "3", "LIWE"}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		char shown[8] = "";

		setenv("DEBUG", rows[i].debug, 1);
		setenv("LOG_LEVEL", rows[i].level, 1);
		assert_int_equal(listen_to(say_all), 0);
		for (size_t m = 0; m < said.count; m++)
			shown[m] = strstr(said.text[m], "[tool] ")[7];
		if (strcmp(shown, rows[i].shown) != 0)
			fail_msg("row %zu: %s", i, shown);
	}
}

static int show_errors(void)
{
	msg_show(MSG_ERROR);
	msg_warn("no");
	msg_error("yes");
	return 0;
}

static int say_warning(void)
{
	msg_init("tool");
	msg_warn("item %d of '%s'", 3, "list");
	return 0;
}

UNIT_TEST(test_line)
{
	expect(say_warning, STAMP "[[]WARN] [[]tool] item 3 of 'list'\n");
	expect(show_errors, STAMP "[[]ERROR] [[]streamhub] yes\n");
}

static int say_outside_text(void)
{
	msg_init("tool");
	msg_info("name %s",
		"a\n[2026-01-01 00:00:00] [ERROR] [tool] b\r\x1b[31m\xc2\x9b\xff");
	return 0;
}

UNIT_TEST(test_escapes)
{
	expect(say_outside_text,
		STAMP "[[]INFO] [[]tool] name a\\\\x0a[[]2026-01-01 00:00:00] [[]ERROR] "
		      "[[]tool] b\\\\x0d\\\\x1b[[]31m\\\\xc2\\\\x9b\\\\xff\n");
}

static int say_errno(void)
{
	msg_init("tool");
	errno = ENOENT;
	msg_error("cannot open %s:", "file");
	int first = errno;
	errno = EACCES;
	msg_debug("not shown:");
	return first == ENOENT && errno == EACCES ? 0 : 1;
}

static int say_no_errno(void)
{
	errno = ENOENT;
	msg_error("a: b%s", ":");
	return errno != ENOENT;
}

UNIT_TEST(test_errno)
{
	expect(say_errno, "*] cannot open file: No such file or directory\n");
	expect(say_no_errno, "*] a: b:\n");
}

static char fill;

static int say_much(void)
{
	size_t len = 1 << 20;
	char *text = malloc(len + 1);

	memset(text, fill, len);
	text[len] = '\0';
	msg_init("tool");
	msg_error("%s:", text);
	free(text);
	return 0;
}

UNIT_TEST(test_long)
{
	static const char fills[] = {'x', '\n', '\x1b', (char)0xff, (char)0xc3};

	for (size_t i = 0; i < sizeof fills; i++) {
		fill = fills[i];
		assert_int_equal(listen_to(say_much), 0);
		assert_int_equal(said.count, 1);
		size_t len = strlen(said.text[0]);
		assert_true(len > 3500 && len <= 4096 + 128);
		assert_ptr_equal(strchr(said.text[0], '\n'), said.text[0] + len - 1);
	}
}

static unsigned other; /* not 0: JOURNAL_STREAM is not our standard error */

static int say_to_journal(void)
{
	struct stat st;
	char stream[64];

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev,
		(unsigned long long)st.st_ino + other);
	setenv("JOURNAL_STREAM", stream, 1);
	setenv("LOG_LEVEL", "DEBUG", 1);
	return say_all();
}

UNIT_TEST(test_journal)
{
	static const char *const lines[] = {"<7>[DEBUG] [tool] Debug\n",
		"<6>[INFO] [tool] Info\n", "<4>[WARN] [tool] Warn\n",
		"<3>[ERROR] [tool] Error\n"};
	static const char *const none[] = {"", "1:2", "nonsense", "0:0"};

	assert_int_equal(listen_to(say_to_journal), 0);
	assert_int_equal(said.count, UNIT_COUNT(lines));
	for (size_t i = 0; i < UNIT_COUNT(lines); i++)
		assert_string_equal(said.text[i], lines[i]);
	/* Inherited, but standard error goes elsewhere. */
	for (size_t i = 0; i < UNIT_COUNT(none); i++) {
		setenv("JOURNAL_STREAM", none[i], 1);
		expect(say_warning, STAMP "[[]WARN] *");
	}
	other = 1;
	assert_int_equal(listen_to(say_to_journal), 0);
	assert_int_equal(said.text[0][0], '[');
}

static int die(void)
{
	msg_init("tool");
	errno = EIO;
	msg_die(74, "disk:");
}

static int say_to_nobody(void)
{
	close(STDERR_FILENO);
	errno = ENOENT;
	msg_error("lost:");
	return errno != ENOENT;
}

UNIT_TEST(test_die)
{
	assert_int_equal(listen_to(die), 74);
	assert_int_equal(said.count, 1);
	assert_non_null(
		strstr(said.text[0], "[ERROR] [tool] disk: Input/output error\n"));
	assert_int_equal(listen_to(say_to_nobody), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_levels, clear),
		cmocka_unit_test_setup(test_line, clear),
		cmocka_unit_test_setup(test_escapes, clear),
		cmocka_unit_test_setup(test_errno, clear),
		cmocka_unit_test_setup(test_long, clear),
		cmocka_unit_test_setup(test_journal, clear),
		cmocka_unit_test_setup(test_die, clear),
	};

	return cmocka_run_group_tests_name("msg", tests, NULL, NULL);
}
