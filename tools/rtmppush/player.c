/*
 * player_step is called ten times a second. It takes packets from the first clip
 * (segment.h), gives them their place on the timeline and sends those that are due. After
 * each round it sets a mark: the number of bytes sent so far, and the position in the
 * clip. player_acked returns a mark when the kernel says that the server has acknowledged
 * those bytes, so the cursor never runs ahead of the server.
 */
#include "player_parts.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/msg.h"

#define PATIENCE (5 * CLOCK_SECOND) /* to get a new session right after the old one */
#define SOUND_BEHIND (2 * CLOCK_SECOND)
#define OVER \
	INT64_C(5000000) /* microseconds that a clip may last longer than declared \
			  */
/*
 * Packets are sent up to the next multiple of this. node-media-server 2 hands on ten
 * packets at a time, but only if the tenth is the last one that it has read: with any
 * other number its viewers wait for seconds.
 */
#define BURST 5

/* Reasons for not sending the rest of a clip. */
static const char unreadable[] = "could not be read to its end";
static const char too_long[] = "lasts longer than a clip may";
static const char undeclared[] = "goes on long after the end that it declares";
static const char too_dense[] = "has more pictures than its time has milliseconds";

void player_init(struct player *player, const char *url, int stop)
{
	player->url = url;
	session_init(&player->session, stop);
}

bool player_has_room(const struct player *player)
{
	return player->count < sizeof player->clips / sizeof *player->clips;
}

/* The nth clip. Clips stay at their places, as libavformat keeps pointers into them. */
static struct player_clip *clip_at(struct player *player, size_t n)
{
	return &player->clips[(player->first_clip + n) %
		(sizeof player->clips / sizeof *player->clips)];
}

int player_load(struct player *player, int fd, int64_t position, int64_t *duration)
{
	struct player_clip *clip = clip_at(player, player->count);

	*clip = (struct player_clip){0};
	int error = segment_open(&clip->segment, fd, position, player->audio);
	if (error < 0)
		return error;
	clip->origin = clip->segment.start;
	/* If the container declares no duration, libavformat may have estimated one. */
	int64_t told = clip->segment.declared;
	if (told == 0)
		told = clip->segment.input.format->duration;
	*duration = told > 0 ? told / 1000 : 0;
	player->count++;
	return 0;
}

void player_skip(struct player *player)
{
	if (player->count > 0 && clip_at(player, 0)->begun)
		clip_at(player, 0)->skipped = true;
}

const char *player_why(struct player *player)
{
	return clip_at(player, player->count)->segment.why;
}

/* The parameters of the streams of what is sent next; NULL: it has no such stream. */
static void pars_of(struct player *player, AVCodecParameters *pars[TIMELINE_KINDS])
{
	for (int kind = 0; kind < TIMELINE_KINDS; kind++)
		pars[kind] = player->count > 0
			? clip_at(player, 0)->segment.streams[kind].par
			: player->loop.open ? player->loop.segment.streams[kind].par
					    : player->still.pars[kind];
}

/* Opens a session whose timeline is ahead microseconds ahead of real time. */
static int connect_ahead(struct player *player, int64_t ahead)
{
	AVCodecParameters *pars[TIMELINE_KINDS];

	pars_of(player, pars);
	player_announce_sound(player, &pars[TIMELINE_AUDIO]);
	if (session_open(&player->session, player->url, pars) < 0)
		return -1;
	int64_t now = clock_now(), start = player->first_stamp;
	if (player->goes_on && player->sessions > 0)
		start = timeline_end(&player->timeline) + (now - player->lost) * 1000;
	if (player->sessions > 0 && start / 1000 >= PLAYER_LAST_STAMP)
		start = 0;
	timeline_start(&player->timeline, start, ahead, now);
	player->filling = player->silent = false;
	encoder_close(&player->encoder);
	av_packet_free(&player->packet); /* of a filler */
	player->sent = 0;
	player->passed = 0;
	player->first_stamp = 0; /* only for the first session */
	player->connected = clock_now();
	player->sessions++;
	return 0;
}

int player_connect(struct player *player)
{
	return connect_ahead(player, 0);
}

/* True if the session has announced the streams of the clip, and has stamps left. */
static bool fits(const struct player *player, const struct player_clip *clip)
{
	for (int kind = 0; kind < TIMELINE_KINDS; kind++) {
		const AVCodecParameters *par = clip->segment.streams[kind].par;
		if (par &&
			!session_carries(&player->session, (enum timeline_kind)kind, par))
			return false;
	}
	return player->timeline.last_ms[TIMELINE_VIDEO] == TIMELINE_NONE ||
		timeline_end(&player->timeline) / 1000 < PLAYER_LAST_STAMP;
}

/*
 * The position from which nothing has been sent yet. Sound may come in the file somewhat
 * behind its picture; if it is far behind, it has ended, and only the picture counts.
 */
