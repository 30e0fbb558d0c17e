/* triage: bad files that may still grow, and those that are put away. */
#include "unit_quarantine.h"

#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "clip/triage.h"

/* In the place of the C library's: memory runs out when a test says so. */
static bool memory_is_out;

char *strndup(const char *text, size_t most)
{
	size_t len = strnlen(text, most);
	char *copy = memory_is_out ? NULL : malloc(len + 1);

	if (!copy) {
		errno = ENOMEM;
		return NULL;
	}
	copy[len] = '\0';
	return memcpy(copy, text, len);
}

static struct triage triage;
static struct stat st;
static int64_t due;

static int enter_triage(void **state)
{
	triage = (struct triage){.quarantine = {.folder = -1},
		.delay = 5 * CLOCK_SECOND,
		.tries = 3,
		.keep = 1000};
	return unit_enter(state) < 0 ? -1 : triage_open(&triage, at("q"));
}

static int leave_triage(void **state)
{
	quarantine_close(&triage.quarantine);
	return unit_leave(state);
}

#define TRIAGED(test) cmocka_unit_test_setup_teardown(test, enter_triage, leave_triage)

static int open_clip(void)
{
	int fd = openat(unit_folder, "1.mp4", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	return fd;
}

static int bad(int fd, int64_t tries)
{
	const struct triage_file file = {at("1.mp4"), unit_folder, fd, &st, tries};

	return triage_bad(&triage, &file, CODE, REASON, &due);
}

/* What happens to the file between the look and the verdict. */
static void nothing(void)
{
}

static void grow(void)
{
	unit_put_text("1.mp4", "text and more");
}

static void replace(void)
{
	unit_put_text("2.mp4", "text");
	renameat(unit_folder, "2.mp4", unit_folder, "1.mp4");
}

static void take_away(void)
{
	unlinkat(unit_folder, "1.mp4", 0);
}

static void link_over(void)
{
	take_away();
	symlinkat("/etc/passwd", unit_folder, "1.mp4");
}

static void fifo_over(void)
{
	take_away();
	mkfifoat(unit_folder, "1.mp4", 0600);
}

UNIT_TEST(test_bad)
{
	static const struct {
		const char *name;
		int64_t delay, tries; /* in seconds; how often before */
		void (*meanwhile)(void);
		bool writer;
		int code, later; /* seconds, when AGAIN */
	} rows[] = {
		{"still", 0, 0, nothing, false, EX_OK, 0},
		{"fresh", 3600, 0, nothing, false, TRIAGE_AGAIN, 3600},
		{"fresh, again", 3600, 1, nothing, false, TRIAGE_AGAIN, 3600},
		{"fresh for the last time", 3600, 2, nothing, false, EX_OK, 0},
		{"fresh, tried very often", 3600, INT64_MAX - 1, nothing, false, EX_OK,
			0},
		{"grows", 0, 0, grow, false, TRIAGE_AGAIN, 0},
		{"grows for ever", 0, 2, grow, false, EX_IOERR, 0},
		{"written to", 0, 0, nothing, true, TRIAGE_AGAIN, 0},
		{"written to for ever", 0, 2, nothing, true, EX_OK, 0},
		{"another one", 0, 0, replace, false, TRIAGE_AGAIN, 0},
		{"another one at last", 0, 2, replace, false, EX_IOERR, 0},
		{"gone", 0, 0, take_away, false, EX_NOINPUT, 0},
		{"a link", 0, 2, link_over, false, EX_IOERR, 0},
		{"a FIFO", 0, 2, fifo_over, false, EX_IOERR, 0},
	};

	signal(SIGIO, SIG_IGN);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unlinkat(unit_folder, "1.mp4", 0);
		unit_put_text("1.mp4", "text");
		int fd = open_clip(), writer = -1;
		triage.delay = rows[i].delay * CLOCK_SECOND;
		if (rows[i].writer)
			writer = openat(unit_folder, "1.mp4", O_WRONLY | O_CLOEXEC);
		rows[i].meanwhile();
		int64_t from = clock_now();
		int code = bad(fd, rows[i].tries);
		if (code != rows[i].code)
			fail_msg("%s: %d", rows[i].name, code);
		if (code == TRIAGE_AGAIN)
			assert_true(due >= from + rows[i].later * CLOCK_SECOND &&
				due <= clock_now() + rows[i].later * CLOCK_SECOND);
		/* In exactly one place; what is not moved has no reason either. */
		if (rows[i].meanwhile != take_away)
			assert_int_equal(unit_exists("1.mp4"), code != EX_OK);
		assert_int_equal(unit_exists("q/1.mp4"), code == EX_OK);
		assert_int_equal(count_in("q"), code == EX_OK ? 2 : 0);
		unlinkat(unit_folder, "q/1.mp4", 0);
		unlinkat(unit_folder, "q/1.mp4.reason", 0);
		close(fd);
		if (writer >= 0)
			close(writer);
	}
}

