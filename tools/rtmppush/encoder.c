#include "encoder.h"

#include <libavutil/opt.h>
#include <string.h>

#include "aac.h"

#define BIT_RATE 64000 /* of a channel */
#define SECOND 1000000
#define UNHEARD 10000 /* microseconds that sound may be beside its picture */
#define TOO_FAR 40000 /* as far as nobody sees */
#define ZEROS 512

static int open_codec(struct encoder *encoder, int channels)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
	AVCodecContext *own = codec ? avcodec_alloc_context3(codec) : NULL;

	if (!own)
		return codec ? AVERROR(ENOMEM) : AVERROR_ENCODER_NOT_FOUND;
	encoder->codec = own;
	own->sample_rate = AAC_RATE;
	own->sample_fmt = AV_SAMPLE_FMT_FLTP;
	own->time_base = (AVRational){1, AAC_RATE};
	own->bit_rate = BIT_RATE * (channels > 1 ? 2 : 1);
	av_channel_layout_default(&own->ch_layout, channels > 1 ? 2 : 1);
	/* A fifth of the processor time of the other one. */
	int error = av_opt_set(own->priv_data, "aac_coder", "fast", 0);
	return error < 0 ? error : avcodec_open2(own, codec, NULL);
}

static int open_frame(struct encoder *encoder)
{
	AVFrame *frame = encoder->frame = av_frame_alloc();

	if (!frame)
		return AVERROR(ENOMEM);
	frame->format = encoder->codec->sample_fmt;
	frame->nb_samples = AAC_SAMPLES;
	frame->sample_rate = AAC_RATE;
	int error = av_channel_layout_copy(&frame->ch_layout, &encoder->codec->ch_layout);
	return error < 0 ? error : av_frame_get_buffer(frame, 0);
}

int encoder_open(struct encoder *encoder, int channels, int64_t origin, int64_t earliest)
{
	*encoder = (struct encoder){.origin = origin, .earliest = earliest};
	int error = open_codec(encoder, channels);
	if (error >= 0)
		error = open_frame(encoder);
	if (error >= 0) {
		encoder->samples = av_audio_fifo_alloc(encoder->codec->sample_fmt,
			encoder->codec->ch_layout.nb_channels, AAC_SAMPLES);
		error = encoder->samples ? 0 : AVERROR(ENOMEM);
	}
	if (error < 0)
		encoder_close(encoder);
	return error < 0 ? error : 0;
}

int64_t encoder_time(const struct encoder *encoder)
{
	int64_t inside =
		encoder->resampler ? swr_get_delay(encoder->resampler, SECOND) : 0;

	return encoder->origin + encoder->taken * SECOND / AAC_RATE + inside;
}

/* Converts samples, or with NULL those that the resampler still holds. */
static int convert(struct encoder *encoder, const int16_t *samples, int count)
{
	uint8_t *out[AV_NUM_DATA_POINTERS] = {0};
	const uint8_t *in[] = {(const uint8_t *)samples};
	int room = swr_get_out_samples(encoder->resampler, count), channels = 0;

	if (room <= 0)
		return room;
	channels = encoder->codec->ch_layout.nb_channels;
	int error = av_samples_alloc(
		out, NULL, channels, room, encoder->codec->sample_fmt, 0);
	if (error < 0)
		return error;
	int made = swr_convert(
		encoder->resampler, out, room, samples ? in : NULL, samples ? count : 0);
	if (made > 0 && av_audio_fifo_write(encoder->samples, (void **)out, made) < made)
		made = AVERROR(ENOMEM);
	av_freep(out);
	encoder->taken += made > 0 ? made : 0;
	return made < 0 ? made : 0;
}

/* Makes the resampler one for such samples. */
static int take_form(struct encoder *encoder, int rate, int channels)
{
	AVChannelLayout layout;

	if (encoder->resampler && encoder->rate == rate && encoder->channels == channels)
		return 0;
	int error = encoder->resampler ? convert(encoder, NULL, 0) : 0;
	swr_free(&encoder->resampler);
	av_channel_layout_default(&layout, channels);
	if (error >= 0)
		error = swr_alloc_set_opts2(&encoder->resampler,
			&encoder->codec->ch_layout, encoder->codec->sample_fmt, AAC_RATE,
			&layout, AV_SAMPLE_FMT_S16, rate, 0, NULL);
	/* Without it there is no playing faster or slower of 48 kHz. */
	if (error >= 0)
		error = av_opt_set_int(encoder->resampler, "flags", SWR_FLAG_RESAMPLE, 0);
	if (error >= 0)
		error = swr_init(encoder->resampler);
	if (error < 0)
		swr_free(&encoder->resampler);
	encoder->rate = rate;
	encoder->channels = channels;
	return error;
}

