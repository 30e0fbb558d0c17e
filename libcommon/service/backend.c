#include "service/backend.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOOTED "/run/systemd/system" /* see sd_booted(3) */

static const struct backend *const all[] = {&backend_process, &backend_systemd};

/* Below another root there are stations that no unit is for. */
static const struct backend *own(void)
{
	const char *root = getenv("STREAMHUB_ROOT");

	return (!root || !*root) && access(BOOTED, F_OK) == 0 ? &backend_systemd
							      : &backend_process;
}

const struct backend *backend_choose(const char *name)
{
	if (!name)
		return own();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}
