/*
 * vet: looks at the settings of a station before anything is done with it, and says what
 * is wrong with them.
 */
#ifndef STREAMHUB_VET_H
#define STREAMHUB_VET_H

#include "conf.h"

/*
 * settings is the folder, or negative errno. Returns EX_OK, after warnings too; else
 * EX_CONFIG if a tool would not take them, EX_NOINPUT if there are none, EX_IOERR.
 */
int vet_settings(int settings, const char *id);

/* The same; and if it is EX_OK, conf is what they are, to be freed. */
int vet_take(int settings, const char *id, struct conf *conf);

#endif
