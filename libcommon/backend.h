/*
 * backend: who runs the tools of stations, and how it is told to.
 */
#ifndef STREAMHUB_BACKEND_H
#define STREAMHUB_BACKEND_H

#include <stdbool.h>
#include <sys/types.h>

enum { BACKEND_RUNS = 1, BACKEND_WAITS };

struct backend {
	const char *name;

	/*
	 * Whether the station is run: BACKEND_RUNS and by whom; BACKEND_WAITS: it will
	 * start again by itself; 0, or -1 with errno.
	 */
	int (*find)(const char *id, pid_t *pid);

	/*
	 * These say what they do, wait until it is done, and return codes of sysexits.h.
	 * What is so already is well. start is for a station whose settings are in order.
	 */
	int (*start)(const char *id);
	int (*stop)(const char *id);

	/* Shows what the tools have said, and goes on if follow. Returns only to fail. */
	int (*logs)(const char *id, bool follow);
};

extern const struct backend backend_process; /* stationrun, without any supervisor */

extern const struct backend backend_systemd; /* its units, where it is the supervisor */

/* The one with this name, NULL if there is none; without a name that of this machine. */
const struct backend *backend_choose(const char *name);

#endif
