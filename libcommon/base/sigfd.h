/*
 * sigfd: SIGTERM and SIGINT as a descriptor for poll(2) instead of a handler.
 */
#ifndef STREAMHUB_SIGFD_H
#define STREAMHUB_SIGFD_H

/* The same for another signal alone, which is not one of these. sigfd_take and close(2)
 * are for this one, too. */
int sigfd_open_one(int signal);

/* Blocks both signals. Returns a descriptor that becomes readable when one arrives, or -1
 * with errno. */
int sigfd_open(void);

/* The signal that arrived, 0 if none did. Does not block. */
int sigfd_take(int fd);

/* Closes the descriptor and lets both signals through again. */
void sigfd_close(int fd);

#endif
