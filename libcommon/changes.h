/*
 * changes: told when something changes that decides what stations should do: their
 * settings, what people wish, and the facts of tools that have ended.
 */
#ifndef STREAMHUB_CHANGES_H
#define STREAMHUB_CHANGES_H

#include <stdbool.h>

#include "station.h"

/* A descriptor for poll(2), or -1 with errno; the others take that for "never". */
int changes_open(void);

/*
 * Watches a place, and what is below it of a station. To be called anew for each look at
 * it, as folders come, go and are replaced.
 */
void changes_watch(int fd, enum station_place place);
void changes_watch_station(int fd, const char *id);

/* Takes what has come; whether it was something. Never waits. */
bool changes_take(int fd);

#endif
