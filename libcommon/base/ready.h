/*
 * ready: what a service tells its supervisor through sd_notify(3). Without a supervisor
 * every call does nothing.
 */
#ifndef STREAMHUB_READY_H
#define STREAMHUB_READY_H

#include <stdint.h>

/* Tells the supervisor that the service is ready. */
void ready_up(void);

/* Tells the supervisor that the service is stopping. */
void ready_down(void);

/*
 * Notifies the watchdog if that is due. Returns when it is due next, as a deadline of
 * clock.h; CLOCK_NEVER if the supervisor has set no watchdog.
 */
int64_t ready_alive(void);

#endif
