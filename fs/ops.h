/*
 * ops: answers the kernel's requests, as few as possible. Opening a file needs no
 * request: each lookup of a name gives the current version of its text (version.h), and
 * the kernel checks permissions itself. libfuse answers flush, access, fsync and extended
 * attributes with ENOSYS, after which the kernel does not ask again. Nothing can be
 * changed: the file system is mounted read-only, and the kernel itself fails with EROFS.
 */
#ifndef STREAMHUB_OPS_H
#define STREAMHUB_OPS_H

#include <stdbool.h>

#include "fuse_api.h"

extern const struct fuse_lowlevel_ops ops_table;

/* True once the kernel has sent its first request. */
bool ops_ready(void);

#endif
