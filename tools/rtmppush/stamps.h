/*
 * stamps: remembers the time stamps of a broadcast, so that an rtmppush that follows one
 * that ended or was killed can go on with them. A fact beside the cursor, with its name
 * and ".stamps"; after a reboot it is of no use.
 */
#ifndef STREAMHUB_STAMPS_H
#define STREAMHUB_STAMPS_H

#include <stdint.h>

/* Writes down that no stamp so far is above ms. Returns 0, or -1 with errno. */
int stamps_note(int folder, const char *cursor, int64_t ms);

/*
 * Returns the stamp that was written down plus the milliseconds since then; 0: none was,
 * in this boot; or -1 with errno (EBADMSG: the file is no such fact).
 */
int64_t stamps_by_now(int folder, const char *cursor);

#endif
