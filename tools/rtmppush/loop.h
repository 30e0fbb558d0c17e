/*
 * loop: a filler of a prepared clip, read again from its start each time it ends.
 *
 * The file is opened anew for each filler, so another one may take its place at any time.
 * A file that cannot be used is reported once. It is tried again after the next clip, and
 * each minute. Prints its own messages.
 */
#ifndef STREAMHUB_LOOP_H
#define STREAMHUB_LOOP_H

#include <libavcodec/packet.h>
#include <stdbool.h>

#include "segment.h"

struct loop {
	const char *path; /* NULL: there is no such filler */
	enum report_sound sound; /* as in segment.h */
	bool open;
	int64_t retry; /* when one that cannot be used is tried again, by clock.h */
	bool told; /* the reason was said */
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

/* Has found that it cannot be used, and why. Returns -1. */
int loop_refuse(struct loop *loop, const char *why);

/* The next clip begins: the file is tried again after it. */
void loop_forget(struct loop *loop);

/* Safe twice. */
void loop_close(struct loop *loop);

#endif
