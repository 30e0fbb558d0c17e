/*
 * units_parts: the names and the contents of a station's systemd files. For units*.c
 * alone.
 */
#ifndef STREAMHUB_UNITS_PARTS_H
#define STREAMHUB_UNITS_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "service/units.h"

#define UNITS_PREFIX "streamhub" /* its targets come with streamhub itself */
#define UNITS_PREFIX_VARIABLE "SERVICE_PREFIX"
#define UNITS_DROP_IN "streamhub.conf"
#define UNITS_OFF "# The station has no such stage.\n"
#define UNITS_TEXT_MAX 32768
#define UNITS_NAME_SIZE 256

/* The user and the prefix of the station, from the variable or as it was installed. NULL:
 * no user of its own, or the usual prefix. */
const char *units_user(const char *id);
const char *units_prefix(const char *id);

/*
 * The nth file: its name below UNITS_PLACE and, if text is not NULL, its text, which is
 * empty for a file that must not exist with these settings. False: there are no more.
 */
bool units_file(size_t n, const char *id, const struct conf *conf,
	char name[UNITS_NAME_SIZE], char *text);

/* Warns of settings that do not work with services. */
void units_warn(const char *id, const struct conf *conf);

#endif
