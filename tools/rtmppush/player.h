/*
 * player: plays clips one after the other into one RTMP session, in real time, and
 * reports how much of them the server has acknowledged.
 *
 * When the timeline would run dry it goes on with a filler (loop.h, still.h), if fills is
 * set. A filler or clip that has no sound may get silence (silence.h), and sound that is
 * not AAC may be encoded (encoder.h).
 *
 * Time stamps are those of timeline.h. Ten times a second it sends the packets that are
 * due within the lead, a few at a time, because some servers stall their viewers after a
 * burst. Prints messages about sessions. Errors are -1.
 */
#ifndef STREAMHUB_PLAYER_H
#define STREAMHUB_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "decoder.h"
#include "encoder.h"
#include "loop.h"
#include "segment.h"
#include "session.h"
#include "silence.h"
#include "still.h"
#include "timeline.h"

#define PLAYER_MARKS 256
#define PLAYER_STEP (CLOCK_SECOND / 10) /* between two sendings */
#define PLAYER_GAP 5 /* milliseconds, when more is due than is sent at once */

/* A new session begins above this stamp: four hours before stamps in 32 bits become
 * negative, so that the current clip can end. */
#define PLAYER_LAST_STAMP ((INT64_C(1) << 31) - 4 * 3600 * 1000)

/* When the server has acknowledged bytes, the clip has been played up to position. */
struct player_mark {
	uint64_t bytes;
	int64_t position; /* milliseconds into the clip; at its end, one more than it has
			   */
	bool ended; /* this mark is the clip's end */
	const char *flaw; /* why the rest of the clip was not played, or NULL */
	bool runs_on; /* the flaw is that the clip would have lasted too long */
	unsigned jumps; /* jumps of its time stamps that were removed */
	unsigned left_out; /* packets of audio that came too late, or were too many */
};

struct player_clip {
	struct segment segment;
	bool begun; /* it has its place on the timeline */
	bool skipped; /* its rest is left out */
	unsigned left_out;
	int64_t origin; /* its own time at position 0, microseconds; TIMELINE_NONE: no
			   picture has come yet */
};

struct player {
	const char *url;
	int64_t lead; /* microseconds that are sent ahead */
	int64_t speed; /* per mille on top of real time */
	int64_t first_stamp; /* of the first session, microseconds */
	bool goes_on; /* a later session begins where the stamps would be by now */
	int64_t lost; /* when the last session ended, by clock.h */
	bool more; /* packets are due: call player_step again after PLAYER_GAP */
	int64_t max_clip; /* microseconds that a clip may last; 0: no limit */
	struct session session;
	struct timeline timeline;
	struct player_clip clips[2]; /* the one that plays and the next one */
	size_t first_clip, count;
	bool idle; /* there was nothing to play */
	bool fills; /* then it goes on with a filler, as soon as there was a picture */
	bool filling; /* it does so now */
	struct still still;
	struct loop loop; /* it is open while it is the filler */
	enum report_sound audio; /* other than REPORT_KEEP: there is always sound */
	bool heard; /* what plays now has sound of its own */
	bool silent; /* silence is sent, as what plays now has no sound, or none yet */
	int64_t silence_end; /* when sound of its own begins; INT64_MAX: never */
	struct silence silence;
	struct decoder decoder; /* what has sound to be encoded */
	struct encoder encoder;
	AVCodecParameters *sound; /* the last that was played, or announced; or NULL */
	int64_t filled; /* microseconds of filler so far */
	int64_t connected; /* when the session began, by clock.h */
	uint64_t sessions; /* so far */
	unsigned sent; /* packets of this session */
	int64_t began; /* the time of the first of them, microseconds */
	AVPacket *packet; /* waits until it is due */
	struct player_mark marks[PLAYER_MARKS];
	size_t first_mark, mark_count;
	size_t passed; /* marks of this session that were acknowledged before these */
	int64_t position[TIMELINE_KINDS]; /* milliseconds into the clip that plays */
};

/* Starts without a session. stop: a descriptor; when it is readable, every wait ends. */
void player_init(struct player *player, const char *url, int stop);

/* True if one more clip can be loaded. */
bool player_has_room(const struct player *player);

/*
 * Loads a clip, to be played from position, in milliseconds. *duration gets the one that
 * it declares, or 0. After a libav error it is not loaded.
 */
int player_load(struct player *player, int fd, int64_t position, int64_t *duration);

/* The rest of the clip that is being sent is left out. Without one it does nothing. */
void player_skip(struct player *player);

/* Why the last clip could not be loaded; NULL: the error code says it all. */
const char *player_why(struct player *player);

/* True if it has something to send without a clip. player_find_filler looks first whether
 * the prepared clip can be used, and is for when there is no session. */
bool player_can_fill(const struct player *player);
bool player_find_filler(struct player *player);

/* What is sent now: the picture of a "clip", a "filler" or "none", and the sound of a
 * "clip", "encoded", "silence" or "none". Both are "none" without a session. */
const char *player_picture(const struct player *player);
const char *player_sound(const struct player *player);

/* Opens a session for the streams of the first loaded clip, or of the filler. */
int player_connect(struct player *player);

/*
 * Sends the packets that are due and asks what was acknowledged. Returns 0; 1: a clip has
 * ended and the next one can be loaded; or -1: the session is lost.
 */
int player_step(struct player *player);

/* The next mark whose bytes the server has acknowledged. False: none. */
bool player_acked(struct player *player, struct player_mark *mark);

/*
 * The position, in the current clip, up to which the server's program itself has read:
 * its kernel acknowledges bytes that the program has not read yet, and a program that was
 * frozen may never read them. 0: the beginning.
 */
int64_t player_read(const struct player *player);

/* Milliseconds from now on for which viewers have something to watch. */
int64_t player_left(const struct player *player);

/* Ends the session, closes the clips and drops the marks. */
void player_stop(struct player *player);

/* After player_stop, for good. */
void player_free(struct player *player);

#endif
