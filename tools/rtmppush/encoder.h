/*
 * encoder: samples of any rate into AAC of 48 kHz. It goes on from clip to clip, so that
 * no border is heard.
 *
 * Its time is counted in samples. Samples that come somewhat before or after that time
 * are played a little faster or slower, until both agree; farther off, silence is put
 * before them, or the first of them are left out.
 *
 * Times are in microseconds, errors negative libav codes.
 */
#ifndef STREAMHUB_ENCODER_H
#define STREAMHUB_ENCODER_H

#include <libavcodec/avcodec.h>
#include <libavutil/audio_fifo.h>
#include <libswresample/swresample.h>
#include <stdbool.h>
#include <stdint.h>

struct encoder {
	AVCodecContext *codec; /* NULL: it is closed */
	AVFrame *frame;
	AVAudioFifo *samples; /* that wait for a frame to be full */
	SwrContext *resampler;
	int rate, channels; /* of what it takes */
	int64_t origin; /* the time of the first sample */
	int64_t earliest; /* a packet that would be before this is left out */
	int64_t taken, packets; /* samples of 48 kHz, and packets, so far */
	bool has_header, ending;
};

/* Samples in rows, as 16 bits each. */
struct encoder_sound {
	const int16_t *samples;
	int count; /* for each channel */
	int rate, channels;
	int64_t at; /* when they begin */
};

/*
 * Opens it for one channel, or for two. The first sound will be at origin. The encoder
 * makes one packet from before that: it is left out if it is earlier than earliest.
 */
int encoder_open(struct encoder *encoder, int channels, int64_t origin, int64_t earliest);

/* Up to when it has sound. */
int64_t encoder_time(const struct encoder *encoder);

/* Gives it samples, or silence up to a time. Take all packets after each call. */
int encoder_put(struct encoder *encoder, const struct encoder_sound *sound);
int encoder_put_silence(struct encoder *encoder, int64_t until);

/* No more will come: encoder_next returns what is left. */
int encoder_end(struct encoder *encoder);

/* Returns 1 and the next packet, which the caller frees; the first one carries the
 * codec's header. 0: there is none yet, or after encoder_end no more. */
int encoder_next(struct encoder *encoder, AVPacket **packet);

/* Safe twice. */
void encoder_close(struct encoder *encoder);

#endif
