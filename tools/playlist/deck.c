/*
 * Each path has a number, by seed and path, and one by the round, too. The first is
 * remembered when the path is dealt. The second says when: the lowest one of those that
 * are left is next, so that an edit of the list leaves the order of the others as it is.
 */
#include "deck.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/path.h"

#define LINE 17 /* sixteen digits and a new line */
#define HEAD (2 * LINE)
#define FILE_MAX (64 << 20)
#define ROUND_MAX INT64_C(1000000000000) /* more than will ever be played */

static uint64_t mix(uint64_t n)
{
	n ^= n >> 30;
	n *= UINT64_C(0xbf58476d1ce4e5b9);
	n ^= n >> 27;
	n *= UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

static uint64_t number_of(const struct deck *deck, const char *path)
{
	uint64_t n = deck->seed ^ UINT64_C(0xcbf29ce484222325);

	for (; *path; path++)
		n = (n ^ (unsigned char)*path) * UINT64_C(0x100000001b3);
	return mix(n);
}

/* The place of n among those that were dealt, or where it would be. */
static size_t find(const struct deck *deck, uint64_t n)
{
	size_t low = 0, high = deck->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (deck->dealt[middle] < n)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_dealt(const struct deck *deck, uint64_t n)
{
	size_t at = find(deck, n);

	return at < deck->count && deck->dealt[at] == n;
}

static int add(struct deck *deck, uint64_t n)
{
	size_t at = find(deck, n);

	if ((deck->count & (deck->count - 1)) == 0) {
		size_t room = deck->count ? 2 * deck->count : 1;
		uint64_t *more = reallocarray(deck->dealt, room, sizeof *more);
		if (!more)
			return -1;
		deck->dealt = more;
	}
	memmove(deck->dealt + at + 1, deck->dealt + at,
		(deck->count - at) * sizeof *deck->dealt);
	deck->dealt[at] = n;
	deck->count++;
	return 0;
}

static bool read_number(const char *line, uint64_t *n)
{
	char digits[LINE], *end;

	memcpy(digits, line, LINE - 1);
	digits[LINE - 1] = '\0';
	if (line[LINE - 1] != '\n' || strspn(digits, "0123456789abcdef") != LINE - 1)
		return false;
	*n = strtoull(digits, &end, 16);
	return true;
}

/* Begins the file with what is not of a round before. */
static int write_head(const struct deck *deck)
{
	char head[HEAD + 1];

	if (deck->folder < 0)
		return 0;
	snprintf(head, sizeof head, "%016" PRIx64 "\n%016" PRIx64 "\n", deck->seed,
		(uint64_t)deck->round);
	return atomic_keep(deck->folder, deck->name, 0600, head, HEAD);
}

/* Takes in the text of a file, up to count paths. False: it is no deck. */
static int take(struct deck *deck, const char *text, size_t len, size_t count)
{
	uint64_t round, n;

	if (len < HEAD || !read_number(text, &deck->seed) ||
		!read_number(text + LINE, &round) || round < 1 || round > ROUND_MAX) {
		errno = EBADMSG;
		return -1;
	}
	deck->round = (int64_t)round;
	deck->count = 0;
	/* A line that a kill has left unfinished is none. */
	for (size_t at = HEAD; at + LINE <= len && deck->count < count; at += LINE)
		if (!read_number(text + at, &n) || is_dealt(deck, n))
			break;
		else if (add(deck, n) < 0)
			return -1;
	return 0;
}

/* Reads the file up to count paths, and cuts it there. */
static int read_file(struct deck *deck, size_t count)
{
	struct stat st;
	int file = path_open_file(deck->folder, deck->name, &st);

	if (file < 0)
		return -1;
	size_t len = st.st_size < FILE_MAX ? (size_t)st.st_size : FILE_MAX;
	char *text = malloc(len + 1);
	ssize_t n = text ? pread(file, text, len, 0) : -1;
	int code = n < 0 ? -1 : take(deck, text, (size_t)n, count);
	free(text);
	close(file);
	if (code < 0)
		return -1;
	file = openat(deck->folder, deck->name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	code = file < 0 ? -1 : ftruncate(file, (off_t)(HEAD + LINE * deck->count));
	path_close(file);
	return code;
}

int deck_open(struct deck *deck, int folder, const char *name, uint64_t seed)
{
	*deck = (struct deck){.folder = folder, .seed = seed, .round = 1};
	snprintf(deck->name, sizeof deck->name, "%s", name);
	if (folder < 0 || read_file(deck, SIZE_MAX) == 0)
		return 0;
	if (errno != ENOENT && errno != EBADMSG)
		return -1;
	deck->seed = seed;
	deck->round = 1;
	deck->count = 0;
	return write_head(deck);
}

int deck_back(struct deck *deck, int64_t round, size_t count)
{
	return deck->folder < 0 ? 0 : read_file(deck, round == deck->round ? count : 0);
}

bool deck_find(const struct deck *deck, const struct list *list,
	const struct list_part *part, const char *last, size_t *entry)
{
	uint64_t lowest = 0, turn = mix((uint64_t)deck->round);
	char path[PATH_MAX];
	bool found = false, found_last = false;

	for (size_t i = part->first; i < part->first + part->count; i++) {
		if (list_path(list, i, path, sizeof path) < 0)
			continue;
		uint64_t n = number_of(deck, path);
		if (is_dealt(deck, n))
			continue;
		uint64_t order = mix(n ^ turn);
		/* The last one of a round is the first of the next if there is no other.
		 */
		bool is_last = deck->count == 0 && strcmp(path, last) == 0;
		if (!found || (found_last && !is_last) ||
			(order < lowest && is_last <= found_last)) {
			*entry = i;
			lowest = order;
			found_last = is_last;
		}
		found = true;
	}
	return found;
}

int deck_deal(struct deck *deck, const char *path)
{
	uint64_t n = number_of(deck, path);
	char line[LINE + 1];

	if (is_dealt(deck, n))
		return 0;
	if (add(deck, n) < 0)
		return -1;
	if (deck->folder < 0)
		return 0;
	int file = openat(
		deck->folder, deck->name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	snprintf(line, sizeof line, "%016" PRIx64 "\n", n);
	int code = file < 0 ? -1 : path_write_all(file, line, LINE);
	path_close(file);
	return code;
}

int deck_again(struct deck *deck)
{
	deck->round++;
	deck->count = 0;
	free(deck->dealt);
	deck->dealt = NULL;
	return write_head(deck);
}

void deck_close(struct deck *deck)
{
	free(deck->dealt);
	*deck = (struct deck){.folder = -1};
}
