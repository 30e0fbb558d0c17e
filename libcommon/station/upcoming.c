#include "station/upcoming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/path.h"
#include "base/text.h"
#include "clip/cursor.h"
#include "station/settings.h"
#include "station/station.h"

#define AHEAD 2 /* clips that playlist has named already while one plays */
#define TRIES 64 /* entries that are looked at, as some would not be played */

/* The time zone of the station, until it is put back. */
static char *use_zone(const char *zone)
{
	const char *before = getenv("TZ");
	char *kept = before ? strdup(before) : NULL;

	if (*zone) {
		setenv("TZ", zone, 1);
		tzset();
	}
	return kept;
}

static void put_back_zone(char *kept)
{
	if (kept)
		setenv("TZ", kept, 1);
	else
		unsetenv("TZ");
	tzset();
	free(kept);
}

/* The turn is to come at this instant, or plays. */
static void add_turn(struct upcoming *upcoming, const struct turn *turn, int64_t ms)
{
	struct upcoming_turn *own = &upcoming->of[upcoming->count++];
	const time_t begins = (time_t)(ms / 1000);
	struct tm local;

	*own = (struct upcoming_turn){.turn = *turn};
	if (ms > 0 && localtime_r(&begins, &local))
		strftime(own->begins, sizeof own->begins, "%H:%M:%S", &local);
	turns_take(&upcoming->turns, turn);
}

/* Finds the next turns, each as it would be named: while the second one before it begins.
 */
static void find_turns(struct upcoming *upcoming, int64_t left, upcoming_lasts *lasts)
{
	static struct turn turn;
	const int64_t now = (int64_t)time(NULL) * 1000;
	int64_t begins[UPCOMING_TURNS + 1] = {0};
	const bool timed = left >= 0 && lasts;

	for (int tries = 0; tries < TRIES && upcoming->count < UPCOMING_TURNS; tries++) {
		const size_t n = upcoming->count;
		const int64_t named = timed && n > AHEAD ? begins[n - AHEAD] : now;
		if (turns_next(&upcoming->turns, &upcoming->library.list,
			    (time_t)(named / 1000), &turn) <= 0)
			return;
		const bool first = n == 0;
		const bool playing = first && upcoming->plays &&
			strcmp(turn.path, upcoming->playing) == 0;
		const int64_t more = !timed ? 0 : playing ? left : lasts(turn.path);
		if (more < 0) {
			turns_leave(&upcoming->turns, &turn);
			continue;
		}
		if (first) {
			upcoming->plays = playing;
			begins[0] = !timed ? 0 : playing ? now : now + left;
		}
		begins[n + 1] = timed ? begins[n] + more : 0;
		add_turn(upcoming, &turn, begins[n]);
	}
}

int upcoming_look(struct upcoming *upcoming, int state, const char *id,
	const struct conf *conf, const char *now, int64_t left, upcoming_lasts *lasts)
{
	static struct cursor cursor;
	char rel[128];
	bool for_all = upcoming->library.for_all;

	*upcoming = (struct upcoming){.plays = now && *now};
	library_init(&upcoming->library, settings_get(conf, SETTINGS_PLAYLIST));
	upcoming->library.looks = true;
	upcoming->library.for_all = for_all;
	snprintf(rel, sizeof rel, "%.64s/" STATION_CURSOR, id);
	if (upcoming->plays &&
		text_decode(upcoming->playing, sizeof upcoming->playing, now) < 0)
		upcoming->plays = false;
	if (!upcoming->plays && cursor_read_at(&cursor, state, rel) == 0)
		snprintf(upcoming->playing, sizeof upcoming->playing, "%s", cursor.path);
	snprintf(rel, sizeof rel, "%.64s/" STATION_PLACE, id);
	/* Without the place it begins with what the cursor says, or at the start. */
	turns_look(&upcoming->turns, state, rel);
	turns_resume(&upcoming->turns, *upcoming->playing ? upcoming->playing : NULL);
	if (library_read(&upcoming->library) == LIBRARY_GONE)
		return -1;
	char *zone = use_zone(settings_get(conf, SETTINGS_TZ));
	find_turns(upcoming, left, lasts);
	put_back_zone(zone);
	return 0;
}

/* The word or the time that is shown for the entry. */
static const char *tell_when(
	const struct upcoming *upcoming, const struct list_part *part, size_t index)
{
	for (size_t n = 0; n < upcoming->count; n++) {
		const struct upcoming_turn *own = &upcoming->of[n];
		if (own->turn.start != part->start || own->turn.index != index)
			continue;
		if (n == 0 && upcoming->plays)
			return "playing";
		if (*own->begins)
			return own->begins;
		return n == (upcoming->plays ? 1 : 0) ? "next" : "-";
	}
	return "-";
}

void upcoming_print(FILE *out, const struct upcoming *upcoming)
{
	static char path[PATH_MAX], shown[4 * PATH_MAX];
	const struct list *list = &upcoming->library.list;
	char day[16] = "-";

	for (size_t p = 0; p < list->part_count; p++) {
		const struct list_part *part = &list->parts[p];
		if (part->start != LIST_ALL_DAY)
			snprintf(day, sizeof day, "%02d:%02d", part->start / 60,
				part->start % 60);
		for (size_t i = 0; i < part->count; i++) {
			if (list_path(list, part->first + i, path, sizeof path) < 0)
				snprintf(path, sizeof path, "-");
			text_escape(shown, sizeof shown, path, strlen(path));
			fprintf(out, "%zu\t%s\t%s\t%s\n", part->first + i + 1,
				tell_when(upcoming, part, i), day, shown);
		}
	}
}

void upcoming_close(struct upcoming *upcoming)
{
	turns_close(&upcoming->turns);
	list_free(&upcoming->library.list);
}
