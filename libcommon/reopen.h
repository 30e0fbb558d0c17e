/*
 * reopen: a pipe or terminal without blocking, though others share our descriptor.
 *
 * O_NONBLOCK belongs to the open file description, which our parent and our neighbours in
 * a pipeline have too: setting it there would change it for them.
 */
#ifndef STREAMHUB_REOPEN_H
#define STREAMHUB_REOPEN_H

/*
 * Opens what fd stands for once more, in the same access mode, non-blocking and
 * close-on-exec. Returns the descriptor, the caller's; or -1 with errno: EINVAL for what
 * is neither a FIFO nor a terminal, EACCES for what this user may not open.
 */
int reopen_nonblocking(int fd);

#endif
