#include "render.h"

#include <string.h>

#include "station/status.h"
#include "station/upcoming.h"
#include "stations.h"

void render_playlist(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	static struct upcoming upcoming;
	const struct snapshot *snapshot = *list;

	(void)name;
	(void)count;
	if (upcoming_look(&upcoming, stations_places()[STATION_STATE], snapshot->id,
		    &snapshot->conf, fact_get(&snapshot->facts.of[STAGE_RTMPPUSH], "now"),
		    -1, NULL) == 0) {
		upcoming_print(out, &upcoming);
		if (upcoming.library.list.count == 0)
			fputs(STATUS_DASH "\n", out);
	}
	upcoming_close(&upcoming);
}
