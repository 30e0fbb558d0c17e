/*
 * clip_list: the clips in an archive, a TAR or an uncompressed ZIP, and the index beside
 * it. A line of the index is "name TAB time TAB duration TAB size TAB offset", with the
 * name escaped as in text.h and the duration in seconds or "-".
 *
 * Archives are regular files, open for reading. Errors are -1 with errno.
 */
#ifndef STREAMHUB_CLIP_LIST_H
#define STREAMHUB_CLIP_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define CLIP_LIST_MAX 100000
#define CLIP_LIST_NO_DURATION (-1)

struct listed_clip {
	char *name; /* in the archive; the list's own */
	int64_t mtime_ns;
	int64_t duration_ms; /* or CLIP_LIST_NO_DURATION */
	off_t size, offset; /* of its bytes in the archive */
};

/* Starts as zeros. */
struct clip_list {
	struct listed_clip *clips;
	size_t count, room;
};

/* Adds a clip with a copy of the name. EFBIG: there are CLIP_LIST_MAX. */
int clip_list_add(struct clip_list *packed, const char *name, struct listed_clip clip);

/* Drops all but the first count clips from the list. */
void clip_list_cut(struct clip_list *packed, size_t count);

void clip_list_free(struct clip_list *packed);

/*
 * Adds the clips in the archive fd. *end gets the place where the end marker of a TAR
 * begins; 0 in an empty file. EBADMSG: it cannot be read to its end, contains something
 * other than plain files, or is of the other format.
 */
enum clip_list_format { CLIP_LIST_TAR, CLIP_LIST_ZIP };
int clip_list_walk(
	struct clip_list *packed, int fd, enum clip_list_format format, off_t *end);

struct listed_clip *clip_list_find(const struct clip_list *packed, const char *name);

/* 1 if the two places hold the same bytes, 0 if not, or -1. */
int clip_list_same(int a, off_t at_a, int b, off_t at_b, off_t size);

/* Writes the clip's line. */
void clip_list_line(FILE *out, const struct listed_clip *clip);

/*
 * Takes from the index what the archive itself lacks: durations, and fractions of a
 * second. A missing or broken index is no error.
 */
void clip_list_learn(struct clip_list *packed, int folder, const char *index);

/* Replaces the index and syncs it, unless it is right already. */
int clip_list_index(const struct clip_list *packed, int folder, const char *index);

#endif
