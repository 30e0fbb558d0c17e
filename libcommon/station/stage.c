#include "station/stage.h"

#include <string.h>

#include "clip/afterplay.h"
#include "station/settings.h"

static bool unpacks(const struct conf *conf)
{
	return settings_yes(conf, SETTINGS_UNPACK);
}

static bool packs(const struct conf *conf)
{
	return stage_store(conf);
}

static bool always(const struct conf *conf)
{
	(void)conf;
	return true;
}

/* Nothing is deleted before segpack has packed it, and segpack deletes it then. */
static bool unless_packed(const struct conf *conf)
{
	return !packs(conf);
}

/* It gives back what a killed tool has set aside. */
static bool unless_kept(const struct conf *conf)
{
	return strcmp(settings_get(conf, SETTINGS_AFTER_PLAY), "keep") != 0;
}

const struct stage_row stage_rows[STAGE_FACTS] = {
	[STAGE_CAMWATCH] = {"camwatch", "camwatch",
		{"-a", "$MIN_FILE_AGE", "-i", "$SCAN_INTERVAL", "-n", "$HOLD_NEWEST",
			"-l", "$MAX_LAG", "-L", "@late", "-A", "$UNPACK", "-c", "@cursor",
			"-s", "@live"},
		{"$WATCH_DIR"}, .writes_drop = unless_kept, .has_pulse = true,
		.waiting = "waiting", .hinders = true, .is_shown = true},
	[STAGE_SEGUNPACK] = {"segunpack", "segunpack",
		{"--dir", "$WATCH_DIR", "-t", "played", "-q", "@quarantine", "-s",
			"@live"},
		.is_on = unpacks, .writes_drop = always, .has_pulse = true,
		.is_shown = true},
	[STAGE_SEGCHECK] = {"segcheck", "segcheck",
		{"--dir", "$WATCH_DIR", "-q", "@quarantine", "-p", "$PROFILE", "--audio",
			"$AUDIO", "-r", "$MAX_RETRIES", "-R", "$RETRY_AFTER",
			"--max-clip", "$MAX_CLIP", "-c", "@cursor", "-s", "@live"},
		.writes_drop = always, .has_pulse = true, .accepted = "good",
		.hinders = true, .is_shown = true},
	[STAGE_RTMPPUSH] = {"rtmppush", "rtmppush",
		{"-t", "@played", "-c", "@cursor", "--dir", "$WATCH_DIR", "-l",
			"$MAX_LAG", "-L", "@late", "-q", "@quarantine", "--max-clip",
			"$MAX_CLIP", "-p", "$PROFILE", "--audio", "$AUDIO", "--idle",
			"$IDLE", "--stamps", "$STAMPS", "--catch-up", "$CATCH_UP", "-s",
			"@live"},
		.writes_drop = unless_packed, .sends = true, .moves = true,
		.has_pulse = true, .waiting = "queue", .accepted = "played",
		.is_shown = true},
	[STAGE_SEGPACK] = {"segpack", "segpack",
		{"-c", "@cursor", "--dir", "$WATCH_DIR", "-s", "@live"}, {"@store"},
		.is_on = packs, .writes_drop = always, .packs = true, .has_pulse = true,
		.is_shown = true},
	[STAGE_HBWRITE] = {"hbwrite", "heartbeat", {"@heartbeat"}, .stays = true},
	[STAGE_STATIONRUN] = {"stationrun", "stationrun", .is_shown = true},
	[STAGE_ORCHESTRATE] = {"orchestrate", "orchestrate", .stays = true},
};

bool stage_is_on(enum stage stage, const struct conf *conf)
{
	return !stage_rows[stage].is_on || stage_rows[stage].is_on(conf);
}

const char *stage_store(const struct conf *conf)
{
	return afterplay_archive(settings_get(conf, SETTINGS_AFTER_PLAY));
}

static const char *late(const struct conf *conf)
{
	return afterplay_late(settings_get(conf, SETTINGS_AFTER_PLAY),
		settings_get(conf, SETTINGS_LATE));
}

bool stage_keeps_late(const struct conf *conf)
{
	return strcmp(late(conf), "keep") == 0;
}

bool stage_has(enum stage stage, const char *word)
{
	const char *const *option = stage_rows[stage].options;

	while (*option && strcmp(*option, word) != 0)
		option++;
	return *option;
}

/* The value of a word of the table. */
static const char *value_of(
	const char *word, const struct conf *conf, const struct stage_paths *paths)
{
	const char *played = settings_get(conf, SETTINGS_AFTER_PLAY);
	const struct {
		const char *word, *value;
	} own[] = {
		{"@cursor", paths->cursor},
		{"@live", paths->live},
		{"@heartbeat", paths->heartbeat},
		{"@quarantine", paths->quarantine},
		{"@late", late(conf)},
		{"@played", packs(conf) ? "keep" : played},
		{"@store", stage_store(conf)},
	};

	if (*word == '$')
		return settings_get(conf, settings_find(word + 1));
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(word, own[i].word) == 0)
			return own[i].value;
	return word;
}

void stage_command(const char *argv[STAGE_WORDS], enum stage stage,
	const struct conf *conf, const struct stage_paths *paths)
{
	const struct stage_row *row = &stage_rows[stage];
	size_t n = 0;

	argv[n++] = row->name;
	for (const char *const *word = row->options; *word; word++)
		argv[n++] = value_of(*word, conf, paths);
	if (row->operands[0])
		argv[n++] = "--";
	for (const char *const *word = row->operands; *word; word++)
		argv[n++] = value_of(*word, conf, paths);
	argv[n] = NULL;
}

void stage_facts_free(struct stage_facts *facts)
{
	for (size_t i = 0; i < STAGE_FACTS; i++)
		fact_free(&facts->of[i]);
}
