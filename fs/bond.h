/*
 * bond: the connection between a server and its mounter. It carries one message with the
 * descriptor of the mount, and then nothing until one of them ends.
 */
#ifndef STREAMHUB_BOND_H
#define STREAMHUB_BOND_H

#include <sys/un.h>

/* Makes a socket and the address for path. Returns the socket, or -1 with errno. */
int bond_socket(const char *path, struct sockaddr_un *address);

/* Gives the descriptor to the other end. Returns 0, or -1 with errno. */
int bond_give(int to, int fd);

/*
 * Asks the mounter at path for a mount. The caller closes both descriptors: fuse, the
 * mount, and bond, the connection. Returns 0; or reports why not and returns an exit
 * code.
 */
int bond_ask(const char *path, int *fuse, int *bond);

/*
 * Ends the connection and waits until the mounter has unmounted. The caller has closed
 * the mount's descriptor before. Returns 0 or an exit code.
 */
int bond_leave(int bond);

#endif
