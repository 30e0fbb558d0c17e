/*
 * A job in the pool passes three points: decide_take_paths puts it in, decide_settle asks
 * decide_one about each report that has come, in the order of the paths, and a clip that
 * may still grow stays in the pool and is inspected again. decide_look_again brings in
 * the clips of the quarantine whose time has come.
 */
#include "decide.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/msg.h"
#include "report_json.h"

#define LONGEST_REST (60 * CLOCK_SECOND)
#define RECORD_MAX 32768 /* more than any JSON line takes */

/* A clip that grows for ever is not tried again and again after each restart. */
static void save_tries(struct decide *decide)
{
	static struct tries now;
	struct job *job;

	now.len = 0;
	for (size_t i = 0; (job = pool_job(&decide->pool, i)); i++)
		if (job->tries > 0)
			tries_add(&now, job->path, job->tries);
	if (tries_save(&now, decide->triage.quarantine.folder) < 0)
		msg_warn("quarantine '%s': '" TRIES_NAME "':",
			decide->triage.quarantine.path);
}

void decide_begin(struct decide *decide)
{
	tries_load(&decide->before, decide->triage.quarantine.folder);
	decide->refused = recheck_refused(
		&decide->recheck, decide->refused_why, sizeof decide->refused_why);
}

static void take_path(struct decide *decide, const char *path)
{
	struct job *job = pool_add(&decide->pool, path);

	if (!job)
		msg_die(EX_OSERR, "take in a path:");
	if (!root_accepts(&decide->root, job->path))
		job->state = JOB_LOST;
	job->tries = tries_take(&decide->before, job->path);
}

bool decide_has_room(const struct decide *decide)
{
	if (!decide->given)
		return decide->pool.count < POOL_JOBS;
	return decide->pool.count == 0 && decide->out->len == 0 &&
		lines_drained(decide->out) && clock_now() >= decide->rest.until;
}

static void put_json(struct decide *decide, const struct job *job)
{
	char *text = report_json(&job->report, decide->profile, job->path);

	if (!text)
		msg_die(EX_OSERR, "no memory for the report about '%s'", job->path);
	lines_put(decide->out, text, strlen(text));
	lines_put(decide->out, "\n", 1);
	free(text);
}

static enum report_code judge(const struct decide *decide, struct job *job)
{
	const struct report *report = &job->report;

	if (decide->max_clip && report->duration_ms > decide->max_clip)
		report_find(&job->report, REPORT_RUNS_ON,
			"its packets last %" PRId64 " ms, %" PRId64 " at most",
			report->duration_ms, decide->max_clip);
	return report_judge(report, decide->profile);
}

/* Reports a bad clip and quarantines it. False: it is inspected once more. */
static bool put_away(struct decide *decide, struct job *job, enum report_code reason)
{
	const struct triage_file file = {
		job->path, job->folder, job->fd, &job->st, job->tries};
	int64_t due;
	int code = triage_bad(&decide->triage, &file, report_code_name(reason),
		job->report.detail, &due);

	if (code == TRIAGE_FULL) {
		pool_again(job, due);
		decide->pulse.changed = true;
		return false;
	}
	if (code == TRIAGE_AGAIN) {
		job->tries++;
		pool_again(job, due);
		decide->retried++;
		decide->pulse.changed = true;
		save_tries(decide);
		return false;
	}
	if (code == EX_CONFIG)
		exit(code);
	paths_remember(decide->paths, code);
	decide->quarantined += code == EX_OK;
	return true;
}

static void pass_on(struct decide *decide, const char *path)
{
	decide->good++;
	decide->stretch++;
	backoff_works(&decide->rest, clock_now() - BACKOFF_STABLE);
	decide->refused = 0;
	*decide->refused_why = '\0';
	if (!decide->json)
		paths_put(decide->paths, decide->out, path);
}

static void note_bad(
	struct decide *decide, const char *path, enum report_code code, const char *why)
{
	decide->bad++;
	decide->refused++;
	snprintf(decide->refused_why, sizeof decide->refused_why, "%s", why);
	paths_remember(decide->paths, 1);
	snprintf(decide->last_bad, sizeof decide->last_bad, "%s", path);
	decide->last_reason = report_code_name(code);
	if (decide->triage.quarantine.folder < 0)
		msg_warn("'%s' is bad, %s: %s", path, decide->last_reason, why);
}

/* A file that was refused before, and nothing was good since then: all of a list is bad,
 * and need not be gone through again at once. */
