#include "turn.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "base/path.h"
#include "base/text.h"

#define ANY_PART (-2) /* the start of a turn that only has a path */
#define LINE_MAX_LEN (PATH_MAX + 128)
#define NUMBER_MAX INT64_C(1000000000000) /* more than any of them will ever be */

/* One line of the file. */
static bool read_turn(struct turn *turn, char *line)
{
	long long start, day, round, index, dealt;
	const struct {
		long long *to, min;
	} fields[] = {{&start, LIST_ALL_DAY}, {&day, -NUMBER_MAX}, {&round, 1},
		{&index, 0}, {&dealt, 0}};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		char *end = strchr(line, '\t');
		if (!end)
			return false;
		*end = '\0';
		if (text_number(line, fields[i].min, NUMBER_MAX, fields[i].to) < 0)
			return false;
		line = end + 1;
	}
	*turn = (struct turn){.start = start < 24 * 60 ? (int)start : LIST_ALL_DAY,
		.day = day,
		.round = round,
		.index = (size_t)index,
		.dealt = (size_t)dealt};
	return *line &&
		(size_t)snprintf(turn->path, sizeof turn->path, "%s", line) <
		sizeof turn->path;
}

static int read_file(struct turns *turns)
{
	static char text[TURNS * LINE_MAX_LEN + 1];
	ssize_t n = path_read(turns->folder, turns->name, text, sizeof text - 1);

	if (n < 0)
		return errno == ENOENT ? 0 : -1;
	text[n] = '\0';
	char *line = text;
	for (char *end; turns->count < TURNS && (end = strchr(line, '\n'));
		line = end + 1) {
		*end = '\0';
		if (!read_turn(&turns->last[turns->count], line))
			break;
		turns->count++;
	}
	if (line == text + n)
		return 0;
	turns->count = 0;
	errno = EBADMSG;
	return -1;
}

static int write_file(const struct turns *turns)
{
	static char text[TURNS * LINE_MAX_LEN];
	size_t len = 0;

	if (turns->folder < 0)
		return 0;
	for (size_t i = 0; i < turns->count; i++) {
		const struct turn *turn = &turns->last[i];
		len += (size_t)snprintf(text + len, sizeof text - len,
			"%d\t%" PRId64 "\t%" PRId64 "\t%zu\t%zu\t%s\n", turn->start,
			turn->day, turn->round, turn->index, turn->dealt, turn->path);
	}
	return atomic_keep(turns->folder, turns->name, 0600, text, len);
}

int turns_open(struct turns *turns, int folder, const char *name, uint64_t seed)
{
	*turns = (struct turns){
		.folder = folder, .name = name, .seed = seed, .deck_start = LIST_ALL_DAY};
	if (folder < 0)
		return 0;
	atomic_sweep(folder, name);
	return read_file(turns);
}

static int use_deck(struct turns *turns, int start)
{
	char name[256];

	if (turns->deck_start == start)
		return 0;
	deck_close(&turns->deck);
	turns->deck_start = LIST_ALL_DAY;
	snprintf(name, sizeof name, "%.200s.deck-%02d%02d",
		turns->folder < 0 ? "" : turns->name, start / 60, start % 60);
	if (deck_open(&turns->deck, turns->folder, name, turns->seed) < 0)
		return -1;
	turns->deck_start = start;
	return 0;
}

int turns_resume(struct turns *turns, const char *path)
{
	size_t found = turns->count;

	for (size_t i = 0; i < turns->count; i++)
		if (!path || strcmp(turns->last[i].path, path) == 0)
			found = i;
	turns->again = true;
	if (found == turns->count) {
		turns->count = 0;
		turns->again = path;
		turns->at = (struct turn){.start = ANY_PART};
		snprintf(turns->at.path, sizeof turns->at.path, "%s", path ? path : "");
		return 0;
	}
	for (size_t i = 0; i < found; i++) {
		const struct turn *turn = &turns->last[i];
		if (turn->dealt > 0 &&
			(use_deck(turns, turn->start) < 0 ||
				deck_back(&turns->deck, turn->round, turn->dealt - 1) <
					0))
			return -1;
	}
	turns->count -= found;
	memmove(turns->last, turns->last + found, turns->count * sizeof *turns->last);
	turns->at = turns->last[0];
	return 0;
}

