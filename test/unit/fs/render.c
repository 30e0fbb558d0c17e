/* render: each file of the tree, from facts as text, as it is to be. */
#include "unit_view.h"

#include "tree.h"

static const struct unit_view full = {
	.heartbeat = BEAT("9990"),
	.camwatch = CAMERA,
	.segcut = CUT,
	.playlist = LIST,
	.segcheck = HEAD("9999") "good: 5\n",
	.rtmppush = PUSH,
	.stationrun = HEAD("9999") "state: running\n",
	.settings = "NAME=Door\nWATCH_DIR=/srv/a\nRTMP_URL=rtmp://h/a/key\nLATE=keep\n"
		    "LATE=delete\nPASSWORD=p\nAFTER_PLAY=move:/rtmp://h/a/key\n"
		    "rtmp://h/a/key?token=x\nRTMP_URL rtmp://h/a/key=5\n",
	.cursor = "17\tday/a.mp4\t1500\n",
	.desired = STATION_UP,
	.failed = 4,
};
static const struct unit_view nothing;

/* What is in a file, for a station of which all is known, and for one without a trace. */
static const struct {
	const char *name, *full, *nothing;
} files[] = {
	{"status",
		"station: cam\nname: Door\ndesired: up\nstate: playing\n"
		"stream: connected\nheartbeat: 2026-01-02T03:04:05Z\nage: 10\n"
		"now: day/b.mp4\nposition: 61.234\nlag: 7\nqueue: 3\nfailed: 4\n"
		"played: 17\nreconnects: 1\nerror: -\nheld: -\npicture: clip\nsound: "
		"clip\nfiller: 5\nsource: connected\nclip: d/x.mp4\nrecorded: 4.500\n"
		"clips: 6\nlost: 2\nentry: 4\nentries: 9\nround: 2\nmissing: 1\n"
		"next: c.mp4\ndesired_by: person\n",
		"station: cam\nname: cam\ndesired: -\nstate: stopped\n"
		"stream: disconnected\nheartbeat: -\nage: -\nnow: -\nposition: -\nlag: "
		"-\n"
		"queue: -\nfailed: 0\nplayed: -\nreconnects: -\nerror: -\nheld: "
		"-\npicture: -\n"
		"sound: -\nfiller: -\nsource: -\nclip: -\nrecorded: -\nclips: -\nlost: "
		"-\nentry: -\nentries: -\nround: -\nmissing: -\nnext: -\ndesired_by: "
		"-\n"},
	{"status.json",
		"{\"station\":\"cam\",\"name\":\"Door\",\"desired\":\"up\","
		"\"state\":\"playing\",\"stream\":\"connected\","
		"\"heartbeat\":\"2026-01-02T03:04:05Z\",\"age\":10,"
		"\"now\":\"day/b.mp4\",\"position\":61.234,\"lag\":7,\"queue\":3,"
		"\"failed\":4,\"played\":17,\"reconnects\":1,\"error\":null,\"held\":"
		"null,\"picture\":\"clip\",\"sound\":\"clip\",\"filler\":5,"
		"\"source\":\"connected\",\"clip\":\"d/x.mp4\",\"recorded\":4.5,"
		"\"clips\":6,\"lost\":2,\"entry\":4,\"entries\":9,\"round\":2,"
		"\"missing\":1,\"next\":\"c.mp4\",\"desired_by\":\"person\"}\n",
		"{\"station\":\"cam\",\"name\":\"cam\",\"desired\":null,"
		"\"state\":\"stopped\",\"stream\":\"disconnected\",\"heartbeat\":null,"
		"\"age\":null,\"now\":null,\"position\":null,\"lag\":null,"
		"\"queue\":null,\"failed\":0,\"played\":null,\"reconnects\":null,"
		"\"error\":null,\"held\":null,\"picture\":null,\"sound\":null,"
		"\"filler\":null,\"source\":null,\"clip\":null,"
		"\"recorded\":null,\"clips\":null,\"lost\":null,\"entry\":null,"
		"\"entries\":null,\"round\":null,\"missing\":null,\"next\":null,"
		"\"desired_by\":null}\n"},
	{"state", "playing\n", "stopped\n"}, {"heartbeat", BEAT("9990"), "-\n"},
	{"age", "10\n", "-\n"}, {"now", "day/b.mp4\n", "-\n"}, {"next", "c.mp4\n", "-\n"},
	{"queue", "3\n", "-\n"}, {"cursor", "17\tday/a.mp4\t1500\n", "-\n"},
	{"desired", "up\n", "-\n"},
	{"config",
		"NAME=Door\nWATCH_DIR=/srv/a\nRTMP_URL=***\nLATE=delete\nPASSWORD=***\n"
		"AFTER_PLAY=***\n",
		"-\n"},
	{"camwatch", CAMERA, "-\n"}, {"segcheck", HEAD("9999") "good: 5\n", "-\n"},
	{"rtmppush", PUSH, "-\n"}, {"stationrun", HEAD("9999") "state: running\n", "-\n"},
	{"segunpack", "-\n", "-\n"}, {"segpack", "-\n", "-\n"}, {"playlist", LIST, "-\n"},
	{"segcut", CUT, "-\n"},
	{"version", "streamhub " STREAMHUB_VERSION "\n",
		"streamhub " STREAMHUB_VERSION "\n"},
	{"summary",
		"STATION  STATE    DESIRED  PICTURE  SOUND  AGE  LAG  QUEUE  FAILED  "
		"PLAYED  NAME  "
		"ERROR\n"
		"cam      playing  up       clip     clip   10s  7s   3      4       17  "
		"    Door  -\n",
		"STATION  STATE    DESIRED  PICTURE  SOUND  AGE  LAG  QUEUE  FAILED  "
		"PLAYED  NAME  "
		"ERROR\n"
		"cam      stopped  -        -        -      -    -    -      0       -   "
		"    cam   -\n"},
	{"metrics", NULL, NULL}, /* below */
};

