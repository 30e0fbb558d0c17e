/* shape_mp4_box: the headers of boxes, and what must be where there is none. */
#include "shape_mp4.h"

const unsigned char *mp4_bytes(
	struct mp4 *mp4, const struct mp4_box *box, int64_t at, size_t len)
{
	if (at >= box->body && at <= box->end && (int64_t)len <= box->end - at)
		return shape_at(mp4->shape, at, len);
	mp4_bad(mp4, box, "is too short");
	return NULL;
}

bool mp4_fits(struct mp4 *mp4, const struct mp4_box *box, int64_t at, uint32_t count,
	uint32_t bits)
{
	int64_t bytes = ((int64_t)count * bits + 7) / 8;

	if (at > box->end || bytes > box->end - at) {
		report_find(mp4->shape->report, REPORT_STRUCTURE,
			"box '%s' at %lld has no room for %u entries", box->name,
			(long long)box->at, count);
		return false;
	}
	return count <= MP4_ENTRIES || mp4_bad(mp4, box, "has too many entries");
}

bool mp4_bad(struct mp4 *mp4, const struct mp4_box *box, const char *what)
{
	report_find(mp4->shape->report, REPORT_STRUCTURE, "box '%s' at %lld %s",
		box->name, (long long)box->at, what);
	return false;
}

bool mp4_read(struct mp4 *mp4, int64_t at, int64_t end, bool top, struct mp4_box *box)
{
	int64_t left = end - at;
	const unsigned char *p = shape_at(mp4->shape, at, left < 16 ? 8 : 16);

	if (!p || !shape_part(mp4->shape, at))
		return false;
	uint64_t size = shape_be32(p);
	shape_name(box->name, p + 4);
	box->at = at;
	box->body = at + 8;
	if (size == 1 && left >= 16) {
		size = shape_be64(p + 8);
		box->body += 8;
	} else if (size == 0) {
		size = (uint64_t)left; /* what there is */
	}
	if (size < (uint64_t)(box->body - at)) {
		report_find(mp4->shape->report, REPORT_STRUCTURE,
			"box '%s' at %lld says %llu bytes", box->name, (long long)at,
			(unsigned long long)size);
		return false;
	}
	if (size > (uint64_t)left) {
		report_find(mp4->shape->report, top ? REPORT_TRUNCATED : REPORT_STRUCTURE,
			"box '%s' at %lld says %llu bytes, %lld are there", box->name,
			(long long)at, (unsigned long long)size, (long long)left);
		return false;
	}
	box->end = at + (int64_t)size;
	return true;
}

bool mp4_padding(struct mp4 *mp4, const struct mp4_box *box, int64_t at)
{
	const unsigned char *p = mp4_bytes(mp4, box, at, (size_t)(box->end - at));

	for (int64_t i = 0; p && i < box->end - at; i++)
		if (p[i])
			return mp4_bad(mp4, box, "ends in bytes that are no box");
	return p;
}

static bool is_name(const unsigned char *p)
{
	for (size_t i = 0; i < 4; i++)
		if ((p[i] < ' ' || p[i] > '~') && p[i] != 0xa9)
			return false;
	return true;
}

bool mp4_begins(struct mp4 *mp4, int64_t at)
{
	struct shape *shape = mp4->shape;
	int64_t left = shape->size - at;

	if (shape_zeros(shape, at)) {
		report_find(shape->report, REPORT_TRUNCATED, "zeros from byte %lld on",
			(long long)at);
		return false;
	}
	if (left < 8) {
		report_find(shape->report, REPORT_TRUNCATED,
			"the last %lld bytes are no box", (long long)left);
		return false;
	}
	const unsigned char *p = shape_at(shape, at, 8);
	if (p && !is_name(p + 4))
		report_find(
			shape->report, REPORT_STRUCTURE, "no box at %lld", (long long)at);
	return p && is_name(p + 4);
}
