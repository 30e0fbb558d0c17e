/*
 * litter: what lies about a station that does not run, and need not stay: what was left
 * half done, what was put away, what was played and kept.
 */
#ifndef STREAMHUB_LITTER_H
#define STREAMHUB_LITTER_H

#include <stdbool.h>

#include "conf.h"

enum litter_kind {
	LITTER_TEMP, /* uploads and files of the tools that were never finished */
	LITTER_FAILED, /* all that is in quarantine */
	LITTER_PLAYED, /* clips that were kept or moved, played or passed over */
};

extern const char *const litter_names[]; /* of these; NULL after the last */

/*
 * Looks for it, asks on standard error and input unless yes, and removes it, as far as
 * each is still the file that was found. The path of each that went is printed, escaped,
 * on standard output. conf is what vet_settings has passed. Returns EX_OK; 1: the answer
 * was no; or says what could not be read or removed and returns a code of sysexits.h: the
 * rest is done all the same.
 */
int litter_clean(
	enum litter_kind kind, const char *id, const struct conf *conf, bool yes);

#endif
