/*
 * The filler. It begins when all that was sent will be due within the lead, and ends
 * between two packets when a clip is loaded. Pictures come from the prepared clip while
 * that is open, and else from the last picture.
 */
#include "player_parts.h"

bool player_find_filler(struct player *player)
{
	if (player->fills && loop_usable(&player->loop) && !player->loop.open)
		loop_begin(&player->loop);
	return player_can_fill(player);
}

bool player_can_fill(const struct player *player)
{
	return player->fills && (player->still.picture || loop_usable(&player->loop));
}

const char *player_picture(const struct player *player)
{
	if (!player->session.format)
		return "none";
	return player->filling ? "filler" : player->count > 0 ? "clip" : "none";
}

/* Begins a filler where nothing else is left to be sent. Returns 1; 0: not now; or -1. */
static int begin_filler(struct player *player, int64_t until)
{
	struct loop *loop = &player->loop;
	static const struct segment_stream none;
	const struct segment_stream *sound = &none;
	int64_t first[TIMELINE_KINDS] = {0, TIMELINE_NONE}, shown = 0;

	if (player->count > 0 || timeline_end(&player->timeline) > until)
		return 0;
	if (loop_usable(loop) && loop_begin(loop) == 0) {
		const struct segment_stream *own = &loop->segment.streams[TIMELINE_AUDIO];
		if (own->par &&
			session_carries(&player->session, TIMELINE_AUDIO, own->par))
			sound = own;
		segment_begins(&loop->segment, first);
		shown = loop->segment.shown;
		if (!sound->par)
			first[TIMELINE_AUDIO] = TIMELINE_NONE;
	} else if (player->still.picture) {
		still_begin(&player->still);
	} else {
		return 0;
	}
	timeline_clip(&player->timeline, first, shown,
		player->idle ? player->timeline.due : TIMELINE_NONE);
	player->filling = true;
	player->idle = false;
	return player_begin_sound(player, sound, true, first) < 0 ? -1 : 1;
}

/* Sets *at to when the next packet of the filler is. False: the filler has ended. */
static bool look_at_filler(struct player *player, int64_t *at)
{
	if (!player->loop.open) {
		*at = still_time(&player->still) + player->timeline.shift;
		return true;
	}
	player->filling = player->packet || loop_next(&player->loop, &player->packet) > 0;
	if (player->filling)
		*at = player->packet->dts + player->timeline.shift;
	return player->filling;
}

/* Sends the next packet of the filler. */
static int send_filler(struct player *player)
{
	if (!player->loop.open && still_next(&player->still, &player->packet) < 0)
		return -1;
	enum timeline_kind kind = (enum timeline_kind)player->packet->stream_index;
	if (kind == TIMELINE_AUDIO && !(player->heard && player_takes_sound(player))) {
		av_packet_free(&player->packet);
		return 0;
	}
	if (player->loop.open &&
		timeline_ahead(&player->timeline, kind, player->packet->dts) >
			PLAYER_AHEAD) {
		av_packet_free(&player->packet);
		loop_refuse(&player->loop, "it has more packets than milliseconds");
		player->filling = false;
		return 0;
	}
	int64_t at = player->packet->dts + player->timeline.shift;
	int code = player_send(player, &player->loop.segment, &player->packet);
	if (kind == TIMELINE_VIDEO)
		player->filled += player->timeline.end[TIMELINE_VIDEO] - at;
	return code;
}

/*
 * True if a clip may follow what was sent of the filler: in a prepared one that shows
 * pictures in another order than it sends them, only a key frame may be the next.
 */
static bool may_end(const struct player *player)
{
	const AVPacket *next = player->packet;

	return !player->loop.open || !player->loop.reorders ||
		(next && next->stream_index == TIMELINE_VIDEO &&
			(next->flags & AV_PKT_FLAG_KEY));
}

int player_send_filler(struct player *player, int64_t until, unsigned *left)
{
	int64_t at;
	int begun;

	while ((begun = player->filling ? 1 : begin_filler(player, until)) > 0) {
		if (!look_at_filler(player, &at))
			continue;
		if (player->count > 0 && may_end(player))
			return 0;
		bool silence = player_silence_first(player, &at);
		if (at > until)
			return 0;
		player->more = *left == 0;
		if (player->more)
			return 0;
		--*left;
		if ((silence ? player_send_silence(player) : send_filler(player)) < 0)
			return -1;
	}
	return begun;
}

int player_end_filler(struct player *player, int64_t until, unsigned *left)
{
	if (!player->filling)
		return 1;
	if (player_send_filler(player, until, left) < 0)
		return -1;
	if (player->filling && !may_end(player))
		return 0;
	/* A picture that repeats the IDR keeps it from being followed by another. */
	return player->filling && !player->loop.open && still_is_due(&player->still) &&
			send_filler(player) < 0
		? -1
		: 1;
}
