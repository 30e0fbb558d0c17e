#include "cut.h"

const char *const cut_names[CUT_REASONS + 1] = {
	[CUT_TIME] = "time",
	[CUT_BY_JUMP] = "jump",
	[CUT_PARAMETERS] = "parameters",
	[CUT_LOST] = "lost",
	[CUT_FULL] = "full",
	[CUT_STOPPED] = "stopped",
	[CUT_KILLED] = "killed",
};

static void forget(struct cut *cut)
{
	cut->begun = false;
	cut->before = CUT_NONE;
	cut->last[CUT_VIDEO] = cut->last[CUT_AUDIO] = CUT_NONE;
}

void cut_begin(struct cut *cut, int64_t length, bool video, bool audio)
{
	*cut = (struct cut){.length = length, .has = {video, audio}};
	forget(cut);
}

bool cut_may_begin(const struct cut *cut, const struct cut_packet *packet)
{
	return packet->kind == CUT_VIDEO ? packet->key : !cut->has[CUT_VIDEO];
}

static bool far(int64_t a, int64_t b)
{
	return a - b > CUT_JUMP || b - a > CUT_JUMP;
}

static enum cut_place begin(struct cut *cut, int64_t at, bool again)
{
	cut->before = again ? cut->start : CUT_NONE;
	if (!cut->begun)
		cut->grid = at;
	cut->begun = true;
	cut->start = at;
	return CUT_NEW;
}

/* The point of the grid at which the clip under way is to end. */
static int64_t next_point(const struct cut *cut)
{
	return cut->grid + ((cut->start - cut->grid) / cut->length + 1) * cut->length;
}

enum cut_place cut_take(struct cut *cut, const struct cut_packet *packet)
{
	int64_t *last = &cut->last[packet->kind];
	bool key = cut_may_begin(cut, packet);

	if (*last != CUT_NONE &&
		(far(packet->dts, *last) || *last - packet->dts > CUT_BACK)) {
		bool was = cut->begun;
		forget(cut);
		cut->reason = CUT_BY_JUMP;
		if (!key)
			return was ? CUT_ENDS : CUT_NOWHERE;
		*last = packet->dts;
		return begin(cut, packet->dts, false);
	}
	if (!cut->begun && !key)
		return CUT_NOWHERE;
	/* Of the other stream, from before a jump that this one has not made yet. */
	if (cut->begun && *last == CUT_NONE && far(packet->dts, cut->start))
		return CUT_NOWHERE;
	*last = packet->dts;
	if (!cut->begun)
		return begin(cut, packet->dts, false);
	if (key && packet->changed) {
		cut->reason = CUT_PARAMETERS;
		return begin(cut, packet->dts, true);
	}
	if (key && packet->dts >= next_point(cut)) {
		cut->reason = CUT_TIME;
		return begin(cut, packet->dts, true);
	}
	if (packet->dts >= cut->start)
		return CUT_HERE;
	return cut->before != CUT_NONE ? CUT_BEFORE : CUT_NOWHERE;
}

bool cut_is_past(const struct cut *cut)
{
	bool both = cut->has[CUT_VIDEO] && cut->has[CUT_AUDIO];

	if (!cut->begun || cut->before == CUT_NONE || !both)
		return true;
	return cut->last[CUT_AUDIO] >= cut->start ||
		cut->last[CUT_VIDEO] >= cut->start + CUT_HOLD;
}
