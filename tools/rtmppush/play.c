/*
 * One call of play_go_on does what can be done now: it loads clips until the player is
 * full, connects if there is no session, sends what is due (player_step), and settles
 * what the far side has acknowledged. It never waits but for a connection.
 */
#include "play.h"

#include <errno.h>
#include <inttypes.h>
#include <libavutil/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/msg.h"
#include "stamps.h"

#define BETWEEN (5 * CLOCK_SECOND) /* two clips, that follow each other all the same */
#define CURSOR_EVERY (3 * CLOCK_SECOND)
#define LONGEST_PAUSE (60 * CLOCK_SECOND)
#define FIRST_CLIP CLOCK_SECOND /* it may be on its way to one that starts */
#define STILL "still.flv" /* the picture of the filler, beside the cursor */
#define STILL_EVERY (600 * CLOCK_SECOND)
#define NEARLY_OVER (2 * CLOCK_SECOND) /* enough to open the next clip */
#define BACKLOG 3 /* clips: the one that plays, the next one, and one too many */

static const struct afterplay nothing = {AFTERPLAY_KEEP, -1, NULL};

static bool has_session(const struct play *play)
{
	return play->player.session.format != NULL;
}

/* A clip plays as long as the far side takes more of it; its position follows that. */
static void note_move(struct play *play)
{
	uint64_t acked = play->player.session.acked;
	struct clock_stamp stamp;

	if (acked > play->acked && clock_stamp(&stamp) == 0)
		play->moved = stamp.mono;
	play->acked = acked;
}

static bool notes_stamps(const struct play *play)
{
	return play->player.goes_on && play->queue.cursor_folder >= 0;
}

/* The first session goes on where that of a process before this one would be. */
static void find_stamps(struct play *play)
{
	const struct queue *queue = &play->queue;
	struct player *player = &play->player;

	if (!notes_stamps(play) || player->sessions > 0)
		return;
	int64_t ms = stamps_by_now(queue->cursor_folder, queue->cursor_name);
	if (ms < 0)
		msg_warn("'%s.stamps': time stamps begin anew:", queue->cursor_name);
	if (ms < PLAYER_LAST_STAMP && ms * 1000 > player->first_stamp)
		player->first_stamp = ms * 1000;
}

/* For that process: what was sent is not further ahead than this. */
static void note_stamps(struct play *play)
{
	const struct queue *queue = &play->queue;
	const struct player *player = &play->player;

	if (!notes_stamps(play) || !has_session(play))
		return;
	int64_t ms = (player->timeline.due + 2 * player->lead) / 1000 + CLOCK_SECOND;
	int64_t offset = ms - player->timeline.asked;
	if (play->noted && llabs(offset - play->noted) < CLOCK_SECOND / 4)
		return;
	play->noted = offset;
	if (stamps_note(queue->cursor_folder, queue->cursor_name, ms) < 0) {
		msg_error("'%s.stamps': cannot be written:", queue->cursor_name);
		paths_remember(play->paths, EX_IOERR);
	}
}

/* Takes in what the far side has acknowledged, while what is done can be told. */
static void take_acks(struct play *play)
{
	const struct lines_out *out = play->outcome.out;
	struct player_mark mark;

	while (out->len < sizeof out->buf - PATH_MAX - 1 &&
		player_acked(&play->player, &mark)) {
		queue_at(&play->queue, 0)->position = mark.position;
		int code;
		if (mark.ended) {
			play->loaded--;
			code = outcome_of(&play->outcome, &mark);
		} else {
			code = queue_note(&play->queue, CURSOR_EVERY);
		}
		paths_remember(play->paths, code);
	}
}

static void skip_unplayable(struct play *play, size_t n, const char *reason)
{
	paths_remember(play->paths, outcome_unplayable(&play->outcome, n, reason));
	play->rest = clock_now() + CLOCK_SECOND;
	play->pulse.changed = true;
}

/* True if the next clip is not to be played: it is out of the queue then. */
static bool skip_next(struct play *play)
{
	struct queue *queue = &play->queue;
	size_t n = play->loaded;

	if (play->lag > 0 && queue_behind(queue, n) >= play->lag) {
		paths_remember(play->paths,
			queue_skip(
				queue, n, "is too far behind the newest", &play->late));
		return true;
	}
	/* segcheck has looked into another file than this is by now. */
	if (queue_has_changed(queue, n)) {
		paths_remember(play->paths,
			queue_skip(queue, n, "has changed since it came", &nothing));
		paths_remember(play->paths, EX_IOERR);
		return true;
	}
	return false;
}

