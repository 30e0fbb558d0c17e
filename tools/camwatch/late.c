#include "late.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/msg.h"
#include "clip/aside.h"

#define NAMED 10 /* late files that are named between two scans */
#define MINUTE (60 * CLOCK_SECOND)

/* The clock that the times of the clip come from. If mtime and ctime are far apart, the
 * uploader has set the mtime. */
static const char *clock_of(const struct drop *drop, const struct clip *clip)
{
	int64_t apart = (clip->ctime_ns - clip->id.mtime_ns) / CLOCK_MS_NS;

	if (drop->order == ORDER_BY_NAME)
		return "their names";
	if (drop->order == ORDER_BY_TIME)
		return "the times in their names: look at the camera's clock";
	if (apart > MINUTE || apart < -MINUTE)
		return "the times that come with them: look at the camera's clock";
	return "this computer's clock: was it set?";
}

static void count_in_a_row(struct late *late, const struct drop *drop, struct clip *clip)
{
	late->in_a_row++;
	late->by = drop->order == ORDER_BY_NAME
		? -1
		: (drop->last_key - clip->key) / CLOCK_MS_NS;
	late->clock = clock_of(drop, clip);
}

void late_pass_over(
	struct late *late, struct drop *drop, struct clip *clip, enum drop_past past)
{
	static const char *const words[] = {
		[DROP_TO_COME] = "too far behind the newest",
		[DROP_PAST] = "what comes after it is out",
		[DROP_UNKNOWN] =
			"it may have been played, as the cursor is of the future",
	};
	const char *why = words[past];

	late->count++;
	if (past == DROP_PAST && !clip->old)
		count_in_a_row(late, drop, clip);
	clips_put(&drop->clips, clip, CLIPS_DONE);
	if (!late->remove || past == DROP_UNKNOWN) {
		if (++late->kept <= NAMED)
			msg_warn("'%s' is late, %s: left where it is", clip->path, why);
	} else if (aside_remove(drop->watch.root, clip->path, clip->id) == 0) {
		msg_warn("'%s' is late, %s: deleted", clip->path, why);
		clips_drop(&drop->clips, clip);
	} else {
		msg_error("'%s' is late, %s, but could not be deleted:", clip->path, why);
	}
}

void late_none(struct late *late, const struct drop *drop)
{
	late->in_a_row = 0;
	late->future = drop->clips.counts[CLIPS_FUTURE];
}

uint64_t late_mistimed(const struct late *late, const struct drop *drop)
{
	size_t future = drop->clips.counts[CLIPS_FUTURE];

	return late->in_a_row + (future > late->future ? future - late->future : 0);
}

void late_say(struct late *late)
{
	if (late->kept > NAMED)
		msg_warn("%" PRIu64 " more files are late: left where they are",
			late->kept - NAMED);
	late->kept = 0;
}

void late_words(const struct late *late, struct drop *drop, char *out, size_t size)
{
	struct clip *first = clips_first(&drop->clips, CLIPS_FUTURE);
	int64_t ahead = first ? drop_ahead(drop, first) : 0;
	char by[48] = "";

	*out = '\0';
	if (late->in_a_row >= LATE_ALL) {
		if (late->by >= 0)
			snprintf(by, sizeof by, " by %" PRId64 " s",
				late->by / CLOCK_SECOND);
		snprintf(out, size, "the last %" PRIu64 " clips were late%s, by %s",
			late->in_a_row, by, late->clock);
	} else if (ahead >= MINUTE && drop->clips.counts[CLIPS_FUTURE] >= LATE_ALL) {
		snprintf(out, size,
			"%zu clips are held, as they are of the future by %" PRId64
			" s, by %s",
			drop->clips.counts[CLIPS_FUTURE], ahead / CLOCK_SECOND,
			clock_of(drop, first));
	}
}
