/* recheck: which file of a quarantine is due for a second look, and where it goes. */
#include "unit_quarantine.h"

#include <sys/syscall.h>
#include <time.h>

#include "base/clock.h"
#include "recheck.h"

#define AFTER (100 * CLOCK_SECOND)
#define TRIES 4

static struct recheck recheck;
static int broken; /* the errno of each rename by which a reason is renewed */

int renameat(int from, const char *name, int to, const char *new_name)
{
	errno = broken;
	return broken ? -1 : (int)syscall(SYS_renameat2, from, name, to, new_name, 0);
}

static int enter_recheck(void **state)
{
	broken = 0;
	recheck = (struct recheck){
		.quarantine = &quarantine, .after = AFTER, .tries = TRIES};
	return enter(state);
}

#define RECHECKED(test) cmocka_unit_test_setup_teardown(test, enter_recheck, leave)

/* Sets when rel was last changed, by the wall clock. */
static void age(const char *rel, int64_t seconds)
{
	struct timespec times[2];

	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= seconds;
	times[1] = times[0];
	assert_int_equal(utimensat(unit_folder, rel, times, 0), 0);
}

/* Puts a file into the quarantine that was last tried so long ago. */
static void put_aged(const char *name, int64_t seconds)
{
	char got[NAME_MAX + 1], reason[NAME_MAX + 16];

	unit_put_text(name, name);
	assert_int_equal(put_in(name, got), 0);
	snprintf(reason, sizeof reason, "q/%s.reason", got);
	age(reason, seconds);
}

static bool next_is(const char *name)
{
	recheck.next = 0;
	return recheck_next(&recheck, &entry) && strcmp(entry.name, name) == 0;
}

UNIT_TEST(test_due)
{
	static const struct {
		const char *reason;
		int64_t age;
		bool due;
	} rows[] = {
		{"time: t\ncode: zeros\nreason: r\ntries: 3\n", 101, true},
		{"time: t\ncode: zeros\nreason: r\ntries: 3\n", 1000000000, true},
		{"time: t\ncode: zeros\nreason: r\ntries: 3\n", 50, false},
		{"time: t\ncode: zeros\nreason: r\ntries: 3\n", -100000, true},
		{"time: t\ncode: zeros\nreason: r\ntries: 3\n", -8000000000, true},
		{"time: t\ncode: zeros\nreason: r\ntries: 4\n", 200, false},
		{"time: t\ncode: zeros\nreason: r\ntries: 9223372036854775807\n", 200,
			false},
		{"time: t\ncode: passed\nreason: r\ntries: 1\n", 200, false},
		{"garbage", 200, false},
		{"", 200, false},
		{NULL, 0, false},
	};

	unit_put_text("q/1.mp4", "");
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		if (rows[i].reason) {
			unit_put_text("q/1.mp4.reason", rows[i].reason);
			age("q/1.mp4.reason", rows[i].age);
		} else {
			unlinkat(unit_folder, "q/1.mp4.reason", 0);
		}
		if (next_is("1.mp4") != rows[i].due)
			fail_msg("row %zu", i);
		assert_false(recheck_next(&recheck, &entry)); /* once */
	}
}

UNIT_TEST(test_never)
{
	put_aged("1.mp4", 1000);
	recheck.after = 0;
	assert_true(recheck_due(&recheck) == CLOCK_NEVER);
	assert_false(recheck_next(&recheck, &entry));
	recheck.after = AFTER;
	assert_true(recheck_next(&recheck, &entry));
	assert_int_equal(recheck.count, 0);
	assert_true(recheck_due(&recheck) > clock_now());
	assert_false(recheck_next(&recheck, &entry)); /* not before that */
}

/* Looks at all that is due, with what is to be done then. Returns how many there were. */
static int look_at_all(void (*act)(void))
{
	int n = 0;

	recheck.next = 0;
	while (recheck_due(&recheck) <= clock_now() && n < 1000)
		if (recheck_next(&recheck, &entry)) {
			act();
			n++;
		}
	return n;
}

static void still_bad(void)
{
	recheck_bad(&recheck, &entry, "zeros", "still");
}

static void still_nothing(void)
{
	recheck_bad(&recheck, &entry, entry.code, entry.reason);
}

static void put_many(int count)
{
	char name[16];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%d.mp4", i);
		put_aged(name, 1000);
	}
}

