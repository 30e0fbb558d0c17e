#include "wanted.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "atomic.h"
#include "msg.h"
#include "path.h"
#include "settings.h"
#include "snapshot.h"
#include "status.h"

const char *const wanted_names[] = {
	[WANTED_KEEP] = "keep",
	[WANTED_START] = "start",
	[WANTED_STOP] = "stop",
	[WANTED_RESTART] = "restart",
};

#define SEEN ".settings" /* "pid hash" */

/* How long it has run, as far as that is known. */
static int64_t age_of_run(const struct snapshot *snapshot, const struct wanted *wanted)
{
	int64_t started;

	if (fact_seconds(snapshot_fact(snapshot, PART_RTMPPUSH), "started", &started) <
			0 &&
		fact_seconds(snapshot_fact(snapshot, PART_STATIONRUN), "started",
			&started) < 0)
		started = wanted->seen;
	return snapshot->now.mono - started;
}

/* FNV-1a. */
static uint64_t hash(const struct conf *conf)
{
	uint64_t sum = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < conf->len; i++)
		sum = (sum ^ (unsigned char)conf->text[i]) * UINT64_C(1099511628211);
	return conf->len > 0 ? sum : 0;
}

/*
 * Whether the settings are others than when what runs it was first seen. No clock is
 * asked, nor when the file was touched.
 */
static bool is_outdated(const struct wanted *wanted, const char *id, int live, bool dry)
{
	int folder = live < 0 ? -1 : path_open_below(live, id), len;
	char text[64];
	uint64_t before = 0;
	int pid = 0;

	if (folder < 0)
		return false;
	ssize_t n = path_read(folder, SEEN, text, sizeof text - 1);
	text[n < 0 ? 0 : n] = '\0';
	bool known = sscanf(text, "%d %" SCNx64, &pid, &before) == 2 &&
		pid == (int)wanted->pid;
	len = snprintf(text, sizeof text, "%d %" PRIx64 "\n", (int)wanted->pid,
		wanted->settings);
	if (!known && !dry)
		atomic_sweep(folder, SEEN);
	if (!known && !dry && atomic_put(folder, SEEN, 0644, text, (size_t)len) < 0)
		msg_warn("station '%s': its settings cannot be noted:", id);
	close(folder);
	return known && before != wanted->settings;
}

static int64_t sooner(int64_t due, int64_t left)
{
	return left >= 0 && left < due ? left : due;
}

/* When the verdict on it may change by itself. */
static int64_t due_of(
	const struct snapshot *snapshot, const struct wanted *wanted, int64_t patience)
{
	static const char *const starts[] = {"started", "busy"};
	int64_t due = sooner(TICK_NEVER, patience - age_of_run(snapshot, wanted)), since;

	for (enum snapshot_part part = 0; part < SNAPSHOT_FACTS; part++) {
		const struct fact *fact = snapshot_fact(snapshot, part);
		int64_t limit = part == PART_HEARTBEAT ? patience : VERDICT_PULSE;
		due = sooner(due, limit - verdict_age(fact, &snapshot->now));
		for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
			if (fact_seconds(fact, starts[i], &since) == 0)
				due = sooner(
					due, patience - (snapshot->now.mono - since));
	}
	return due == TICK_NEVER ? due : due + 1;
}

/* A restart helps: but not against a heartbeat that nobody writes anew before it beats.
 */
static bool is_ill(const struct snapshot *snapshot, const char *state)
{
	const struct fact *heartbeat = snapshot_fact(snapshot, PART_HEARTBEAT);

	return strcmp(state, "stale") == 0 ||
		(strcmp(state, "error") == 0 &&
			(heartbeat->state == FACT_ABSENT ||
				verdict_age(heartbeat, &snapshot->now) >= 0));
}

void wanted_decide(struct wanted *wanted, const int places[STATION_PLACES],
	const char *id, const struct backend *backend, bool dry)
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
	int found = backend->find(id, &pid), error = errno;
	bool hidden = places[STATION_SETTINGS] < 0;
	bool known =
		snapshot->files[PART_SETTINGS].there || snapshot->errors[PART_SETTINGS];
	bool up = known && active && snapshot->wish == STATION_UP;
	const size_t size = sizeof wanted->why;
	char *why = wanted->why;

	pid = found > 0 ? pid : 0;
	if (pid != wanted->pid || wanted->seen == 0)
		wanted->seen = snapshot->now.mono;
	wanted->pid = pid;
	wanted->settings = hash(&snapshot->conf);
	wanted->healthy = now.healthy;
	wanted->todo = WANTED_KEEP;
	wanted->due = pid > 0 ? due_of(snapshot, wanted, patience) : TICK_NEVER;
	snprintf(why, size, "%s", now.error && *now.error ? now.error : now.state);
	if (found < 0 || hidden) {
		snprintf(why, size, "%s: %s",
			hidden ? "settings cannot be looked at" : "cannot be looked at",
			strerror(hidden ? ENOENT : error));
	} else if (!up && found > 0 && snapshot->wish != STATION_UNDECIDED) {
		snprintf(why, size, "%s",
			!known           ? "it has no settings"
				: active ? "it is wanted down"
					 : "it is not active");
		wanted->todo = WANTED_STOP;
	} else if (!up || found == BACKEND_WAITS || snapshot->errors[PART_WISH]) {
		/* Nothing is to be done, or it is done already. */
	} else if (found == 0) {
		snprintf(why, size, "it is wanted up");
		wanted->todo = WANTED_START;
	} else if (is_outdated(wanted, id, places[STATION_LIVE], dry)) {
		snprintf(why, size, "its settings have changed");
		wanted->todo = WANTED_RESTART;
	} else if (is_ill(snapshot, now.state) &&
		age_of_run(snapshot, wanted) >= patience) {
		wanted->todo = WANTED_RESTART;
	}
	snapshot_free(snapshot);
}
