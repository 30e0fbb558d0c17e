/*
 * units: the systemd files of a station. streamhub comes with unit files; a station adds
 * for each of its services a drop-in that opens the station's own folders to the service.
 *
 * The variable SERVICE_PREFIX (default streamhub) names the targets, SERVICE_USER is the
 * user of the services; units_install makes that user. If they are not set, an installed
 * station keeps the ones that it has. Functions report errors and return codes of
 * sysexits.h.
 */
#ifndef STREAMHUB_UNITS_H
#define STREAMHUB_UNITS_H

#include <stdbool.h>

#include "base/conf.h"
#include "station/stage.h"

#define UNITS_PLACE "/etc/systemd/system"

/* True if the station was installed with the service of that stage. */
bool units_uses(enum stage stage, const char *id);

/* The name of the unit, "PREFIX@ID.target" or "TOOL@ID.service" or ".socket"; static. */
const char *units_target(const char *id);
const char *units_service(enum stage stage, const char *id);
const char *units_socket(enum stage stage, const char *id);

/* The target of all stations that have its prefix; static. */
const char *units_all(const char *id);

/* Prints the files on standard output. check_settings has accepted conf. */
int units_print(const char *id, const struct conf *conf);

/* Writes the files that have changed. *changed: systemd must read them again. */
int units_write(const char *id, const struct conf *conf, bool *changed);

/* Writes the files and has systemd start the station at boot. */
int units_install(const char *id, const struct conf *conf);

/* Undoes that. The station must not run. */
int units_uninstall(const char *id);

#endif