/* Gives the player as many clips as it can hold. */
static void load(struct play *play)
{
	struct queue *queue = &play->queue;
	struct player *player = &play->player;

	while (player_has_room(player) && play->loaded < queue->count) {
		if (skip_next(play))
			continue;
		struct queue_clip *clip = queue_at(queue, play->loaded);
		int error =
			player_load(player, clip->fd, clip->position, &clip->duration);
		if (error == 0) {
			play->loaded++;
		} else if (error == AVERROR_EOF && play->loaded == 0) {
			/* All of it was played before we were killed. */
			paths_remember(
				play->paths, queue_settle(queue, &play->outcome.after));
		} else {
			const char *reason = player_why(player);
			skip_unplayable(
				play, play->loaded, reason ? reason : av_err2str(error));
		}
	}
}

/* The word for what it does, where clip says whether one is there to be played. */
static const char *state_of(const struct play *play, bool clip, bool on_air)
{
	if (play->ended)
		return "stopped";
	if (!clip && !on_air)
		return "waiting";
	if (has_session(play))
		return "playing";
	return play->backoff.failures ? "reconnecting" : "starting";
}

void play_write_fact(struct play *play)
{
	struct queue *queue = &play->queue;
	const struct queue_clip *clip = queue->count > 0 ? queue_at(queue, 0) : NULL;
	const struct player *player = &play->player;
	struct pulse *pulse = &play->pulse;
	bool session = has_session(play);
	bool on_air = session && clock_now() < play->silent;
	const struct pulse_number numbers[] = {
		{"position", clip ? clip->position : 0},
		{"duration", clip ? clip->duration : 0},
		{"lag", clip ? queue_behind(queue, 0) / CLOCK_SECOND : 0},
		{"queue", queue->count},
		{"played", play->outcome.played},
		{"skipped", queue->skipped},
		{"refused", play->outcome.refused},
		{"bytes_sent", player->session.sent},
		{"bytes_acked", player->session.acked},
		{"reconnects", player->sessions > 0 ? player->sessions - 1 : 0},
		{"filler", player->filled / 1000000},
		{"since", session ? (clock_now() - player->connected) / CLOCK_SECOND : 0},
	};

	if (pulse->folder < 0)
		return;
	if (clip)
		snprintf(play->now, sizeof play->now, "%s", clip->rel);
	pulse_begin(pulse);
	fact_add_text(&pulse->fact, "state", state_of(play, clip, on_air));
	fact_add_text(&pulse->fact, "stream", session ? "connected" : "disconnected");
	fact_add_text(&pulse->fact, "server", play->server);
	fact_add_text(&pulse->fact, "picture", player_picture(player));
	fact_add_text(&pulse->fact, "sound", player_sound(player));
	fact_add_text(&pulse->fact, "now", clip || on_air ? play->now : "");
	pulse_numbers(pulse, numbers, sizeof numbers / sizeof *numbers);
	pulse_seconds(pulse, "moved", play->moved);
	fact_add_text(&pulse->fact, "refused_why", play->outcome.refused_why);
	fact_add_text(&pulse->fact, "error", session ? "" : session_why());
	pulse_busy(pulse, queue->count > 0);
	pulse_end(pulse);
}

/* A frozen server's kernel may never hand on what it has taken last: that comes again.
 */
static void go_back(struct play *play)
{
	if (!has_session(play) || !play->player.session.frozen || play->loaded == 0)
		return;
	struct queue_clip *clip = queue_at(&play->queue, 0);
	int64_t read = player_read(&play->player);
	if (read < clip->position)
		clip->position = read;
}

/* Waits longer than after the failure before, or gives up. */
static void count_failure(struct play *play, const char *what)
{
	int64_t pause = backoff_failed(&play->backoff, clock_now(), LONGEST_PAUSE);

	play->given_up = play->retries > 0 && play->backoff.failures >= play->retries;
	if (play->given_up)
		msg_error("'%s': %s: %s; giving up after %" PRId64 " failures",
			play->server, what, session_why(), play->retries);
	else
		msg_warn("'%s': %s: %s; again in %" PRId64 ".%" PRId64 " s", play->server,
			what, session_why(), pause / 1000, pause / 100 % 10);
}

void play_find_still(struct play *play)
{
	int folder = play->queue.cursor_folder;

	if (folder < 0 || !play->player.fills)
		return;
	atomic_sweep(folder, STILL);
	if (still_load(&play->player.still, folder, STILL) < 0 && errno != ENOENT)
		msg_warn("'%s': there is no picture until a clip plays:", STILL);
}

/* For the next process: at the end, at once if it looks otherwise, and from time to time.
 */
