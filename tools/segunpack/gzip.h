/*
 * gzip: checks the checksum and the length at the end of a gzip file, because libarchive
 * does not. Run it in a sandbox.
 */
#ifndef STREAMHUB_GZIP_H
#define STREAMHUB_GZIP_H

#include <stdbool.h>

/*
 * True if the file is no gzip file, or if all its members have the checksums and lengths
 * that they declare. Bytes behind the last member are ignored. False too if the file
 * cannot be read.
 */
bool gzip_is_whole(int file);

#endif
