/*
 * inband: puts the parameter sets of H.264 and H.265 into the packets of pictures.
 *
 * FLV announces the sets in a codec header. A relay that keeps only the first header
 * could not decode a later clip with other sets, so each keyframe carries its own.
 */
#ifndef STREAMHUB_INBAND_H
#define STREAMHUB_INBAND_H

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>

/*
 * If the packet is a keyframe that lacks a kind of set, puts the sets of the header in
 * par in front of its picture, in the packet's own format. Damaged sets or packets are
 * left as they are. Returns 0, or a negative libav error.
 */
int inband_put(AVPacket *packet, const AVCodecParameters *par);

#endif