UNIT_TEST(test_many)
{
	put_many(3 * RECHECK_BATCH);
	assert_int_equal(look_at_all(still_bad), 3 * RECHECK_BATCH);
	assert_int_equal(look_at_all(still_bad), 0);
	assert_int_equal(quarantine_look(&quarantine, "0.mp4", &entry), 0);
	assert_int_equal(entry.tries, TRIES);
	assert_string_equal(entry.code, "zeros");
}

/* One that cannot be opened is counted, too, and stays what it was. */
UNIT_TEST(test_no_new_reason)
{
	put_many(1);
	assert_int_equal(look_at_all(still_nothing), 1);
	assert_int_equal(quarantine_look(&quarantine, "0.mp4", &entry), 0);
	assert_int_equal(entry.tries, TRIES);
	assert_string_equal(entry.code, CODE);
	assert_string_equal(entry.reason, REASON);
	assert_int_equal(look_at_all(still_nothing), 0);
}

/* What cannot be noted does not keep it busy, nor the reader of its messages. */
UNIT_TEST(test_cannot_be_noted)
{
	static const struct {
		int error;
		size_t lines;
	} rows[] = {{EROFS, 2}, {ENOSPC, 2}, {EIO, 2}, {ESTALE, 0}};

	put_many(RECHECK_BATCH + 5);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int said = openat(unit_folder, "said",
			O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
		dup2(said, STDERR_FILENO);
		msg_init("test");
		broken = rows[i].error;
		int looks = look_at_all(still_bad);
		dup2(saved, STDERR_FILENO);
		close(saved);
		close(said);
		size_t lines = 0;
		for (const char *at = unit_get("said"); (at = strchr(at, '\n')); at++)
			lines++;
		assert_true(looks >= RECHECK_BATCH && looks <= 2 * RECHECK_BATCH);
		assert_true(recheck_due(&recheck) > clock_now());
		if (lines > rows[i].lines)
			fail_msg("%s: %zu lines", strerror(rows[i].error), lines);
	}
	broken = 0;
	assert_int_equal(look_at_all(still_bad), RECHECK_BATCH);
	assert_int_equal(look_at_all(still_bad), 5);
	assert_int_equal(look_at_all(still_bad), 0);
}

static bool is_at_home(void)
{
	return unit_exists("1.mp4") && !unit_exists("q/1.mp4") &&
		!unit_exists("q/1.mp4.reason");
}

UNIT_TEST(test_good)
{
	put_aged("1.mp4", 1000);
	assert_true(next_is("1.mp4"));
	recheck_good(&recheck, &entry);
	assert_true(is_at_home());
	assert_int_equal(unlinkat(unit_folder, "1.mp4", 0), 0);

	/* Somebody was quicker: nothing to say, nothing to do. */
	recheck_good(&recheck, &entry);
	assert_false(recheck.stuck);
	assert_int_equal(count_in("q"), 0);

	/* Its place is taken. */
	put_aged("1.mp4", 1000);
	unit_put_text("1.mp4", "another");
	assert_true(next_is("1.mp4"));
	recheck_good(&recheck, &entry);
	assert_string_equal(unit_get("1.mp4"), "another");
	assert_string_equal(unit_get("q/1.mp4"), "1.mp4");
	assert_int_equal(quarantine_look(&quarantine, "1.mp4", &entry), 0);
	assert_int_equal(entry.tries, TRIES);
	assert_string_equal(entry.code, CODE);
	assert_false(next_is("1.mp4"));
}

/* The folder that it came from is gone: counted as well. */
UNIT_TEST(test_no_home)
{
	assert_int_equal(mkdirat(unit_folder, "d", 0755), 0);
	unit_put_text("d/1.mp4", "text");
	char name[NAME_MAX + 1];
	assert_int_equal(put_in("d/1.mp4", name), 0);
	age("q/1.mp4.reason", 1000);
	assert_int_equal(unlinkat(unit_folder, "d", AT_REMOVEDIR), 0);
	assert_true(next_is("1.mp4"));
	recheck_good(&recheck, &entry);
	assert_string_equal(unit_get("q/1.mp4"), "text");
	assert_int_equal(quarantine_look(&quarantine, "1.mp4", &entry), 0);
	assert_int_equal(entry.tries, TRIES);
	assert_false(next_is("1.mp4"));
}

