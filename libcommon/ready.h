/*
 * ready: what a service tells its supervisor through sd_notify(3). Without a supervisor
 * every call does nothing.
 */
#ifndef STREAMHUB_READY_H
#define STREAMHUB_READY_H

#include <stdint.h>

/* The service works from now on. */
void ready_up(void);

/* The service is on its way out. */
void ready_down(void);

/*
 * Feeds the watchdog if that is due. Returns when it is due next, as a deadline of
 * tick.h; TICK_NEVER if nobody watches.
 */
int64_t ready_alive(void);

#endif
