#include "playlist.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "list_edit.h"
#include "look.h"
#include "proc/process.h"
#include "station/settings.h"
#include "station/stage.h"
#include "station/station.h"
#include "station/upcoming.h"

static const struct word {
	const char *name;
	int least, most; /* words that follow */
} words_known[] = {
	{"add", 1, 2},
	{"remove", 1, 1},
	{"move", 2, 2},
	{"next", 0, 0},
};

bool playlist_words_ok(char *const *words)
{
	int count = 0;

	if (!*words)
		return true;
	while (words[count + 1])
		count++;
	for (size_t i = 0; i < sizeof words_known / sizeof *words_known; i++)
		if (strcmp(*words, words_known[i].name) == 0)
			return count >= words_known[i].least &&
				count <= words_known[i].most;
	return false;
}

static struct fact player_fact(const int *places, const char *id)
{
	char rel[128];

	snprintf(rel, sizeof rel, "%.64s/%s", id, stage_rows[STAGE_RTMPPUSH].fact);
	return fact_read(places[STATION_LIVE], rel);
}

/* For upcoming_look, which does not pass it on. */
static const char *profile;

static int64_t lasts(const char *path)
{
	struct stat st;
	json_t *report = lstat(path, &st) < 0 ? NULL : look_at_clip(profile, path);
	double seconds = json_number_value(json_object_get(report, "duration"));
	bool good = look_is_good(report);

	json_decref(report);
	return good ? (int64_t)(1000 * seconds) : -1;
}

/* Milliseconds until the clip that plays ends; -1: it is not known. */
static int64_t left_of(const struct fact *fact)
{
	int64_t position, duration;

	if (fact_number(fact, "position", &position) < 0 ||
		fact_number(fact, "duration", &duration) < 0 || duration == 0)
		return -1;
	return position < duration ? duration - position : 0;
}

static int show(const int *places, const char *id, const struct conf *conf, bool runs)
{
	static struct upcoming upcoming;
	struct fact fact = player_fact(places, id);

	profile = settings_get(conf, SETTINGS_PROFILE);
	int code = upcoming_look(&upcoming, places[STATION_STATE], id, conf,
		runs ? fact_get(&fact, "now") : NULL, runs ? left_of(&fact) : -1, lasts);
	if (code < 0)
		msg_error("'%s':", settings_get(conf, SETTINGS_PLAYLIST));
	else
		upcoming_print(stdout, &upcoming);
	upcoming_close(&upcoming);
	fact_free(&fact);
	return code < 0 ? EX_NOINPUT : EX_OK;
}

/* Ends the clip that plays: rtmppush goes on with the next one. */
static int skip(const int *places, const char *id)
{
	struct fact fact = player_fact(places, id);
	const char *now = fact_get(&fact, "now");
	struct process process;
	int player = process_of_fact(&process, &fact, stage_rows[STAGE_RTMPPUSH].name) < 0
		? -1
		: process_open(&process);
	int code = EX_OK;

	if (player < 0 || !now || !*now) {
		msg_error("station '%s': nothing plays", id);
		code = EX_TEMPFAIL;
	} else if (process_signal(player, SIGUSR1) < 0) {
		msg_error("station '%s': cannot be told to skip '%s':", id, now);
		code = EX_IOERR;
	} else {
		printf("%s\n", now);
	}
	path_close(player);
	fact_free(&fact);
	return code;
}

int playlist_do(const int *places, const char *id, const struct conf *conf, bool runs,
	char *const *words)
{
	const char *path = settings_get(conf, SETTINGS_PLAYLIST);
	struct stat st;

	if (settings_kind(conf) != SETTINGS_LIST) {
		msg_error("station '%s': it has no %s", id,
			settings_name(SETTINGS_PLAYLIST));
		return EX_CONFIG;
	}
	if (!*words)
		return show(places, id, conf, runs);
	if (strcmp(*words, "next") == 0)
		return skip(places, id);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		msg_error("'%s' is a folder: what is in it is played, in the order of "
			  "the names",
			path);
		return EX_USAGE;
	}
	if (strcmp(*words, "add") == 0)
		return list_add_entry(path, words[1], words[2] ? words[2] : "");
	if (strcmp(*words, "remove") == 0)
		return list_remove_entry(path, words[1]);
	return list_move_entry(path, words[1], words[2]);
}
