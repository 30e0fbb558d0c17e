#include "clip/turn.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "base/msg.h"
#include "base/path.h"
#include "base/text.h"

#define ANY_PART (-2) /* the start of a turn that only has a path */
#define LINE_MAX_LEN (PATH_MAX + 128)
#define NUMBER_MAX INT64_C(1000000000000) /* more than any of them will ever be */

/* One line of the file. */
static bool read_turn(struct turn *turn, char *line)
{
	long long start, day, round, index;
	const struct {
		long long *to, min, max;
	} fields[] = {{&start, LIST_ALL_DAY, 24 * 60 - 1},
		{&day, -NUMBER_MAX, NUMBER_MAX}, {&round, 1, NUMBER_MAX},
		{&index, 0, NUMBER_MAX}};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		char *end = strchr(line, '\t');
		if (!end)
			return false;
		*end = '\0';
		if (text_number(line, fields[i].min, fields[i].max, fields[i].to) < 0)
			return false;
		line = end + 1;
	}
	*turn = (struct turn){
		.start = (int)start, .day = day, .round = round, .index = (size_t)index};
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
	for (char *end; turns->now.count < TURNS && (end = strchr(line, '\n'));
		line = end + 1) {
		*end = '\0';
		if (!read_turn(&turns->now.last[turns->now.count], line))
			break;
		turns->now.count++;
	}
	if (line == text + n)
		return 0;
	turns->now.count = 0;
	errno = EBADMSG;
	return -1;
}

static int write_file(const struct turns *turns)
{
	static char text[TURNS * LINE_MAX_LEN];
	size_t len = 0;

	if (turns->folder < 0 || turns->looks)
		return 0;
	for (size_t i = 0; i < turns->now.count; i++) {
		const struct turn *turn = &turns->now.last[i];
		len += (size_t)snprintf(text + len, sizeof text - len,
			"%d\t%" PRId64 "\t%" PRId64 "\t%zu\t%s\n", turn->start, turn->day,
			turn->round, turn->index, turn->path);
	}
	return atomic_keep(turns->folder, turns->name, 0600, text, len);
}

static int begin(struct turns *turns)
{
	int code = read_file(turns);

	turns->now.playing = turns->now.count > 0 ? turns->now.count - 1 : 0;
	return code;
}

int turns_open(struct turns *turns, int folder, const char *name, uint64_t seed)
{
	*turns = (struct turns){
		.folder = folder, .name = name, .seed = seed, .deck_start = LIST_ALL_DAY};
	if (folder < 0)
		return 0;
	atomic_sweep(folder, name);
	return begin(turns);
}

int turns_look(struct turns *turns, int folder, const char *name)
{
	*turns = (struct turns){.folder = folder,
		.name = name,
		.looks = true,
		.deck_start = LIST_ALL_DAY};
	return folder < 0 ? 0 : begin(turns);
}

/* The oldest turn of that name, from the one that plays on. False: there is none. */
static bool find_playing(struct turns *turns, const char *path)
{
	for (size_t i = turns->now.count > 0 ? turns->now.playing + 1 : 0; i-- > 0;) {
		if (strcmp(turns->now.last[i].path, path) != 0)
			continue;
		turns->now.playing = i;
		return true;
	}
	return false;
}

int turns_follow(struct turns *turns, const char *path)
{
	size_t before = turns->now.playing;

	if (turns->now.again > 0 || !find_playing(turns, path) ||
		turns->now.playing == before)
		return 0;
	turns->now.count = turns->now.playing + 1;
	return write_file(turns) < 0 ? -1 : 1;
}

void turns_resume(struct turns *turns, const char *path)
{
	bool known = !path && turns->now.count > 0;

	for (size_t i = 0; path && i < turns->now.count; i++)
		known = known || strcmp(turns->now.last[i].path, path) == 0;
	if (path && known)
		find_playing(turns, path);
	if (!known) {
		turns->now.count = turns->now.playing = 0;
		turns->at = (struct turn){.start = ANY_PART};
		snprintf(turns->at.path, sizeof turns->at.path, "%s", path ? path : "");
	} else {
		turns->at = turns->now.last[turns->now.playing];
	}
	turns->now.count = known ? turns->now.playing + 1 : 0;
	turns->now.again = turns->now.count;
	turns->before = turns->at;
	turns->found = turns->now;
	turns->fresh = true;
}

