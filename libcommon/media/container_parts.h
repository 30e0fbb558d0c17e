/*
 * container_parts: shared by the container checks: reading the file, and a check for each
 * container. Private to container.
 *
 * A check returns when there is nothing more to find. If it ends early, the reason is in
 * the report.
 */
#ifndef STREAMHUB_CONTAINER_PARTS_H
#define STREAMHUB_CONTAINER_PARTS_H

#include "media/report.h"

#include <stddef.h>

enum {
	CONTAINER_WINDOW = 32768,
	CONTAINER_WINDOWS = 4, /* tables that are read side by side */
	CONTAINER_HEAD = 4096, /* bytes that are enough to recognise a container */
	CONTAINER_PARTS = 1 << 21, /* most boxes, tags, elements or chunks of a file */
	CONTAINER_NAME = 11, /* 0x, four bytes in hexadecimal, and the closing NUL */
};

struct container {
	int fd;
	int64_t size;
	struct report *report;
	uint32_t parts, clock;
	struct container_window {
		int64_t at;
		size_t len;
		uint32_t used;
		unsigned char bytes[CONTAINER_WINDOW];
	} windows[CONTAINER_WINDOWS];
};

/*
 * len bytes of the file (CONTAINER_WINDOW at most). They are valid until the next call.
 * NULL: the reason is in the report.
 */
const unsigned char *container_at(struct container *container, int64_t at, size_t len);

/* Counts one more part, at this place. False: there are too many, which is reported. */
bool container_part(struct container *container, int64_t at);

/* True if the file goes on at this place, and its next bytes (up to 64) are zeros. */
bool container_zeros(struct container *container, int64_t at);

/* Takes note of the duration that the container declares, unless it is nonsense. */
void container_declare(struct container *container, double ms);

/*
 * Reports that the clip is whole and ends at this place, and that other bytes follow:
 * padding, or a vendor's own data. Returns false: the check ends.
 */
bool container_outside(struct container *container, int64_t at);

/* Four bytes of the file: as they are if they are printable ASCII, else in hexadecimal.
 * Not escaped, as whoever shows a report does that. */
const char *container_name(char name[CONTAINER_NAME], const unsigned char bytes[4]);

/* True if a file of this container can begin with these bytes (CONTAINER_HEAD of them, or
 * the whole file). */
bool container_is_mp4(const unsigned char *head, size_t len);
bool container_is_ts(const unsigned char *head, size_t len);
bool container_is_flv(const unsigned char *head, size_t len);
bool container_is_ebml(const unsigned char *head, size_t len);
bool container_is_avi(const unsigned char *head, size_t len);

void container_mp4(struct container *container);
void container_ts(struct container *container);
void container_flv(struct container *container);
void container_ebml(struct container *container);
void container_avi(struct container *container);

static inline uint32_t container_be16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t container_be24(const unsigned char *p)
{
	return container_be16(p) << 8 | p[2];
}

static inline uint32_t container_be32(const unsigned char *p)
{
	return container_be16(p) << 16 | container_be16(p + 2);
}

static inline uint64_t container_be64(const unsigned char *p)
{
	return (uint64_t)container_be32(p) << 32 | container_be32(p + 4);
}

static inline uint32_t container_le32(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

#endif