static void rest_after_round(struct decide *decide, const struct memory_row *row)
{
	if (row->refused != decide->stretch)
		return;
	decide->stretch++;
	int64_t pause = backoff_failed(&decide->rest, clock_now(), LONGEST_REST);
	msg_warn("no clip of a whole round is good: the next one begins in %" PRId64 " s",
		pause / CLOCK_SECOND);
}

/* Decides about a file that was looked into before, and has not changed. False: it was
 * not. */
static bool decide_again(struct decide *decide, const char *path)
{
	const char *name;
	struct stat st;
	int folder = root_open_parent(&decide->root, path, &name);
	int file = folder < 0 ? -1 : path_open_file(folder, name, &st);
	struct memory_row *row = file < 0 ? NULL : memory_find(&decide->memory, &st);

	path_close(file);
	path_close(folder);
	if (!row)
		return false;
	if (row->code == REPORT_GOOD) {
		pass_on(decide, path);
	} else {
		note_bad(decide, path, row->code, row->why);
		rest_after_round(decide, row);
		row->refused = decide->stretch;
	}
	decide->pulse.changed = true;
	return true;
}

bool decide_take_paths(struct decide *decide)
{
	const char *path;
	bool some = false;

	while (decide_has_room(decide) && (path = paths_next(decide->paths))) {
		if (!decide->given || decide->json || !decide_again(decide, path))
			take_path(decide, path);
		some = true;
	}
	return some;
}

/* Decides about a report. False: not yet. */
static bool decide_one(struct decide *decide, struct job *job)
{
	enum report_code code = judge(decide, job);
	bool away = decide->triage.quarantine.folder >= 0;

	decide->checked++;
	if (code != REPORT_GOOD && away && !put_away(decide, job, code))
		return false;
	if (decide->json)
		put_json(decide, job);
	if (code == REPORT_GOOD)
		pass_on(decide, job->path);
	else
		note_bad(decide, job->path, code, job->report.detail);
	if (decide->given)
		memory_note(&decide->memory, &job->st, code, job->report.detail,
			decide->stretch);
	return true;
}

bool decide_settle(struct decide *decide)
{
	struct job *job;
	bool some = false;

	while ((job = pool_job(&decide->pool, 0)) && job->state >= JOB_DONE &&
		decide->out->len <= sizeof decide->out->buf - RECORD_MAX) {
		bool counted = job->tries > 0;
		if (job->state == JOB_LOST)
			paths_remember(decide->paths, EX_NOINPUT);
		else if (!decide_one(decide, job))
			return true;
		pool_drop(&decide->pool);
		decide->triage.full = 0; /* whatever waited for room is gone */
		some = true;
		decide->pulse.changed = true;
		if (counted)
			save_tries(decide);
	}
	return some;
}

void decide_look_again(struct decide *decide)
{
	struct job *job = &decide->pool.extra;
	enum report_code code = judge(decide, job);

	if (job->state == JOB_DONE && code == REPORT_GOOD)
		recheck_good(&decide->recheck, &decide->again);
	else if (job->state == JOB_DONE)
		recheck_bad(&decide->recheck, &decide->again, report_code_name(code),
			job->report.detail);
	else if (job->state == JOB_LOST)
		recheck_bad(&decide->recheck, &decide->again, decide->again.code,
			decide->again.reason);
	if (job->state >= JOB_DONE)
		pool_drop_extra(&decide->pool);
	if (pool_is_idle(&decide->pool) && recheck_next(&decide->recheck, &decide->again))
		pool_add_extra(&decide->pool, decide->triage.quarantine.folder,
			decide->again.name);
}

void decide_write_fact(struct decide *decide)
{
	struct pulse *pulse = &decide->pulse;
	const struct pulse_number numbers[] = {
		{"checked", decide->checked},
		{"good", decide->good},
		{"bad", decide->bad},
		{"retried", decide->retried},
		{"quarantined", decide->quarantined},
		{"refused", decide->refused},
	};
	char error[PATH_MAX + 64];

	triage_trouble(&decide->triage, error, sizeof error);
	pulse_begin(pulse);
	pulse_numbers(pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse->fact, "last_bad", decide->last_bad);
	fact_add_text(&pulse->fact, "last_reason", decide->last_reason);
	fact_add_text(&pulse->fact, "refused_why", decide->refused_why);
	fact_add_text(&pulse->fact, "error", error);
	fact_add_text(&pulse->fact, "sandbox",
		sandbox_name(decide->pool.workers[0].child.sandbox));
	pulse_end(pulse);
}
