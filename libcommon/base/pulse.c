#include "base/pulse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"

#define IDLE (30 * CLOCK_SECOND)

int pulse_open(struct pulse *pulse, const char *path, const char *name)
{
	struct clock_stamp stamp;

	pulse->name = name;
	pulse->changed = true;
	pulse->folder = -1;
	if (!path)
		return 0;
	if (clock_stamp(&stamp) < 0) {
		msg_error("boot id '/proc/sys/kernel/random/boot_id':");
		return EX_OSERR;
	}
	pulse->started = stamp.mono;
	pulse->folder = path_open_folder(path);
	if (pulse->folder >= 0) {
		atomic_sweep(pulse->folder, name);
		return 0;
	}
	int error = errno;
	msg_error("status folder '%s':", path);
	return error == ENOENT || error == ENOTDIR || error == EACCES ? EX_NOINPUT
								      : EX_IOERR;
}

int64_t pulse_due(const struct pulse *pulse)
{
	if (pulse->folder < 0)
		return CLOCK_NEVER;
	return pulse->written + (pulse->changed ? CLOCK_SECOND : IDLE);
}

void pulse_seconds(struct pulse *pulse, const char *key, int64_t milliseconds)
{
	char seconds[32] = "";

	if (milliseconds > 0)
		snprintf(seconds, sizeof seconds, "%" PRId64 ".%03d", milliseconds / 1000,
			(int)(milliseconds % 1000));
	fact_add_text(&pulse->fact, key, seconds);
}

void pulse_begin(struct pulse *pulse)
{
	fact_begin(&pulse->fact);
	pulse_seconds(pulse, "started", pulse->started);
}

void pulse_busy(struct pulse *pulse, bool busy)
{
	struct clock_stamp stamp;

	if (!busy)
		pulse->busy = 0;
	else if (pulse->busy == 0 && clock_stamp(&stamp) == 0)
		pulse->busy = stamp.mono - pulse->started < IDLE ? -1 : stamp.mono;
	pulse_seconds(pulse, "busy", pulse->busy);
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
	pulse->written = clock_now();
}
