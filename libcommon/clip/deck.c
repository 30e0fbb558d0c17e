/*
 * Each path has a number, by seed and path, and another one by the round, too. The first
 * is remembered when the path is dealt. The second says when that is: the cards of a list
 * are sorted by it, so that an edit leaves the order of the others as it is.
 */
#include "clip/deck.h"

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

struct deck_card {
	uint64_t order, number;
	size_t entry;
};

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
static size_t find(const struct deck_round *round, uint64_t n)
{
	size_t low = 0, high = round->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (round->dealt[middle] < n)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_dealt(const struct deck_round *round, uint64_t n)
{
	size_t at = find(round, n);

	return at < round->count && round->dealt[at] == n;
}

static int add(struct deck_round *round, uint64_t n)
{
	size_t at = find(round, n);

	if (at < round->count && round->dealt[at] == n)
		return 0;
	if ((round->count & (round->count - 1)) == 0) {
		size_t room = round->count ? 2 * round->count : 1;
		uint64_t *more = reallocarray(round->dealt, room, sizeof *more);
		if (!more)
			return -1;
		round->dealt = more;
	}
	memmove(round->dealt + at + 1, round->dealt + at,
		(round->count - at) * sizeof *round->dealt);
	round->dealt[at] = n;
	round->count++;
	return 0;
}

static bool read_number(const char *line, uint64_t *n)
{
	char digits[LINE];

	memcpy(digits, line, LINE - 1);
	digits[LINE - 1] = '\0';
	if (line[LINE - 1] != '\n' || strspn(digits, "0123456789abcdef") != LINE - 1)
		return false;
	*n = strtoull(digits, NULL, 16);
	return true;
}

/* Takes in the text of a file. */
static int take(struct deck *deck, const char *text, size_t len)
{
	uint64_t seed, round, n;

	if (len < HEAD || !read_number(text, &seed) ||
		!read_number(text + LINE, &round) || round < 1 || round > ROUND_MAX) {
		errno = EBADMSG;
		return -1;
	}
	deck->seed = seed;
	deck->now.number = (int64_t)round;
	for (size_t at = HEAD; at + LINE <= len; at += LINE) {
		if (!read_number(text + at, &n)) {
			deck->behind = true; /* it is written anew with the next deal */
			break;
		}
		if (add(&deck->now, n) < 0)
			return -1;
	}
	deck->behind |= len % LINE != 0;
	return 0;
}

static int read_file(struct deck *deck)
{
	struct stat st;
	int file = path_open_file(deck->folder, deck->name, &st);

	if (file < 0)
		return -1;
	size_t len = st.st_size < FILE_MAX ? (size_t)st.st_size : FILE_MAX;
	char *text = malloc(len + 1);
	ssize_t n = text ? pread(file, text, len, 0) : -1;
	int code = n < 0 ? -1 : take(deck, text, (size_t)n);
	int error = errno;
	free(text);
	close(file);
	errno = error;
	return code;
}

/* Writes the whole file. */
static int write_file(const struct deck *deck)
{
	size_t size = HEAD + LINE * deck->now.count + 1, len;
	char *text = malloc(size);

	if (!text)
		return -1;
	len = (size_t)snprintf(text, size, "%016" PRIx64 "\n%016" PRIx64 "\n", deck->seed,
		(uint64_t)deck->now.number);
	for (size_t i = 0; i < deck->now.count; i++)
		len += (size_t)snprintf(
			text + len, size - len, "%016" PRIx64 "\n", deck->now.dealt[i]);
	int code = atomic_keep(deck->folder, deck->name, 0600, text, len);
	free(text);
	return code;
}

/* Adds lines to the file. What is half written is taken back by writing all of it. */
static int append(const struct deck *deck, const struct deck_card *cards, size_t count)
{
	char line[LINE + 1];
	int file = openat(
		deck->folder, deck->name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	int code = file < 0 ? -1 : 0;

	for (size_t i = 0; code == 0 && i < count; i++) {
		snprintf(line, sizeof line, "%016" PRIx64 "\n", cards[i].number);
		code = path_write_all(file, line, LINE);
	}
	path_close(file);
	return code;
}

int deck_open(struct deck *deck, int folder, const char *name, uint64_t seed)
{
	*deck = (struct deck){.folder = folder, .seed = seed, .now = {.number = 1}};
	snprintf(deck->name, sizeof deck->name, "%s", name);
	if (folder < 0 || read_file(deck) == 0)
		return 0;
	if (errno != ENOENT && errno != EBADMSG)
		return -1;
	deck->behind = true;
	return errno == EBADMSG ? -1 : 0;
}

static int compare(const void *a, const void *b)
{
	const struct deck_card *one = a, *other = b;

	return one->order < other->order ? -1 : one->order > other->order;
}

/* Sorts the entries of the part for this round. */
static int make_cards(struct deck *deck, const struct list *list,
	const struct list_part *part, const char *last)
{
	uint64_t turn = mix((uint64_t)deck->now.number);
	char path[PATH_MAX];

	free(deck->cards);
	deck->cards = calloc(part->count + 1, sizeof *deck->cards);
	deck->card_count = deck->at = deck->left = 0;
	deck->made_of = list->serial;
	if (!deck->cards)
		return -1;
	for (size_t i = part->first; i < part->first + part->count; i++) {
		if (list_path(list, i, path, sizeof path) < 0)
			continue;
		uint64_t n = number_of(deck, path);
		deck->cards[deck->card_count++] = (struct deck_card){mix(n ^ turn), n, i};
	}
	qsort(deck->cards, deck->card_count, sizeof *deck->cards, compare);
	/* The first one of a round is another than the last one before. */
	struct deck_card *cards = deck->cards;
	size_t other = 1;
	if (deck->now.count > 0 || deck->card_count == 0 ||
		cards[0].number != number_of(deck, last))
		return 0;
	while (other < deck->card_count && cards[other].number == cards[0].number)
		other++;
	if (other < deck->card_count) {
		struct deck_card card = cards[0];
		cards[0] = cards[other];
		cards[other] = card;
	}
	return 0;
}

int deck_find(struct deck *deck, const struct list *list, const struct list_part *part,
	const char *last, size_t *entry)
{
	if ((!deck->cards || deck->made_of != list->serial) &&
		make_cards(deck, list, part, last) < 0)
		return -1;
	while (deck->at < deck->card_count &&
		is_dealt(&deck->now, deck->cards[deck->at].number)) {
		deck->at++;
		deck->left += deck->left > 0; /* they stay in one row */
	}
	if (deck->at == deck->card_count)
		return 0;
	*entry = deck->cards[deck->at].entry;
	return 1;
}

void deck_leave(struct deck *deck)
{
	deck->at++;
	deck->left++;
}

/* Of the round before nothing is kept. */
static void settle(struct deck *deck)
{
	free(deck->before.dealt);
	deck->before = (struct deck_round){0};
	deck->begun = false;
}

static void drop_cards(struct deck *deck)
{
	free(deck->cards);
	deck->cards = NULL;
	deck->card_count = deck->at = deck->left = 0;
}

void deck_again(struct deck *deck)
{
	if (!deck->begun)
		deck->before = deck->now;
	else
		free(deck->now.dealt);
	deck->now = (struct deck_round){.number = deck->now.number + 1};
	deck->begun = true;
	drop_cards(deck);
}

int deck_deal(struct deck *deck)
{
	const struct deck_card *first = deck->cards + deck->at - deck->left;
	size_t count = deck->left + 1;

	for (size_t i = 0; i < count; i++)
		if (add(&deck->now, first[i].number) < 0)
			return -1;
	deck->behind |= deck->begun;
	settle(deck);
	deck->at++;
	deck->left = 0;
	if (deck->folder < 0)
		return 0;
	int code = deck->behind ? write_file(deck) : append(deck, first, count);
	deck->behind = code < 0;
	return code;
}

void deck_forget(struct deck *deck)
{
	if (deck->begun) {
		free(deck->now.dealt);
		deck->now = deck->before;
		deck->before.dealt = NULL;
		settle(deck);
	}
	drop_cards(deck);
}

void deck_close(struct deck *deck)
{
	settle(deck);
	free(deck->now.dealt);
	drop_cards(deck);
	*deck = (struct deck){.folder = -1};
}
