#include "render.h"

#include "proc/process.h"
#include "station/status.h"
#include "station/upcoming.h"
#include "stations.h"

void render_playlist(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	static struct upcoming upcoming;
	const struct snapshot *snapshot = *list;
	const struct fact *player = &snapshot->facts.of[STAGE_RTMPPUSH];
	struct process process;
	bool lives =
		process_of_fact(&process, player, stage_rows[STAGE_RTMPPUSH].name) == 0;
	const char *now = lives ? fact_get(player, "now") : NULL;

	(void)name;
	(void)count;
	/* The service may read more than those who ask it. */
	upcoming.library.for_all = true;
	if (upcoming_look(&upcoming, stations_places()[STATION_STATE], snapshot->id,
		    &snapshot->conf, now, -1, NULL) == 0) {
		upcoming_print(out, &upcoming);
		if (upcoming.library.list.count == 0)
			fputs(STATUS_DASH "\n", out);
	}
	upcoming_close(&upcoming);
}
