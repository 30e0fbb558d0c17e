#include "supervise.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"

#define LONGEST_PAUSE (60 * CLOCK_SECOND)
#define GRACE (5 * CLOCK_SECOND) /* that the tools have to end */

static void pause_after(struct supervise *supervise, const char *again)
{
	int64_t pause = backoff_failed(&supervise->backoff, clock_now(), LONGEST_PAUSE);

	supervise->pulse.changed = true;
	msg_error("station '%s': %s; %s in %" PRId64 " s", supervise->commands.id,
		supervise->error, again, pause / CLOCK_SECOND);
}

static void start(struct supervise *supervise)
{
	struct commands *commands = &supervise->commands;
	size_t n;

	if (commands_read(commands, supervise->error, sizeof supervise->error) < 0) {
		pause_after(supervise, "or when they change, again");
		return;
	}
	if (pipeline_start(&supervise->pipeline, commands->links, commands->count,
		    STDERR_FILENO, supervise->lock, &n) < 0) {
		snprintf(supervise->error, sizeof supervise->error,
			"'%s' cannot be run: %s", commands->links[n].argv[0],
			strerror(errno));
		pause_after(supervise, "again");
		return;
	}
	backoff_works(&supervise->backoff, clock_now());
	supervise->pulse.changed = true;
	msg_info("station '%s': its tools run", commands->id);
}

void supervise_start(struct supervise *supervise)
{
	/* Nobody who has mended the settings should have to wait for long. */
	if (commands_changed(&supervise->commands))
		supervise->backoff.until = 0;
	if (supervise->backoff.until <= clock_now())
		start(supervise);
}

void supervise_look_after(struct supervise *supervise)
{
	char how[64];
	int n = pipeline_ended(&supervise->pipeline, how, sizeof how);

	if (n < 0)
		return;
	snprintf(supervise->error, sizeof supervise->error, "%s %s",
		supervise->commands.links[n].argv[0], how);
	supervise_stop(supervise);
	supervise->restarts++;
	pause_after(supervise, "all again");
}

int64_t supervise_due(const struct supervise *supervise)
{
	if (supervise->pipeline.count > 0)
		return CLOCK_NEVER;
	/* The settings are looked at each second. */
	return clock_sooner(supervise->backoff.until, clock_now() + CLOCK_SECOND);
}

void supervise_write_fact(struct supervise *supervise)
{
	struct pulse *pulse = &supervise->pulse;
	bool runs = supervise->pipeline.count > 0;
	int64_t ran = clock_now() - supervise->backoff.since;
	int64_t wait = supervise->backoff.until - clock_now();
	const struct pulse_number numbers[] = {
		{"ticks", (int64_t)supervise->self.started},
		{"restarts", (int64_t)supervise->restarts},
		{"since", runs ? ran / CLOCK_SECOND : 0},
		{"next", runs || wait < 0 ? 0 : wait / CLOCK_SECOND},
	};

	pulse_begin(pulse);
	fact_add_text(&pulse->fact, "state", runs ? "running" : "waiting");
	pulse_numbers(pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse->fact, "error", runs ? "" : supervise->error);
	pulse_end(pulse);
}

void supervise_stop(struct supervise *supervise)
{
	pipeline_stop(&supervise->pipeline, GRACE);
}
