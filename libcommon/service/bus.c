#include "service/bus.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define MANAGER SYSTEMD, "/org/freedesktop/systemd1", SYSTEMD ".Manager"
#define NOT_LOADED SYSTEMD ".NoSuchUnit"

struct job {
	const char *path;
	char result[32]; /* empty: it is not done */
};

sd_bus *bus_open(void)
{
	static sd_bus *bus;
	static pid_t owner;

	if (bus && owner == getpid() && sd_bus_is_open(bus) > 0)
		return bus;
	if (bus && owner == getpid())
		sd_bus_close_unref(bus); /* it was lost */
	bus = NULL; /* a child has none yet: that of its parent is not to be touched */
	owner = getpid();
	int error = sd_bus_open_system(&bus);
	if (error >= 0)
		error = sd_bus_call_method(bus, MANAGER, "Subscribe", NULL, NULL, "");
	if (error >= 0)
		return bus;
	errno = -error;
	msg_error("systemd cannot be asked:");
	return bus = sd_bus_unref(bus);
}

static int take_removed(sd_bus_message *message, void *data, sd_bus_error *error)
{
	const char *path, *unit, *result;
	struct job *job = data;
	uint32_t number;

	(void)error;
	if (sd_bus_message_read(message, "uoss", &number, &path, &unit, &result) >= 0 &&
		job->path && strcmp(path, job->path) == 0)
		strncpy(job->result, result, sizeof job->result - 1);
	return 0;
}

static int await(sd_bus *bus, struct job *job, const char *unit, int64_t time)
{
	int64_t deadline = clock_now() + time;

	while (!*job->result) {
		int64_t left = deadline - clock_now();
		int more = sd_bus_process(bus, NULL);
		if (more < 0) {
			errno = -more;
			msg_error("'%s':", unit);
			return EX_UNAVAILABLE;
		}
		if (more == 0 && !*job->result && left <= 0) {
			msg_error("'%s': systemd is not done with it yet", unit);
			return EX_TEMPFAIL;
		}
		if (more == 0 && !*job->result)
			sd_bus_wait(bus, (uint64_t)left * 1000);
	}
	if (strcmp(job->result, "done") == 0)
		return EX_OK;
	msg_error("'%s': %s", unit, job->result);
	return EX_UNAVAILABLE;
}

int bus_job(const char *method, const char *unit, int64_t time)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	sd_bus_slot *slot = NULL;
	sd_bus *bus = bus_open();
	struct job job = {0};
	int code = EX_UNAVAILABLE;

	if (!bus)
		return EX_UNAVAILABLE;
	int done = sd_bus_match_signal(
		bus, &slot, MANAGER, "JobRemoved", take_removed, &job);
	if (done >= 0)
		done = sd_bus_call_method(
			bus, MANAGER, method, &error, &reply, "ss", unit, "replace");
	if (done >= 0)
		done = sd_bus_message_read(reply, "o", &job.path);
	if (sd_bus_error_has_name(&error, NOT_LOADED) && strcmp(method, "StopUnit") == 0)
		code = EX_OK;
	else if (done < 0)
		msg_error("'%s': %s", unit,
			error.message ? error.message : strerror(-done));
	else
		code = await(bus, &job, unit, time);
	sd_bus_error_free(&error);
	sd_bus_slot_unref(slot);
	sd_bus_message_unref(reply);
	return code;
}

/* The object of the unit, to be freed, or NULL. It is loaded when it is asked. */
static char *find_object(const char *unit)
{
	char *object = NULL;

	sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &object);
	return object;
}

char *bus_text(const char *unit, const char *interface, const char *property)
{
	sd_bus *bus = bus_open();
	char *object = bus ? find_object(unit) : NULL, *text = NULL;

	if (object)
		sd_bus_get_property_string(
			bus, SYSTEMD, object, interface, property, NULL, &text);
	free(object);
	return text;
}

int64_t bus_number(
	const char *unit, const char *interface, const char *property, char type)
{
	sd_bus *bus = bus_open();
	char *object = bus ? find_object(unit) : NULL;
	uint32_t number = 0;

	if (object)
		sd_bus_get_property_trivial(
			bus, SYSTEMD, object, interface, property, NULL, type, &number);
	free(object);
	return number;
}

void bus_reset(const char *unit)
{
	sd_bus *bus = bus_open();

	if (bus)
		sd_bus_call_method(
			bus, MANAGER, "ResetFailedUnit", NULL, NULL, "s", unit);
}

int bus_files(const char *method, const char *const *units, const char *types, ...)
{
	sd_bus_message *call = NULL;
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus *bus = bus_open();
	va_list values;

	if (!bus)
		return EX_UNAVAILABLE;
	va_start(values, types);
	int done = sd_bus_message_new_method_call(bus, &call, MANAGER, method);
	if (done >= 0)
		done = sd_bus_message_append_strv(call, (char **)(uintptr_t)units);
	if (done >= 0)
		done = sd_bus_message_appendv(call, types, values);
	va_end(values);
	if (done >= 0)
		done = sd_bus_call(bus, call, 0, &error, NULL);
	if (done < 0)
		msg_error("'%s': %s", units[0],
			error.message ? error.message : strerror(-done));
	sd_bus_error_free(&error);
	sd_bus_message_unref(call);
	return done < 0 ? EX_UNAVAILABLE : EX_OK;
}

int bus_reload(void)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus *bus = bus_open();

	int done =
		bus ? sd_bus_call_method(bus, MANAGER, "Reload", &error, NULL, "") : -1;
	if (bus && done < 0)
		msg_error("systemd does not read its units anew: %s",
			error.message ? error.message : strerror(-done));
	sd_bus_error_free(&error);
	return done < 0 ? EX_UNAVAILABLE : EX_OK;
}
