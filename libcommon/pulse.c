#include "pulse.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "msg.h"
#include "path.h"
#include "tick.h"

#define IDLE (30 * TICK_SECOND)

int pulse_open(struct pulse *pulse, const char *path, const char *name)
{
	struct tick_stamp stamp;

	pulse->name = name;
	pulse->changed = true;
	pulse->folder = -1;
	if (!path)
		return 0;
	if (tick_stamp(&stamp) < 0) {
		msg_error("boot id '/proc/sys/kernel/random/boot_id':");
		return EX_OSERR;
	}
	pulse->started = stamp.mono;
	pulse->folder = path_open_folder(path);
	if (pulse->folder >= 0)
		return 0;
	msg_error("status folder '%s':", path);
	return EX_NOINPUT;
}

int64_t pulse_due(const struct pulse *pulse)
{
	if (pulse->folder < 0)
		return TICK_NEVER;
	return pulse->written + (pulse->changed ? TICK_SECOND : IDLE);
}

void pulse_begin(struct pulse *pulse)
{
	char started[32];

	fact_begin(&pulse->fact);
	snprintf(started, sizeof started, "%" PRId64 ".%03d", pulse->started / 1000,
		(int)(pulse->started % 1000));
	fact_add_text(&pulse->fact, "started", started);
}

void pulse_numbers(struct pulse *pulse, const struct pulse_number *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fact_add_number(&pulse->fact, numbers[i].key, numbers[i].value);
}

void pulse_end(struct pulse *pulse)
{
	bool failed = fact_write(&pulse->fact, pulse->folder, pulse->name) < 0;

	if (failed && !pulse->failed)
		msg_warn("fact '%s':", pulse->name);
	else if (pulse->failed && !failed)
		msg_info("fact '%s': written again", pulse->name);
	pulse->failed = failed;
	pulse->changed = false;
	pulse->written = tick_now();
}
