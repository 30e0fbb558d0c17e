/* upcoming: the turns that are to come, with their times, and that looking writes
 * nothing. */
#include "unit.h"

#include "station/upcoming.h"

static struct upcoming upcoming;
static struct conf conf;

static void put(const char *name, const char *text)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", unit_path, name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static int enter(void **state)
{
	char text[512];
	int code = unit_enter(state);

	mkdirat(unit_folder, "s", 0700);
	mkdirat(unit_folder, "s/list", 0700);
	mkdirat(unit_folder, "s/player", 0700);
	snprintf(text, sizeof text, "PLAYLIST=%s/l.m3u\nTZ=UTC\n", unit_path);
	return code || conf_parse(&conf, text, strlen(text)) < 0;
}

static int leave(void **state)
{
	upcoming_close(&upcoming);
	conf_free(&conf);
	return unit_leave(state);
}

/* All of them, without the folder; those that play are one letter. */
static const char *shown(void)
{
	static char text[1024], *all;
	size_t size, len = 0;
	FILE *out = open_memstream(&all, &size);

	upcoming_print(out, &upcoming);
	assert_int_equal(fclose(out), 0);
	for (char *at = all, *next; *at; at = next) {
		next = strstr(at, unit_path);
		assert_non_null(next);
		len += (size_t)snprintf(
			text + len, sizeof text - len, "%.*s", (int)(next - at), at);
		at = next + strlen(unit_path);
		next = strchr(at, '\n') + 1;
		len += (size_t)snprintf(
			text + len, sizeof text - len, "%.*s", (int)(next - at), at);
	}
	free(all);
	return text;
}

static int look(const char *now, int64_t left, upcoming_lasts *lasts)
{
	char path[512];

	upcoming_close(&upcoming);
	snprintf(path, sizeof path, "%s/%s", unit_path, now ? now : "");
	return upcoming_look(
		&upcoming, unit_folder, "s", &conf, now ? path : NULL, left, lasts);
}

UNIT_TEST(test_idle)
{
	put("l.m3u", "a\nb\nc\n");
	assert_int_equal(look(NULL, -1, NULL), 0);
	assert_string_equal(shown(), "1\tnext\t-\t/a\n2\t-\t-\t/b\n3\t-\t-\t/c\n");
	char cursor[512];
	snprintf(cursor, sizeof cursor, "1\t%s/c\t5\n", unit_path);
	put("s/player/cursor", cursor);
	assert_int_equal(look(NULL, -1, NULL), 0);
	assert_string_equal(shown(), "1\t-\t-\t/a\n2\t-\t-\t/b\n3\tnext\t-\t/c\n");
}

/* Ten seconds each; b is not played. */
static int64_t ten(const char *path)
{
	return path[strlen(path) - 1] == 'b' ? -1 : 10000;
}

static int seconds_of(const struct upcoming_turn *turn)
{
	int hour, minute, second;

	assert_int_equal(sscanf(turn->begins, "%d:%d:%d", &hour, &minute, &second), 3);
	return 3600 * hour + 60 * minute + second;
}

UNIT_TEST(test_times)
{
	static const char order[] = "dacdac";

	put("l.m3u", "a\nb\nc\nd\n");
	assert_int_equal(look("d", 3000, ten), 0);
	assert_true(upcoming.plays);
	assert_int_equal(upcoming.count, UPCOMING_TURNS);
	for (size_t i = 0; i < UPCOMING_TURNS; i++) {
		const char *path = upcoming.of[i].turn.path;
		assert_int_equal(path[strlen(path) - 1], order[i]);
		int since = (seconds_of(&upcoming.of[i]) - seconds_of(&upcoming.of[0]) +
				    86400) %
			86400;
		assert_int_equal(since, i == 0 ? 0 : 3 + 10 * (i - 1));
	}
}

/* What plays may have been taken out of the list. */
UNIT_TEST(test_gone)
{
	put("l.m3u", "a\nc\n");
	assert_int_equal(look("x", 3000, ten), 0);
	assert_false(upcoming.plays);
	assert_int_equal(look("x", -1, NULL), 0);
	assert_string_equal(shown(), "1\tnext\t-\t/a\n2\t-\t-\t/c\n");
	assert_int_equal(unlinkat(unit_folder, "l.m3u", 0), 0);
	assert_int_equal(look("x", -1, NULL), -1);
	assert_int_equal(errno, ENOENT);
}

/* The deck that playlist keeps says what is to come, and stays as it is. */
UNIT_TEST(test_deck)
{
	struct turns turns;
	struct turn turn;
	struct list list = {.folder = unit_path};
	char first[PATH_MAX], text[] = "#AT 00:00 shuffle\na\nb\nc\nd\ne\nf\ng\nh\n";

	put("l.m3u", text);
	int folder = openat(unit_folder, "s/list", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(turns_open(&turns, folder, "place", 7), 0);
	assert_int_equal(list_parse(&list, strdup(text), strlen(text), NULL), 0);
	time_t now = time(NULL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(turns_next(&turns, &list, now, &turn), 1);
		assert_int_equal(turns_take(&turns, &turn), 0);
		if (i == 0)
			snprintf(first, sizeof first, "%s", turn.path);
	}
	for (int again = 0; again < 2; again++) {
		upcoming_close(&upcoming);
		assert_int_equal(upcoming_look(&upcoming, unit_folder, "s", &conf, first,
					 -1, NULL),
			0);
		assert_true(upcoming.plays);
		assert_string_equal(upcoming.of[2].turn.path, turn.path);
	}
	for (int i = 3; i < UPCOMING_TURNS; i++) {
		assert_int_equal(turns_next(&turns, &list, now, &turn), 1);
		assert_int_equal(turns_take(&turns, &turn), 0);
		assert_string_equal(upcoming.of[i].turn.path, turn.path);
	}
	turns_close(&turns);
	list_free(&list);
	close(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_idle, enter, leave),
		cmocka_unit_test_setup_teardown(test_times, enter, leave),
		cmocka_unit_test_setup_teardown(test_gone, enter, leave),
		cmocka_unit_test_setup_teardown(test_deck, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
