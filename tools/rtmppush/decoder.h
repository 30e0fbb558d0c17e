/*
 * decoder: packets of sound into samples. G.711 and PCM of 16 bits are read here, as each
 * byte of them is a sound; whatever needs a parser is decoded in a sandboxed process.
 *
 * That process is kept from clip to clip. If it dies or takes too long, which is said
 * once, the clip goes on without its sound.
 */
#ifndef STREAMHUB_DECODER_H
#define STREAMHUB_DECODER_H

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stdint.h>

#include "encoder.h"
#include "proc/sandboxed.h"

struct decoder {
	struct sandboxed child;
	const AVCodecParameters *par; /* of the clip's sound */
	bool begun; /* the child knows these */
	bool broken; /* it was ended by this clip */
	int16_t *samples;
};

/* True if there is a decoder for such sound. */
bool decoder_can(const AVCodecParameters *par);

/* The next packets are of another clip. The caller keeps par. */
void decoder_begin(struct decoder *decoder, const AVCodecParameters *par);

/*
 * Decodes a packet, its times in microseconds. The samples are good until the next call.
 * False: it has none, or cannot be decoded.
 */
bool decoder_take(
	struct decoder *decoder, const AVPacket *packet, struct encoder_sound *sound);

/* Ends its process. Safe twice. */
void decoder_close(struct decoder *decoder);

#endif
