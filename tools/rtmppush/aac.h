/*
 * aac: the plain form of AAC, which every player knows: AAC-LC of one or two channels, in
 * frames of 1024 samples, at a rate that its header gives.
 */
#ifndef STREAMHUB_AAC_H
#define STREAMHUB_AAC_H

#include <libavcodec/codec_par.h>
#include <stdint.h>

#define AAC_SAMPLES 1024 /* of a frame */
#define AAC_HEADER 2 /* bytes of the codec's header */
#define AAC_RATE 48000 /* of what is made here */

/* Its channels if that is the form of par, by its header; else 0. */
int aac_plain_channels(const AVCodecParameters *par);

/* The header of AAC at AAC_RATE, of one channel or two. */
const uint8_t *aac_header(int channels);

/* Sets par, which is empty, to that form. Returns 0 or a negative libav error. */
int aac_describe(AVCodecParameters *par, int channels);

#endif
