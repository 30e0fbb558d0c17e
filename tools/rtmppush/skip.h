/*
 * skip: H.264 pictures that repeat the one before them, made without an encoder. All
 * their macroblocks are skipped, so such a picture takes some ten bytes.
 */
#ifndef STREAMHUB_SKIP_H
#define STREAMHUB_SKIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SKIP_SIZE 4096 /* no picture is longer */

/* The parts of an IDR picture and its parameter sets on which the next pictures depend.
 */
struct skip {
	unsigned set; /* the number of the picture parameter set */
	unsigned frame_bits; /* of frame_num */
	unsigned order_type, order_bits, order; /* of the picture order count */
	bool order_delta; /* the order of type 1 is written in each picture */
	bool bottom_delta; /* so is that of the bottom field */
	bool fields; /* whether a picture is a field is written in each */
	bool pairs; /* macroblocks come in pairs, as frame or field (MBAFF) */
	bool chroma;
	bool arithmetic; /* CABAC */
	bool weighted;
	bool redundant; /* the number of a redundant picture is written in each */
	bool deblocking; /* its control is written in each picture */
	int qp;
	unsigned macroblocks;
};

/*
 * Reads a packet that has an IDR picture with its parameter sets before it; prefix is as
 * in nal.h. False: no pictures can be made to follow it, as it is of fields, has several
 * slice groups or colour planes, may not be referred to, or is no IDR.
 */
bool skip_read(struct skip *skip, const uint8_t *data, size_t size, unsigned prefix);

/*
 * Writes the nth picture behind the IDR, from 1 on, as one unit in the packet's format,
 * into out. Returns its size.
 */
size_t skip_write(
	const struct skip *skip, unsigned n, unsigned prefix, uint8_t out[SKIP_SIZE]);

#endif
