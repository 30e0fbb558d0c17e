/*
 * container_mp4: MP4 and MOV. Walks the tree of boxes with a stack of parents; each box
 * must lie within its parent. The table below says which boxes are looked at, by whom,
 * and where they may be. At the end of the file the tables of each track are compared
 * with each other and with the data that is there (container_mp4_track.c).
 */
#include "media/container_mp4.h"

#include <string.h>

enum { DEPTH = 8 };

static bool look_moov(struct mp4 *mp4, const struct mp4_box *box)
{
	if (mp4->moov)
		return mp4_bad(mp4, box, "is not the only one");
	mp4->moov = true;
	return true;
}

static bool look_trak(struct mp4 *mp4, const struct mp4_box *box)
{
	if (mp4->tracks == MP4_TRACKS)
		return mp4_bad(mp4, box, "is one too many");
	memset(&mp4->track[mp4->tracks++], 0, sizeof *mp4->track);
	return true;
}

static bool look_mvex(struct mp4 *mp4, const struct mp4_box *box)
{
	(void)box;
	mp4->fragmented = true;
	return true;
}

static bool look_moof(struct mp4 *mp4, const struct mp4_box *box)
{
	mp4->fragmented = true;
	if (!mp4_moof_end(mp4, box->at))
		return false;
	mp4_moof(mp4, box);
	return true;
}

/* Takes the duration of the movie, and the unit that durations are in. */
static bool look_mvhd(struct mp4 *mp4, const struct mp4_box *box)
{
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 20);
	bool wide = p && p[0] == 1;

	if (wide)
		p = mp4_bytes(mp4, box, box->body, 32);
	if (!p)
		return false;
	uint64_t lasts = wide ? container_be64(p + 24) : container_be32(p + 16);
	mp4->scale = container_be32(p + (wide ? 20 : 12));
	mp4->lasts = lasts == (wide ? UINT64_MAX : UINT32_MAX) ? 0 : (double)lasts;
	return true;
}

/* Takes the duration of the movie with all its fragments. */
static bool look_mehd(struct mp4 *mp4, const struct mp4_box *box)
{
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 8);
	bool wide = p && p[0] == 1;

	if (wide)
		p = mp4_bytes(mp4, box, box->body, 12);
	if (p)
		mp4->fragments_last =
			wide ? (double)container_be64(p + 4) : container_be32(p + 4);
	return p;
}

static bool look_mdat(struct mp4 *mp4, const struct mp4_box *box)
{
	struct mp4_range range = {box->body, box->end};

	mp4_moof_data(mp4, range);
	mp4->last_mdat = range;
	if (mp4->mdats < MP4_MDATS)
		mp4->mdat[mp4->mdats++] = range;
	return true;
}

static bool look_encrypted(struct mp4 *mp4, const struct mp4_box *box)
{
	report_find(mp4->container->report, REPORT_ENCRYPTED, "box '%s' at %lld",
		box->name, (long long)box->at);
	return true;
}

/* The boxes that are looked at. All others are skipped whole. */
static const struct known {
	const char *name;
	bool top, holds; /* top: on the top level; holds: it contains boxes */
	mp4_look *look;
	const char *in; /* allowed only in this box; NULL: anywhere */
} boxes[] = {
	{"moov", true, true, look_moov, NULL},
	{"moof", true, true, look_moof, NULL},
	{"mfra", true, true, NULL, NULL},
	{"mdat", true, false, look_mdat, NULL},
	{"sidx", true, false, mp4_sidx, NULL},
	{"pssh", true, false, look_encrypted, NULL},
	{"pssh", false, false, look_encrypted, NULL},
	{"sinf", false, false, look_encrypted, NULL},
	{"mvhd", false, false, look_mvhd, "moov"},
	{"mehd", false, false, look_mehd, "mvex"},
	{"trak", false, true, look_trak, "moov"},
	{"mdia", false, true, NULL, "trak"},
	{"minf", false, true, NULL, "mdia"},
	{"stbl", false, true, NULL, "minf"},
	{"edts", false, true, NULL, NULL},
	{"dinf", false, true, NULL, NULL},
	{"mvex", false, true, look_mvex, NULL},
	{"traf", false, true, mp4_traf, "moof"},
	{"stsd", false, false, mp4_stsd, NULL},
	{"stts", false, false, mp4_table, NULL},
	{"stsc", false, false, mp4_table, NULL},
	{"stco", false, false, mp4_table, NULL},
	{"co64", false, false, mp4_table, NULL},
	{"stss", false, false, mp4_table, NULL},
	{"ctts", false, false, mp4_table, NULL},
	{"stsz", false, false, mp4_stsz, NULL},
	{"stz2", false, false, mp4_stz2, NULL},
	{"trex", false, false, mp4_trex, NULL},
	{"mfhd", false, false, mp4_mfhd, NULL},
	{"tfhd", false, false, mp4_tfhd, NULL},
	{"trun", false, false, mp4_trun, NULL},
};

