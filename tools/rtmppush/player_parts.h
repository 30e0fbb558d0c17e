/*
 * What player.c, player_sound.c and player_fill.c call of each other. Errors are -1: the
 * session is lost.
 */
#ifndef STREAMHUB_PLAYER_PARTS_H
#define STREAMHUB_PLAYER_PARTS_H

#include "player.h"

#define PLAYER_AHEAD \
	200 /* milliseconds that stamps may be ahead of the clip's own times */

/* Sends a packet of the segment, its sound encoded if it has to be, and frees it. */
int player_send(struct player *player, struct segment *of, AVPacket **packet);

/* Sends a packet as it is at its place on the timeline, and frees it. */
int player_put(struct player *player, AVPacket **packet);

/*
 * The sound that a session announces for what is sent next, in *par: the clip's own, and
 * where it has none, that which is to be sent as silence.
 */
void player_announce_sound(struct player *player, AVCodecParameters **par);

/*
 * To be called when a clip or filler begins, whose sound is own; without a stream it has
 * none: then it gets silence, if wanted. Silence goes on from that of what was before,
 * and up to the first sound that follows it, so that neither border has a gap. first is
 * as in timeline.h.
 */
int player_begin_sound(struct player *player, const struct segment_stream *own,
	bool wanted, const int64_t first[TIMELINE_KINDS]);

/* True if silence is due before the time at, which becomes its time. */
bool player_silence_first(const struct player *player, int64_t *at);

/* True if a packet of sound may be sent; silence ends with the first. False: it turned up
 * too late to be announced, or silence is sent in its place. */
bool player_takes_sound(struct player *player);

int player_send_silence(struct player *player);

/*
 * Sends what is due of the filler, up to where a clip that waits may begin; *left is how
 * many packets may be sent.
 */
int player_send_filler(struct player *player, int64_t until, unsigned *left);

/* Ends the filler for a clip that waits. Returns 1; 0: not yet; or -1. */
int player_end_filler(struct player *player, int64_t until, unsigned *left);

#endif
