/* settings: each key with its default, what it takes and what not, and unknown keys. */
#include "unit.h"

#include "station/settings.h"

static const struct {
	const char *key, *fallback; /* NULL: it must be set */
	const char *good[8], *bad[12];
} rows[] = {
	{"NAME", "", {"x", "", "Front door", "\xc3\xa9"}, {0}},
	{"WATCH_DIR", NULL, {"/", "/srv/ftp/1", "/srv/..a", "/a../b", "/srv/\xc3\xb1"},
		{"", "srv", "./srv", "~/srv", "/srv\nUser=root", "/a\x7f", "/\t", "/..",
			"/srv/..", "/srv/../etc", "/..a/../b"}},
	{"RTMP_URL", NULL, {"rtmp://h/a/k", "rtmps://h:443/a/k?x=y", "rtmp://[::1]:1/a"},
		{"", "rtmp", "rtmp://", "rtmp://h", "rtmp:///a/k", "http://h/a/k",
			"RTMP://h/a", "rtmp://h/a k", "rtmp://h/a\tk", " rtmp://h/a"}},
	{"SOURCE_URL", "",
		{"", "rtsp://h/1", "rtmp://h/a/k", "https://h/a.m3u8", "srt://h:9",
			"tcp://h:1", "udp://:9"},
		{"rtsp", "rtsp://", "file:///etc/passwd", "RTSP://h/1", "rtsp://h/a b",
			"ftp://h/a", "/srv/a.mp4"}},
	{"SEGMENT_TIME", "60", {"1", "3600"}, {"", "0", "3601", "1m"}},
	{"KEEP_FOR", "0", {"0", "31622400"}, {"", "-1", "31622401", "7d"}},
	{"KEEP_BYTES", "0", {"0", "1000000000000000"},
		{"", "-1", "1000000000000001", "1G"}},
	{"PLAYLIST", "", {"", "/srv/l.m3u", "/srv/lib"},
		{"l.m3u", "./l", "/a/..", "/a\n"}},
	{"TZ", "",
		{"", "UTC", "Europe/Madrid", "America/Argentina/Buenos_Aires",
			"Etc/GMT-14"},
		{"/etc/localtime", ":UTC", "a b", "../x", "CET-1CEST,M3.5.0"}},
	{"MIN_FILE_AGE", "30", {"0", "1", "31622400"},
		{"", "-1", "31622401", "1.5", "1s", "x", " 1", "+1", "always"}},
	{"SCAN_INTERVAL", "5", {"1", "3600"}, {"", "0", "3601", "-5", "5 "}},
	{"HOLD_NEWEST", "60", {"always", "never", "0", "60", "31622400"},
		{"", "Always", "sometimes", "-1", "31622401", "always never", "al",
			"never:/x", "always:"}},
	{"MAX_LAG", "300", {"0", "31622400"}, {"", "-1", "31622401", "none"}},
	{"MAX_CLIP", "3600", {"0", "31622400"}, {"", "-1", "31622401", "1h"}},
	{"LATE", "delete", {"delete", "keep"}, {"", "move:/x", "DELETE", "delete keep"}},
	{"PROFILE", "rtmp", {"any", "rtmp", "youtube", "twitch"},
		{"", "facebook", "rtmp:", "an", "anyy"}},
	{"MAX_RETRIES", "3", {"1", "1000"}, {"", "0", "1001"}},
	{"RETRY_AFTER", "300", {"0", "2592000"}, {"", "-1", "2592001"}},
	{"AFTER_PLAY", "delete",
		{"delete", "keep", "move:/x", "move:/", "move:/a b:c", "archive:/x"},
		{"", "move", "move:", "move:x", "archive:x", "archive:", "archive",
			"delete:/x", "keep:", ":/x", "mov:/x"}},
	{"IDLE", "still", {"still", "nothing", "/srv/away.mp4", "/a b"},
		{"", "away.mp4", "./away.mp4", "Still", "/srv/../x", "/a\n"}},
	{"AUDIO", "profile", {"profile", "keep", "silence", "aac"},
		{"", "mp3", "/x", "no"}},
	{"STAMPS", "restart", {"restart", "continue"}, {"", "0", "restart:"}},
	{"CATCH_UP", "0", {"0", "1", "2"}, {"", "3", "-1", "1.5", "1%"}},
	{"STALE_AFTER", "180", {"1", "31622400"}, {"", "0", "31622401"}},
	{"SILENT_AFTER", "600", {"1", "31622400"}, {"", "0", "31622401"}},
	{"UNPACK", "no", {"yes", "no"}, {"", "YES", "1", "true", "y"}},
	{"ACTIVE", "yes", {"yes", "no"}, {"", "YES", "1", "true", "y"}},
	{"LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARN", "ERROR"}, {"", "info", "ALL"}},
};

static struct conf conf;

static void set(const char *key, const char *value)
{
	char text[256];

	conf_free(&conf);
	int n = snprintf(text, sizeof text, "%s='%s'\n", key, value);
	assert_int_equal(conf_parse(&conf, text, (size_t)n), 0);
}

