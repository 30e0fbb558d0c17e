/* status: the states of a station, who is wanted, who is healthy. */
#include "unit_view.h"

#include "station/status.h"

#define UP .desired = STATION_UP
#define DOWN .desired = STATION_DOWN
#define QUIET HEAD("9999") "waiting: 0\nquiet: 700\n"
#define PUSHING(state) HEAD("9999") "queue: 0\nstate: " state "\nstream: connected\n"

#define RUN(when, state) HEAD(when) "state: " state "\nerror: no folder\n"

static const struct {
	struct unit_view view;
	const char *state, *stream, *error;
	bool wanted, healthy;
} rows[] = {
	/* Nothing is known: nobody started it; but somebody wants it. */
	{{0}, "stopped", "disconnected", NULL, false, false},
	{{UP}, "stale", "disconnected", "no heartbeat", true, false},
	{{DOWN}, "stopped", "disconnected", NULL, false, false},
	{{.settings = "NAME=x\n"}, "stopped", "disconnected", NULL, false, false},
	/* All is well. */
	{{.heartbeat = BEAT("9990"), .camwatch = CAMERA, .rtmppush = PUSH, UP}, "playing",
		"connected", NULL, true, true},
	{{.heartbeat = BEAT("9990"), .camwatch = CAMERA, .rtmppush = PUSH}, "playing",
		"connected", NULL, true, true},
	{{.heartbeat = BEAT("9990"), .camwatch = CAMERA, .rtmppush = PUSH, DOWN},
		"playing", "connected", NULL, false, false},
	{{.heartbeat = BEAT("9990"),
		 .camwatch = CAMERA,
		 .rtmppush = PUSH,
		 .settings = "ACTIVE=no\n"},
		"playing", "connected", NULL, false, false},
	{{.heartbeat = BEAT("9990"),
		 .camwatch = CAMERA,
		 .rtmppush = PUSH,
		 .settings = "ACTIVE=no\n",
		 UP},
		"playing", "connected", NULL, true, true},
	/* A source is recorded only, or relayed; the camera's absence is not the
	   source's. */
	{{.heartbeat = BEAT("9990"), .segcut = CUT, UP}, "recording", "disconnected",
		NULL, true, true},
	{{.heartbeat = BEAT("9990"), .segcut = CUT, .rtmppush = PUSH, UP}, "playing",
		"connected", NULL, true, true},
	{{.heartbeat = BEAT("9990"),
		 .segcut = HEAD("9999") "state: reconnecting\nsource: disconnected\n"
					"quiet: 20\nwaiting: 0\nsource_error: gone\n",
		 UP},
		"reconnecting", "disconnected", "gone", true, true},
	{{.heartbeat = BEAT("9990"),
		 .segcut = HEAD("9999") "state: reconnecting\nsource: disconnected\n"
					"quiet: 700\nwaiting: 0\n",
		 UP},
		"silent", "disconnected", "the source sends nothing", true, false},
	{{.heartbeat = BEAT("9990"),
		 .segcut = HEAD("9999") "state: recording\nquiet: 0\nwaiting: 0\n"
					"error: the folder cannot be written\n",
		 UP},
		"error", "disconnected", "the folder cannot be written", true, false},
	/* The player says what it does, else the heartbeat, else it is guessed. */
	{{.heartbeat = BEAT("9990"), .rtmppush = PUSHING("waiting")}, "waiting",
		"connected", NULL, true, true},
	{{.heartbeat = BEAT("9990"), .rtmppush = PUSHING("starting")}, "starting",
		"connected", NULL, true, true},
	{{.heartbeat = BEAT("9990"),
		 .rtmppush = HEAD("9999") "queue: 1\nstate: reconnecting\nstream: "
					  "disconnected\nerror: refused\n"},
		"reconnecting", "disconnected", "refused", true, true},
	{{.heartbeat = BEAT("9990"), .rtmppush = PUSHING("error")}, "error", "connected",
		NULL, true, false},
	{{.heartbeat = BEAT("9990"), .rtmppush = PUSHING("stopped")}, "stopped",
		"connected", NULL, false, false},
	{{.heartbeat = BEAT("9990"), .rtmppush = PUSHING("stopped"), UP}, "starting",
		"connected", NULL, true, true},
	{{.heartbeat = BEAT("9990"), .rtmppush = PUSHING("stopped"), DOWN}, "stopped",
		"connected", NULL, false, false},
	{{.heartbeat = BEAT("9990"), .rtmppush = PUSHING("dancing")}, "playing",
		"connected", NULL, true, true},
	{{.heartbeat = HEAD("9990") "state: waiting\nlast: \n"}, "waiting",
		"disconnected", NULL, true, true},
	{{.heartbeat = BEAT("9990")}, "playing", "disconnected", NULL, true, true},
	{{.heartbeat = BEAT("9990"), .camwatch = HEAD("9999") "waiting: 0\nquiet: 1\n"},
		"waiting", "disconnected", NULL, true, true},
	{{.camwatch = HEAD("9999") "waiting: 0\nquiet: 1\n"}, "starting", "disconnected",
		NULL, true, true},
	/* The verdicts. */
	{{.heartbeat = BEAT("9000"), .camwatch = CAMERA, .rtmppush = PUSH}, "stale",
		"connected", "heartbeat too old", true, false},
	{{.heartbeat = BEAT("9000"),
		 .camwatch = CAMERA,
		 .rtmppush = HEAD("9999") "queue: 1\nstate: reconnecting\nstream: "
					  "disconnected\nerror: refused\n"},
		"stale", "disconnected", "heartbeat too old: refused", true, false},
	{{.heartbeat = BEAT("9000"), DOWN}, "stopped", "disconnected", NULL, false,
		false},
	{{.heartbeat = BEAT("9000"), .settings = "STALE_AFTER=2000\n"}, "playing",
		"disconnected", NULL, true, true},
	{{.heartbeat = BEAT("9990"),
		 .camwatch = CAMERA,
		 .rtmppush = HEAD("1") "queue: 0\nstream: connected\n"},
		"stale", "disconnected", "no pulse of rtmppush", true, false},
	{{.heartbeat = BEAT("9000"), .camwatch = QUIET}, "silent", "disconnected",
		"the camera sends nothing", true, false},
	{{.heartbeat = BEAT("9000"),
		 .camwatch = QUIET,
		 .settings = "SILENT_AFTER=1000\n"},
		"waiting", "disconnected", NULL, true, true},
	{{.heartbeat = "garbage"}, "error", "disconnected", "not a whole heartbeat", true,
		false},
	{{.heartbeat = BEAT("10001")}, "error", "disconnected", "of the future", true,
		false},
	{{.heartbeat = BEAT("9990"), .camwatch = "x\n", DOWN}, "error", "disconnected",
		"fact of camwatch", false, false},
	/* All is refused; what the player says is not why. */
	{{.heartbeat = BEAT("9990"),
		 .camwatch = CAMERA,
		 .segcheck = HEAD("9999") "good: 0\nrefused: 3\nrefused_why: hevc\n",
		 .rtmppush = HEAD("9999") "queue: 0\nstate: waiting\nerror: refused\n",
		 UP},
		"error", "disconnected", "3 of 3 clips refused: hevc", true, false},
	{{.heartbeat = BEAT("9990"),
		 .camwatch = CAMERA "error: 'drop' is gone\n",
		 .rtmppush = HEAD("9999") "queue: 0\nstate: waiting\n",
		 UP},
		"error", "disconnected", "'drop' is gone", true, false},
	/* Stopped in order: the heartbeat stays, the facts of the tools do not. */
	{{.heartbeat = BEAT("9990"), DOWN}, "stopped", "disconnected", NULL, false,
		false},
	/* What runs the tools says why it does not. */
	{{.heartbeat = BEAT("9990"),
		 .rtmppush = PUSH,
		 .stationrun = RUN("9999", "running"),
		 UP},
		"playing", "connected", NULL, true, true},
	{{.heartbeat = BEAT("9990"),
		 .rtmppush = PUSH,
		 .stationrun = RUN("9999", "waiting"),
		 UP},
		"error", "connected", "no folder", true, false},
	{{.stationrun = RUN("9999", "waiting")}, "error", "disconnected", "no folder",
		true, false},
	{{.heartbeat = BEAT("9990"),
		 .rtmppush = PUSH,
		 .stationrun = RUN("9000", "waiting"),
		 UP},
		"playing", "connected", NULL, true, true},
	{{.heartbeat = BEAT("9990"), .rtmppush = PUSH, .stationrun = "noise", UP},
		"playing", "connected", NULL, true, true},
	/* Settings that are broken come first. */
	{{.heartbeat = BEAT("9990"), .settings = "WATCH_DIR=relative\n"}, "error",
		"disconnected", "settings: line 1: WATCH_DIR: expected an absolute path",
		true, false},
	{{.heartbeat = BEAT("9000"), .settings = "STALE_AFTER=soon\n"}, "error",
		"disconnected",
		"settings: line 1: STALE_AFTER: expected seconds, 1 to 31622400", true,
		false},
};

