/*
 * probe: looks at a source for some seconds and says what it sends.
 */
#ifndef STREAMHUB_PROBE_H
#define STREAMHUB_PROBE_H

#include "source.h"

/*
 * Prints a line: codec, size and pictures a second; codec, rate and channels of the
 * sound; kilobits a second. Returns 0, or a negative libav code, for source_why.
 */
int probe(struct source *source, const char *url);

#endif
