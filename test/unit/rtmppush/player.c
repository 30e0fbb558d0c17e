/* player: what it does without a server; sessions are in test/e2e/rtmppush.t. */
#include "unit.h"

#include "media/report.h"
#include "player.h"

static struct player player;
static int64_t duration;

static int load(const char *name, int *fd, int64_t position)
{
	*fd = unit_fixture(name);
	return player_load(&player, *fd, position, &duration);
}

/* Two clips at most; what cannot be played takes no place, and tells why. */
UNIT_TEST(test_load)
{
	int fds[5];

	int before = unit_free_descriptor();
	player_init(&player, "rtmp://127.0.0.1/app/key", -1);
	for (int round = 0; round < 2; round++) {
		assert_true(player_has_room(&player));
		assert_int_equal(load("h265.mkv", &fds[0], 0), AVERROR_PATCHWELCOME);
		assert_string_equal(player.clips[0].segment.why, "hevc");
		assert_int_equal(load("whole.flv", &fds[1], 0), 0);
		assert_int_equal(load("whole.flv", &fds[2], 601), AVERROR_EOF);
		assert_int_equal(load("empty.mp4", &fds[3], 0), AVERROR_INVALIDDATA);
		assert_true(player_has_room(&player));
		assert_int_equal(load("whole.ts", &fds[4], 450), 0);
		assert_false(player_has_room(&player));
		assert_int_equal(player.clips[0].segment.container, REPORT_FLV);
		assert_int_equal(player.clips[1].segment.container, REPORT_TS);
		assert_in_range(duration, 890, 900);
		assert_int_equal(player.clips[1].origin, 1400000);
		player_stop(&player);
		player_stop(&player);
		assert_int_equal(player.count, 0);
		for (size_t i = 0; i < UNIT_COUNT(fds); i++)
			close(fds[i]);
	}
	assert_int_equal(unit_free_descriptor(), before);
}

/* A mark is passed when the far side has all of its bytes, in order. */
UNIT_TEST(test_acked)
{
	static const struct {
		uint64_t acked;
		size_t passed; /* in all */
	} rows[] = {{0, 0}, {99, 0}, {100, 1}, {100, 1}, {299, 2}, {1000, 4}, {1000, 4}};
	static const uint64_t bytes[] = {100, 250, 300, 300};
	struct player_mark mark;
	size_t passed = 0;

	player_init(&player, "", -1);
	player.first_mark = PLAYER_MARKS - 2; /* around the end */
	for (size_t i = 0; i < UNIT_COUNT(bytes); i++)
		player.marks[(player.first_mark + player.mark_count++) % PLAYER_MARKS] =
			(struct player_mark){.bytes = bytes[i], .position = (int64_t)i};
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		player.session.acked = rows[i].acked;
		while (player_acked(&player, &mark))
			assert_int_equal(mark.position, passed++);
		assert_int_equal(passed, rows[i].passed);
	}
	assert_int_equal(player.mark_count, 0);
	player_stop(&player);
}

/* Bytes that the far side's kernel still holds are not read, down to the beginning of the
 * clip.
 */
UNIT_TEST(test_read)
{
	static const struct {
		uint64_t unread;
		int64_t position;
	} rows[] = {
		{0, 40}, {1, 30}, {100, 30}, {101, 20}, {200, 20}, {201, 0}, {999, 0}};
	struct player_mark mark;

	player_init(&player, "", -1);
	assert_int_equal(player_read(&player), 0);
	player.first_mark = PLAYER_MARKS - 2; /* around the end */
	for (uint64_t i = 0; i < 6; i++)
		player.marks[(player.first_mark + player.mark_count++) % PLAYER_MARKS] =
			(struct player_mark){.bytes = 100 * i,
				.position = (int64_t)(10 * i),
				.ended = i == 1};
	player.session.acked = 400;
	while (player_acked(&player, &mark))
		continue;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		player.session.unread = rows[i].unread;
		assert_int_equal(player_read(&player), rows[i].position);
	}
	player_stop(&player);
	assert_int_equal(player_read(&player), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_acked),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests_name("player", tests, NULL, NULL);
}