UNIT_TEST(test_defaults)
{
	assert_int_equal(UNIT_COUNT(rows), SETTINGS_KEYS);
	conf_free(&conf);
	for (enum settings_key key = 0; key < SETTINGS_KEYS; key++) {
		const char *fallback = rows[key].fallback;

		assert_string_equal(settings_name(key), rows[key].key);
		assert_int_equal(settings_find(rows[key].key), key);
		assert_string_equal(settings_get(&conf, key), fallback ? fallback : "");
		assert_int_equal(settings_good(&conf, key), fallback != NULL);
	}
	assert_int_equal(settings_find("name"), SETTINGS_KEYS);
	assert_int_equal(settings_find(""), SETTINGS_KEYS);
}

UNIT_TEST(test_values)
{
	for (enum settings_key key = 0; key < SETTINGS_KEYS; key++) {
		for (size_t i = 0; rows[key].good[i]; i++) {
			set(rows[key].key, rows[key].good[i]);
			assert_string_equal(settings_get(&conf, key), rows[key].good[i]);
			if (!settings_good(&conf, key))
				fail_msg("%s refuses '%s'", rows[key].key,
					rows[key].good[i]);
		}
		for (size_t i = 0; rows[key].bad[i]; i++) {
			set(rows[key].key, rows[key].bad[i]);
			if (settings_good(&conf, key))
				fail_msg(
					"%s takes '%s'", rows[key].key, rows[key].bad[i]);
		}
	}
}

/* What is bad counts as the default. */
UNIT_TEST(test_typed)
{
	static const struct {
		const char *value;
		int64_t number;
	} numbers[] = {{"0", 0}, {"7", 7}, {"31622400", 31622400}, {"", 300}, {"-1", 300},
		{"31622401", 300}, {"5m", 300}};
	static const struct {
		const char *value;
		bool yes;
	} words[] = {{"yes", true}, {"no", false}, {"", true}, {"NO", true}, {"0", true}};

	for (size_t i = 0; i < UNIT_COUNT(numbers); i++) {
		set("MAX_LAG", numbers[i].value);
		assert_int_equal(
			settings_number(&conf, SETTINGS_MAX_LAG), numbers[i].number);
	}
	for (size_t i = 0; i < UNIT_COUNT(words); i++) {
		set("ACTIVE", words[i].value);
		assert_int_equal(settings_yes(&conf, SETTINGS_ACTIVE), words[i].yes);
	}
	set("HOLD_NEWEST", "60");
	assert_int_equal(settings_number(&conf, SETTINGS_HOLD_NEWEST), 60);
	set("HOLD_NEWEST", "never");
	assert_int_equal(settings_number(&conf, SETTINGS_HOLD_NEWEST), 0);
}

/* All faults, as "LINE KEY=VALUE expected|nearest" a line. */
static const char *faults(const char *text)
{
	static char all[1024];
	struct settings_fault fault;
	size_t at = 0, len = 0;

	conf_free(&conf);
	assert_int_equal(conf_parse(&conf, text, strlen(text)), 0);
	*all = '\0';
	while (settings_fault(&conf, &at, &fault)) {
		const char *more = fault.expected ? fault.expected : fault.nearest;
		len += (size_t)snprintf(all + len, sizeof all - len, "%u %s=%s %s\n",
			fault.line, fault.key, fault.value ? fault.value : "-",
			more ? more : "-");
		assert_true(len < sizeof all);
	}
	return all;
}

#define WHOLE "WATCH_DIR=/a\nRTMP_URL=rtmp://h/a/k\n"

