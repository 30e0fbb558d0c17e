/*
 * loop: a filler of a prepared clip, read again from its start each time it ends.
 *
 * The file is opened anew for each filler, so another one may take its place at any time.
 * A file that cannot be used, or no longer, is reported once, and not tried again before
 * the next clip has begun. Prints its own messages.
 */
#ifndef STREAMHUB_LOOP_H
#define STREAMHUB_LOOP_H

#include <libavcodec/packet.h>
#include <stdbool.h>

#include "segment.h"

struct loop {
	const char *path; /* NULL: there is no such filler */
	bool aac_only; /* as in segment.h */
	bool open;
	bool failed; /* it cannot be used */
	bool told; /* that was said, and it was not usable since */
	bool reorders; /* pictures are shown in another order than they are sent */
	int fd;
	struct segment segment;
};

/* True if it can be tried. */
bool loop_usable(const struct loop *loop);

/* Goes to the file's start. Returns 0, or -1 if it cannot be used. */
int loop_begin(struct loop *loop);

/* The next packet, as segment_next returns them. Returns 1; 0: it has ended; or -1 if the
 * file cannot be used any more. */
int loop_next(struct loop *loop, AVPacket **packet);

/* The next clip begins: the file is tried again after it. */
void loop_forget(struct loop *loop);

/* Safe twice. */
void loop_close(struct loop *loop);

#endif
