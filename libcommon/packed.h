/*
 * packed: what lies in an archive of clips, a TAR or an uncompressed ZIP, and the index
 * beside it: "name TAB time TAB duration TAB size TAB offset" a line, the name as text.h
 * escapes it, the duration in seconds or "-".
 *
 * Archives are regular files, open for reading. Errors are -1 with errno.
 */
#ifndef STREAMHUB_PACKED_H
#define STREAMHUB_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define PACKED_CLIPS_MAX 100000
#define PACKED_NO_DURATION (-1)

struct packed_clip {
	char *name; /* in the archive; the list's own */
	int64_t mtime_ns;
	int64_t duration_ms; /* or PACKED_NO_DURATION */
	off_t size, offset; /* of its bytes in the archive */
};

/* Starts as zeros. */
struct packed {
	struct packed_clip *clips;
	size_t count, room;
};

/* Adds a clip with a copy of the name. EFBIG: there are PACKED_CLIPS_MAX. */
int packed_add(struct packed *packed, const char *name, struct packed_clip clip);

/* Forgets all but the first count clips. */
void packed_cut(struct packed *packed, size_t count);

void packed_free(struct packed *packed);

/*
 * Adds what lies in the archive fd. *end is where the end marker of a TAR begins; in an
 * empty file at 0. EBADMSG: it cannot be read to its end, or holds other things than
 * plain clips, or is of the other format.
 */
enum packed_format { PACKED_TAR, PACKED_ZIP };
int packed_walk(struct packed *packed, int fd, enum packed_format format, off_t *end);

struct packed_clip *packed_find(const struct packed *packed, const char *name);

/* Whether the two places hold the same bytes: 1 or 0, or -1. */
int packed_same(int a, off_t at_a, int b, off_t at_b, off_t size);

/* Writes the clip's line. */
void packed_line(FILE *out, const struct packed_clip *clip);

/*
 * Learns from the index what the archive does not tell: durations, and fractions of a
 * second. No index, or one that is broken, tells less.
 */
void packed_learn(struct packed *packed, int folder, const char *index);

/* Puts the index in place, on the disk, unless it already is as it should be. */
int packed_index(const struct packed *packed, int folder, const char *index);

#endif
