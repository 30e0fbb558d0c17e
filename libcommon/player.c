#include "player.h"

#include <poll.h>
#include <string.h>

#include "msg.h"
#include "tick.h"

/* Before stamps get negative in 32 bits; four hours are left for the clip under way. */
#define LAST_STAMP ((INT64_C(1) << 31) - 4 * 3600 * 1000)
#define PATIENCE (5 * TICK_SECOND) /* with a server that has just ended a session */
#define SOUND_BEHIND (2 * TICK_SECOND)

void player_init(struct player *player, const char *url, int stop)
{
	player->url = url;
	uplink_init(&player->uplink, stop);
}

bool player_has_room(const struct player *player)
{
	return player->count < sizeof player->clips / sizeof *player->clips;
}

/* None may move: libavformat reads through a pointer into it. */
static struct player_clip *clip_at(struct player *player, size_t n)
{
	return &player->clips[(player->first_clip + n) %
		(sizeof player->clips / sizeof *player->clips)];
}

int player_load(struct player *player, int fd, int64_t position, int64_t *duration)
{
	struct player_clip *clip = clip_at(player, player->count);

	*clip = (struct player_clip){0};
	int error = segment_open(&clip->segment, fd, position);
	if (error < 0)
		return error;
	clip->origin = clip->segment.start;
	int64_t told = clip->segment.input.format->duration;
	*duration = told > 0 ? told / 1000 : 0;
	player->count++;
	return 0;
}

const char *player_why(struct player *player)
{
	return clip_at(player, player->count)->segment.why;
}

/* The new session's timeline goes on as far ahead of real time as the one before. */
static int connect_ahead(struct player *player, int64_t ahead)
{
	AVCodecParameters *pars[TIMELINE_KINDS];

	for (int kind = 0; kind < TIMELINE_KINDS; kind++)
		pars[kind] = clip_at(player, 0)->segment.streams[kind].par;
	if (uplink_open(&player->uplink, player->url, pars) < 0)
		return -1;
	timeline_start(&player->timeline, player->first_stamp, ahead, tick_now());
	player->first_stamp = 0; /* the next session has no need of it */
	player->connected = tick_now();
	player->sessions++;
	return 0;
}

int player_connect(struct player *player)
{
	return connect_ahead(player, 0);
}

/* Whether the session announced what the clip has. */
static bool fits(const struct player *player, const struct player_clip *clip)
{
	for (int kind = 0; kind < TIMELINE_KINDS; kind++) {
		const AVCodecParameters *par = clip->segment.streams[kind].par;
		if (par &&
			!uplink_carries(&player->uplink, (enum timeline_kind)kind, par))
			return false;
	}
	return player->timeline.last_ms[TIMELINE_VIDEO] == TIMELINE_NONE ||
		timeline_end(&player->timeline) / 1000 < LAST_STAMP;
}

/*
 * From here on all is still to come. Sound may lie in the file behind the picture that it
 * belongs to, but not far: after that it has ended.
 */
static int64_t position(struct player *player)
{
	int64_t picture = player->position[TIMELINE_VIDEO];
	int64_t sound = clip_at(player, 0)->segment.streams[TIMELINE_AUDIO].par
		? player->position[TIMELINE_AUDIO]
		: picture;

	return sound < picture && picture - sound < SOUND_BEHIND ? sound : picture;
}

static void mark(struct player *player, bool ended, bool failed)
{
	const struct player_clip *clip = clip_at(player, 0);
	struct player_mark *mark =
		&player->marks[(player->first_mark + player->mark_count++) %
			PLAYER_MARKS];

	*mark = (struct player_mark){.bytes = player->uplink.sent,
		.ended = ended,
		.failed = failed,
		.left_out = clip->left_out,
		/* At the end, more than any picture's. */
		.position =
			ended ? player->position[TIMELINE_VIDEO] + 1 : position(player)};
	for (int kind = 0; kind < TIMELINE_KINDS; kind++)
		mark->jumps += clip->segment.streams[kind].clock.jumps;
}

