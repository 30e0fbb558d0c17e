/*
 * show: a station as one line on standard output, for people or as JSON.
 *
 * That standard output fails is for opt_finish to say. No memory: ends with 71.
 */
#ifndef STREAMHUB_SHOW_H
#define STREAMHUB_SHOW_H

#include <stdbool.h>
#include <sys/types.h>

#include "station/snapshot.h"

/* Reads from the environment whether the locale is one of UTF-8. */
void show_begin(void);

/* ID, name, desired, and whether it is active. */
void show_listed(const struct snapshot *snapshot, bool json);

/*
 * How it is; pid is who runs it, or 0. Returns false if it is desired up, and does not
 * run or is not healthy.
 */
bool show_status(const struct snapshot *snapshot, pid_t pid, bool json);

#endif
