/*
 * playlist: the verb of this name: what a station's list plays and what is to come,
 * changes of the list, and skipping what plays.
 */
#ifndef STREAMHUB_PLAYLIST_H
#define STREAMHUB_PLAYLIST_H

#include <stdbool.h>

#include "base/conf.h"

/* True if these words may follow the ID; they end with NULL. */
bool playlist_words_ok(char *const *words);

/*
 * Does it. places are those of station.h, conf is what check_take has passed, and runs
 * says that the station does. Prints messages and returns a code of sysexits.h.
 */
int playlist_do(const int *places, const char *id, const struct conf *conf, bool runs,
	char *const *words);

#endif