UNIT_TEST(test_faults)
{
	assert_string_equal(faults(WHOLE), "");
	assert_string_equal(faults(""),
		"0 WATCH_DIR=- an absolute path\n"
		"0 RTMP_URL=- rtmp://HOST/APP/KEY or rtmps://HOST/APP/KEY\n");
	/* A source need not be sent, and only two settings delete its clips. */
	assert_string_equal(faults("WATCH_DIR=/a\nSOURCE_URL=rtsp://h/1\n"), "");
	assert_string_equal(
		faults("WATCH_DIR=/a\nSOURCE_URL=srt://h:1\nRTMP_URL=\n"), "");
	assert_string_equal(faults(WHOLE "SOURCE_URL=rtsp://h/1\nAFTER_PLAY=keep\n"), "");
	assert_string_equal(faults(WHOLE "SOURCE_URL=\nAFTER_PLAY=delete\n"), "");
	assert_string_equal(faults(WHOLE "SOURCE_URL=rtsp://h/1\nAFTER_PLAY=delete\n"),
		"4 AFTER_PLAY=delete keep: of a source's clips only KEEP_FOR and "
		"KEEP_BYTES "
		"delete\n");
	assert_string_equal(faults("WATCH_DIR=/a\nSOURCE_URL=rtsp://h/1\nRTMP_URL=x\n"),
		"3 RTMP_URL=x rtmp://HOST/APP/KEY or rtmps://HOST/APP/KEY\n");
	/* A list has no drop folder, and its clips stay where they are. */
	assert_string_equal(
		faults("PLAYLIST=/l\nRTMP_URL=rtmp://h/a/k\nWATCH_DIR=\n"), "");
	assert_string_equal(faults(WHOLE "PLAYLIST=/l\nMAX_LAG=5\nMAX_CLIP=7\n"
					 "AFTER_PLAY=move:/m\n"),
		"1 WATCH_DIR=/a nothing: a station with PLAYLIST has none\n"
		"4 MAX_LAG=5 0: no clip of a list is late\n"
		"6 AFTER_PLAY=move:/m keep: the clips of a list come again\n");
	assert_string_equal(faults(WHOLE "SOURCE_URL=srt://h:1\nPLAYLIST=/l\n"),
		"4 PLAYLIST=/l nothing: the station has a SOURCE_URL\n");
	assert_string_equal(faults(WHOLE "\nACTIVE=maybe\nMAX_LAG=1h\n"),
		"5 MAX_LAG=1h seconds, 0 to 31622400\n4 ACTIVE=maybe yes or no\n");
	/* The last one counts. */
	assert_string_equal(faults("LATE=x\n" WHOLE "LATE=keep\n"), "");
	assert_string_equal(faults("LATE=keep\n" WHOLE "LATE=x\nLATE=y\n"),
		"5 LATE=y delete or keep\n");
}

UNIT_TEST(test_nearest)
{
	static const char *const keys[][2] = {
		{"WATCHDIR", "WATCH_DIR"},
		{"watch_dir", "WATCH_DIR"},
		{"Name", "NAME"},
		{"SILENTAFTER", "SILENT_AFTER"},
		{"STALE_AFER", "STALE_AFTER"},
		{"RTMP_URI", "RTMP_URL"},
		{"MAX_LAGG", "MAX_LAG"},
		{"MAX_RETRY", "MAX_RETRIES"},
		{"export WATCH_DIR", "-"},
		{"PATH", "-"},
		{"LANG", "-"},
		{"X", "-"},
		{"\xc3\xa9", "-"},
	};
	static char text[CONF_SIZE_MAX], wanted[100];

	for (size_t i = 0; i < UNIT_COUNT(keys); i++) {
		snprintf(text, sizeof text, WHOLE "%s=1\n", keys[i][0]);
		snprintf(wanted, sizeof wanted, "3 %s=1 %s\n", keys[i][0], keys[i][1]);
		assert_string_equal(faults(text), wanted);
	}
	/* Several, some of them very long. */
	assert_string_equal(faults("NAMES=1\n" WHOLE "LATER=2\nLATE=x\n"),
		"5 LATE=x delete or keep\n1 NAMES=1 NAME\n4 LATER=2 LATE\n");
	memset(text, 'A', sizeof text);
	memcpy(text + sizeof text - 3, "=1", 3);
	conf_free(&conf);
	assert_int_equal(conf_parse(&conf, text, sizeof text - 1), 0);
	struct settings_fault fault;
	size_t at = SETTINGS_KEYS;
	assert_true(settings_fault(&conf, &at, &fault));
	assert_null(fault.nearest);
	assert_false(settings_fault(&conf, &at, &fault));
	conf_free(&conf);
}

/* As it is it lacks what must be set; with the # removed it sets all defaults. */
UNIT_TEST(test_template)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	settings_template(out);
	fclose(out);
	assert_string_equal(faults(text),
		"7 WATCH_DIR= an absolute path\n"
		"10 RTMP_URL= rtmp://HOST/APP/KEY or rtmps://HOST/APP/KEY\n");
	for (char *c = text; (c = strchr(c, '#')); c++)
		if (c[1] != ' ')
			*c = ' ';
	conf_free(&conf);
	assert_int_equal(conf_parse(&conf, text, len), 0);
	for (enum settings_key key = 0; key < SETTINGS_KEYS; key++) {
		assert_non_null(conf_get(&conf, settings_name(key)));
		assert_string_equal(conf_get(&conf, settings_name(key)),
			rows[key].fallback ? rows[key].fallback : "");
	}
	free(text);
}

UNIT_TEST(test_tell)
{
	static const struct {
		struct settings_fault fault;
		const char *text;
	} faults_of[] = {
		{{"LATE", "x", 3, "delete or keep", NULL},
			"line 3: LATE: expected delete or keep"},
		{{"WATCH_DIR", NULL, 0, "a path", NULL},
			"WATCH_DIR is not set: expected a path"},
		{{"LATER", "x", 4, NULL, "LATE"},
			"line 4: no tool knows LATER: is it LATE?"},
		{{"X", "", 5, NULL, NULL}, "line 5: no tool knows X"},
	};
	char text[100];

	for (size_t i = 0; i < UNIT_COUNT(faults_of); i++) {
		settings_tell(text, sizeof text, &faults_of[i].fault);
		assert_string_equal(text, faults_of[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_tell),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
