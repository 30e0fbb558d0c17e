/*
 * bus: systemd by its D-Bus interface.
 *
 * Says what goes wrong and returns codes of sysexits.h, if not told otherwise.
 */
#ifndef STREAMHUB_BUS_H
#define STREAMHUB_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* Connects, once for all calls. NULL: it cannot, and it was said. */
sd_bus *bus_open(void);

/*
 * Has systemd do "StartUnit" or "StopUnit", and waits at most so many milliseconds for
 * the job. What is not loaded is stopped. EX_UNAVAILABLE: the job failed or was refused;
 * EX_TEMPFAIL: it takes longer.
 */
int bus_job(const char *method, const char *unit, int64_t time);

/* A property of a unit as text, to be freed. NULL: systemd does not tell. */
char *bus_text(const char *unit, const char *interface, const char *property);

/* The same for a number (u or i); 0 if there is none. */
int64_t bus_number(
	const char *unit, const char *interface, const char *property, char type);

/* Calls a method of the manager that takes the units, and these arguments after them. */
int bus_files(const char *method, const char *const *units, const char *types, ...);

/* Forgets that it failed, however that was. */
void bus_reset(const char *unit);

/* Has systemd read its units anew. */
int bus_reload(void);

#endif
