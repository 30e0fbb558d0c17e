/*
 * ops: answers to the kernel's questions, as few as can be. Opening a file needs none:
 * each look at a name gives the version of now (version.h), and the kernel checks
 * permissions itself. Nor do flush, access, fsync and extended attributes, which libfuse
 * answers with ENOSYS, once and for all. Nothing can be changed: the file system is
 * mounted read-only, and the kernel says EROFS itself.
 */
#ifndef STREAMHUB_OPS_H
#define STREAMHUB_OPS_H

#include <stdbool.h>

#include "fuse_api.h"

extern const struct fuse_lowlevel_ops ops_table;

/* Whether the kernel has begun to ask. */
bool ops_ready(void);

#endif