static const struct known *find_known(const struct mp4_box *box, bool top)
{
	static const struct known other = {0};

	for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
		if (boxes[i].top == top && strcmp(boxes[i].name, box->name) == 0)
			return &boxes[i];
	return &other;
}

/* Looks at all boxes inside a box of the top level. */
static bool walk(struct mp4 *mp4, const struct mp4_box *top)
{
	struct mp4_box stack[DEPTH] = {*top}, box;
	size_t depth = 1;
	int64_t at = top->body;

	while (depth > 0) {
		const struct mp4_box *parent = &stack[depth - 1];

		if (parent->end - at < 8) {
			if (!mp4_padding(mp4, parent, at))
				return false;
			at = parent->end;
			depth--;
			continue;
		}
		if (!mp4_read(mp4, at, parent->end, false, &box))
			return false;
		const struct known *known = find_known(&box, false);
		if (known->in && strcmp(known->in, parent->name) != 0)
			return mp4_bad(mp4, &box, "lies in the wrong one");
		if (known->look && !known->look(mp4, &box))
			return false;
		at = known->holds ? box.body : box.end;
		if (known->holds && depth == DEPTH)
			return mp4_bad(mp4, &box, "lies too deep");
		if (known->holds)
			stack[depth++] = box;
	}
	return true;
}

/* Some boxes only ever come before a fragment. If one is the last box, the file is cut.
 */
static bool check_last(struct mp4 *mp4, const struct mp4_box *last)
{
	if (strcmp(last->name, "styp") != 0 && strcmp(last->name, "prft") != 0)
		return true;
	report_find(mp4->container->report, REPORT_TRUNCATED,
		"nothing follows the box '%s' at %lld", last->name, (long long)last->at);
	return false;
}

static bool walk_file(struct mp4 *mp4)
{
	struct mp4_box box = {0};

	for (int64_t at = 0; at < mp4->container->size; at = box.end) {
		if (mp4_is_over(mp4, at)) {
			mp4->over = at;
			return true;
		}
		if (!mp4_begins(mp4, at) ||
			!mp4_read(mp4, at, mp4->container->size, true, &box))
			return false;
		const struct known *known = find_known(&box, true);
		if (known->look && !known->look(mp4, &box))
			return false;
		if (known->holds && !walk(mp4, &box))
			return false;
	}
	return mp4_moof_end(mp4, mp4->container->size) && check_last(mp4, &box);
}

bool container_is_mp4(const unsigned char *head, size_t len)
{
	static const char first[][5] = {"ftyp", "styp", "moov", "moof", "mdat", "free",
		"skip", "wide", "sidx", "prft", "emsg", "uuid", "pnot", "junk"};

	for (size_t i = 0; len >= 8 && i < sizeof first / sizeof *first; i++)
		if (memcmp(head + 4, first[i], 4) == 0)
			return true;
	return false;
}

void container_mp4(struct container *container)
{
	struct mp4 mp4 = {.container = container};
	bool whole = walk_file(&mp4);
	if (mp4.fragmented)
		container->report->container = REPORT_FMP4;
	if (whole && !mp4.moov)
		report_find(container->report, REPORT_NO_INDEX, "no box 'moov'");
	double lasts = mp4.fragmented ? mp4.fragments_last : mp4.lasts;
	if (mp4.scale > 0)
		container_declare(container, lasts * 1000 / mp4.scale);
	for (uint32_t i = 0; whole && i < mp4.tracks; i++)
		mp4_check_track(&mp4, i);
	if (mp4.over && !container->report->found)
		container_outside(container, mp4.over);
}
