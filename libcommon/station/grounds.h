/*
 * grounds: tells if two folders are the same or one is inside the other, and which
 * folders no camera may fill. Compares device and inode, so links and mounts make no
 * difference; a folder that does not exist yet is compared by its text. Prints its own
 * messages.
 */
#ifndef STREAMHUB_GROUNDS_H
#define STREAMHUB_GROUNDS_H

#include <stdbool.h>

#include "base/conf.h"

/* The path of inner below outer; empty if they are the same folder; NULL if inner is not
 * in outer. Valid until the next call. */
const char *grounds_below(const char *inner, const char *outer);

/* True if a clip in folder would count as a clip of the drop folder. */
bool grounds_watched(const char *folder, const char *drop);

/* If no station may have this drop folder, or move clips to it: the owner of the folder
 * in words. Else NULL. */
const char *grounds_reserved(const char *drop);

/* True if it is in /tmp or /var/tmp, which a service with PrivateTmp= does not see. */
bool grounds_private(const char *drop);

/* Warns of each other station in the folder of settings whose drop folder or library is
 * the same one as this station's, contains it or lies in it. Two may share a library. */
void grounds_shared(int settings, const char *id, const struct conf *conf);

#endif
