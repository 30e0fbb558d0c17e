/* fuse_api: libfuse's low-level interface, in the version that all of us speak. */
#ifndef STREAMHUB_FUSE_API_H
#define STREAMHUB_FUSE_API_H

#define FUSE_USE_VERSION 34
#include <fuse_lowlevel.h>

#endif
