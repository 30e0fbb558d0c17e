/*
 * mounter: a process that mounts the view for a server, which answers the kernel but has
 * no right to mount.
 *
 * The server connects to the mounter's socket and gets the descriptor of a new mount. The
 * connection lasts as long as the mount. When it is closed, for whatever reason, the
 * mounter unmounts; if the mounter ended, the server ends too, as nobody could unmount
 * after it. Functions report errors and return 0 or an exit code.
 */
#ifndef STREAMHUB_MOUNTER_H
#define STREAMHUB_MOUNTER_H

/*
 * Mounts on point for servers that connect to the socket at path, one after the other,
 * until a signal of sigfd.h comes. Only this user can use the socket. Of root's rights it
 * keeps only the right to mount.
 */
int mounter_run(const char *path, const char *point, int signals);

#endif
