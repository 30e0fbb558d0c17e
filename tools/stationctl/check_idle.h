/*
 * check_idle: whether the clip of the setting IDLE can be sent as a filler. segcheck
 * looks into it, in its sandbox. Prints messages.
 */
#ifndef STREAMHUB_CHECK_IDLE_H
#define STREAMHUB_CHECK_IDLE_H

#include "base/conf.h"

/* Returns 0, also where IDLE names no clip, or an exit code. */
int check_idle(const char *id, const struct conf *conf);

#endif
