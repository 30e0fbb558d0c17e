/* snapshot: what is read, what could not be, and whether it still holds. */
#include "unit_station.h"

#include "station/snapshot.h"

#define FACT "time: t\n"

static struct snapshot *snapshot;

/* So old that it could not have changed within one tick of a clock. */
static void age(const char *rel)
{
	struct timespec old[2] = {{1700000000, 5}, {1700000000, 5}};

	assert_int_equal(utimensat(unit_folder, rel, old, 0), 0);
}

static int leave(void **state)
{
	snapshot_free(snapshot);
	snapshot = NULL;
	return unit_leave_root(state);
}

static int enter(void **state)
{
	if (unit_enter_root(state) < 0)
		return -1;
	mkdirat(live, "cam", 0755);
	mkdirat(kept, "cam", 0755);
	mkdirat(kept, "cam/player", 0755);
	return 0;
}

#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static void take(void)
{
	const int places[STATION_PLACES] = {unit_folder, kept, live};

	snapshot_free(snapshot);
	snapshot = snapshot_read(places, "cam");
	assert_non_null(snapshot);
}

static bool holds(void)
{
	const int places[STATION_PLACES] = {unit_folder, kept, live};

	return snapshot_holds(snapshot, places);
}

UNIT_TEST(test_read)
{
	char settings[400];

	take();
	for (enum snapshot_part part = 0; part < SNAPSHOT_PARTS; part++) {
		assert_false(snapshot->files[part].there);
		assert_int_equal(snapshot->errors[part], 0);
	}
	assert_int_equal(snapshot_time(snapshot, ~0U), 0);

	mkdirat(unit_folder, "_failed", 0755);
	unit_put_text("_failed/bad.mp4", "");
	snprintf(settings, sizeof settings, "WATCH_DIR=%s\n", unit_path);
	unit_put_text("cam.conf", settings);
	unit_put_text("live/cam/heartbeat", FACT);
	unit_put_text("live/cam/segcheck", "half");
	unit_put_text("state/cam/desired", "up\n");
	unit_put_text("state/cam/player/cursor", "17\ta\t3\n");
	age("live/cam/segcheck");
	take();
	assert_string_equal(conf_get(&snapshot->conf, "WATCH_DIR"), unit_path);
	assert_int_equal(snapshot->failed, 1);
	assert_int_equal(snapshot->desired, STATION_UP);
	assert_string_equal(snapshot->cursor, "17\ta\t3\n");
	assert_int_equal(snapshot->facts.of[STAGE_HBWRITE].state, FACT_GOOD);
	assert_int_equal(snapshot->facts.of[STAGE_CAMWATCH].state, FACT_ABSENT);
	assert_int_equal(snapshot->facts.of[STAGE_SEGCHECK].state, FACT_CORRUPT);
	assert_true(snapshot_time(snapshot, 1U << STAGE_SEGCHECK) ==
		INT64_C(1700000000000000005));
	assert_true(snapshot_time(snapshot, ~0U) > INT64_C(1700000000000000005));
	assert_true(snapshot_time(snapshot, 1U << STAGE_CAMWATCH) == 0);
}

UNIT_TEST(test_errors)
{
	const int hidden[STATION_PLACES] = {-EACCES, -EACCES, -EACCES};

	unit_put("cam.conf", "A=\0\n", 4);
	unit_put_text("state/cam/desired", "sideways\n");
	unit_put_text("state/cam/player/cursor", "x\n");
	take();
	assert_int_equal(snapshot->errors[PART_SETTINGS], EBADMSG);
	assert_int_equal(snapshot->errors[PART_DESIRED], EINVAL);
	assert_int_equal(snapshot->errors[PART_CURSOR], EBADMSG);
	assert_false(holds());
	snapshot_free(snapshot);
	snapshot = snapshot_read(hidden, "cam");
	assert_int_equal(snapshot->errors[PART_SETTINGS], EACCES);
	assert_int_equal(snapshot->errors[PART_DESIRED], EACCES);
	assert_int_equal(snapshot->errors[PART_CURSOR], EACCES);
	assert_int_equal(snapshot->errors[STAGE_HBWRITE], EIO);
}

static bool settled(void)
{
	take();
	return holds();
}

/* Takes snapshots until one is later than what it is of. */
static void settle(void)
{
	for (int i = 0; i < UNIT_SECONDS * 100 && !settled(); i++)
		poll(NULL, 0, 10);
	assert_true(holds());
}

/* It holds while nothing changes, and any change ends that, at once. */
UNIT_TEST(test_holds)
{
	char settings[400];

	snprintf(settings, sizeof settings, "WATCH_DIR=%s\n", unit_path);
	unit_put_text("cam.conf", settings);
	mkdirat(unit_folder, "_failed", 0755);
	settle();
	static const char *const files[] = {"live/cam/heartbeat", "live/cam/camwatch",
		"live/cam/segcheck", "live/cam/rtmppush", "live/cam/stationrun",
		"live/cam/segunpack", "live/cam/segpack", "state/cam/desired",
		"state/cam/player/cursor", "_failed/bad.mp4"};
	for (size_t i = 0; i < UNIT_COUNT(files); i++) {
		unit_put_text(files[i], i == 7 ? "up" : i == 8 ? "1\ta\t5\n" : FACT);
		assert_false(holds());
		settle();
		unlinkat(unit_folder, files[i], 0);
		assert_false(holds());
		settle();
	}
	unit_put_text("cam.conf", "NAME=x\n");
	assert_false(holds());
}

/* Of the same size, at the same time, in the same place: not taken for unchanged. */
UNIT_TEST(test_same_tick)
{
	for (int i = 0; i < 200; i++) {
		int64_t began = clock_now();

		unit_put_text("live/cam/heartbeat", i % 2 ? "n: 1\n" : "n: 2\n");
		take();
		const char *before = fact_get(&snapshot->facts.of[STAGE_HBWRITE], "n");
		assert_string_equal(before, i % 2 ? "1" : "2");
		/* Unless we had to wait so long that it is old by now. */
		assert_true(!holds() || clock_now() - began > 40);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ROOT(test_read),
		IN_ROOT(test_errors),
		IN_ROOT(test_holds),
		IN_ROOT(test_same_tick),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
