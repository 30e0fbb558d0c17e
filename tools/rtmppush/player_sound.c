/*
 * The sound of what has none. player->sound is the form that was last announced or
 * played; while player->silent is set, frames of that form are sent before each packet
 * that is later than the next of them.
 */
#include "player_parts.h"

#include <libavcodec/avcodec.h>

#define SILENCE_GAP 100000 /* microseconds without any sound that are not noticed */

const char *player_sound(const struct player *player)
{
	bool sends = player->filling || player->count > 0;

	if (!player->session.format || player->session.index[TIMELINE_AUDIO] < 0)
		return "none";
	return player->silent ? "silence" : sends && player->heard ? "clip" : "none";
}

/* Keeps these parameters as those of the sound. Without memory there is none. */
static void keep_sound(struct player *player, const AVCodecParameters *par)
{
	avcodec_parameters_free(&player->sound);
	player->sound = avcodec_parameters_alloc();
	int error = !player->sound ? 0
		: par              ? avcodec_parameters_copy(player->sound, par)
				   : silence_plain(player->sound);
	if (error < 0)
		avcodec_parameters_free(&player->sound);
}

void player_announce_sound(struct player *player, AVCodecParameters **par)
{
	const AVCodecParameters *saved = player->still.pars[TIMELINE_AUDIO];
	bool filler = player->count == 0;

	if (*par && !filler)
		return;
	if (!player->sound && saved)
		keep_sound(player, saved);
	if (player->silences &&
		(!player->sound || player->sound->codec_id != AV_CODEC_ID_AAC))
		keep_sound(player, NULL);
	if (player->sound && (filler || player->silences))
		*par = player->sound;
}

bool player_silence_first(const struct player *player, int64_t *at)
{
	const struct silence *silence = &player->silence;

	if (!player->silent || silence_time(silence) > *at ||
		silence_time(silence) + silence_lasts(silence) > player->silence_end)
		return false;
	*at = silence_time(silence);
	return true;
}

int player_send_silence(struct player *player)
{
	AVPacket *packet;
	int error = silence_next(&player->silence, &packet);

	if (error < 0)
		return -1;
	packet->stream_index = TIMELINE_AUDIO;
	packet->dts = packet->pts = packet->dts - player->timeline.shift;
	return player_put(player, &packet);
}

void player_begin_sound(struct player *player, const AVCodecParameters *own, bool wanted,
	const int64_t first[TIMELINE_KINDS])
{
	struct silence *silence = &player->silence;
	int64_t shift = player->timeline.shift;
	int64_t start = first[TIMELINE_VIDEO] + shift;
	int64_t end = player->timeline.end[TIMELINE_AUDIO];
	bool goes_on = player->silent && silence_time(silence) + SILENCE_GAP > start;

	if (own && player->count > 0)
		keep_sound(player, own);
	player->heard = own;
	player->silence_end = own ? first[TIMELINE_AUDIO] + shift : INT64_MAX;
	if (own)
		player->silent = goes_on;
	else
		player->silent = wanted && player->sound &&
			player->session.index[TIMELINE_AUDIO] >= 0 &&
			(goes_on ||
				silence_begin(silence, player->sound,
					end > start ? end : start));
}

bool player_takes_sound(struct player *player)
{
	if (player->session.index[TIMELINE_AUDIO] < 0 ||
		(player->silent && player->silence_end == INT64_MAX))
		return false;
	player->silent = false;
	return true;
}
