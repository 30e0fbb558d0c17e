/*
 * unit_station: a STREAMHUB_ROOT with a folder of live facts and one of kept state.
 */
#ifndef STREAMHUB_UNIT_STATION_H
#define STREAMHUB_UNIT_STATION_H

#include "unit.h"

static int live, kept; /* the folders */

static inline int unit_enter_root(void **state)
{
	if (unit_enter(state) < 0)
		return -1;
	mkdirat(unit_folder, "live", 0755);
	mkdirat(unit_folder, "state", 0755);
	live = openat(unit_folder, "live", O_RDONLY | O_CLOEXEC);
	kept = openat(unit_folder, "state", O_RDONLY | O_CLOEXEC);
	return setenv("STREAMHUB_ROOT", unit_path, 1);
}

static inline int unit_leave_root(void **state)
{
	close(live);
	close(kept);
	return unit_leave(state);
}

#define UNIT_IN_ROOT(test) \
	cmocka_unit_test_setup_teardown(test, unit_enter_root, unit_leave_root)

#endif
