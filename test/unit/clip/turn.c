/* turn: 10,000 rounds in simulated time, edits, parts of the day, and where it goes on
 * after a kill. */
#include "unit.h"

#include "clip/turn.h"

#define NIGHT 0 /* the time of a day's beginning, in UTC */

static struct turns turns;
static struct turn turn;
static struct list list = {.folder = ""};
static int folder;

static int enter(void **state)
{
	int code = unit_enter(state);

	setenv("TZ", "UTC", 1);
	tzset();
	folder = open(unit_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return code || turns_open(&turns, folder, "place", 1) < 0;
}

static int leave(void **state)
{
	turns_close(&turns);
	list_free(&list);
	close(folder);
	return unit_leave(state);
}

static void no_complaint(unsigned line, const char *what, const char *text)
{
	fail_msg("line %u '%s' %s", line, text, what);
}

/* A line for each word. */
static void parse(const char *words)
{
	size_t len = strlen(words);
	char *own = malloc(len + 1);

	list_free(&list);
	memcpy(own, words, len + 1);
	for (char *at = own; (at = strpbrk(at, " ")); at++)
		*at = '\n';
	for (char *at = own; (at = strchr(at, '_')); at++)
		*at = ' ';
	assert_int_equal(list_parse(&list, own, len, no_complaint), 0);
}

/* The next so many at this time, as one word. */
static const char *next(time_t now, int count)
{
	static char got[64];
	size_t len = 0;

	for (int i = 0; i < count; i++) {
		assert_int_equal(turns_next(&turns, &list, now, &turn), 1);
		/* Two are named ahead of the one that plays. */
		if (turns.now.count > 2 && turns.now.again == 0)
			turns_follow(&turns, turns.now.last[2].path);
		assert_int_equal(turns_take(&turns, &turn), 0);
		len += (size_t)snprintf(got + len, sizeof got - len, "%s", turn.path);
	}
	return got;
}

/* A new process, while this path plays. */
static void killed(const char *path)
{
	turns_close(&turns);
	assert_int_equal(turns_open(&turns, folder, "place", 2), 0);
	turns_resume(&turns, path);
}

UNIT_TEST(test_rounds)
{
	parse("a b c");
	turns.folder = -1;
	for (int round = 1; round <= 10000; round++)
		for (size_t i = 0; i < 3; i++) {
			assert_int_equal(
				turns_next(&turns, &list, round * 180, &turn), 1);
			assert_int_equal(turns_take(&turns, &turn), 0);
			assert_true(*turn.path == "abc"[i] && turn.round == round &&
				turn.index == i);
		}
}

UNIT_TEST(test_edits)
{
	static const struct {
		const char *before;
		int played;
		const char *after, *next;
	} rows[] = {{"a b c", 2, "a b c d", "cda"}, {"a b c", 2, "x y a b c", "cxy"},
		{"a b c", 2, "b a c", "acb"},
		{"a b c", 2, "a c d", "cda"}, /* b is gone */
		{"a b c", 3, "a b", "aba"}, {"a b c", 2, "a", "aaa"},
		{"a b a c", 3, "a b a c", "cab"}, {"a b a c", 3, "x a b a c", "cxa"},
		{"a a b", 1, "a a b", "aba"}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		turns_close(&turns);
		assert_int_equal(turns_open(&turns, -1, NULL, 1), 0);
		parse(rows[i].before);
		next(NIGHT, rows[i].played);
		parse(rows[i].after);
		assert_string_equal(next(NIGHT, 3), rows[i].next);
	}
}

UNIT_TEST(test_killed)
{
	parse("a b c d e f");
	assert_string_equal(next(NIGHT, 4), "abcd");
	killed("b"); /* c and d were named, and are not played */
	assert_string_equal(next(NIGHT, 3), "bcd");
	killed("d");
	assert_string_equal(next(NIGHT, 5), "defab");
	assert_int_equal(turn.round, 2);
	killed("f");
	assert_string_equal(next(NIGHT, 2), "fa");
	assert_int_equal(turn.round, 2);
	killed(NULL); /* nothing has ever played: the oldest that is known */
	assert_string_equal(next(NIGHT, 2), "fa");
	killed("c"); /* no turn knows it, but the list does */
	assert_string_equal(next(NIGHT, 2), "cd");
	killed("gone");
	assert_string_equal(next(NIGHT, 2), "ab");
	parse("a x y");
	killed("b"); /* gone from the list: what stands there now */
	assert_string_equal(next(NIGHT, 2), "xy");
	parse("a a a");
	next(NIGHT, 3);
	killed("a");
	assert_string_equal(next(NIGHT, 1), "a");
}

UNIT_TEST(test_parts)
{
	enum { DAY = 86400, HOUR = 3600 };

	parse("#AT_06:00 a b c #AT_22:00 x y");
	assert_string_equal(next(5 * HOUR, 1), "x"); /* still the night before */
	assert_string_equal(next(6 * HOUR, 2), "ab");
	killed("a");
	assert_string_equal(next(7 * HOUR, 2), "ab");
	assert_string_equal(next(22 * HOUR, 1), "x");
	assert_string_equal(next(DAY + HOUR, 2), "yx"); /* over midnight it goes on */
	assert_int_equal(turn.round, 2);
	assert_string_equal(
		next(DAY + 6 * HOUR, 1), "a"); /* each day from its beginning */
	/* It was off when the night began. */
	killed("a");
	assert_string_equal(next(DAY + 23 * HOUR, 2), "xy");
	killed("y");
	assert_string_equal(next(2 * DAY + 23 * HOUR, 1), "x");
	/* The clock is set, forward and back. */
	assert_string_equal(next(9 * DAY + 7 * HOUR, 2), "ab");
	assert_string_equal(next(2 * DAY + 7 * HOUR, 1), "a");
}

UNIT_TEST(test_deck)
{
	enum { DAY = 86400, HOUR = 3600 };
	char first[64], again[64];

	parse("#AT_06:00_shuffle a b c d e f #AT_22:00 x");
	snprintf(first, sizeof first, "%s", next(6 * HOUR, 4));
	assert_string_equal(next(22 * HOUR, 1), "x");
	/* The next day it goes on with its deck, and so after a kill. */
	char path[] = {first[3], '\0'};
	killed(path);
	assert_string_equal(next(22 * HOUR, 1), "x");
	snprintf(first + 4, sizeof first - 4, "%s", next(DAY + 6 * HOUR, 2));
	for (const char *c = "abcdef"; *c; c++)
		assert_non_null(strchr(first, *c));
	assert_int_equal(turn.round, 1);
	snprintf(again, sizeof again, "%s", next(DAY + 7 * HOUR, 4));
	assert_int_equal(turn.round, 2);
	assert_true(again[0] != first[5]);
	/* Two that were named and not played come again, in the same order. */
	char playing[] = {again[1], '\0'};
	killed(playing);
	assert_string_equal(next(DAY + 7 * HOUR, 3), again + 1);
	/* Over the border of two rounds. */
	parse("#AT_06:00_shuffle a b c");
	turns_close(&turns);
	unlinkat(folder, "place", 0);
	unlinkat(folder, "place.deck-0600", 0);
	assert_int_equal(turns_open(&turns, folder, "place", 3), 0);
	snprintf(first, sizeof first, "%s", next(6 * HOUR, 5));
	char last[] = {first[2], '\0'};
	killed(last);
	assert_string_equal(next(6 * HOUR, 3), first + 2);
}

/* Killed again and again, with up to three named ahead: each round has each of them once.
 */
UNIT_TEST(test_deck_killed)
{
	enum { CLIPS = 6, PLAYED = 600 };
	char ahead[8] = "", played[PLAYED + 1], plays[2] = "";
	size_t count = 0;

	srand(7);
	parse("#AT_00:00_shuffle a b c d e f");
	while (count < PLAYED) {
		while (strlen(ahead) < (size_t)(1 + rand() % 4)) {
			assert_int_equal(turns_next(&turns, &list, NIGHT, &turn), 1);
			assert_int_equal(turns_take(&turns, &turn), 0);
			strcat(ahead, turn.path);
		}
		*plays = played[count++] = *ahead;
		memmove(ahead, ahead + 1, sizeof ahead - 1);
		turns_follow(&turns, plays);
		if (rand() % 3 == 0) {
			killed(plays);
			count--; /* it is played once more */
			*ahead = '\0';
		}
	}
	for (size_t round = 0; round < PLAYED / CLIPS; round++) {
		unsigned seen = 0;
		for (size_t i = 0; i < CLIPS; i++)
			seen |= 1U << (played[round * CLIPS + i] - 'a');
		if (seen != (1U << CLIPS) - 1)
			fail_msg("round %zu: %.6s", round, played + round * CLIPS);
	}
}

/* However many were named and refused meanwhile, the one that plays is known. */
UNIT_TEST(test_refused)
{
	parse("j a j b v w x y z c");
	next(NIGHT, 3);
	turns_follow(&turns, "j");
	turns_follow(&turns, "a");
	assert_int_equal(turns_follow(&turns, "j"), 1);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(turns_next(&turns, &list, NIGHT, &turn), 1);
		assert_int_equal(turns_take(&turns, &turn), 0);
		assert_int_equal(turns_follow(&turns, "none"), 0);
	}
	killed("j");
	assert_string_equal(next(NIGHT, 2), "jb");
}