static int send_packet(struct player *player, struct player_clip *clip)
{
	AVPacket *packet = player->packet;
	enum timeline_kind kind = (enum timeline_kind)packet->stream_index;
	int64_t at = packet->dts;

	if (player->uplink.index[kind] < 0) { /* it turned up too late to be announced */
		clip->left_out++;
		av_packet_free(&player->packet);
		return 0;
	}
	timeline_put(&player->timeline, kind, packet->dts, packet->pts, packet->duration,
		&packet->dts, &packet->pts);
	packet->duration = 0;
	int code = uplink_put(&player->uplink, kind, packet);
	av_packet_free(&player->packet);
	if (at > clip->origin)
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

/* A session that announced something else is ended when all of it has arrived. */
static int change_session(struct player *player)
{
	if (player->mark_count > 0)
		return uplink_sync(&player->uplink) < 0 ? -1 : 0;
	msg_info("the next clip needs a new session: other streams, or a time stamp too "
		 "high");
	int64_t ahead = timeline_end(&player->timeline) - player->timeline.due;
	uplink_close(&player->uplink);
	for (int64_t until = tick_now() + PATIENCE;;) {
		struct pollfd stop = {player->uplink.stop, POLLIN, 0};
		int code = connect_ahead(player, ahead > 0 ? ahead : 0);
		if (code == 0 || tick_now() >= until || player->uplink.refused ||
			poll(&stop, 1, TICK_SECOND / 4) != 0)
			return code;
	}
}

/* Sends what is due of the first clip. Returns 1 at its end, 2 where it cannot be read.
 */
static int send_due(struct player *player, int64_t until)
{
	struct player_clip *clip = clip_at(player, 0);
	int64_t begun = tick_now();

	/* To a slow server it takes long: meanwhile nobody notes what has arrived. */
	while (tick_now() < begun + TICK_SECOND) {
		int error = player->packet
			? 0
			: segment_next(&clip->segment, &player->packet);
		if (error < 0)
			return error == AVERROR_EOF ? 1 : 2;
		if (player->packet->dts + player->timeline.shift > until)
			return 0;
		if (send_packet(player, clip) < 0)
			return -1;
	}
	return 0;
}

int player_step(struct player *player)
{
	int64_t now = timeline_due(&player->timeline, tick_now(), player->speed);
	int code = 0, ended = 0;

	player->idle = player->idle || player->count == 0;
	while (code == 0 && player->count > 0 && player->mark_count < PLAYER_MARKS) {
		struct player_clip *clip = clip_at(player, 0);
		if (!clip->begun && !fits(player, clip))
			return change_session(player);
		if (!clip->begun) /* after a wait it goes on with the wall */
			timeline_clip(&player->timeline, clip->segment.first,
				player->idle ? now : TIMELINE_NONE);
		clip->begun = true;
		player->idle = false;
		code = send_due(player, now + player->lead);
		if (uplink_sync(&player->uplink) < 0 || code < 0)
			return -1;
		mark(player, code > 0, code == 2);
		if (code == 0)
			return ended;
		drop_clip(player);
		ended = 1;
		code = 0;
	}
	return uplink_sync(&player->uplink) < 0 ? -1 : ended;
}

bool player_acked(struct player *player, struct player_mark *mark)
{
	if (player->mark_count == 0 ||
		player->marks[player->first_mark].bytes > player->uplink.acked)
		return false;
	*mark = player->marks[player->first_mark];
	player->first_mark = (player->first_mark + 1) % PLAYER_MARKS;
	player->mark_count--;
	return true;
}

void player_stop(struct player *player)
{
	uplink_close(&player->uplink);
	av_packet_free(&player->packet);
	while (player->count > 0)
		drop_clip(player);
	player->mark_count = 0;
}
