/* cut: which clip each packet belongs to. */
#include "unit.h"

#include "cut.h"

#define MS 1000

/* A packet: 'V' a keyframe, 'v' a picture, 'W' a keyframe of another size, 'a' sound; its
 * time in ms; and the letter of its place: '-' nowhere, 'h' here, 'b' before, 'N' new,
 * 'e' ends. */
struct step {
	char what;
	int ms;
	char place;
	const char *reason; /* of N and e */
};

static const struct row {
	const char *name;
	int length; /* ms */
	bool video, audio;
	struct step steps[24];
} rows[] = {
	{"the grid is counted from the first packet", 1000, true, false,
		{{'v', 0, '-', NULL}, {'V', 400, 'N', NULL}, {'V', 1300, 'h', NULL},
			{'V', 1500, 'N', "time"}, {'V', 2300, 'h', NULL},
			{'V', 2400, 'N', "time"}, {'V', 5300, 'N', "time"},
			{'V', 5400, 'N', "time"}, {'v', 5440, 'h', NULL}}},
	{"sound goes with its picture", 1000, true, true,
		{{'a', 0, '-', NULL}, {'V', 100, 'N', NULL}, {'a', 50, '-', NULL},
			{'a', 100, 'h', NULL}, {'V', 1100, 'N', "time"},
			{'a', 1080, 'b', NULL}, {'a', 1099, 'b', NULL},
			{'a', 1100, 'h', NULL}, {'v', 1140, 'h', NULL}}},
	{"a jump ahead ends it, a keyframe begins the next", 60000, true, true,
		{{'V', 0, 'N', NULL}, {'a', 20, 'h', NULL}, {'v', 40, 'h', NULL},
			{'v', 3600000, 'e', "jump"}, {'a', 60, '-', NULL},
			{'V', 3600040, 'N', NULL}, {'a', 80, '-', NULL},
			{'a', 3600060, 'h', NULL}, {'v', 3600080, 'h', NULL}}},
	{"a jump back, at a keyframe", 60000, true, false,
		{{'V', 3600000, 'N', NULL}, {'v', 3600040, 'h', NULL},
			{'V', 0, 'N', "jump"}, {'v', 40, 'h', NULL}}},
	{"ten seconds are no jump", 60000, true, false,
		{{'V', 0, 'N', NULL}, {'v', 10000, 'h', NULL}, {'v', 9000, 'h', NULL},
			{'v', 19001, 'e', "jump"}, {'v', 10040, '-', NULL}}},
	{"another size", 60000, true, true,
		{{'V', 0, 'N', NULL}, {'a', 0, 'h', NULL}, {'W', 1000, 'N', "parameters"},
			{'a', 990, 'b', NULL}, {'a', 1010, 'h', NULL}}},
	{"sound alone", 1000, false, true,
		{{'a', 7, 'N', NULL}, {'a', 1006, 'h', NULL}, {'a', 1007, 'N', "time"},
			{'a', 20000, 'N', "jump"}, {'a', 20900, 'h', NULL},
			{'a', 21000, 'N', "time"}}},
};

static char letter(enum cut_place place)
{
	return "-hbNe"[place];
}

UNIT_TEST(test_places)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct cut cut;

		cut_begin(&cut, (int64_t)row->length * MS, row->video, row->audio);
		for (size_t n = 0; row->steps[n].what; n++) {
			const struct step *step = &row->steps[n];
			const struct cut_packet packet = {
				.kind = step->what == 'a' ? CUT_AUDIO : CUT_VIDEO,
				.dts = (int64_t)step->ms * MS,
				.key = step->what == 'V' || step->what == 'W',
				.changed = step->what == 'W'};
			char place = letter(cut_take(&cut, &packet));
			if (place != step->place ||
				(step->reason &&
					strcmp(cut_names[cut.reason], step->reason) != 0))
				fail_msg("%s: step %zu: %c, %s", row->name, n, place,
					cut_names[cut.reason]);
		}
	}
}

/* The clip before waits for its sound, for a second. */
UNIT_TEST(test_past)
{
	struct cut cut;
	const struct cut_packet packets[] = {{CUT_VIDEO, 0, true, false},
		{CUT_AUDIO, 0, false, false}, {CUT_VIDEO, 1000000, true, false},
		{CUT_AUDIO, 990000, false, false}, {CUT_VIDEO, 1999999, false, false},
		{CUT_VIDEO, 2000000, false, false}};
	static const bool past[] = {true, true, false, false, false, true};

	cut_begin(&cut, 1000000, true, true);
	for (size_t i = 0; i < UNIT_COUNT(packets); i++) {
		cut_take(&cut, &packets[i]);
		if (cut_is_past(&cut) != past[i])
			fail_msg("packet %zu", i);
	}
	const struct cut_packet sound = {CUT_AUDIO, 1000000, false, false};
	cut_take(&cut, &sound);
	assert_true(cut_is_past(&cut));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_past),
	};

	return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
