#include "wanted.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "msg.h"
#include "settings.h"
#include "snapshot.h"
#include "status.h"

const char *const wanted_names[] = {
	[WANTED_KEEP] = "keep",
	[WANTED_START] = "start",
	[WANTED_STOP] = "stop",
	[WANTED_RESTART] = "restart",
};

/* How long its player has run, in milliseconds. */
static int64_t age_of_run(const struct snapshot *snapshot)
{
	int64_t started;

	return fact_seconds(snapshot_fact(snapshot, PART_RTMPPUSH), "started", &started) <
			0
		? INT64_MAX
		: snapshot->now.mono - started;
}

/* Whether the settings are newer than what runs; not those of a clock that was ahead. */
static bool is_outdated(const struct snapshot *snapshot)
{
	int64_t written = snapshot->files[PART_SETTINGS].ctime_ns;
	int64_t age = age_of_run(snapshot);

	return age < INT64_MAX && written <= snapshot->read_ns &&
		snapshot->read_ns - written < age * 1000000;
}

static int64_t sooner(int64_t due, int64_t left)
{
	return left >= 0 && left < due ? left : due;
}

/* When the verdict on it may change by itself. */
static int64_t due_of(const struct snapshot *snapshot, int64_t patience)
{
	int64_t due = sooner(INT64_MAX, patience - age_of_run(snapshot)), since;

	for (enum snapshot_part part = 0; part < PART_STATIONRUN; part++) {
		const struct fact *fact = snapshot_fact(snapshot, part);
		int64_t limit = part == PART_HEARTBEAT ? patience : VERDICT_PULSE;
		due = sooner(due, limit - verdict_age(fact, &snapshot->now));
		if (fact_seconds(fact, "busy", &since) == 0)
			due = sooner(due, patience - (snapshot->now.mono - since));
	}
	return due;
}

void wanted_decide(struct wanted *wanted, const int places[STATION_PLACES],
	const char *id, const struct backend *backend)
{
	struct snapshot *snapshot = snapshot_read(places, id);
	struct status now;
	pid_t pid = 0;

	if (!snapshot)
		msg_die(EX_OSERR, "station '%s':", id);
	status_of(&now, snapshot);
	bool active = settings_yes(&snapshot->conf, SETTINGS_ACTIVE);
	int64_t patience =
		settings_number(&snapshot->conf, SETTINGS_STALE_AFTER) * TICK_SECOND;
	int found = backend->find(id, &pid);
	wanted->pid = found > 0 ? pid : 0;
	wanted->due = due_of(snapshot, patience);
	bool known = snapshot->conf.len > 0 || snapshot->errors[PART_SETTINGS];
	bool up = known && active && snapshot->wish == STATION_UP;
	bool ill = strcmp(now.state, "stale") == 0 || strcmp(now.state, "error") == 0;
	const size_t size = sizeof wanted->why;
	char *why = wanted->why;

	wanted->settings_ns = snapshot->files[PART_SETTINGS].ctime_ns;
	wanted->healthy = now.healthy;
	wanted->todo = WANTED_KEEP;
	wanted->asked = is_outdated(snapshot);
	snprintf(why, size, "%s", now.error && *now.error ? now.error : now.state);
	if (found < 0) {
		snprintf(why, size, "cannot be looked at: %s", strerror(errno));
	} else if (!up && found > 0 && snapshot->wish != STATION_UNDECIDED) {
		snprintf(why, size, "%s",
			!known           ? "it has no settings"
				: active ? "it is wanted down"
					 : "it is not active");
		wanted->todo = WANTED_STOP;
	} else if (!up || found == BACKEND_WAITS || snapshot->errors[PART_WISH]) {
		wanted->asked = false;
	} else if (found == 0) {
		snprintf(why, size, "it is wanted up");
		wanted->todo = WANTED_START;
	} else if (wanted->asked) {
		snprintf(why, size, "its settings have changed");
		wanted->todo = WANTED_RESTART;
	} else if (ill && age_of_run(snapshot) >= patience) {
		wanted->todo = WANTED_RESTART;
	}
	snapshot_free(snapshot);
}
