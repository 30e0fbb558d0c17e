/*
 * show: verdicts on standard output: as text, as JSON, or as the one line of a Nagios
 * plugin, for which they are gathered.
 */
#ifndef STREAMHUB_SHOW_H
#define STREAMHUB_SHOW_H

#include <stdbool.h>

#include "station/verdict.h"

enum show_format { SHOW_TEXT, SHOW_JSON, SHOW_NAGIOS };

/*
 * Shows the verdict on a station or a heartbeat, or gathers it. quiet leaves out what is
 * ok, but counts it. Exits if there is no memory, or if JSON cannot be written.
 */
void show_verdict(
	const char *name, const struct verdict *v, enum show_format format, bool quiet);

/*
 * Prints the line of a Nagios plugin from what was gathered. worst is the worst exit code
 * of the rest. Returns the plugin's exit code.
 */
int show_nagios_line(int worst);

/* The same when not everything could be judged, and why. */
int show_nagios_failure(const char *why);

#endif