/* All files are away for a moment, also at the start: it is as if nobody had looked. */
UNIT_TEST(test_away)
{
	static const char *const lists[] = {
		"1 2 3 4 5", "#AT_00:00_shuffle 1 2 3 4 5 #AT_23:00 x y z"};

	for (size_t i = 0; i < UNIT_COUNT(lists); i++) {
		char first[8], then[8];
		turns_close(&turns);
		unlinkat(folder, "place", 0);
		assert_int_equal(turns_open(&turns, folder, "place", 4), 0);
		parse(lists[i]);
		snprintf(first, sizeof first, "%s", next(NIGHT, 3));
		for (int again = 0; again < 2; again++) {
			for (size_t n = 0; n == 0 || n < turn.of; n++) {
				assert_int_equal(
					turns_next(&turns, &list, NIGHT, &turn), 1);
				turns_leave(&turns, &turn);
			}
			turns_forget(&turns);
		}
		snprintf(then, sizeof then, "%s", next(NIGHT, 2));
		for (const char *c = "12345"; *c; c++)
			assert_true(strchr(first, *c) || strchr(then, *c));
		then[1] = '\0';
		killed(then);
		for (size_t n = 0; n < turn.of; n++) {
			assert_int_equal(turns_next(&turns, &list, NIGHT, &turn), 1);
			turns_leave(&turns, &turn);
		}
		turns_forget(&turns);
		assert_int_equal(*next(NIGHT, 1), *then);
	}
}

UNIT_TEST(test_spoilt)
{
	static const char *const rows[] = {"x", "0\t0\t1\t0\t", "0\t0\t1\t0\ta",
		"0\t0\t0\t0\ta\n", "0\t0\t1\t-1\ta\n", "0\t0\t1\t0\t\n", "\n",
		"0\t0\t1\ta\n", "-2\t0\t1\t0\ta\n", "1440\t0\t1\t0\ta\n",
		"0\t0\t9223372036854775807\t0\ta\n", "0\t0\t1\t9223372036854775807\ta\n"};

	parse("a b");
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		turns_close(&turns);
		unit_put_text("place", rows[i]);
		if (!unit_ended(turns_open(&turns, folder, "place", 1), EBADMSG))
			fail_msg("'%s': errno %d", rows[i], errno);
		turns_resume(&turns, "b");
		assert_string_equal(next(NIGHT, 2), "ba");
	}
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTERED(test_rounds),
		ENTERED(test_edits),
		ENTERED(test_killed),
		ENTERED(test_parts),
		ENTERED(test_deck),
		ENTERED(test_deck_killed),
		ENTERED(test_refused),
		ENTERED(test_away),
		ENTERED(test_spoilt),
	};

	return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
