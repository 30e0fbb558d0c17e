/*
 * units: walks over the units in bytes of H.264 or H.265.
 */
#ifndef STREAMHUB_UNITS_H
#define STREAMHUB_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct units {
	const uint8_t *data, *end; /* what is left to walk over */
	const uint8_t *unit; /* the current one */
	size_t size;
	unsigned prefix; /* as in media/nal.h */
};

/* Goes to the next unit. False: there is none. */
bool units_next(struct units *units);

#endif