UNIT_TEST(test_states)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct snapshot *snapshot = unit_snapshot("cam", &rows[i].view);
		struct status status;

		status_of(&status, snapshot);
		const char *error = status_text(&status, status_find("error"));
		if (strcmp(status.state, rows[i].state) != 0 ||
			strcmp(status.stream, rows[i].stream) != 0 ||
			!error != !rows[i].error ||
			(error && strcmp(error, rows[i].error) != 0) ||
			status.desired_up != rows[i].wanted ||
			status.healthy != rows[i].healthy)
			fail_msg("row %zu: %s, %s, %s, wanted %d, healthy %d", i,
				status.state, status.stream, error ? error : "-",
				status.desired_up, status.healthy);
		snapshot_free(snapshot);
	}
}

/* What could not be read. */
UNIT_TEST(test_errors)
{
	static const struct {
		enum snapshot_part part;
		int error;
		const char *text, *state;
	} errors[] = {
		{PART_SETTINGS, EIO, "settings: Input/output error", "error"},
		/* The settings are in order for whoever may read them. */
		{PART_SETTINGS, EACCES, "settings: Permission denied", "playing"},
		{PART_DESIRED, EINVAL, "desired: neither up nor down", "error"},
		{PART_DESIRED, EIO, "desired: Input/output error", "error"},
	};
	static const struct unit_view view = {
		.heartbeat = BEAT("9990"), .camwatch = CAMERA, .rtmppush = PUSH};

	for (size_t i = 0; i < UNIT_COUNT(errors); i++) {
		struct snapshot *snapshot = unit_snapshot("cam", &view);
		struct status status;

		snapshot->errors[errors[i].part] = errors[i].error;
		status_of(&status, snapshot);
		assert_string_equal(status.state, errors[i].state);
		assert_string_equal(status.error, errors[i].text);
		assert_true(status.desired_up && !status.healthy);
		snapshot_free(snapshot);
	}
}

