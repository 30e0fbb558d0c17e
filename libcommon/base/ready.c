#include "base/ready.h"

#include <systemd/sd-daemon.h>

#include "base/clock.h"

void ready_up(void)
{
	sd_notify(0, "READY=1");
}

void ready_down(void)
{
	sd_notify(0, "STOPPING=1");
}

int64_t ready_alive(void)
{
	static int64_t interval = -1, due;
	uint64_t limit;

	if (interval < 0) {
		interval = 0;
		if (sd_watchdog_enabled(0, &limit) > 0)
			interval = (int64_t)(limit / 2000); /* half of it, in ms */
		due = clock_now();
	}
	if (interval == 0)
		return CLOCK_NEVER;
	if (clock_now() >= due) {
		sd_notify(0, "WATCHDOG=1");
		due = clock_now() + interval;
	}
	return due;
}
