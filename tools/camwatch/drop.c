/*
 * watch.h tells of files; look turns each into a clip or drops it. New clips first go
 * into the set CLIPS_COMING: rank queues them when no more are reported, so that a batch
 * gets the same newest clip, whatever the order of its events. main.c takes the clips
 * from the queue and says with drop_set_last how far it is.
 */
#include "drop.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "base/text.h"
#include "clip/aside.h"
#include "clip/clipname.h"
#include "clip/order.h"

int drop_open(struct drop *drop)
{
	clips_init(&drop->clips);
	drop->reading = 1;
	return watch_open(&drop->watch, drop->dir);
}

bool drop_from(struct drop *drop, const struct cursor *cursor)
{
	drop->cursor = cursor;
	strcpy(drop->last, cursor->path);
	return order_key(drop->order, cursor->path, cursor->mtime_ns, &drop->last_key);
}

int drop_compare_last(const struct drop *drop, const struct clip *clip)
{
	return *drop->last ? clips_compare(clip, drop->last_key, drop->last) : 1;
}

void drop_mind_clock(struct drop *drop)
{
	int64_t wall_ns = drop->now.wall_ns;
	int64_t ahead =
		*drop->last ? order_ahead(drop->order, drop->last_key, wall_ns) : 0;

	if (ahead <= 0)
		return;
	msg_warn("'%s', the last one, is %" PRId64
		 " s ahead of this computer's clock: going "
		 "on from now",
		drop->last, ahead / CLOCK_SECOND_NS);
	*drop->last = '\0';
	drop->doubted =
		drop->cursor && cursor_ahead(drop->cursor, drop->order, wall_ns) > 0;
	if (drop->cursor && !drop->doubted)
		drop_from(drop, drop->cursor);
}

enum drop_past drop_past(const struct drop *drop, const struct clip *clip)
{
	int64_t key;

	if (drop_compare_last(drop, clip) <= 0)
		return DROP_PAST;
	return drop->doubted && clip->old &&
			order_key(drop->order, drop->cursor->path, drop->cursor->mtime_ns,
				&key) &&
			clips_compare(clip, key, drop->cursor->path) <= 0
		? DROP_UNKNOWN
		: DROP_TO_COME;
}

bool drop_is_patient(struct drop *drop, int64_t patience)
{
	const size_t *counts = drop->clips.counts;

	if (counts[CLIPS_QUEUE] + counts[CLIPS_PARKED] <= 1)
		drop->stalled = 0;
	else if (!drop->stalled && counts[CLIPS_QUEUE] > 1)
		drop->stalled = drop->now.mono;
	return !drop->stalled || drop->now.mono - drop->stalled < patience;
}

void drop_set_last(struct drop *drop, const struct clip *clip)
{
	drop->stalled = 0;
	if (drop_compare_last(drop, clip) <= 0)
		return;
	drop->last_key = clip->key;
	strcpy(drop->last, clip->path);
}

/* Why a file can never be a clip, or NULL. */
static const char *oddity(
	const struct drop *drop, struct clip *clip, const struct stat *st)
{
	struct stat root;

	if (text_has_control(clip->path))
		return "has control bytes in its name";
	if (strlen(drop->dir) + strlen(clip->path) + 2 > PATH_MAX)
		return "has too long a path";
	if (!S_ISREG(st->st_mode))
		return "is no regular file";
	if (st->st_nlink > 1 && fstat(drop->watch.root, &root) == 0 &&
		st->st_uid != root.st_uid)
		return "is a hard link to a file of another owner";
	if (!order_key(drop->order, clip->path, clip->id.mtime_ns, &clip->key))
		return "has no time stamp in its path";
	return NULL;
}

/* True if it is the clip that the cursor stands in. */
static bool is_in_cursor(const struct drop *drop, const struct clip *clip)
{
	return drop->cursor && clip->id.mtime_ns == drop->cursor->mtime_ns &&
		strcmp(clip->path, drop->cursor->path) == 0;
}

static void queue(struct drop *drop, struct clip *clip)
{
	/* An empty file was only just begun. By mtime it comes last and holds back
	 * nothing, so leave it until it changes. */
	bool begun = clip->id.size == 0 && drop->order == ORDER_BY_MTIME;

	clips_put(&drop->clips, clip, begun ? CLIPS_PARKED : CLIPS_QUEUE);
}

void drop_take(struct drop *drop, struct clip *clip, const struct stat *st, bool event)
{
	/* Its key may change, so take it out of its ordered set first. */
	enum clips_set before = clip->set;
	int64_t key = clip->key;
	clips_put(&drop->clips, clip, CLIPS_DONE);
	enum clips_change change = clips_update(clip, st, &drop->now, event);

	if (change != CLIPS_CHANGED) {
		/* The event may mean that the reason for parking it is gone. */
		bool again = (before == CLIPS_PARKED || before == CLIPS_FUTURE) &&
			(event || change == CLIPS_TOUCHED);
		clips_put(&drop->clips, clip, again ? CLIPS_QUEUE : before);
		return;
	}
	if (clip->since > drop->arrival)
		drop->arrival = clip->since;
	const char *odd = oddity(drop, clip, st);
	if (odd) {
		msg_warn("'%s': %s: passed over", clip->path, odd);
		drop->skipped++;
	} else if (before == CLIPS_DONE || before == CLIPS_COMING) {
		if (!is_in_cursor(drop, clip))
			clips_put(&drop->clips, clip, CLIPS_COMING);
	} else {
		clip->old = false;
		if (clip->ahead <= key) /* the clip itself was the newest */
			clip->ahead = clip->key;
		queue(drop, clip);
	}
}

