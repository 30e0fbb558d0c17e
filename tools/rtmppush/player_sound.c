/*
 * The sound of what has none, and of what has to be encoded. player->sound is the form
 * that was last announced or played; while player->silent is set, frames of that form are
 * sent before each packet that is later than the next of them.
 *
 * The encoder is opened by the first sound that needs it. As long as it is open silence
 * comes from it too. It is ended by sound that does not need it, and with the session.
 */
#include "player_parts.h"

#include <libavcodec/avcodec.h>

#include "aac.h"

#define SILENCE_GAP 100000 /* microseconds without any sound that are not noticed */
#define BEHIND 1000000 /* that encoded sound may be behind the pictures that are sent */
#define LONG 10000000 /* a pause of the encoder that is not filled with silence */

const char *player_sound(const struct player *player)
{
	bool sends = player->filling || player->count > 0;

	if (!player->session.format || player->session.index[TIMELINE_AUDIO] < 0)
		return "none";
	if (player->silent)
		return "silence";
	if (!sends || !player->heard)
		return "none";
	return player->encoder.codec ? "encoded" : "clip";
}

/* Keeps these parameters as those of the sound. Without memory there is none. */
static void keep_sound(struct player *player, const AVCodecParameters *par)
{
	avcodec_parameters_free(&player->sound);
	player->sound = avcodec_parameters_alloc();
	int error = !player->sound ? 0
		: par              ? avcodec_parameters_copy(player->sound, par)
				   : aac_describe(player->sound, 1);
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
	bool always = player->audio != REPORT_KEEP;
	if (always && (!player->sound || player->sound->codec_id != AV_CODEC_ID_AAC))
		keep_sound(player, NULL);
	if (player->sound && (filler || always))
		*par = player->sound;
}

/* When the next frame of silence is, and how long it lasts. */
static int64_t next_silence(const struct player *player)
{
	return player->encoder.codec ? encoder_time(&player->encoder)
				     : silence_time(&player->silence);
}

static int64_t silence_step(const struct player *player)
{
	return player->encoder.codec ? (int64_t)AAC_SAMPLES * 1000000 / AAC_RATE
				     : silence_lasts(&player->silence);
}

bool player_silence_first(const struct player *player, int64_t *at)
{
	if (!player->silent)
		return false;
	int64_t next = next_silence(player);
	if (next > *at || next + silence_step(player) > player->silence_end)
		return false;
	*at = next;
	return true;
}

/* Sends a packet whose times are those of the timeline. */
static int put_at(struct player *player, AVPacket *packet)
{
	packet->stream_index = TIMELINE_AUDIO;
	packet->dts = packet->pts = packet->dts - player->timeline.shift;
	return player_put(player, &packet);
}

/* Sends what the encoder has ready. error is what the call before returned. */
static int put_encoded(struct player *player, int error)
{
	AVPacket *packet;

	while (error >= 0 && (error = encoder_next(&player->encoder, &packet)) > 0)
		if (put_at(player, packet) < 0)
			return -1;
	return error < 0 ? -1 : 0;
}

/* Sends all that the encoder has, and closes it, as other sound begins at that time. */
static int end_encoder(struct player *player, int64_t at)
{
	struct encoder *encoder = &player->encoder;
	int code = 0;

	if (encoder->codec && at - encoder_time(encoder) < LONG)
		code = put_encoded(player, encoder_put_silence(encoder, at));
	if (encoder->codec && code == 0)
		code = put_encoded(player, encoder_end(encoder));
	encoder_close(encoder);
	return code;
}

/* Opens the encoder, whose first sound is at that time. It makes nothing that is earlier
 * than what was sent: libavformat refuses what is before a session's first packet. */
static int open_encoder(
	struct player *player, const struct segment_stream *own, int64_t at)
{
	int64_t began = player->sent > 0 ? player->began : at;
	int64_t end = player->timeline.end[TIMELINE_AUDIO];

	if (player->encoder.codec)
		return 0;
	return encoder_open(&player->encoder, own->par->ch_layout.nb_channels, at,
		end > began ? end : began);
}

int player_send_silence(struct player *player)
{
	struct encoder *encoder = &player->encoder;
	AVPacket *packet;

	if (encoder->codec)
		return put_encoded(player,
			encoder_put_silence(
				encoder, encoder_time(encoder) + silence_step(player)));
	int error = silence_next(&player->silence, &packet);
	return error < 0 ? -1 : put_at(player, packet);
}

int player_begin_sound(struct player *player, const struct segment_stream *own,
	bool wanted, const int64_t first[TIMELINE_KINDS])
{
	int64_t shift = player->timeline.shift;
	int64_t start = first[TIMELINE_VIDEO] + shift;
	int64_t end = player->timeline.end[TIMELINE_AUDIO];

	if (player->encoder.codec && encoder_time(&player->encoder) + LONG < start &&
		end_encoder(player, start) < 0)
		return -1;
	bool goes_on = player->encoder.codec ||
		(player->silent && silence_time(&player->silence) + SILENCE_GAP > start);
	start = goes_on ? next_silence(player) : end > start ? end : start;
	if (own->par && player->count > 0)
		keep_sound(player, own->par);
	player->heard = own->par;
	player->silence_end = own->par ? first[TIMELINE_AUDIO] + shift : INT64_MAX;
	if (own->encoded) {
		decoder_begin(&player->decoder, own->stream->codecpar);
		player->silent = false;
		return open_encoder(player, own, start);
	}
	if (own->par)
		player->silent = player->silent && goes_on;
	else
		player->silent = wanted && player->sound &&
			player->session.index[TIMELINE_AUDIO] >= 0 &&
			(goes_on ||
				silence_begin(&player->silence, player->sound, start));
	return 0;
}

bool player_takes_sound(struct player *player)
{
	if (player->session.index[TIMELINE_AUDIO] < 0 ||
		(player->silent && player->silence_end == INT64_MAX))
		return false;
	player->silent = false;
	return true;
}

/* Sends what the encoder makes of a packet of sound. */
static int encode(
	struct player *player, const struct segment_stream *own, const AVPacket *packet)
{
	int64_t shift = player->timeline.shift;
	struct encoder_sound sound;

	if (!decoder_take(&player->decoder, packet, &sound))
		return 0;
	sound.at += shift;
	if (open_encoder(player, own, sound.at) < 0)
		return -1;
	timeline_reach(&player->timeline, TIMELINE_AUDIO,
		sound.at + (int64_t)sound.count * 1000000 / sound.rate);
	return put_encoded(player, encoder_put(&player->encoder, &sound));
}

/* The encoder has sound up to every picture, whatever the clip lacks. */
static int keep_up(struct player *player, int64_t at)
{
	struct encoder *encoder = &player->encoder;

	if (!encoder->codec || encoder_time(encoder) + BEHIND > at)
		return 0;
	return put_encoded(player, encoder_put_silence(encoder, at - BEHIND / 2));
}

int player_send(struct player *player, struct segment *of, AVPacket **packet)
{
	const struct segment_stream *own = &of->streams[TIMELINE_AUDIO];
	bool picture = (*packet)->stream_index == TIMELINE_VIDEO;
	int64_t at = (*packet)->dts + player->timeline.shift;
	int code = picture     ? keep_up(player, at)
		: own->encoded ? encode(player, own, *packet)
			       : end_encoder(player, at);

	if (code == 0 && (picture || !own->encoded))
		return player_put(player, packet);
	av_packet_free(packet);
	return code;
}
