#include "render.h"
#include "station/registry.h"
#include "stations.h"

void render_control(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	struct expected expected;

	(void)name;
	if (expected_read(&expected, stations_places()[STATION_STATE]) == 0)
		registry_print(out, list, count, &expected);
	expected_free(&expected);
}
