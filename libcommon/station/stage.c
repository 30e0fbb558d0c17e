#include "station/stage.h"

#include <string.h>

#include "clip/afterplay.h"
#include "station/settings.h"

static bool watches(const struct conf *conf)
{
	return settings_kind(conf) == SETTINGS_CAMERA;
}

static bool records(const struct conf *conf)
{
	return settings_kind(conf) == SETTINGS_SOURCE;
}

static bool lists(const struct conf *conf)
{
	return settings_kind(conf) == SETTINGS_LIST;
}

/* A source may only be recorded. */
static bool plays(const struct conf *conf)
{
	return !records(conf) || settings_has(conf, SETTINGS_RTMP_URL);
}

static bool unpacks(const struct conf *conf)
{
	return watches(conf) && settings_yes(conf, SETTINGS_UNPACK);
}

static bool packs(const struct conf *conf)
{
	return stage_store(conf);
}

/* The clips of a list are never moved. */
static bool unless_listed(const struct conf *conf)
{
	return !lists(conf);
}

/* Nothing is deleted before segpack has packed it, and segpack deletes it then. */
static bool unless_packed(const struct conf *conf)
{
	return !packs(conf) && !lists(conf);
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
		{"$WATCH_DIR"}, .begins = true, .is_on = watches,
		.writes_drop = unless_kept, .has_pulse = true,
		.quiet = "the camera sends nothing", .waiting = "waiting",
		.hinders = true, .is_shown = true},
	[STAGE_SEGCUT] = {"segcut", "segcut",
		{"-d", "$SEGMENT_TIME", "-k", "$KEEP_FOR", "-K", "$KEEP_BYTES", "-c",
			"@relayed", "-s", "@live"},
		{"$WATCH_DIR"}, .begins = true, .is_on = records,
		.writes_drop = unless_listed, .secret = "SOURCE_URL", .has_pulse = true,
		.quiet = "the source sends nothing", .waiting = "waiting",
		.hinders = true, .is_shown = true},
	[STAGE_PLAYLIST] = {"playlist", "playlist",
		{"-c", "@cursor", "-p", "@place", "-s", "@live"}, {"$PLAYLIST"},
		.begins = true, .is_on = lists, .has_pulse = true, .hinders = true,
		.is_shown = true},
	[STAGE_SEGUNPACK] = {"segunpack", "segunpack",
		{"--dir", "$WATCH_DIR", "-t", "played", "-q", "@quarantine", "-s",
			"@live"},
		.is_on = unpacks, .writes_drop = unless_listed, .has_pulse = true,
		.is_shown = true},
	[STAGE_SEGCHECK] = {"segcheck", "segcheck",
		{"--dir", "@dir", "-q", "@quarantine", "-p", "$PROFILE", "--audio",
			"$AUDIO", "-r", "$MAX_RETRIES", "-R", "@retry", "--max-clip",
			"$MAX_CLIP", "-c", "@cursor", "-s", "@live", "-o", "@given"},
		.is_on = plays, .writes_drop = unless_listed, .has_pulse = true,
		.accepted = "good", .hinders = true, .is_shown = true},
	[STAGE_RTMPPUSH] = {"rtmppush", "rtmppush",
		{"-t", "@played", "-c", "@cursor", "--dir", "@dir", "-l", "$MAX_LAG",
			"-L", "@late", "-q", "@quarantine", "--max-clip", "$MAX_CLIP",
			"-p", "$PROFILE", "--audio", "$AUDIO", "--idle", "$IDLE",
			"--stamps", "$STAMPS", "--catch-up", "$CATCH_UP", "-s", "@live",
			"-o", "@order"},
		.is_on = plays, .writes_drop = unless_packed, .secret = "RTMP_URL",
		.moves = true, .has_pulse = true, .waiting = "queue",
		.accepted = "played", .is_shown = true},
	[STAGE_SEGPACK] = {"segpack", "segpack",
		{"-c", "@cursor", "--dir", "$WATCH_DIR", "-s", "@live"}, {"@store"},
		.is_on = packs, .writes_drop = unless_listed, .packs = true,
		.has_pulse = true, .is_shown = true},
	[STAGE_HBWRITE] = {"hbwrite", "heartbeat", .operands = {"@heartbeat"},
		.stays = true},
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

/* The value of a word of the table; NULL: the station has none. *more is set if the unit
 * of the stage cannot know it. */
static const char *value_of(const char *word, const struct conf *conf,
	const struct stage_paths *paths, bool *more)
{
	const char *played = settings_get(conf, SETTINGS_AFTER_PLAY);
	bool given = lists(conf);
	const struct {
		const char *word, *value;
		bool more;
	} own[] = {
		{"@cursor", paths->cursor, false},
		{"@live", paths->live, false},
		{"@heartbeat", paths->heartbeat, false},
		{"@place", paths->place, false},
		{"@dir", given ? NULL : settings_get(conf, SETTINGS_WATCH_DIR), false},
		{"@quarantine", given ? NULL : paths->quarantine, false},
		{"@retry", given ? NULL : settings_get(conf, SETTINGS_RETRY_AFTER),
			false},
		/* Not what LATE says: the service would delete what was played and is
		 * kept. */
		{"@late", late(conf), stage_keeps_late(conf)},
		{"@played", packs(conf) ? "keep" : played, records(conf)},
		{"@store", stage_store(conf), false},
		/* Clips that nobody plays need not wait for the player. */
		{"@relayed", records(conf) && plays(conf) ? paths->cursor : NULL, true},
		{"@order",
			records(conf)   ? "name"
				: given ? "given"
					: NULL,
			true},
		{"@given", given ? "given" : NULL, true},
	};

	*more = false;
	if (*word == '$')
		return settings_get(conf, settings_find(word + 1));
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(word, own[i].word) == 0) {
			*more = own[i].more;
			return own[i].value;
		}
	return word;
}

void stage_command(const char *argv[STAGE_WORDS], enum stage stage,
	const struct conf *conf, const struct stage_paths *paths)
{
	const struct stage_row *row = &stage_rows[stage];
	size_t n = 0;
	bool more;

	argv[n++] = row->name;
	for (const char *const *word = row->options; *word; word += 2) {
		const char *value = value_of(word[1], conf, paths, &more);
		if (value) {
			argv[n++] = *word;
			argv[n++] = value;
		}
	}
	if (row->options[0] && row->operands[0])
		argv[n++] = "--";
	for (const char *const *word = row->operands; *word; word++)
		argv[n++] = value_of(*word, conf, paths, &more);
	argv[n] = NULL;
}

void stage_more(FILE *out, enum stage stage, const struct conf *conf,
	const struct stage_paths *paths)
{
	bool more;

	for (const char *const *word = stage_rows[stage].options; *word; word += 2) {
		const char *value = value_of(word[1], conf, paths, &more);
		if (value && more)
			fprintf(out, " %s %s", word[0], value);
	}
}

enum stage stage_find(const char *name)
{
	enum stage stage = 0;

	while (stage < STAGES && strcmp(stage_rows[stage].name, name) != 0)
		stage++;
	return stage;
}

void stage_facts_free(struct stage_facts *facts)
{
	for (size_t i = 0; i < STAGE_FACTS; i++)
		fact_free(&facts->of[i]);
}
