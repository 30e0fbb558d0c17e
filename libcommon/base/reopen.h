/*
 * reopen: a pipe or terminal that does not block, without changing it for others.
 *
 * O_NONBLOCK belongs to the open file description. Our parent and our neighbours in a
 * pipeline share that description, so setting the flag there would change it for them.
 */
#ifndef STREAMHUB_REOPEN_H
#define STREAMHUB_REOPEN_H

/*
 * Opens the file behind fd once more, in the same access mode, non-blocking and
 * close-on-exec. Returns the descriptor, which the caller closes; or -1 with errno:
 * EINVAL if it is neither a FIFO nor a terminal, EACCES if this user may not open it.
 */
int reopen_nonblocking(int fd);

#endif
