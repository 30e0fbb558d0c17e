/*
 * units: what a station adds to the unit files of systemd that come with streamhub: for
 * each of its services a drop-in that opens the station's own folders to it.
 *
 * SERVICE_PREFIX (streamhub) names the targets, SERVICE_USER who runs the services; where
 * they are not set, what the station was installed with stays.
 * Functions say what goes wrong and return codes of sysexits.h.
 */
#ifndef STREAMHUB_UNITS_H
#define STREAMHUB_UNITS_H

#include <stdbool.h>

#include "conf.h"

#define UNITS_PLACE "/etc/systemd/system"

/* The tools, each a service of a station: the usual ones, then those that few have. */
#define UNITS_USUAL 4
#define UNITS_TOOLS 6
extern const char *const units_tools[UNITS_TOOLS + 1]; /* NULL after the last */

/* Whether the station has that service, as it was installed. */
bool units_uses(const char *tool, const char *id);

/* The name of the unit, "PREFIX@ID.target" or "TOOL@ID.service" or ".socket"; static. */
const char *units_target(const char *id);
const char *units_service(const char *tool, const char *id);
const char *units_socket(const char *tool, const char *id);

/* The target of all stations that have its prefix; static. */
const char *units_all(const char *id);

/* Prints the files on standard output. conf is what vet_settings has passed. */
int units_print(const char *id, const struct conf *conf);

/* Writes those that are not so yet. *changed: systemd is to read them. */
int units_write(const char *id, const struct conf *conf, bool *changed);

/* Writes them and has systemd start the station at boot. */
int units_install(const char *id, const struct conf *conf);

/* Undoes that. The station does not run. */
int units_uninstall(const char *id);

#endif
