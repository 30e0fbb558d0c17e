/* stage: the table names only settings and words that there are, and commands of it. */
#include "unit.h"

#include "station/settings.h"
#include "station/stage.h"

static const struct stage_paths paths = {
	"/cursor", "/live", "/beat", "/failed", "/place"};

/* The command as one line; "" where the stage is off. */
static void line_of(char *out, size_t size, enum stage stage, const char *text)
{
	const char *argv[STAGE_WORDS];
	struct conf conf;

	conf_parse(&conf, text, strlen(text));
	*out = '\0';
	if (stage_is_on(stage, &conf)) {
		stage_command(argv, stage, &conf, &paths);
		for (size_t n = 0; argv[n]; n++)
			snprintf(out + strlen(out), size - strlen(out), "%s%s",
				n > 0 ? " " : "", argv[n]);
	}
	conf_free(&conf);
}

UNIT_TEST(test_words)
{
	for (enum stage stage = 0; stage < STAGE_FACTS; stage++) {
		const struct stage_row *row = &stage_rows[stage];

		assert_non_null(row->name);
		assert_non_null(row->fact);
		for (size_t other = 0; other < stage; other++) {
			assert_string_not_equal(row->name, stage_rows[other].name);
			assert_string_not_equal(row->fact, stage_rows[other].fact);
		}
		for (const char *const *word = row->options; *word; word++)
			if (**word == '$' && settings_find(*word + 1) == SETTINGS_KEYS)
				fail_msg("%s: no setting %s", row->name, *word);
		if (stage >= STAGES && *row->options)
			fail_msg("%s is in no pipeline", row->name);
	}
}

#define source "WATCH_DIR=/d\nSOURCE_URL=rtsp://h/1\n"
#define listed "PLAYLIST=/l.m3u\nRTMP_URL=rtmp://h/a/k\nUNPACK=yes\n"
#define relayed source "RTMP_URL=rtmp://h/a/k\n"

UNIT_TEST(test_commands)
{
	static const char all[] =
		"WATCH_DIR=/d\nUNPACK=yes\nLATE=delete\n"
		"AFTER_PLAY=archive:/store\nMAX_LAG=7\nSTAMPS=continue\n";
	static const struct {
		enum stage stage;
		const char *settings, *command;
	} rows[] = {
		{STAGE_CAMWATCH, all,
			"camwatch -a 30 -i 5 -n 60 -l 7 -L keep -A yes -c /cursor -s "
			"/live -- /d"},
		{STAGE_CAMWATCH, "WATCH_DIR=-d\nMIN_FILE_AGE=9\n",
			"camwatch -a 9 -i 5 -n 60 -l 300 -L delete -A no -c /cursor -s "
			"/live -- -d"},
		{STAGE_SEGUNPACK, all,
			"segunpack --dir /d -t played -q /failed -s /live"},
		{STAGE_SEGUNPACK, "WATCH_DIR=/d\n", ""},
		{STAGE_SEGCHECK, all,
			"segcheck --dir /d -q /failed -p rtmp --audio profile -r 3 -R "
			"300 --max-clip "
			"3600 -c /cursor -s /live"},
		{STAGE_RTMPPUSH, all,
			"rtmppush -t keep -c /cursor --dir /d -l 7 -L keep -q /failed "
			"--max-clip 3600 -p rtmp --audio profile --idle still "
			"--stamps continue --catch-up 0 -s /live"},
		{STAGE_RTMPPUSH,
			"WATCH_DIR=/d\nAFTER_PLAY=move:/m\nIDLE=/a.mp4\n"
			"AUDIO=silence\nCATCH_UP=2\n",
			"rtmppush -t move:/m -c /cursor --dir /d -l 300 -L keep -q "
			"/failed --max-clip 3600 -p rtmp --audio silence --idle /a.mp4 "
			"--stamps restart --catch-up 2 -s /live"},
		{STAGE_SEGPACK, all, "segpack -c /cursor --dir /d -s /live -- /store"},
		{STAGE_SEGPACK, "WATCH_DIR=/d\nAFTER_PLAY=keep\n", ""},
		{STAGE_HBWRITE, all, "hbwrite /beat"},
		{STAGE_SEGCUT, all, ""},
		{STAGE_SEGCUT, source "KEEP_FOR=7\n",
			"segcut -d 60 -k 7 -K 0 -s /live -- /d"},
		{STAGE_SEGCUT, relayed "SEGMENT_TIME=5\n",
			"segcut -d 5 -k 0 -K 0 -c /cursor -s /live -- /d"},
		{STAGE_PLAYLIST, all, ""},
		{STAGE_PLAYLIST, relayed, ""},
		{STAGE_PLAYLIST, listed,
			"playlist -c /cursor -p /place -s /live -- /l.m3u"},
		{STAGE_CAMWATCH, listed, ""},
		{STAGE_SEGUNPACK, listed, ""},
		{STAGE_SEGCHECK, listed,
			"segcheck -p rtmp --audio profile -r 3 --max-clip 0 -c /cursor "
			"-s /live -o given"},
		{STAGE_RTMPPUSH, listed,
			"rtmppush -t keep -c /cursor -l 0 -L keep --max-clip 0 -p rtmp "
			"--audio profile --idle still --stamps restart --catch-up 0 -s "
			"/live -o given"},
		{STAGE_CAMWATCH, relayed, ""},
		{STAGE_SEGUNPACK, relayed "UNPACK=yes\n", ""},
		{STAGE_SEGCHECK, source, ""},
		{STAGE_RTMPPUSH, source, ""},
		{STAGE_RTMPPUSH, relayed,
			"rtmppush -t keep -c /cursor --dir /d -l 300 -L keep -q /failed "
			"--max-clip 3600 -p rtmp --audio profile --idle still "
			"--stamps restart --catch-up 0 -s /live -o name"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		char line[512];

		line_of(line, sizeof line, rows[i].stage, rows[i].settings);
		if (strcmp(line, rows[i].command) != 0)
			fail_msg("row %zu: %s", i, line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_commands),
	};

	return cmocka_run_group_tests_name("stage", tests, NULL, NULL);
}