/* The text of that file; to be freed. */
static char *render(
	const struct tree_row *row, const struct snapshot *const *list, size_t count)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	row->render(out, row->name, list, count);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

static void check(
	const struct tree_row *row, const struct unit_view *view, const char *wanted)
{
	struct snapshot *snapshot = unit_snapshot("cam", view);
	const struct snapshot *const list[] = {snapshot};

	char *text = render(row, list, 1);
	if (strcmp(text, wanted) != 0)
		fail_msg("%s is:\n%s\nnot:\n%s", row->name, text, wanted);
	free(text);
	snapshot_free(snapshot);
}

static void check_rows(const struct tree_row *table, size_t count, size_t *seen)
{
	for (size_t i = 0; i < count; i++) {
		size_t f = 0;

		/* Read when they are shown: playlist-control.t, reconcile.t. */
		if (table[i].kind != TREE_TEXT || table[i].render == render_playlist ||
			table[i].render == render_control)
			continue;
		while (f < UNIT_COUNT(files) && strcmp(files[f].name, table[i].name) != 0)
			f++;
		if (f == UNIT_COUNT(files))
			fail_msg("nothing says what is in '%s'", table[i].name);
		(*seen)++;
		if (!files[f].full)
			continue;
		check(&table[i], &full, files[f].full);
		check(&table[i], &nothing, files[f].nothing);
	}
}

/* A row without its expected text fails here. */
UNIT_TEST(test_files)
{
	size_t seen = 0;

	check_rows(tree_root, tree_root_count, &seen);
	check_rows(tree_station, tree_station_count, &seen);
	assert_int_equal(seen, UNIT_COUNT(files));
}

static const struct tree_row *find(const char *name)
{
	return tree_find(&(struct tree_node){.row = tree_root}, name);
}