static void check_shown(const char *key, const struct unit_view *view, const char *wanted)
{
	struct snapshot *snapshot = unit_snapshot("cam", view);
	struct status status;
	char shown[64];

	status_of(&status, snapshot);
	status_show(shown, sizeof shown, &status, status_find(key));
	assert_string_equal(shown, wanted);
	snapshot_free(snapshot);
}

UNIT_TEST(test_values)
{
	static const struct unit_view none;

	for (size_t i = 0; i < status_field_count; i++) {
		const char *key = status_fields[i].key;
		const char *known =
			strcmp(key, "station") == 0 || strcmp(key, "name") == 0 ? "cam"
			: strcmp(key, "state") == 0  ? "stopped"
			: strcmp(key, "stream") == 0 ? "disconnected"
			: strcmp(key, "failed") == 0 ? "0"
						     : "-";
		check_shown(key, &none, known);
	}
	check_shown("name", &(struct unit_view){.settings = "NAME=\n"}, "cam");
	check_shown("name", &(struct unit_view){.settings = "NAME='a\\\x1b\xc3\xa9'\n"},
		"a\\x5c\\x1b\xc3\xa9");
	check_shown("age", &(struct unit_view){.heartbeat = BEAT("9990.001")}, "9");
	check_shown("age", &(struct unit_view){.heartbeat = BEAT("10001")}, "-");
	check_shown("position", &(struct unit_view){.rtmppush = PUSH}, "61.234");
	check_shown("queue", &(struct unit_view){.camwatch = CAMERA}, "1");
	check_shown("queue", &(struct unit_view){.rtmppush = PUSH}, "2");
	check_shown(
		"queue", &(struct unit_view){.camwatch = CAMERA, .rtmppush = PUSH}, "3");
	check_shown("failed", &(struct unit_view){.failed = -1}, "-");
	check_shown("name", &(struct unit_view){.settings = "NAME=rtmp:\\/\\/h/a/key\n"},
		"cam");
	/* A player that died plays nothing, but what it had played remains. */
	check_shown("lag", &(struct unit_view){.rtmppush = HEAD("1") "lag: 7\n"}, "-");
	check_shown(
		"queue", &(struct unit_view){.rtmppush = HEAD("1") "queue: 7\n"}, "-");
	check_shown("now", &(struct unit_view){.rtmppush = HEAD("1") "now: x\n"}, "-");
	check_shown(
		"played", &(struct unit_view){.rtmppush = HEAD("1") "played: 4\n"}, "4");
	/* Escaped by who wrote it, or not. */
	check_shown("now", &(struct unit_view){.rtmppush = HEAD("9999") "now: a\\x0ab\n"},
		"a\\x0ab");
	check_shown("now", &(struct unit_view){.rtmppush = HEAD("9999") "now: a\x1b[m\n"},
		"a\\x1b[m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
