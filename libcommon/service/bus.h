/*
 * bus: calls systemd over D-Bus.
 *
 * Functions report errors and return codes of sysexits.h, unless stated otherwise.
 */
#ifndef STREAMHUB_BUS_H
#define STREAMHUB_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* Connects, once for all calls. NULL: it failed, which was reported. */
sd_bus *bus_open(void);

/*
 * Has systemd do "StartUnit" or "StopUnit", and waits at most time milliseconds for the
 * job. A unit that is not loaded counts as stopped. EX_UNAVAILABLE: the job failed or was
 * refused; EX_TEMPFAIL: it takes longer.
 */
int bus_job(const char *method, const char *unit, int64_t time);

/* A property of a unit as text, to be freed. NULL: it cannot be read. */
char *bus_text(const char *unit, const char *interface, const char *property);

/* The same for a number (u or i); 0 if there is none. */
int64_t bus_number(
	const char *unit, const char *interface, const char *property, char type);

/* Calls a method of the manager that takes a list of units and then these arguments. */
int bus_files(const char *method, const char *const *units, const char *types, ...);

/* Resets the failed state of a unit. */
void bus_reset(const char *unit);

/* Has systemd read its unit files again. */
int bus_reload(void);

#endif