static bool stands_at(const struct list *list, const struct list_part *part, size_t index,
	const char *path)
{
	char own[PATH_MAX];

	return index < part->count &&
		list_path(list, part->first + index, own, sizeof own) == 0 &&
		strcmp(own, path) == 0;
}

/* The place of the path in the part, the nearest one to near. False: it is not there. */
static bool look_for(const struct list *list, const struct list_part *part,
	const char *path, size_t near, size_t *index)
{
	near = near < part->count ? near : part->count;
	for (size_t away = 0; away <= part->count; away++) {
		*index = near + away;
		if (stands_at(list, part, *index, path))
			return true;
		*index = near - away;
		if (away <= near && stands_at(list, part, *index, path))
			return true;
	}
	return false;
}

static int next_in_order(struct turns *turns, const struct list *list,
	const struct list_part *part, struct turn *turn)
{
	const struct turn *at = &turns->at;
	size_t index = 0;
	bool found = *at->path && look_for(list, part, at->path, at->index, &index);
	bool goes_on = at->start == part->start && at->day == turn->day;

	turn->round = 1;
	if (goes_on || (found && at->start == ANY_PART)) {
		turn->round = goes_on ? at->round : 1;
		turn->index = !found ? at->index : turns->again ? index : index + 1;
	}
	if (turn->index >= part->count) {
		turn->index = 0;
		turn->round++;
	}
	return list_path(list, part->first + turn->index, turn->path, sizeof turn->path);
}

static int next_dealt(struct turns *turns, const struct list *list,
	const struct list_part *part, struct turn *turn)
{
	const struct turn *at = &turns->at;
	struct deck *deck = &turns->deck;
	size_t entry;

	if (use_deck(turns, part->start) < 0)
		return -1;
	bool same = at->start == part->start && at->day == turn->day;
	if (turns->again && (same || at->start == ANY_PART) &&
		look_for(list, part, at->path, at->index, &turn->index)) {
		entry = part->first + turn->index;
		/* It may be the last of a round, where the next one was dealt from. */
		turn->round = same ? at->round : 0;
		turn->dealt = at->dealt;
	} else if (!deck_find(deck, list, part, at->path, &entry)) {
		if (deck_again(deck) < 0)
			return -1;
		if (!deck_find(deck, list, part, at->path, &entry))
			return 0;
	}
	turn->index = entry - part->first;
	turn->round = turn->round ? turn->round : deck->round;
	return list_path(list, entry, turn->path, sizeof turn->path);
}

int turns_next(
	struct turns *turns, const struct list *list, time_t now, struct turn *turn)
{
	int64_t day;
	const struct list_part *part = list_part_at(list, now, &day);

	if (!part || part->count == 0)
		return 0;
	*turn = (struct turn){.start = part->start, .day = day};
	int code = part->shuffle ? next_dealt(turns, list, part, turn)
				 : next_in_order(turns, list, part, turn);
	turns->again = false;
	return code < 0 ? -1 : *turn->path != '\0';
}

/* The turn is over for the deck, too. */
static int move_on(struct turns *turns, const struct turn *turn)
{
	turns->at = *turn;
	if (turns->deck_start == LIST_ALL_DAY || turns->deck_start != turn->start ||
		turns->deck.round != turn->round)
		return 0;
	int code = deck_deal(&turns->deck, turn->path);
	turns->at.dealt = turns->deck.count;
	return code;
}

int turns_take(struct turns *turns, const struct turn *turn)
{
	int code = move_on(turns, turn);
	size_t kept = turns->count < TURNS ? turns->count : TURNS - 1;

	memmove(turns->last + 1, turns->last, kept * sizeof *turns->last);
	turns->last[0] = turns->at;
	turns->count = kept + 1;
	return write_file(turns) < 0 ? -1 : code;
}

int turns_leave(struct turns *turns, const struct turn *turn)
{
	return move_on(turns, turn);
}

void turns_close(struct turns *turns)
{
	deck_close(&turns->deck);
}
