#include "station/registry.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "proc/process.h"
#include "station/status.h"
#include "station/status_json.h"

static const char *const expected_words[] = {[EXPECTED_NOTHING] = NULL,
	[EXPECTED_UP] = "up",
	[EXPECTED_DOWN] = "down",
	[EXPECTED_KEEP] = "keep"};

/* Who stands for a station: the process that runs it, or else the tool that ends last. */
static const enum stage runners[] = {STAGE_STATIONRUN, STAGE_RTMPPUSH, STAGE_SEGCUT};

/* The wall time at which a process started: always the same, unless the clock was set. */
static void tell_since(char *out, size_t size, const struct process *process,
	const struct clock_stamp *now)
{
	static int64_t boot; /* wall time, ms */
	int64_t booted = clock_wall_ns() / CLOCK_MS_NS - now->mono;
	int64_t started = process->started * CLOCK_SECOND / sysconf(_SC_CLK_TCK);
	struct tm utc;

	if (llabs(booted - boot) > CLOCK_SECOND)
		boot = booted;
	const time_t when = (time_t)((boot + started) / CLOCK_SECOND);

	if (gmtime_r(&when, &utc))
		strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void registry_of(struct registry_row *row, const struct snapshot *snapshot,
	const struct expected *expected)
{
	struct status status;
	struct process process;

	status_of(&status, snapshot);
	*row = (struct registry_row){
		.stream = snapshot->id,
		.expected = expected_words[expected_of(expected, snapshot->id)],
		.desired = status.desired,
		.by = status.desired_by,
		.health = status.state,
	};
	for (size_t i = 0; row->pid == 0 && i < sizeof runners / sizeof *runners; i++) {
		const struct stage_row *runner = &stage_rows[runners[i]];
		if (process_of_fact(
			    &process, &snapshot->facts.of[runners[i]], runner->name) < 0)
			continue;
		row->pid = process.pid;
		tell_since(row->since, sizeof row->since, &process, &snapshot->now);
	}
}

typedef void print_row(FILE *out, const struct registry_row *row);

static void print_all(FILE *out, const struct snapshot *const *list, size_t count,
	const struct expected *expected, print_row *print)
{
	bool *known = calloc(expected->count + 1, sizeof *known);
	struct registry_row row;

	for (size_t i = 0; i < count; i++) {
		const struct expected_item *item = expected_find(expected, list[i]->id);
		if (item && known)
			known[item - expected->items] = true;
		registry_of(&row, list[i], expected);
		print(out, &row);
	}
	for (size_t i = 0; known && i < expected->count; i++) {
		const struct expected_item *item = &expected->items[i];
		if (known[i])
			continue;
		print(out,
			&(struct registry_row){.stream = item->id,
				.expected = expected_words[item->word],
				.health = "unknown"});
	}
	free(known);
}

static const char *or_dash(const char *text)
{
	return text && *text ? text : STATUS_DASH;
}

static void print_line(FILE *out, const struct registry_row *row)
{
	char pid[16] = STATUS_DASH;

	if (row->pid > 0)
		snprintf(pid, sizeof pid, "%d", (int)row->pid);
	fprintf(out, "%-16s  %-8s  %-7s  %-6s  %-8s  %-20s  %s\n", row->stream,
		or_dash(row->expected), or_dash(row->desired), or_dash(row->by), pid,
		or_dash(row->since), or_dash(row->health));
}

void registry_print(FILE *out, const struct snapshot *const *list, size_t count,
	const struct expected *expected)
{
	char event[256];

	text_escape(event, sizeof event, expected->event, strlen(expected->event));
	fprintf(out, "event: %s\ntime: %s\nwhole: %s\n\n", or_dash(event),
		or_dash(expected->time), expected->whole ? "yes" : "no");
	fprintf(out, "%-16s  %-8s  %-7s  %-6s  %-8s  %-20s  %s\n", "STREAM", "EXPECTED",
		"DESIRED", "BY", "PID", "SINCE", "HEALTH");
	print_all(out, list, count, expected, print_line);
}

static void print_json(FILE *out, const struct registry_row *row)
{
	json_t *object = json_pack("{s:s, s:o, s:s?, s:s?, s:s?, s:s?, s:s?}", "stream",
		row->stream, "pid", row->pid > 0 ? json_integer(row->pid) : json_null(),
		"since", *row->since ? row->since : NULL, "health", row->health,
		"expected", row->expected, "desired", row->desired, "by", row->by);
	char *text = json_dumps(object, STATUS_JSON_FLAGS);

	if (text)
		fprintf(out, "%s\n", text);
	free(text);
	json_decref(object);
}

void registry_print_json(FILE *out, const struct snapshot *const *list, size_t count,
	const struct expected *expected)
{
	print_all(out, list, count, expected, print_json);
}