UNIT_TEST(test_metrics)
{
	static const char wanted[] =
		"# HELP streamhub_healthy Whether a station whose desired state is up is "
		"well.\n"
		"# TYPE streamhub_healthy gauge\n"
		"streamhub_healthy{station=\"a\"} 1\n"
		"# HELP streamhub_state 1 for the state that the station is in.\n"
		"# TYPE streamhub_state gauge\n"
		"streamhub_state{station=\"a\",state=\"playing\"} 1\n"
		"streamhub_state{station=\"b\",state=\"stopped\"} 1\n"
		"# HELP streamhub_picture 1 for the picture that is sent.\n"
		"# TYPE streamhub_picture gauge\n"
		"streamhub_picture{station=\"a\",picture=\"clip\"} 1\n"
		"# HELP streamhub_sound 1 for the sound that is sent.\n"
		"# TYPE streamhub_sound gauge\n"
		"streamhub_sound{station=\"a\",sound=\"clip\"} 1\n"
		"# HELP streamhub_stream_connected Whether there is an RTMP session.\n"
		"# TYPE streamhub_stream_connected gauge\n"
		"streamhub_stream_connected{station=\"a\"} 1\n"
		"streamhub_stream_connected{station=\"b\"} 0\n"
		"# HELP streamhub_source_connected Whether its live source is "
		"connected.\n"
		"# TYPE streamhub_source_connected gauge\n"
		"streamhub_source_connected{station=\"a\"} 1\n"
		"# HELP streamhub_heartbeat_age_seconds Age of the heartbeat.\n"
		"# TYPE streamhub_heartbeat_age_seconds gauge\n"
		"streamhub_heartbeat_age_seconds{station=\"a\"} 10\n"
		"# HELP streamhub_lag_seconds How far it plays behind the newest clip.\n"
		"# TYPE streamhub_lag_seconds gauge\n"
		"streamhub_lag_seconds{station=\"a\"} 7\n"
		"# HELP streamhub_queue_clips Clips that wait to be played.\n"
		"# TYPE streamhub_queue_clips gauge\n"
		"streamhub_queue_clips{station=\"a\"} 3\n"
		"# HELP streamhub_failed_clips Files in the quarantine.\n"
		"# TYPE streamhub_failed_clips gauge\n"
		"streamhub_failed_clips{station=\"a\"} 4\n"
		"streamhub_failed_clips{station=\"b\"} 0\n"
		"# HELP streamhub_played_clips Clips played since the player started.\n"
		"# TYPE streamhub_played_clips gauge\n"
		"streamhub_played_clips{station=\"a\"} 17\n"
		"# HELP streamhub_filler_seconds Filler sent since the player started.\n"
		"# TYPE streamhub_filler_seconds gauge\n"
		"streamhub_filler_seconds{station=\"a\"} 5\n"
		"# HELP streamhub_recorded_clips Clips recorded since the recorder "
		"started.\n"
		"# TYPE streamhub_recorded_clips gauge\n"
		"streamhub_recorded_clips{station=\"a\"} 6\n"
		"# HELP streamhub_lost_seconds Time without a clip since the recorder "
		"started.\n"
		"# TYPE streamhub_lost_seconds gauge\n"
		"streamhub_lost_seconds{station=\"a\"} 2\n"
		"# HELP streamhub_list_entries Entries of its list.\n"
		"# TYPE streamhub_list_entries gauge\n"
		"streamhub_list_entries{station=\"a\"} 9\n"
		"# HELP streamhub_list_entry Number of the entry that plays.\n"
		"# TYPE streamhub_list_entry gauge\n"
		"streamhub_list_entry{station=\"a\"} 4\n"
		"# HELP streamhub_list_missing Entries just left out as missing.\n"
		"# TYPE streamhub_list_missing gauge\n"
		"streamhub_list_missing{station=\"a\"} 1\n"
		"# HELP streamhub_list_round Round of its list.\n"
		"# TYPE streamhub_list_round gauge\n"
		"streamhub_list_round{station=\"a\"} 2\n"
		"# HELP streamhub_reconnects Sessions after the first one.\n"
		"# TYPE streamhub_reconnects gauge\n"
		"streamhub_reconnects{station=\"a\"} 1\n"
		"# EOF\n";
	struct snapshot *a = unit_snapshot("a", &full), *b = unit_snapshot("b", &nothing);
	const struct snapshot *const list[] = {a, b};

	char *text = render(find("metrics"), list, 2);
	assert_string_equal(text, wanted);
	free(text);
	snapshot_free(a);
	snapshot_free(b);
}

/* Columns stay columns, whatever is in them. */
UNIT_TEST(test_summary)
{
	static const struct unit_view odd = {.heartbeat = "garbage",
		.settings = "NAME='caf\xc3\xa9 a name that is far longer than any column "
			    "has room for'\n"};
	struct snapshot *a = unit_snapshot("a", &odd);
	struct snapshot *b = unit_snapshot("camera-2", &full);
	const struct snapshot *const list[] = {a, b};

	char *text = render(find("summary"), list, 2);
	assert_string_equal(text,
		"STATION   STATE    DESIRED  PICTURE  SOUND  AGE  LAG  QUEUE  FAILED  "
		"PLAYED  "
		"NAME                                            ERROR\n"
		"a         error    -        -        -      -    -    -      0       -  "
		"     "
		"caf\xc3\xa9 a name that is far longer than any col...  not a whole "
		"heartbeat\n"
		"camera-2  playing  up       clip     clip   10s  7s   3      4       17 "
		"     "
		"Door                                            -\n");
	free(text);
	text = render(find("summary"), NULL, 0);
	assert_string_equal(text,
		"STATION  STATE  DESIRED  PICTURE  SOUND  AGE  LAG  QUEUE  FAILED  "
		"PLAYED  NAME  "
		"ERROR\n");
	free(text);
	snapshot_free(a);
	snapshot_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_summary),
	};

	tree_begin();
	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
