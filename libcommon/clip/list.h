/*
 * list: what a list or a folder names, in its order, and the parts of the day that its
 * entries belong to. Reads text only; no file is opened here.
 */
#ifndef STREAMHUB_LIST_H
#define STREAMHUB_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define LIST_SIZE_MAX (64 << 20) /* bytes of a list */
#define LIST_ALL_DAY (-1) /* the start of the only part of a list without times */

/* A part of the day, until the next one begins. */
struct list_part {
	int start; /* in minutes of the local day, or LIST_ALL_DAY */
	bool shuffle;
	size_t first, count; /* of its entries */
};

struct list {
	const char *folder; /* that paths are relative to; the caller's */
	char *text;
	size_t len;
	uint32_t *entries; /* where the path of each begins in text */
	size_t count;
	struct list_part *parts;
	size_t part_count;
	uint64_t serial; /* another one for each list that was read */
};

/* Reports what is wrong with a line of a list. */
typedef void list_complain(unsigned line, const char *what, const char *text);

/*
 * Reads the text of a list, which has room for one more byte. It is changed, kept, and
 * freed with the list. Returns 0, or -1 with errno ENOMEM.
 */
int list_parse(struct list *list, char *text, size_t len, list_complain *complain);

/* Adds the file at path. Returns 0, or -1 with errno: ENOMEM, EFBIG. */
int list_add(struct list *list, const char *path);

/* Puts what was added into natural order. */
void list_sort(struct list *list);

/* The path of the nth entry, as it is printed. Returns 0, or -1: ENAMETOOLONG. */
int list_path(const struct list *list, size_t n, char *path, size_t size);

/*
 * The part that is played at this instant: the last one whose time the local clock has
 * shown today, or else the latest of yesterday. A clock that is put back in autumn has
 * shown it already; one that skips it in spring has shown it when it goes on. *day gets
 * the number of the day on which the part began. NULL: the list is empty.
 */
const struct list_part *list_part_at(const struct list *list, time_t now, int64_t *day);

void list_free(struct list *list);

#endif
