#include "settle.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"

#define JUST_NOW (CLOCK_SECOND / 10)

void settle_read_clocks(struct settle *settle)
{
	struct drop *drop = &settle->drop;

	drop->now = (struct clips_clock){clock_now(), clock_wall_ns()};
	drop_mind_clock(drop);
}

/* Sets a clip aside, so that it holds nothing back, until an event, a scan, or then. */
static bool park(
	struct settle *settle, struct clip *clip, enum clips_set where, int64_t until)
{
	clips_put(&settle->drop.clips, clip, where);
	if (until < settle->wake)
		settle->wake = until;
	return true;
}

static bool wait_until(struct settle *settle, int64_t until)
{
	settle->due = until;
	return false;
}

static bool pass_over(struct settle *settle, struct clip *clip, enum drop_past past)
{
	late_pass_over(&settle->late, &settle->drop, clip, past);
	return true;
}

static bool emit(struct settle *settle, struct clip *clip)
{
	struct drop *drop = &settle->drop;
	const char delimiter = settle->null ? '\0' : '\n';

	lines_put(settle->out, drop->dir, strlen(drop->dir));
	if (drop->dir[strlen(drop->dir) - 1] != '/')
		lines_put(settle->out, "/", 1);
	lines_put(settle->out, clip->path, strlen(clip->path));
	lines_put(settle->out, &delimiter, 1);
	drop_set_last(drop, clip);
	clips_put(&drop->clips, clip, CLIPS_DONE);
	settle->emitted++;
	late_none(&settle->late, drop);
	return true;
}

/* Opens the file and looks again. False: it is not what the queue believes. */
static bool prove(struct settle *settle, struct clip *clip, bool *written)
{
	struct drop *drop = &settle->drop;
	struct stat st;

	*written = false;
	int fd = path_open_file(drop->watch.root, clip->path, &st);
	if (fd < 0 && (errno == EACCES || errno == EMFILE || errno == ENFILE))
		return true; /* the tool that reads the path reports it */
	if (fd < 0) {
		clips_drop(&drop->clips, clip);
		return false;
	}
	bool same = path_same(path_id(&st), clip->id);
	*written = path_has_writer(fd);
	close(fd);
	if (!same)
		drop_take(drop, clip, &st, false);
	return same;
}

/*
 * A clip is past if it sorts at or before the last one printed. But without an age, files
 * of one tick of the kernel's clock may be seen one by one: these are printed as they
 * arrive.
 */
static enum drop_past past_of(struct settle *settle, const struct clip *clip)
{
	struct drop *drop = &settle->drop;
	bool one_tick = settle->age == 0 && settle->emitted > 0 &&
		drop->order == ORDER_BY_MTIME && clip->key == drop->last_key &&
		strcmp(clip->path, drop->last) != 0;

	return one_tick ? DROP_TO_COME : drop_past(drop, clip);
}

/* Decides about the head of the queue. False: it has to wait, and all behind it. */
static bool advance(struct settle *settle, struct clip *clip)
{
	struct drop *drop = &settle->drop;
	enum drop_past past = past_of(settle, clip);
	bool passed = past != DROP_TO_COME;
	bool written;
	int64_t settles = clips_settles(clip, &drop->now, settle->age);

	if (drop_of_the_future(drop, clip))
		return park(settle, clip, CLIPS_FUTURE, CLOCK_NEVER);
	if (settles > drop->now.mono)
		return !passed && drop_is_patient(drop, settle->patience)
			? wait_until(settle, settles)
			: park(settle, clip, CLIPS_PARKED, settles);
	if (!passed && settle->lag && drop_behind(drop, clip) >= settle->lag)
		return pass_over(settle, clip, past);
	if (!passed && !settle->once && clip == drop_newest(drop) &&
		drop->now.mono - clip->since < settle->hold)
		return wait_until(settle,
			settle->hold == CLOCK_NEVER ? CLOCK_NEVER
						    : clip->since + settle->hold);
	if (!prove(settle, clip, &written))
		return true;
	/* The event of closing a file comes a moment before the kernel lets go of it. */
	int64_t again = CLOCK_NEVER;
	if (written && drop->now.mono - clip->looked < JUST_NOW)
		again = drop->now.mono + 1;
	/* By mtime a clip that is still being written will move back by itself. */
	if (written && drop->order != ORDER_BY_MTIME && !passed &&
		drop_is_patient(drop, settle->patience))
		return wait_until(settle, again);
	if (written || clip->id.size == 0)
		return park(settle, clip, CLIPS_PARKED, again);
	return passed ? pass_over(settle, clip, past) : emit(settle, clip);
}

int settle_all(struct settle *settle)
{
	settle->due = CLOCK_NEVER;
	for (int n = 0; n < SETTLE_ITEMS; n++) {
		int left = lines_flush(settle->out);
		if (left)
			return left < 0 ? -1 : 0;
		struct clip *clip = clips_first(&settle->drop.clips, CLIPS_QUEUE);
		if (!clip || !advance(settle, clip))
			return 0;
		settle->changed = true;
	}
	return 1;
}
