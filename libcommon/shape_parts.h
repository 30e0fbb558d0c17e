/*
 * shape_parts: what the parts of shape share: reading the file, and one check for each
 * container. Private to shape.
 *
 * A check returns when there is nothing more to find. What ends a look early is always in
 * the report.
 */
#ifndef STREAMHUB_SHAPE_PARTS_H
#define STREAMHUB_SHAPE_PARTS_H

#include "report.h"

#include <stddef.h>

enum {
	SHAPE_WINDOW = 32768,
	SHAPE_WINDOWS = 4, /* tables that are read side by side */
	SHAPE_HEAD = 4096, /* is enough to know a container */
	SHAPE_PARTS = 1 << 21, /* boxes, tags, elements or chunks of a file */
	SHAPE_NAME = 17, /* four bytes, each escaped, and the closing NUL */
};

struct shape {
	int fd;
	int64_t size;
	struct report *report;
	uint32_t parts, clock;
	struct shape_window {
		int64_t at;
		size_t len;
		uint32_t used;
		unsigned char bytes[SHAPE_WINDOW];
	} windows[SHAPE_WINDOWS];
};

/*
 * len bytes of the file (SHAPE_WINDOW at most), good until the next call; or NULL, with
 * the reason in the report.
 */
const unsigned char *shape_at(struct shape *shape, int64_t at, size_t len);

/* Counts one more part at this place; false: there were too many, and it is reported. */
bool shape_part(struct shape *shape, int64_t at);

/* Whether some bytes are at this place, and they are zeros. */
bool shape_zeros(struct shape *shape, int64_t at);

/* Four bytes of the file as printable ASCII. */
const char *shape_name(char name[SHAPE_NAME], const unsigned char bytes[4]);

/* Whether these first bytes (SHAPE_HEAD of them, or the whole file) are its own. */
bool shape_is_mp4(const unsigned char *head, size_t len);
bool shape_is_ts(const unsigned char *head, size_t len);
bool shape_is_flv(const unsigned char *head, size_t len);
bool shape_is_ebml(const unsigned char *head, size_t len);
bool shape_is_avi(const unsigned char *head, size_t len);

void shape_mp4(struct shape *shape);
void shape_ts(struct shape *shape);
void shape_flv(struct shape *shape);
void shape_ebml(struct shape *shape);
void shape_avi(struct shape *shape);

static inline uint32_t shape_be16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t shape_be24(const unsigned char *p)
{
	return shape_be16(p) << 8 | p[2];
}

static inline uint32_t shape_be32(const unsigned char *p)
{
	return shape_be16(p) << 16 | shape_be16(p + 2);
}

static inline uint64_t shape_be64(const unsigned char *p)
{
	return (uint64_t)shape_be32(p) << 32 | shape_be32(p + 4);
}

static inline uint32_t shape_le32(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

#endif
