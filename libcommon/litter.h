/*
 * litter: what lies about a station that does not run, and need not stay: what was left
 * half done, what was put away, what was played and kept.
 */
#ifndef STREAMHUB_LITTER_H
#define STREAMHUB_LITTER_H

#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "path.h"

enum litter_kind {
	LITTER_TEMP, /* uploads and files of the tools that were never finished */
	LITTER_FAILED, /* all that is in quarantine */
	LITTER_PLAYED, /* clips that were kept or moved when they were played */
};

extern const char *const litter_names[]; /* of these; NULL after the last */

#define LITTER_ROOTS 3

struct litter {
	enum litter_kind kind;
	struct {
		char *path;
		int folder; /* or -1 */
	} roots[LITTER_ROOTS];
	struct litter_file {
		size_t root;
		char *path; /* below it */
		struct path_id id;
	} * files;
	size_t count, gone; /* found, and removed of them */
	int64_t bytes, gone_bytes;
};

/*
 * Looks for it. conf is what vet_settings has passed. Returns EX_OK; or says what could
 * not be read and returns a code of sysexits.h: what was found is there all the same, and
 * litter_free is to be called in any case.
 */
int litter_find(struct litter *litter, enum litter_kind kind, const char *id,
	const struct conf *conf);

/*
 * Removes it, as far as each is still the file that was found, and prints the path of
 * each that went, escaped, on standard output. Returns as above.
 */
int litter_remove(struct litter *litter);

void litter_free(struct litter *litter);

#endif
