/*
 * inspect_size: reads the size of a picture from its own header, for codecs where neither
 * the container nor libavcodec's parser gives it: MJPEG, H.263 and FLV's Sorenson H.263.
 */
#ifndef STREAMHUB_INSPECT_SIZE_H
#define STREAMHUB_INSPECT_SIZE_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: this packet does not give the size, or it is of another codec. */
bool inspect_size(
	enum AVCodecID codec, const uint8_t *data, size_t size, int *width, int *height);

#endif
