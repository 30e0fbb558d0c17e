/*
 * nal: whether the bytes of a video packet can be what an encoder made, without decoding.
 */
#ifndef STREAMHUB_NAL_H
#define STREAMHUB_NAL_H

#include <stddef.h>
#include <stdint.h>

enum nal_fault {
	NAL_FINE,
	NAL_BROKEN, /* the units do not fill the packet, or are none */
	NAL_ZEROS, /* a hole: so many zeros in a row are never written */
};

#define NAL_ANNEX_B 0

/*
 * Looks at a packet of H.264 or H.265 whose units have a length of prefix bytes before
 * them, or start codes (NAL_ANNEX_B).
 */
enum nal_fault nal_check(const uint8_t *data, size_t size, unsigned prefix);

/* The longest run of zeros, if it is at least so long; shorter ones may give 0. */
size_t nal_zeros(const uint8_t *data, size_t size, size_t least);

/*
 * How the units of a stream are told apart, by its extradata: the bytes of the length, or
 * NAL_ANNEX_B. skip: where in the extradata that is told, 4 for H.264, 21 for H.265.
 */
unsigned nal_prefix(const uint8_t *extradata, size_t size, size_t skip);

#endif