/* Gives all clips that came together the same newest clip, and queues them. */
static void rank(struct drop *drop)
{
	struct clip *clip;
	struct clip *newest = drop_newest(drop);
	int64_t key = newest ? newest->key : INT64_MIN;

	LIST_FOREACH(clip, &drop->clips.coming, coming)
	if (clip->key > key && !drop_of_the_future(drop, clip))
		key = clip->key;
	while ((clip = LIST_FIRST(&drop->clips.coming))) {
		clip->ahead = key;
		clip->old = !drop->begun;
		queue(drop, clip);
	}
	drop->begun = true;
}

static void look(struct drop *drop, const struct watch_item *item)
{
	const char *slash = strrchr(item->path, '/');
	struct stat st;

	const char *name = slash ? slash + 1 : item->path;
	if (!clipname_ok(name, drop->glob) && !(drop->archives && clipname_archive(name)))
		return;
	struct clip *clip = clips_find(&drop->clips, item->path);
	if (fstatat(item->at, item->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		S_ISDIR(st.st_mode)) {
		if (clip)
			clips_drop(&drop->clips, clip);
		return;
	}
	if (!clip && drop->clips.count < DROP_CLIPS_MAX)
		clip = clips_add(&drop->clips, item->path);
	if (!clip) {
		if (!drop->full)
			msg_error("'%s': more than %d files: the others have to wait",
				drop->dir, DROP_CLIPS_MAX);
		drop->full = true;
		return;
	}
	/* Only a reading counts: the next one must see the file again, or it is gone. */
	if (!item->event)
		clip->seen = drop->reading;
	drop_take(drop, clip, &st, item->event);
}

/* Gives clips that a killed tool was about to delete their names back. */
static void put_back(struct drop *drop, const char *path)
{
	int folder = path_open_below(drop->watch.root, path);
	int count = folder < 0 ? 0 : aside_put_back(folder);

	path_close(folder);
	if (count > 0)
		msg_info("'%s/%s': %d files that a killed tool was about to delete are "
			 "back",
			drop->dir, path, count);
	else if (count < 0)
		msg_warn("'%s/%s': what a killed tool has left:", drop->dir, path);
}

bool drop_catch_up(struct drop *drop, int most)
{
	struct watch_item item;

	for (int n = 0; n < most; n++) {
		if (!watch_next(&drop->watch, &item)) {
			rank(drop);
			return false;
		}
		switch (item.kind) {
		case WATCH_FILE:
			look(drop, &item);
			break;
		case WATCH_READ:
			put_back(drop, item.path);
			clips_drop_unseen(&drop->clips, item.path, drop->reading++);
			break;
		case WATCH_GONE:
			clips_drop_below(&drop->clips, item.path);
			break;
		}
	}
	return true;
}

void drop_requeue(struct drop *drop)
{
	clips_requeue(&drop->clips, CLIPS_PARKED);
	clips_requeue(&drop->clips, CLIPS_FUTURE);
}

void drop_scan(struct drop *drop)
{
	watch_tick(&drop->watch, drop->full && drop->clips.count < DROP_CLIPS_MAX);
	drop->full = false;
	drop_requeue(drop);
}

bool drop_of_the_future(const struct drop *drop, const struct clip *clip)
{
	return clips_of_the_future(clip, &drop->now) ||
		(drop->order == ORDER_BY_TIME &&
			order_ahead(drop->order, clip->key, drop->now.wall_ns) > 0);
}

int64_t drop_ahead(const struct drop *drop, const struct clip *clip)
{
	int64_t ahead = clips_ahead(clip, &drop->now);

	if (ahead <= 0 && drop->order == ORDER_BY_TIME)
		ahead = order_ahead(drop->order, clip->key, drop->now.wall_ns) / 1000000;
	return ahead;
}

int64_t drop_behind(struct drop *drop, const struct clip *clip)
{
	int64_t newest = drop_newest(drop)->key;
	int64_t ahead = clip->ahead < newest ? clip->ahead : newest;

	return ahead > clip->key ? (ahead - clip->key) / 1000000 : 0;
}

struct clip *drop_newest(struct drop *drop)
{
	struct clip *queued, *parked = clips_last(&drop->clips, CLIPS_PARKED);

	while ((queued = clips_last(&drop->clips, CLIPS_QUEUE)) &&
		drop_of_the_future(drop, queued))
		clips_put(&drop->clips, queued, CLIPS_FUTURE);
	if (!queued || !parked)
		return queued ? queued : parked;
	return clips_compare(queued, parked->key, parked->path) > 0 ? queued : parked;
}
