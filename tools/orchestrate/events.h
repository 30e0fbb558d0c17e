/*
 * events: wakes orchestrate when something changes that decides what stations should do:
 * their settings, their desired state, or facts that disappear when tools end.
 */
#ifndef STREAMHUB_EVENTS_H
#define STREAMHUB_EVENTS_H

#include <stdbool.h>

#include "station/station.h"

/* A descriptor for poll(2), or -1 with errno. With -1 the other functions do nothing. */
int events_open(void);

/*
 * Watch a place, or the folders of a station in all places. Call them again before each
 * look, as folders come, go and are replaced.
 */
void events_watch(int fd, enum station_place place);
void events_watch_station(int fd, const char *id);

/* Takes the events that have come. True if one of them matters. Never waits. */
bool events_take(int fd);

#endif