static int64_t position(struct player *player)
{
	int64_t picture = player->position[TIMELINE_VIDEO];
	int64_t sound = clip_at(player, 0)->segment.streams[TIMELINE_AUDIO].par
		? player->position[TIMELINE_AUDIO]
		: picture;

	return sound < picture && picture - sound < SOUND_BEHIND ? sound : picture;
}

static void mark(struct player *player, bool ended, const char *flaw)
{
	const struct player_clip *clip = clip_at(player, 0);
	struct player_mark *mark =
		&player->marks[(player->first_mark + player->mark_count++) %
			PLAYER_MARKS];

	*mark = (struct player_mark){.bytes = player->session.sent,
		.ended = ended,
		.flaw = flaw,
		.runs_on = flaw && flaw != unreadable,
		.left_out = clip->left_out,
		/* At the end: one more than that of the last picture. */
		.position =
			ended ? player->position[TIMELINE_VIDEO] + 1 : position(player)};
	for (int kind = 0; kind < TIMELINE_KINDS; kind++)
		mark->jumps += clip->segment.streams[kind].clock.count;
}

int player_put(struct player *player, AVPacket **packet)
{
	AVPacket *one = *packet;
	enum timeline_kind kind = (enum timeline_kind)one->stream_index;

	if (player->sent++ == 0)
		player->began = one->dts + player->timeline.shift;
	timeline_put(&player->timeline, kind, one->dts, one->pts, one->duration,
		&one->dts, &one->pts);
	one->duration = 0;
	int code = session_put(&player->session, kind, one);
	av_packet_free(packet);
	return code;
}

static int send_packet(struct player *player, struct player_clip *clip)
{
	AVPacket *packet = player->packet;
	enum timeline_kind kind = (enum timeline_kind)packet->stream_index;
	int64_t at = packet->dts;

	if (clip->origin == TIMELINE_NONE && kind == TIMELINE_VIDEO)
		clip->origin = at;
	/* Its stream turned up too late to be announced, or stamps have run ahead of the
	 * clip's own times. */
	if ((kind == TIMELINE_AUDIO ? !player_takes_sound(player)
				    : player->session.index[kind] < 0) ||
		timeline_ahead(&player->timeline, kind, at) > PLAYER_AHEAD) {
		clip->left_out++;
		av_packet_free(&player->packet);
		return 0;
	}
	if (player->fills && kind == TIMELINE_VIDEO) {
		AVCodecParameters *pars[TIMELINE_KINDS];
		pars_of(player, pars);
		pars[TIMELINE_AUDIO] = player->sound;
		still_note(&player->still, packet, pars);
	}
	int code = player_send(player, &clip->segment, &player->packet);
	if (clip->origin != TIMELINE_NONE && at > clip->origin)
		player->position[kind] = (at - clip->origin) / 1000;
	return code;
}

static void drop_clip(struct player *player)
{
	segment_close(&clip_at(player, 0)->segment);
	player->first_clip++;
	player->count--;
	memset(player->position, 0, sizeof player->position);
}

/* Ends a session that does not fit the next clip, but only when the server has
 * acknowledged all that was sent, and opens another. */
static int change_session(struct player *player)
{
	if (player->mark_count > 0)
		return session_sync(&player->session) < 0 ? -1 : 0;
	msg_info("what is next needs a new session: other streams, or a time stamp too "
		 "high");
	int64_t ahead = timeline_end(&player->timeline) - player->timeline.due;
	session_close(&player->session);
	player->lost = clock_now();
	for (int64_t until = clock_now() + PATIENCE;;) {
		struct pollfd stop = {player->session.stop, POLLIN, 0};
		int code = connect_ahead(player, ahead > 0 ? ahead : 0);
		if (code == 0 || clock_now() >= until || player->session.refused ||
			poll(&stop, 1, CLOCK_SECOND / 4) != 0)
			return code;
	}
}

/* Why the rest of the clip, from the next packet on, must not be played; or NULL. */
static const char *runs_on(const struct player *player, const struct player_clip *clip)
{
	const AVPacket *packet = player->packet;
	const struct segment *segment = &clip->segment;
	enum timeline_kind kind = (enum timeline_kind)packet->stream_index;
	int64_t from =
		clip->origin != TIMELINE_NONE ? clip->origin : segment->first[kind];
	int64_t lasts = packet->dts - from, over = lasts - segment->declared;

	if (player->max_clip > 0 && lasts > player->max_clip)
		return too_long;
	if (segment->declared > 0 && over > OVER && over > segment->declared / 10)
		return undeclared;
	if (kind == TIMELINE_VIDEO &&
		timeline_ahead(&player->timeline, kind, packet->dts) > PLAYER_AHEAD)
		return too_dense;
	return NULL;
}

/*
 * Sends the packets of the first clip that are due. Returns 1 when no more of it is to be
 * sent; if that is before its end, *flaw says why.
 */
static int send_due(
	struct player *player, int64_t until, unsigned *left, const char **flaw)
{
	struct player_clip *clip = clip_at(player, 0);
	int64_t begun = clock_now();

