#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "service/backend.h"
#include "service/bus.h"
#include "service/units.h"
#include "station/station.h"

#define UNIT "org.freedesktop.systemd1.Unit"
#define SERVICE "org.freedesktop.systemd1.Service"
#define START_TIME (100 * CLOCK_SECOND) /* a unit has 90 s */
#define STOP_TIME (30 * CLOCK_SECOND) /* a service has 10 s, then it is killed */

/* The same as find, for one service; *pid gets its process, or 0. */
static int look_at(enum stage stage, const char *id, pid_t *pid)
{
	const char *unit = units_service(stage, id);
	char *state = bus_text(unit, UNIT, "ActiveState");

	if (!state)
		return -1;
	bool up =
		*state && strcmp(state, "inactive") != 0 && strcmp(state, "failed") != 0;
	int found = !up                            ? 0
		: strcmp(state, "activating") == 0 ? BACKEND_WAITS
						   : BACKEND_RUNS;
	free(state);
	*pid = up ? (pid_t)bus_number(unit, SERVICE, "MainPID", 'u') : 0;
	return found;
}

/* The player stands for all, as they live and die together, or else the recorder: they
 * end last, and what still ends must not look as if it could be started. */
static int find(const char *id, pid_t *pid)
{
	bool records = units_uses(STAGE_SEGCUT, id) && !units_uses(STAGE_RTMPPUSH, id);

	return look_at(records ? STAGE_SEGCUT : STAGE_RTMPPUSH, id, pid);
}

/* Says how those have ended that do not run. */
static int tell_down(const char *id)
{
	int code = EX_OK;
	pid_t pid;

	for (size_t i = 0; i < STAGES; i++) {
		if (!units_uses(i, id) || look_at(i, id, &pid) == BACKEND_RUNS)
			continue;
		const char *unit = units_service(i, id);
		char *result = bus_text(unit, SERVICE, "Result");
		int status = (int)bus_number(unit, SERVICE, "ExecMainStatus", 'i');
		if (result && strcmp(result, "success") == 0 && status == 0)
			msg_error("station '%s': %s does not run: another one has ended",
				id, stage_rows[i].name);
		else
			msg_error("station '%s': %s does not run: %s, exit code %d", id,
				stage_rows[i].name, result ? result : "?", status);
		free(result);
		code = EX_UNAVAILABLE;
	}
	if (code)
		msg_error("station '%s': see stationctl logs %s", id, id);
	return code;
}

/* The units as the settings are now. */
static int renew(const char *id)
{
	int settings = station_open(STATION_SETTINGS);
	struct conf conf;
	bool changed = false;

	if (settings < 0 || station_conf(&conf, settings, id) < 0) {
		msg_error("station '%s': settings:", id);
		return EX_IOERR;
	}
	close(settings);
	int code = units_write(id, &conf, &changed);
	conf_free(&conf);
	return code || !changed ? code : bus_reload();
}

/* Forgets earlier failures: a person who starts a station does not want to wait. */
static void forget(const char *id)
{
	char path[256];
	int live = station_open(STATION_LIVE);

	for (size_t i = 0; i < STAGES; i++) {
		snprintf(path, sizeof path, "%.64s/backoff.%s", id, stage_rows[i].name);
		if (live >= 0)
			unlinkat(live, path, 0);
		bus_reset(units_service(i, id));
	}
	path_close(live);
}

static int start(const char *id)
{
	pid_t pid;
	int runs = find(id, &pid);

	if (runs < 0)
		return EX_UNAVAILABLE;
	if (runs > 0 && pid > 0) {
		msg_info("station '%s': runs already, pid %d", id, (int)pid);
		return EX_OK;
	}
	int code = renew(id);
	if (code)
		return code;
	forget(id);
	code = bus_job("StartUnit", units_target(id), START_TIME);
	if (code == EX_OK)
		code = tell_down(id);
	if (code == EX_OK && find(id, &pid) > 0)
		msg_info("station '%s': runs, pid %d", id, (int)pid);
	return code;
}

static int stop(const char *id)
{
	pid_t pid;
	int ran = find(id, &pid);

	if (ran < 0)
		return EX_UNAVAILABLE;
	int code = bus_job("StopUnit", units_target(id), STOP_TIME);
	for (size_t i = 0; i < STAGES; i++) {
		int one = bus_job("StopUnit", units_service(i, id), STOP_TIME);
		code = one > code ? one : code;
	}
	for (size_t i = 0; i < STAGES; i++)
		if (!stage_rows[i].begins)
			bus_job("StopUnit", units_socket(i, id), STOP_TIME);
	if (code == EX_OK)
		msg_info("station '%s': %s", id, ran > 0 ? "stopped" : "does not run");
	return code;
}

static int logs(const char *id, bool follow)
{
	const char *argv[4 + 2 * STAGES] = {
		"journalctl", "-q", follow ? "-f" : "--no-pager"};
	size_t n = 3;

	for (size_t i = 0; i < STAGES; i++) {
		argv[n++] = "-u";
		argv[n++] = strdup(units_service(i, id));
	}
	execvp(argv[0], (char **)(uintptr_t)argv);
	msg_error("'journalctl' cannot be run:");
	return EX_OSERR;
}

const struct backend backend_systemd = {
	.name = "systemd",
	.find = find,
	.start = start,
	.stop = stop,
	.logs = logs,
};