UNIT_TEST(test_reason)
{
	unit_put_text("1.mp4", "text");
	int fd = open_clip();
	triage.delay = 0;
	assert_int_equal(bad(fd, 1), EX_OK);
	close(fd);
	assert_int_equal(quarantine_look(&triage.quarantine, "1.mp4", &entry), 0);
	assert_string_equal(entry.code, CODE);
	assert_string_equal(entry.reason, REASON);
	assert_int_equal(entry.tries, 2);
	assert_int_equal(entry.size, 4);
}

UNIT_TEST(test_keep)
{
	triage.delay = 0;
	triage.keep = 2;
	for (int i = 0; i < 5; i++) {
		unit_put_text("1.mp4", "text");
		int fd = open_clip();
		assert_int_equal(bad(fd, 0), EX_OK);
		close(fd);
		assert_true(count_in("q") <= 4);
	}
}

/* The quarantine is taken away while it is used. */
UNIT_TEST(test_no_quarantine)
{
	unit_put_text("1.mp4", "text");
	int fd = open_clip();
	triage.delay = 0;
	assert_int_equal(unlinkat(unit_folder, "q", AT_REMOVEDIR), 0);
	assert_true(bad(fd, 0) > 0);
	assert_string_equal(unit_get("1.mp4"), "text");
	close(fd);
}

UNIT_TEST(test_open)
{
	static const struct {
		const char *path;
		int code;
	} rows[] = {{"q", EX_OK}, {"new", EX_OK}, {"nowhere/q", EX_NOINPUT},
		{"file", EX_NOINPUT}, {"link", EX_NOINPUT}, {"fifo", EX_NOINPUT},
		{"dangling", EX_NOINPUT}};
	struct triage other = {.root = NULL};

	unit_put_odd();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		if (triage_open(&other, at(rows[i].path)) != rows[i].code)
			fail_msg("'%s'", rows[i].path);
		quarantine_close(&other.quarantine);
	}
	/* What a killed one left is ended. */
	unit_put_text("q/gone.mp4.reason", "time: t\n");
	assert_int_equal(triage_open(&other, at("q")), EX_OK);
	quarantine_close(&other.quarantine);
	assert_int_equal(count_in("q"), 0);
}

UNIT_TEST(test_release)
{
	static const struct {
		const char *path;
		int code;
	} rows[] = {{"q/none", EX_NOINPUT}, {"q/", EX_NOINPUT}, {"q/.", EX_NOINPUT},
		{"q/..", EX_NOINPUT}, {"q/1.mp4.reason", EX_NOINPUT},
		{"q/.hidden", EX_NOINPUT}, {"q/link", EX_NOINPUT}, {"q/sub", EX_NOINPUT},
		{"none/1.mp4", EX_NOINPUT}, {"file/1.mp4", EX_NOINPUT},
		{"q/lone.mp4", EX_NOINPUT}, /* nobody knows where it came from */
		{"q/out.mp4", EX_NOINPUT}, /* a forged reason */
		{"q/1.mp4", EX_OK}, {"q/1.mp4", EX_NOINPUT}};

	unit_put_text("1.mp4", "text");
	int fd = open_clip();
	triage.delay = 0;
	assert_int_equal(bad(fd, 1), EX_OK);
	close(fd);
	unit_put_text("file", "");
	unit_put_text("q/.hidden", "");
	unit_put_text("q/lone.mp4", "");
	unit_put_text("q/out.mp4", "");
	unit_put_text("q/out.mp4.reason",
		"time: t\ncode: c\nreason: r\ntries: 1\nfrom: /etc/cron.d/x\n");
	symlinkat("1.mp4", triage.quarantine.folder, "link");
	mkdirat(triage.quarantine.folder, "sub", 0755);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (triage_release(NULL, at(rows[i].path)) != rows[i].code)
			fail_msg("'%s'", rows[i].path);
	assert_string_equal(unit_get("1.mp4"), "text");
	assert_int_equal(triage_release(NULL, ""), EX_NOINPUT);
	assert_int_equal(triage_release(NULL, "1.mp4"), EX_NOINPUT);
	assert_int_equal(triage_release(NULL, "/"), EX_NOINPUT);
	assert_int_equal(triage_release(NULL, "/nothing-there"), EX_NOINPUT);
	assert_int_equal(triage_list(NULL, at("none")), EX_NOINPUT);
}

UNIT_TEST(test_release_without_memory)
{
	memory_is_out = true;
	int code = triage_release(NULL, at("q/1.mp4"));
	memory_is_out = false;
	assert_int_equal(code, EX_OSERR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAGED(test_bad),
		TRIAGED(test_reason),
		TRIAGED(test_keep),
		TRIAGED(test_no_quarantine),
		TRIAGED(test_open),
		TRIAGED(test_release),
		TRIAGED(test_release_without_memory),
	};

	msg_init("triage");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