/* Opens the deck of the part. One that is damaged begins anew. */
static int use_deck(struct turns *turns, int start)
{
	char name[256];

	if (turns->deck_start == start)
		return 0;
	deck_close(&turns->deck);
	turns->deck_start = LIST_ALL_DAY;
	snprintf(name, sizeof name, "%.200s.deck-%02d%02d",
		turns->folder < 0 ? "" : turns->name, start / 60, start % 60);
	if (deck_open(&turns->deck, turns->folder, name, turns->seed) < 0) {
		if (errno != EBADMSG)
			return -1;
		if (!turns->looks)
			msg_warn("'%s' is damaged: the deck begins anew", name);
	}
	if (turns->looks)
		turns->deck.folder = -1;
	turns->deck_start = start;
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

static bool is_same_run(
	const struct turn *turn, const struct list_part *part, int64_t day)
{
	return turn->start == part->start && (part->shuffle || turn->day == day);
}

/* Forgets the nth turn, which was to be named again. */
static void drop_again(struct turns *turns, size_t n)
{
	memmove(turns->now.last + n, turns->now.last + n + 1,
		(turns->now.count - n - 1) * sizeof *turns->now.last);
	turns->now.count--;
	turns->now.again--;
	if (turns->now.playing > 0)
		turns->now.playing--;
}

/* Names again, after a restart, the turn that plays and those that were dealt after it.
 */
static bool next_again(struct turns *turns, const struct list *list,
	const struct list_part *part, struct turn *turn)
{
	while (turns->now.again > 0) {
		size_t n = turns->now.again - 1;
		const struct turn *old = &turns->now.last[n];
		bool plays = n == turns->now.playing;
		if (is_same_run(old, part, turn->day) && (plays || part->shuffle) &&
			look_for(list, part, old->path, old->index, &turn->index)) {
			turn->round = old->round;
			return true;
		}
		drop_again(turns, n);
	}
	return false;
}

static int next_in_order(struct turns *turns, const struct list *list,
	const struct list_part *part, struct turn *turn)
{
	const struct turn *at = &turns->at;
	size_t index = 0;
	bool any = at->start == ANY_PART, same = is_same_run(at, part, turn->day);
	bool found = (any || same) && *at->path &&
		look_for(list, part, at->path, at->index, &index);

	turn->round = same ? at->round : 1;
	if (found)
		turn->index = any ? index : index + 1;
	else if (same)
		turn->index = at->index;
	if (turn->index >= part->count) {
		turn->index = 0;
		turn->round++;
	}
	return 1;
}

static int next_dealt(struct turns *turns, const struct list *list,
	const struct list_part *part, struct turn *turn)
{
	struct deck *deck = &turns->deck;
	size_t entry;

	if (use_deck(turns, part->start) < 0)
		return -1;
	if (turns->at.start == ANY_PART &&
		look_for(list, part, turns->at.path, 0, &turn->index)) {
		turn->round = deck->now.number;
		return 1;
	}
	int code = deck_find(deck, list, part, turns->before.path, &entry);
	if (code == 0) {
		deck_again(deck);
		code = deck_find(deck, list, part, turns->before.path, &entry);
	}
	if (code <= 0)
		return code;
	turn->index = entry - part->first;
	turn->round = deck->now.number;
	return 1;
}

int turns_next(
	struct turns *turns, const struct list *list, time_t now, struct turn *turn)
{
	if (turns->part_of != list->serial || turns->part_at != now)
		turns->part = list_part_at(list, now, &turns->day);
	turns->part_of = list->serial;
	turns->part_at = now;
	const struct list_part *part = turns->part;
	if (!part || part->count == 0)
		return 0;
	*turn = (struct turn){.start = part->start, .day = turns->day, .of = part->count};
	int code = 1;
	if (!next_again(turns, list, part, turn))
		code = part->shuffle ? next_dealt(turns, list, part, turn)
				     : next_in_order(turns, list, part, turn);
	if (code <= 0)
		return code;
	return list_path(list, part->first + turn->index, turn->path, sizeof turn->path) <
			0
		? -1
		: 1;
}

/* True if the turn comes from the deck that is open, and not from before a restart. */
static bool is_dealt(const struct turns *turns, const struct turn *turn)
{
	return turns->now.again == 0 && turns->deck_start != LIST_ALL_DAY &&
		turns->deck_start == turn->start && turns->deck.cards;
}

/* The one that plays is kept, whatever comes after it; what was before it is over. */
static void push(struct turns *turns, const struct turn *turn)
{
	size_t kept = turns->now.count > 0 ? turns->now.playing + 1 : 0;

	if (kept == TURNS) {
		turns->now.last[TURNS - 2] = turns->now.last[TURNS - 1];
		kept--;
	}
	memmove(turns->now.last + 1, turns->now.last, kept * sizeof *turns->now.last);
	turns->now.last[0] = *turn;
	turns->now.count = kept + 1;
	turns->now.playing = kept;
}

int turns_take(struct turns *turns, const struct turn *turn)
{
	int code = is_dealt(turns, turn) ? deck_deal(&turns->deck) : 0;

	turns->at = turns->before = *turn;
	turns->fresh = false;
	if (turns->now.again > 0) { /* the file knows it */
		turns->now.last[--turns->now.again].index = turn->index;
		return 0;
	}
	push(turns, turn);
	return write_file(turns) < 0 ? -1 : code;
}

void turns_leave(struct turns *turns, const struct turn *turn)
{
	if (turns->now.again > 0)
		drop_again(turns, turns->now.again - 1);
	else if (is_dealt(turns, turn))
		deck_leave(&turns->deck);
	turns->at = *turn;
}

void turns_forget(struct turns *turns)
{
	turns->at = turns->before;
	if (turns->fresh)
		turns->now = turns->found;
	if (turns->deck_start != LIST_ALL_DAY)
		deck_forget(&turns->deck);
}

void turns_close(struct turns *turns)
{
	deck_close(&turns->deck);
}