	if (clip->skipped) {
		/* All of it is over, also for a process after this one. */
		int64_t lasts = clip->segment.declared / 1000;
		if (player->position[TIMELINE_VIDEO] < lasts)
			player->position[TIMELINE_VIDEO] = lasts;
		av_packet_free(&player->packet);
		return 1;
	}
	/* With a slow server sending takes long. Stop after a second, so that the caller
	 * can take note of what was acknowledged. */
	while (clock_now() < begun + CLOCK_SECOND) {
		int error = player->packet
			? 0
			: segment_next(&clip->segment, &player->packet);
		if (error < 0) {
			*flaw = error == AVERROR_EOF ? NULL : unreadable;
			return 1;
		}
		*flaw = runs_on(player, clip);
		if (*flaw) {
			av_packet_free(&player->packet);
			return 1;
		}
		int64_t early = player->sent % BURST > 0 ? player->lead / 2 : 0;
		int64_t at = player->packet->dts + player->timeline.shift;
		bool silence = player_silence_first(player, &at);
		if (at > until + early)
			return 0;
		player->more = *left == 0;
		if (player->more)
			return 0;
		--*left;
		if ((silence ? player_send_silence(player) : send_packet(player, clip)) <
			0)
			return -1;
	}
	return 0;
}

/* Gives the clip its place on the timeline: behind the last one, but not in the past if
 * there was nothing to play. */
static int begin(struct player *player, const struct player_clip *clip, int64_t now)
{
	const struct segment *segment = &clip->segment;
	int64_t first[TIMELINE_KINDS];

	segment_begins(segment, first);
	timeline_clip(&player->timeline, first, segment->shown,
		player->idle ? now : TIMELINE_NONE);
	av_packet_free(&player->packet); /* of the filler */
	loop_forget(&player->loop);
	still_clip(&player->still);
	player->filling = false;
	return player_begin_sound(player, &segment->streams[TIMELINE_AUDIO],
		player->audio != REPORT_KEEP, first);
}

int player_step(struct player *player)
{
	int64_t now = timeline_due(&player->timeline, clock_now(), player->speed);
	const char *flaw = NULL;
	unsigned left = BURST - player->sent % BURST;
	int code = 0, ended = 0;

	player->more = false;

	player->idle = player->idle || (player->count == 0 && !player_can_fill(player));
	while (code == 0 && player->count > 0 && player->mark_count < PLAYER_MARKS) {
		struct player_clip *clip = clip_at(player, 0);
		if (!clip->begun && !fits(player, clip))
			return change_session(player);
		if (!clip->begun) {
			int ready = player_end_filler(player, now + player->lead, &left);
			if (ready <= 0)
				return session_sync(&player->session) < 0 || ready < 0
					? -1
					: ended;
			if (begin(player, clip, now) < 0)
				return -1;
		}
		clip->begun = true;
		player->idle = false;
		code = send_due(player, now + player->lead, &left, &flaw);
		if (session_sync(&player->session) < 0 || code < 0)
			return -1;
		if (code > 0 || !player->more)
			mark(player, code > 0, flaw);
		if (code == 0)
			return ended;
		drop_clip(player);
		ended = 1;
		code = 0;
	}
	if (player->count == 0 && player_can_fill(player)) {
		if (timeline_end(&player->timeline) / 1000 >= PLAYER_LAST_STAMP)
			return change_session(player);
		if (player_send_filler(player, now + player->lead, &left) < 0)
			return -1;
	}
	return session_sync(&player->session) < 0 ? -1 : ended;
}

bool player_acked(struct player *player, struct player_mark *mark)
{
	if (player->mark_count == 0 ||
		player->marks[player->first_mark].bytes > player->session.acked)
		return false;
	*mark = player->marks[player->first_mark];
	player->first_mark = (player->first_mark + 1) % PLAYER_MARKS;
	player->mark_count--;
	player->passed++;
	return true;
}

int64_t player_read(const struct player *player)
{
	const struct session *session = &player->session;
	int64_t position = 0;

	for (size_t i = 1; i <= player->passed && i <= PLAYER_MARKS - player->mark_count;
		i++) {
		const struct player_mark *mark =
			&player->marks[(player->first_mark + PLAYER_MARKS - i) %
				PLAYER_MARKS];
		if (mark->ended)
			return 0;
		position = mark->position;
		if (mark->bytes + session->unread <= session->acked)
			break;
	}
	return position;
}

int64_t player_left(const struct player *player)
{
	int64_t left = timeline_end(&player->timeline) - player->timeline.due;

	return left > 0 ? left / 1000 : 0;
}

void player_stop(struct player *player)
{
	if (player->session.format)
		player->lost = clock_now();
	session_close(&player->session);
	av_packet_free(&player->packet);
	while (player->count > 0)
		drop_clip(player);
	player->mark_count = player->passed = 0;
	player->filling = player->silent = false;
	encoder_close(&player->encoder);
	loop_close(&player->loop);
}

void player_free(struct player *player)
{
	still_free(&player->still);
	decoder_close(&player->decoder);
	avcodec_parameters_free(&player->sound);
}
