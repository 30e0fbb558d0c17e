#include "drop.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "clipname.h"
#include "msg.h"
#include "order.h"

#define ZONES_NS (26 * 3600 * INT64_C(1000000000))

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

void drop_set_last(struct drop *drop, const struct clip *clip)
{
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

	for (const char *c = clip->path; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
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

/* Whether it is the clip that was being played. */
static bool is_in_cursor(const struct drop *drop, const struct clip *clip)
{
	return drop->cursor && clip->id.mtime_ns == drop->cursor->mtime_ns &&
		strcmp(clip->path, drop->cursor->path) == 0;
}

void drop_take(struct drop *drop, struct clip *clip, const struct stat *st, bool event)
{
	/* What orders the clip may change, so it leaves its set first. */
	enum clips_set before = clip->set;
	clips_put(&drop->clips, clip, CLIPS_DONE);
	enum clips_change change = clips_update(clip, st, &drop->now, event);

	if (change != CLIPS_CHANGED) {
		/* An event may be the end of what kept it parked. */
		bool again = before != CLIPS_DONE && (event || change == CLIPS_TOUCHED);
		clips_put(&drop->clips, clip, again ? CLIPS_QUEUE : before);
		return;
	}
	if (clip->since > drop->arrival)
		drop->arrival = clip->since;
	const char *odd = oddity(drop, clip, st);
	if (odd) {
		msg_warn("'%s': %s: passed over", clip->path, odd);
		drop->skipped++;
	} else if (!is_in_cursor(drop, clip)) {
		/* By mtime, what is only just begun comes last, and need not be asked. */
		bool begun = clip->id.size == 0 && drop->order == ORDER_BY_MTIME;
		clips_put(&drop->clips, clip, begun ? CLIPS_PARKED : CLIPS_QUEUE);
	}
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
	clip->seen = drop->reading;
	drop_take(drop, clip, &st, item->event);
}

bool drop_catch_up(struct drop *drop, int most)
{
	struct watch_item item;

	for (int n = 0; n < most; n++) {
		if (!watch_next(&drop->watch, &item))
			return false;
		switch (item.kind) {
		case WATCH_FILE:
			look(drop, &item);
			break;
		case WATCH_READ:
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
			clip->key > drop->now.wall_ns + ZONES_NS);
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