/* It was written to after the look: the verdict is of something else. */
UNIT_TEST(test_changed)
{
	put_aged("1.mp4", 1000);
	assert_true(next_is("1.mp4"));
	struct stat before, st;
	fstatat(unit_folder, "q/1.mp4", &before, 0);
	do { /* until the kernel's coarse clock goes on */
		unit_put_text("q/1.mp4", "more of it");
		fstatat(unit_folder, "q/1.mp4", &st, 0);
	} while (path_nanoseconds(st.st_ctim) == path_nanoseconds(before.st_ctim));
	recheck_good(&recheck, &entry);
	assert_false(unit_exists("1.mp4"));
	assert_string_equal(unit_get("q/1.mp4"), "more of it");
	assert_int_equal(quarantine_look(&quarantine, "1.mp4", &entry), 0);
	assert_int_equal(entry.tries, TRIES - 1);
}

UNIT_TEST(test_cursor)
{
	static const struct {
		const char *text; /* of the cursor; NULL: there is none */
		const char *code; /* NULL: it is back */
	} rows[] = {
		{NULL, NULL},
		{"999999999000000000\tz.mp4\t0\n", NULL},
		{"1000000001000000000\ta.mp4\t0\n", "passed"},
		{"1000000000000000000\t0.mp4\t0\n", NULL}, /* by name then */
		{"1000000000000000000\t1.mp4\t0\n", "passed"},
		{"1000000000000000000\t10.mp4\t0\n", "passed"},
		{"garbage\n", CODE},
		{"", CODE},
	};
	static const struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};

	recheck.cursor = strdup(at("cursor"));
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		put_aged("1.mp4", 1000);
		utimensat(unit_folder, "q/1.mp4", times, 0);
		unlinkat(unit_folder, "cursor", 0);
		if (rows[i].text)
			unit_put_text("cursor", rows[i].text);
		assert_true(next_is("1.mp4"));
		recheck_good(&recheck, &entry);
		if (is_at_home() != !rows[i].code)
			fail_msg("row %zu", i);
		if (rows[i].code) {
			assert_int_equal(
				quarantine_look(&quarantine, "1.mp4", &entry), 0);
			assert_string_equal(entry.code, rows[i].code);
			assert_int_equal(entry.tries, TRIES);
		}
		unlinkat(unit_folder, "1.mp4", 0);
		unlinkat(unit_folder, "q/1.mp4", 0);
		unlinkat(unit_folder, "q/1.mp4.reason", 0);
	}
	free((void *)(uintptr_t)recheck.cursor);
}

/* What the cursor has not passed was refused since something was played. */
UNIT_TEST(test_refused)
{
	static const struct {
		const char *cursor; /* NULL: there is none */
		uint64_t count;
	} rows[] = {
		{NULL, 3},
		{"1000000000000000000\t0.mp4\t0\n", 3},
		{"1000000000000000000\t1.mp4\t0\n", 2},
		{"1000000000000000000\t3.mp4\t0\n", 0},
		{"999999999000000000\tz.mp4\t0\n", 3},
		{"garbage\n", 0},
	};
	static const char *const names[] = {"1.mp4", "2.mp4", "3.mp4", "4.mp4", "5.mp4"};
	static const struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
	char why[16], name[64];

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		put_aged(names[i], 1000);
		snprintf(name, sizeof name, "q/%s", names[i]);
		utimensat(unit_folder, name, times, 0);
	}
	unit_put_text("q/4.mp4.reason",
		"time: t\ncode: passed\nreason: r\ntries: 3\nfrom: /x\n");
	unit_put_text("q/5.mp4.reason", "somebody put it here");
	assert_int_equal(recheck_refused(&recheck, why, sizeof why), 0); /* no cursor */
	recheck.cursor = strdup(at("cursor"));
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unlinkat(unit_folder, "cursor", 0);
		if (rows[i].cursor)
			unit_put_text("cursor", rows[i].cursor);
		*why = '\0';
		if (recheck_refused(&recheck, why, sizeof why) != rows[i].count)
			fail_msg("row %zu", i);
		assert_string_equal(why, rows[i].count ? "there is no vid" : "");
	}
	free((void *)(uintptr_t)recheck.cursor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECHECKED(test_due),
		RECHECKED(test_never),
		RECHECKED(test_many),
		RECHECKED(test_no_new_reason),
		RECHECKED(test_cannot_be_noted),
		RECHECKED(test_good),
		RECHECKED(test_no_home),
		RECHECKED(test_changed),
		RECHECKED(test_cursor),
		RECHECKED(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
