/*
 * backend: the ways to run stations: each back end can find, start and stop a station,
 * and show its log.
 */
#ifndef STREAMHUB_BACKEND_H
#define STREAMHUB_BACKEND_H

#include <stdbool.h>
#include <sys/types.h>

enum { BACKEND_RUNS = 1, BACKEND_WAITS };

struct backend {
	const char *name;

	/*
	 * Returns BACKEND_RUNS if the station runs, and *pid gets its process;
	 * BACKEND_WAITS if it will start again by itself; 0 if neither; or -1 with errno.
	 */
	int (*find)(const char *id, pid_t *pid);

	/*
	 * These print what they do, wait until it is done, and return codes of
	 * sysexits.h. Starting a station that runs, or stopping one that does not, is no
	 * error. Call start only for a station whose settings are in order.
	 */
	int (*start)(const char *id);
	int (*stop)(const char *id);

	/* Shows the log of the tools, and waits for more if follow. Returns only after a
	 * failure. */
	int (*logs)(const char *id, bool follow);
};

extern const struct backend backend_process; /* stationrun, without any supervisor */

extern const struct backend backend_systemd; /* its units, where it is the supervisor */

/* The back end with this name, or NULL. With name NULL: the one that suits this machine.
 */
const struct backend *backend_choose(const char *name);

#endif
