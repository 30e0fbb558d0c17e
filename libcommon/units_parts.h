/*
 * units_parts: what the files of a station for systemd are called, and what is in them.
 * For units*.c alone.
 */
#ifndef STREAMHUB_UNITS_PARTS_H
#define STREAMHUB_UNITS_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "units.h"

#define UNITS_PREFIX "streamhub" /* the one whose targets come with streamhub */
#define UNITS_PREFIX_VARIABLE "SERVICE_PREFIX"
#define UNITS_DROP_IN "streamhub.conf"
#define UNITS_TEXT_MAX 32768
#define UNITS_NAME_SIZE 256

/* Of the station, by its variable or as it was installed; NULL: none, or the usual. */
const char *units_user(const char *id);
const char *units_prefix(const char *id);

/*
 * The nth file: its name below UNITS_PLACE; and its text if text is not NULL, empty for
 * one that is not to be there with these settings. False: there are no more.
 */
bool units_file(size_t n, const char *id, const struct conf *conf,
	char name[UNITS_NAME_SIZE], char *text);

/* Says what of the settings will not do as services. */
void units_warn(const char *id, const struct conf *conf);

#endif
