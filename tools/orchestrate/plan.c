/*
 * plan_decide compares three things: the desired state, the process that the back end
 * finds, and the verdict on the station. A station is restarted when its settings have
 * changed since its process was first seen, or when its verdict has been bad for
 * STALE_AFTER; after VERDICT_RESTARTS restarts without a played clip, only now and then.
 */
#include "plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/msg.h"
#include "base/path.h"
#include "station/settings.h"
#include "station/snapshot.h"
#include "station/status.h"

const char *const plan_names[] = {
	[PLAN_KEEP] = "keep",
	[PLAN_START] = "start",
	[PLAN_STOP] = "stop",
	[PLAN_RESTART] = "restart",
};

#define SEEN ".settings" /* "pid hash" */
#define ENDING CLOCK_SECOND /* the end of a service that stops is not told */

/* Milliseconds that the station has run, as far as that is known. */
static int64_t age_of_run(const struct snapshot *snapshot, const struct plan *plan)
{
	static const enum stage begin[] = {
		STAGE_RTMPPUSH, STAGE_SEGCUT, STAGE_STATIONRUN};
	int64_t started = plan->seen;

	for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
		if (fact_seconds(&snapshot->facts.of[begin[i]], "started", &started) == 0)
			break;
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
 * True if the settings have changed since the process that runs the station was first
 * seen. Compares contents, not times, so no clock can mislead it.
 */
static bool is_outdated(const struct plan *plan, const char *id, int live, bool dry)
{
	int folder = live < 0 ? -1 : path_open_below(live, id);
	int len;
	char text[64];
	uint64_t before = 0;
	int pid = 0;

	if (folder < 0)
		return false;
	ssize_t n = path_read(folder, SEEN, text, sizeof text - 1);
	text[n < 0 ? 0 : n] = '\0';
	bool known =
		sscanf(text, "%d %" SCNx64, &pid, &before) == 2 && pid == (int)plan->pid;
	len = snprintf(
		text, sizeof text, "%d %" PRIx64 "\n", (int)plan->pid, plan->settings);
	if (!known && !dry)
		atomic_sweep(folder, SEEN);
	if (!known && !dry && atomic_put(folder, SEEN, 0644, text, (size_t)len) < 0)
		msg_warn("station '%s': its settings cannot be noted:", id);
	close(folder);
	return known && before != plan->settings;
}

static int64_t sooner(int64_t due, int64_t left)
{
	return left >= 0 && left < due ? left : due;
}

/* Milliseconds until the verdict on the station may change by time alone. */
static int64_t due_of(
	const struct snapshot *snapshot, const struct plan *plan, int64_t patience)
{
	static const char *const starts[] = {"started", "busy", "moved"};
	int64_t due = sooner(CLOCK_NEVER, patience - age_of_run(snapshot, plan));
	int64_t since;

	for (size_t stage = 0; stage < STAGE_FACTS; stage++) {
		const struct fact *fact = &snapshot->facts.of[stage];
		int64_t limit = stage == STAGE_HBWRITE ? patience
			: stage == STAGE_ORCHESTRATE   ? VERDICT_AGAIN
						       : VERDICT_PULSE;
		due = sooner(due, limit - verdict_age(fact, &snapshot->now));
		for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
			if (fact_seconds(fact, starts[i], &since) == 0)
				due = sooner(
					due, patience - (snapshot->now.mono - since));
	}
	return due == CLOCK_NEVER ? due : due + 1;
}

/*
 * True if a restart may help. It cannot help against bad clips of the camera, nor if the
 * server cannot be reached, nor against a bad heartbeat file, which is only replaced with
 * the next beat.
 */
static bool is_ill(const struct snapshot *snapshot, const struct status *now)
{
	const char *state = now->state;
	const struct fact *heartbeat = &snapshot->facts.of[STAGE_HBWRITE];

	return (strcmp(state, "stale") == 0 && !now->unreachable) ||
		(strcmp(state, "error") == 0 && now->verdict != VERDICT_ERROR &&
			(heartbeat->state == FACT_ABSENT ||
				verdict_age(heartbeat, &snapshot->now) >= 0));
}

/*
 * True if a station that several restarts did not help is to be restarted once more. It
 * gets less time than at first, but is left alone while it plays.
 */
static bool is_due_again(
	const struct snapshot *snapshot, int64_t patience, struct plan *plan)
{
	int64_t silent =
		settings_number(&snapshot->conf, SETTINGS_SILENT_AFTER) * CLOCK_SECOND;
	struct verdict v = verdict_tools(&snapshot->facts, &snapshot->now,
		sooner(VERDICT_AGAIN, patience), silent);

	if ((v.kind != VERDICT_STALE && v.kind != VERDICT_MISSING) || v.unreachable ||
		verdict_age(&snapshot->facts.of[STAGE_ORCHESTRATE], &snapshot->now) <
			VERDICT_AGAIN)
		return false;
	snprintf(plan->why, sizeof plan->why, "%.250s", v.reason);
	return true;
}

int plan_note(const struct plan *plan, int live, const char *id)
{
	static struct fact_writer fact;
	int folder = path_open_below(live, id);

	if (folder < 0)
		return -1;
	int code = fact_begin(&fact);
	fact_add_number(&fact, "restarts", plan->restarts + 1);
	fact_add_text(&fact, "reason", plan->why);
	if (code == 0)
		code = fact_write(&fact, folder, stage_rows[STAGE_ORCHESTRATE].fact);
	int error = errno;
	close(folder);
	errno = error;
	return code;
}

void plan_decide(struct plan *plan, const int places[STATION_PLACES], const char *id,
	const struct backend *backend, bool dry)
{
	struct snapshot *snapshot = snapshot_read(places, id);
	struct status now;
	pid_t pid = 0;

	if (!snapshot)
		msg_die(EX_OSERR, "station '%s':", id);
	status_of(&now, snapshot);
	bool active = settings_yes(&snapshot->conf, SETTINGS_ACTIVE);
	int64_t patience =
		settings_number(&snapshot->conf, SETTINGS_STALE_AFTER) * CLOCK_SECOND;
	int found = backend->find(id, &pid);
	int error = errno;
	bool hidden = places[STATION_SETTINGS] < 0;
	bool known =
		snapshot->files[PART_SETTINGS].there || snapshot->errors[PART_SETTINGS];
	bool up = known && active && snapshot->desired == STATION_UP;
	const size_t size = sizeof plan->why;
	char *why = plan->why;

	pid = found > 0 ? pid : 0;
	if (pid != plan->pid || plan->seen == 0)
		plan->seen = snapshot->now.mono;
	plan->pid = pid;
	plan->settings = hash(&snapshot->conf);
	plan->healthy = now.healthy;
	plan->restarts = now.restarts;
	plan->ill = false;
	plan->todo = PLAN_KEEP;
	plan->due = pid > 0             ? due_of(snapshot, plan, patience)
		: found == BACKEND_RUNS ? ENDING
					: CLOCK_NEVER;
	snprintf(why, size, "%s", now.error && *now.error ? now.error : now.state);
	if (found < 0 || hidden) {
		snprintf(why, size, "%s: %s",
			hidden ? "settings cannot be looked at" : "cannot be looked at",
			strerror(hidden ? ENOENT : error));
	} else if (!up && found > 0 && snapshot->desired != STATION_UNDECIDED) {
		snprintf(why, size, "%s",
			!known           ? "it has no settings"
				: active ? "its desired state is down"
					 : "it is not active");
		plan->todo = PLAN_STOP;
	} else if (!up || found == BACKEND_WAITS || snapshot->errors[PART_DESIRED]) {
		/* Nothing to do, or it is done already. */
	} else if (found == 0) {
		snprintf(why, size, "its desired state is up");
		plan->todo = PLAN_START;
	} else if (is_outdated(plan, id, places[STATION_LIVE], dry)) {
		snprintf(why, size, "its settings have changed");
		plan->todo = PLAN_RESTART;
	} else if (now.restarts >= VERDICT_RESTARTS
			? is_due_again(snapshot, patience, plan)
			: is_ill(snapshot, &now) &&
				age_of_run(snapshot, plan) >= patience) {
		plan->todo = PLAN_RESTART;
		plan->ill = true;
	}
	snapshot_free(snapshot);
}
