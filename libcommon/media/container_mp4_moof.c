/*
 * container_mp4_moof: fragments. Their numbers must have no gap, and the data of each
 * must be in the file: the runs of a moof give places and sizes, and the mdat that
 * follows must cover them before the next fragment begins.
 */
#include "media/container_mp4.h"

bool mp4_trex(struct mp4 *mp4, const struct mp4_box *box)
{
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 24);

	if (!p)
		return false;
	if (mp4->defaults == MP4_TRACKS)
		return mp4_bad(mp4, box, "is one too many");
	mp4->trex[mp4->defaults++] =
		(struct mp4_defaults){container_be32(p + 4), container_be32(p + 16)};
	return true;
}

void mp4_moof(struct mp4 *mp4, const struct mp4_box *box)
{
	mp4->moof = mp4->run_end = box->at;
	mp4->has_traf = false;
	mp4->data = (struct mp4_range){0, 0};
}

bool mp4_mfhd(struct mp4 *mp4, const struct mp4_box *box)
{
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 8);

	if (!p)
		return false;
	uint32_t sequence = container_be32(p + 4);
	if (mp4->sequenced && sequence > mp4->sequence && sequence - mp4->sequence > 1) {
		report_find(mp4->container->report, REPORT_GAPS,
			"fragment %u at %lld comes after %u", sequence,
			(long long)mp4->moof, mp4->sequence);
		return false;
	}
	mp4->sequenced = true;
	mp4->sequence = sequence;
	return true;
}

/* By default the data of a traf begins at the moof, or where that of the last one ends.
 */
bool mp4_traf(struct mp4 *mp4, const struct mp4_box *box)
{
	(void)box;
	mp4->traf_base = mp4->has_traf ? mp4->run_end : mp4->moof;
	mp4->traf_size = 0;
	mp4->has_traf = true;
	return true;
}

bool mp4_tfhd(struct mp4 *mp4, const struct mp4_box *box)
{
	enum { BASE = 1, ENTRY = 2, DURATION = 8, SIZE = 0x10, FROM_MOOF = 0x20000 };
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 8);

	if (!p)
		return false;
	uint32_t flags = container_be24(p + 1), track = container_be32(p + 4);
	int64_t at = box->body + 8;
	for (uint32_t i = 0; i < mp4->defaults; i++)
		if (mp4->trex[i].track == track)
			mp4->traf_size = mp4->trex[i].sample_size;
	if (flags & BASE) {
		p = mp4_bytes(mp4, box, at, 8);
		if (!p)
			return false;
		if (container_be64(p) > (uint64_t)mp4->container->size) {
			report_find(mp4->container->report, REPORT_TRUNCATED,
				"box 'tfhd' at %lld: its data begins at %llu",
				(long long)box->at,
				(unsigned long long)container_be64(p));
			return false;
		}
		mp4->traf_base = (int64_t)container_be64(p);
		at += 8;
	} else if (flags & FROM_MOOF) {
		mp4->traf_base = mp4->moof;
	}
	mp4->run_end = mp4->traf_base;
	at += (flags & ENTRY ? 4 : 0) + (flags & DURATION ? 4 : 0);
	if (flags & SIZE) {
		p = mp4_bytes(mp4, box, at, 4);
		if (!p)
			return false;
		mp4->traf_size = container_be32(p);
	}
	return true;
}

/* Adds bytes at this place to the data of the fragment. */
static bool take_run(
	struct mp4 *mp4, const struct mp4_box *box, int64_t at, uint64_t bytes)
{
	int64_t size = mp4->container->size;

	if (at < 0 || at > size || bytes > (uint64_t)(size - at)) {
		report_find(mp4->container->report, REPORT_TRUNCATED,
			"box 'trun' at %lld takes %llu bytes at %lld, the file has %lld",
			(long long)box->at, (unsigned long long)bytes, (long long)at,
			(long long)size);
		return false;
	}
	mp4->run_end = at + (int64_t)bytes;
	if (bytes == 0)
		return true;
	if (mp4->data.end == 0 || at < mp4->data.at)
		mp4->data.at = at;
	if (mp4->run_end > mp4->data.end)
		mp4->data.end = mp4->run_end;
	return true;
}

bool mp4_trun(struct mp4 *mp4, const struct mp4_box *box)
{
	enum { OFFSET = 1, FIRST = 4, DURATION = 0x100, SIZE = 0x200 };
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 8);

	if (!p)
		return false;
	uint32_t flags = container_be24(p + 1), count = container_be32(p + 4);
	uint32_t width = 4 * (uint32_t)__builtin_popcount(flags & 0xf00);
	int64_t at = box->body + 8, start = mp4->run_end;
	uint64_t bytes = (uint64_t)count * mp4->traf_size;

	if (flags & OFFSET) {
		p = mp4_bytes(mp4, box, at, 4);
		if (!p)
			return false;
		start = mp4->traf_base + (int32_t)container_be32(p);
		at += 4;
	}
	at += flags & FIRST ? 4 : 0;
	if (!mp4_fits(mp4, box, at, count, width * 8))
		return false;
	if (flags & SIZE) {
		at += flags & DURATION ? 4 : 0;
		bytes = 0;
		for (uint32_t i = 0; i < count; i++, at += width) {
			p = container_at(mp4->container, at, 4);
			if (!p)
				return false;
			bytes += container_be32(p);
		}
	}
	return take_run(mp4, box, start, bytes);
}

static bool within(struct mp4_range data, struct mp4_range mdat)
{
	return data.at >= mdat.at && data.end <= mdat.end;
}

void mp4_moof_data(struct mp4 *mp4, struct mp4_range mdat)
{
	if (within(mp4->data, mdat) || within(mp4->data, mp4->last_mdat))
		mp4->data = (struct mp4_range){0, 0};
}

bool mp4_moof_end(struct mp4 *mp4, int64_t at)
{
	if (mp4->data.end == 0 || within(mp4->data, mp4->last_mdat))
		return true;
	report_find(mp4->container->report,
		at == mp4->container->size ? REPORT_TRUNCATED : REPORT_STRUCTURE,
		"box 'moof' at %lld: bytes %lld to %lld are in no 'mdat'",
		(long long)mp4->moof, (long long)mp4->data.at, (long long)mp4->data.end);
	return false;
}

/* An index before the fragments tells how many bytes are to follow. */
bool mp4_sidx(struct mp4 *mp4, const struct mp4_box *box)
{
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 24);
	int64_t at = box->body + 24;

	if (!p)
		return false;
	uint64_t left = (uint64_t)(mp4->container->size - box->end),
		 first = container_be32(p + 16);
	uint32_t count = container_be16(p + 22);
	if (p[0] > 0) { /* in version 1 the two times before it have 8 bytes */
		p = mp4_bytes(mp4, box, box->body, 32);
		if (!p)
			return false;
		first = container_be64(p + 20);
		count = container_be16(p + 30);
		at += 8;
	}
	if (!mp4_fits(mp4, box, at, count, 96))
		return false;
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < count; i++, at += 12) {
		p = container_at(mp4->container, at, 4);
		if (!p)
			return false;
		bytes += container_be32(p) & 0x7fffffff;
	}
	if (first <= left && bytes <= left - first)
		return true;
	report_find(mp4->container->report, REPORT_TRUNCATED,
		"box 'sidx' at %lld: %llu bytes are to follow, %llu do",
		(long long)box->at, (unsigned long long)(first + bytes),
		(unsigned long long)left);
	return false;
}
