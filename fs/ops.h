/*
 * ops: answers to the kernel's questions. What is not answered here libfuse answers with
 * ENOSYS, once and for all: flush, access, fsync and the extended attributes need nothing
 * of us. Nothing changes anything: the file system is mounted read-only, and the kernel
 * says EROFS itself.
 */
#ifndef STREAMHUB_OPS_H
#define STREAMHUB_OPS_H

#include <stdbool.h>

#include "fuse_api.h"

extern const struct fuse_lowlevel_ops ops_table;

/* Whether the kernel has begun to ask. */
bool ops_ready(void);

#endif
