/*
 * nal: tells without decoding whether an encoder can have made the bytes of a packet.
 */
#ifndef STREAMHUB_NAL_H
#define STREAMHUB_NAL_H

#include <stddef.h>
#include <stdint.h>

enum nal_fault {
	NAL_FINE,
	NAL_BROKEN, /* the units do not fill the packet, or there are none */
	NAL_ZEROS, /* a hole: no encoder writes that many zeros in a row */
};

#define NAL_ANNEX_B 0

/*
 * Looks at a packet of H.264 or H.265. Before each unit stands its length, of prefix
 * bytes, or a start code (NAL_ANNEX_B).
 */
enum nal_fault nal_check(const uint8_t *data, size_t size, unsigned prefix);

/* The longest run of zeros, if it has at least least of them; else it may return 0. */
size_t nal_zeros(const uint8_t *data, size_t size, size_t least);

/*
 * How the units of a stream are separated, from its extradata: the number of bytes of the
 * length, or NAL_ANNEX_B. skip: where the extradata says that, 4 for H.264, 21 for H.265.
 */
unsigned nal_prefix(const uint8_t *extradata, size_t size, size_t skip);

#endif
