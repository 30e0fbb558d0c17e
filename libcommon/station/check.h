/*
 * check: checks the settings of a station before they are used, and reports what is
 * wrong.
 */
#ifndef STREAMHUB_CHECK_H
#define STREAMHUB_CHECK_H

#include "base/conf.h"

/*
 * settings is the folder of settings, or a negative errno. Returns EX_OK, even after
 * warnings; EX_CONFIG if a tool would refuse the settings, EX_NOINPUT if there are none,
 * or EX_IOERR.
 */
int check_settings(int settings, const char *id);

/* The same, and the folders of WATCH_DIR and AFTER_PLAY must be there, or it is
 * EX_CONFIG. */
int check_station(int settings, const char *id);

/*
 * Warns if MIN_FILE_AGE is short while camwatch, run by this process's user, cannot see
 * that a file of another user is still being written. For settings that are in order.
 */
void check_writers(int settings, const char *id);

/* Like check_settings. With EX_OK conf holds the settings; the caller frees them. */
int check_take(int settings, const char *id, struct conf *conf);

#endif
