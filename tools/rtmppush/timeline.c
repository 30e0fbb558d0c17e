#include "timeline.h"

#define ROUNDING 1000 /* microseconds by which containers round the times of pictures */

void timeline_start(struct timeline *timeline, int64_t start, int64_t ahead, int64_t now)
{
	for (int i = 0; i < TIMELINE_KINDS; i++) {
		timeline->end[i] = start;
		timeline->last_ms[i] = timeline->last[i] = TIMELINE_NONE;
	}
	timeline->shift = timeline->shown = start;
	timeline->due = start - ahead;
	timeline->asked = now;
}

int64_t timeline_due(struct timeline *timeline, int64_t now, int64_t speed)
{
	timeline->due += (now - timeline->asked) * (1000 + speed);
	timeline->asked = now;
	return timeline->due;
}

void timeline_clip(struct timeline *timeline, const int64_t first[TIMELINE_KINDS],
	int64_t shown, int64_t earliest)
{
	int64_t shift = INT64_MIN;

	for (int i = 0; i < TIMELINE_KINDS; i++) {
		timeline->last[i] = TIMELINE_NONE;
		if (first[i] == TIMELINE_NONE)
			continue;
		int64_t at = timeline->end[i] > earliest ? timeline->end[i] : earliest;
		shift = at - first[i] > shift ? at - first[i] : shift;
	}
	if (shown != TIMELINE_NONE && timeline->shown - shown > shift + ROUNDING)
		shift = timeline->shown - shown;
	if (shift != INT64_MIN)
		timeline->shift = shift;
}

/* Rounds down, so that equal steps stay equal. */
static int64_t milliseconds(int64_t time)
{
	return time / 1000 - (time % 1000 < 0);
}

int64_t timeline_put(struct timeline *timeline, enum timeline_kind kind, int64_t dts,
	int64_t pts, int64_t duration, int64_t *dts_ms, int64_t *pts_ms)
{
	int64_t *last = &timeline->last_ms[kind], *before = &timeline->last[kind];

	dts += timeline->shift;
	pts += timeline->shift;
	if (duration <= 0 && *before != TIMELINE_NONE)
		duration = dts - *before;
	*before = dts;
	*dts_ms = milliseconds(dts);
	if (*last != TIMELINE_NONE && *dts_ms <= *last)
		*dts_ms = *last + 1;
	*last = *dts_ms;
	*pts_ms = milliseconds(pts);
	if (*pts_ms < *dts_ms)
		*pts_ms = *dts_ms;
	int64_t end = dts + duration, next = (*last + 1) * 1000;
	end = *last > milliseconds(dts) && next > end ? next : end;
	if (end > timeline->end[kind])
		timeline->end[kind] = end;
	if (kind == TIMELINE_VIDEO && pts + duration > timeline->shown)
		timeline->shown = pts + duration;
	return dts;
}

void timeline_reach(struct timeline *timeline, enum timeline_kind kind, int64_t until)
{
	if (until > timeline->end[kind])
		timeline->end[kind] = until;
}

int64_t timeline_ahead(
	const struct timeline *timeline, enum timeline_kind kind, int64_t dts)
{
	int64_t last = timeline->last_ms[kind];
	int64_t ms = milliseconds(dts + timeline->shift);

	return last != TIMELINE_NONE && last >= ms ? last + 1 - ms : 0;
}

int64_t timeline_end(const struct timeline *timeline)
{
	int64_t end = timeline->end[0];

	for (int i = 1; i < TIMELINE_KINDS; i++)
		end = timeline->end[i] > end ? timeline->end[i] : end;
	return end;
}