int encoder_put_silence(struct encoder *encoder, int64_t until)
{
	static const int16_t zeros[ZEROS];
	int error = encoder->resampler ? 0 : take_form(encoder, AAC_RATE, 1);
	int64_t left = (until - encoder_time(encoder)) * encoder->rate / SECOND;
	int most = ZEROS / (encoder->channels > 0 ? encoder->channels : 1);

	for (; left > 0 && error >= 0; left -= most)
		error = convert(encoder, zeros, left < most ? (int)left : most);
	return error;
}

int encoder_put(struct encoder *encoder, const struct encoder_sound *sound)
{
	int64_t skew = sound->at - encoder_time(encoder), left_out = 0;
	int error = take_form(encoder, sound->rate, sound->channels);

	if (error >= 0 && skew > TOO_FAR)
		error = encoder_put_silence(encoder, sound->at);
	else if (skew < -TOO_FAR)
		left_out = -skew * sound->rate / SECOND;
	else if (error >= 0 && (skew > UNHEARD || skew < -UNHEARD))
		error = swr_set_compensation(
			encoder->resampler, (int)(skew * AAC_RATE / SECOND), AAC_RATE);
	if (error < 0 || left_out >= sound->count)
		return error;
	return convert(encoder, sound->samples + left_out * sound->channels,
		sound->count - (int)left_out);
}

int encoder_end(struct encoder *encoder)
{
	encoder->ending = true;
	return encoder->resampler ? convert(encoder, NULL, 0) : 0;
}

/* Hands a frame to the codec. Returns 1; 0: it is not full yet. */
static int give_frame(struct encoder *encoder)
{
	int waiting = av_audio_fifo_size(encoder->samples);
	AVFrame *frame = encoder->frame;

	if (waiting < AAC_SAMPLES && !encoder->ending)
		return 0;
	int error = av_frame_make_writable(frame);
	if (error < 0)
		return error;
	frame->nb_samples = av_audio_fifo_read(
		encoder->samples, (void **)frame->extended_data, AAC_SAMPLES);
	if (frame->nb_samples < 0)
		return frame->nb_samples;
	error = avcodec_send_frame(encoder->codec, frame->nb_samples > 0 ? frame : NULL);
	return error < 0 ? error : 1;
}

/* The codec's header, for the first packet. */
static int give_header(const struct encoder *encoder, AVPacket *packet)
{
	uint8_t *data =
		av_packet_new_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, AAC_HEADER);

	if (!data)
		return AVERROR(ENOMEM);
	memcpy(data, aac_header(encoder->codec->ch_layout.nb_channels), AAC_HEADER);
	return 0;
}

/* The packet's times. What the first one holds is from before the first sample. */
static void give_times(struct encoder *encoder, AVPacket *packet)
{
	int64_t sample = (encoder->packets++ - 1) * AAC_SAMPLES;

	packet->dts = packet->pts = encoder->origin + sample * SECOND / AAC_RATE;
	packet->duration = encoder->origin + (sample + AAC_SAMPLES) * SECOND / AAC_RATE -
		packet->dts;
	packet->flags |= AV_PKT_FLAG_KEY;
}

int encoder_next(struct encoder *encoder, AVPacket **packet)
{
	int error = AVERROR(EAGAIN);

	*packet = av_packet_alloc();
	if (!*packet)
		return AVERROR(ENOMEM);
	while (error == AVERROR(EAGAIN)) {
		error = avcodec_receive_packet(encoder->codec, *packet);
		if (error == AVERROR(EAGAIN)) {
			int given = give_frame(encoder);
			error = given > 0 ? error : given;
		} else if (error == 0) {
			give_times(encoder, *packet);
			bool left_out = (*packet)->dts < encoder->earliest;
			error = left_out ? AVERROR(EAGAIN) : 1;
		}
	}
	if (error == 1 && !encoder->has_header && give_header(encoder, *packet) < 0)
		error = AVERROR(ENOMEM);
	if (error != 1)
		av_packet_free(packet);
	else
		encoder->has_header = true;
	return error == AVERROR_EOF ? 0 : error;
}

void encoder_close(struct encoder *encoder)
{
	avcodec_free_context(&encoder->codec);
	av_frame_free(&encoder->frame);
	av_audio_fifo_free(encoder->samples);
	encoder->samples = NULL;
	swr_free(&encoder->resampler);
}
