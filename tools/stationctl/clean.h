/*
 * clean: removes files of a station that does not run: files that were never finished,
 * the quarantine, or clips that were played and kept.
 */
#ifndef STREAMHUB_CLEAN_H
#define STREAMHUB_CLEAN_H

#include <stdbool.h>

#include "base/conf.h"

enum clean_kind {
	CLEAN_TEMP, /* uploads and files of the tools that were never finished */
	CLEAN_FAILED, /* all files in the quarantine */
	CLEAN_PLAYED, /* clips that were kept or moved, played or passed over */
};

extern const char *const clean_names[]; /* of these; NULL after the last */

/*
 * Looks for it, asks on standard error and input unless yes, and removes it, as far as
 * each is still the file that was found. The path of each that went is printed, escaped,
 * on standard output. conf is what check_settings has passed. Returns EX_OK; 1: the
 * answer was no; or says what could not be read or removed and returns a code of
 * sysexits.h: the rest is done all the same.
 */
int clean_station(
	enum clean_kind kind, const char *id, const struct conf *conf, bool yes);

#endif