static void save_still(struct play *play)
{
	struct still *still = &play->player.still;
	int folder = play->queue.cursor_folder;
	bool due = play->ended || still->is_other || clock_now() >= play->still_due;

	if (folder < 0 || !still->picture || !due)
		return;
	play->still_due = clock_now() + STILL_EVERY;
	if (still_save(still, folder, STILL) < 0)
		msg_warn("'%s': the last picture is not saved:", STILL);
}

/* The session is over, or there is none. */
static void back_off(struct play *play)
{
	struct player *player = &play->player;
	bool session = has_session(play);
	bool none = play->loaded == 0;
	bool idle = session && none && !player_can_fill(player);
	size_t at = play->loaded - player->count; /* the one that was being sent */

	go_back(play);
	player_stop(player);
	play->loaded = 0;
	play->pulse.changed = true;
	if (player->session.stopped)
		return; /* by a signal */
	if (player->session.refused && !none) {
		skip_unplayable(play, at, session_why());
		play->backoff.until = clock_now() + CLOCK_SECOND;
	} else if (idle) { /* nothing was lost */
		msg_info("'%s': %s while nothing was to be played", play->server,
			session_why());
	} else {
		count_failure(
			play, session ? "the session is lost" : "cannot be reached");
	}
}

static int connect_player(struct play *play)
{
	play_write_fact(play); /* it may take a while */
	find_stamps(play);
	if (player_connect(&play->player) < 0)
		return -1;
	msg_info("'%s': connected", play->server);
	play->acked = play->player.session.acked; /* that was the greeting */
	backoff_works(&play->backoff, clock_now());
	return 0;
}

/* Sends what is due, and settles what has arrived. -1: the session is lost. */
static int send_due(struct play *play)
{
	struct player *player = &play->player;
	int code;

	player->speed = play->queue.count >= BACKLOG ? play->catch_up : 0;
	while ((code = player_step(player)) == 1)
		load(play);
	if (play->loaded > 0)
		note_move(play);
	take_acks(play);
	note_stamps(play);
	save_still(play);
	if (play->loaded > 0)
		play->silent = clock_now() + player_left(player) + BETWEEN;
	return code;
}

bool play_has_room(struct play *play)
{
	struct queue *queue = &play->queue;

	if (queue->order != ORDER_GIVEN)
		return queue->count < QUEUE_MAX;
	if (queue->count == 0)
		return clock_now() >= play->rest;
	const struct queue_clip *clip = queue_at(queue, 0);
	bool sent = play->loaded > 0 && play->player.count == 0;
	int64_t left = clip->duration - clip->position;
	bool ends =
		clip->duration > 0 && left <= NEARLY_OVER && 2 * left <= clip->duration;
	return queue->count == 1 && (sent || ends);
}

void play_skip(struct play *play)
{
	struct queue *queue = &play->queue;
	struct player *player = &play->player;
	/* Clips before that one were sent, and wait for their acknowledgement. */
	size_t at = play->loaded - player->count;

	if (queue->order != ORDER_GIVEN || player->count == 0) {
		msg_info("there is nothing to be skipped");
		return;
	}
	msg_info("'%s': the rest of it is skipped", queue_at(queue, at)->path);
	player_skip(player);
}

int64_t play_go_on(struct play *play)
{
	struct player *player = &play->player;
	int64_t since = play->looked;

	play->looked = clock_now();
	if (play->began == 0)
		play->began = play->looked;
	if (play->looked < play->backoff.until)
		return play->backoff.until;
	if (has_session(play) && play->loaded > 0)
		play->queue.played += play->looked - since;
	if (has_session(play) && play->loaded == 0 &&
		session_sync(&player->session) < 0) {
		back_off(play);
		if (clock_now() < play->backoff.until)
			return play->backoff.until;
	}
	load(play);
	if (!has_session(play) && play->loaded == 0) {
		if (play->looked < play->began + FIRST_CLIP)
			return play->began + FIRST_CLIP;
		if (!player_find_filler(player))
			return CLOCK_NEVER;
	}
	if ((!has_session(play) && connect_player(play) < 0) || send_due(play) < 0) {
		back_off(play);
		return play->backoff.until;
	}
	play->pulse.changed = true;
	if (player->more)
		return clock_now() + PLAYER_GAP;
	return clock_now() +
		(play->loaded > 0 || player_can_fill(player) ? PLAYER_STEP
							     : CLOCK_SECOND);
}

void play_end(struct play *play)
{
	struct queue *queue = &play->queue;

	if (queue->count > 0 && queue_at(queue, 0)->position > 0)
		queue_note(queue, 0);
	play->ended = true;
	save_still(play);
	player_stop(&play->player);
	player_free(&play->player);
	play_write_fact(play);
}
