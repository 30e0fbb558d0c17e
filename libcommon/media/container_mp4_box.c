/* container_mp4_box: the headers of boxes, and bytes that are no box. */
#include "media/container_mp4.h"

#include <string.h>

const unsigned char *mp4_bytes(
	struct mp4 *mp4, const struct mp4_box *box, int64_t at, size_t len)
{
	if (at >= box->body && at <= box->end && (int64_t)len <= box->end - at)
		return container_at(mp4->container, at, len);
	mp4_bad(mp4, box, "is too short");
	return NULL;
}

bool mp4_fits(struct mp4 *mp4, const struct mp4_box *box, int64_t at, uint32_t count,
	uint32_t bits)
{
	int64_t bytes = ((int64_t)count * bits + 7) / 8;

	if (at > box->end || bytes > box->end - at) {
		report_find(mp4->container->report, REPORT_STRUCTURE,
			"box '%s' at %lld has no room for %u entries", box->name,
			(long long)box->at, count);
		return false;
	}
	return count <= MP4_ENTRIES || mp4_bad(mp4, box, "has too many entries");
}

bool mp4_bad(struct mp4 *mp4, const struct mp4_box *box, const char *what)
{
	report_find(mp4->container->report, REPORT_STRUCTURE, "box '%s' at %lld %s",
		box->name, (long long)box->at, what);
	return false;
}

bool mp4_read(struct mp4 *mp4, int64_t at, int64_t end, bool top, struct mp4_box *box)
{
	int64_t left = end - at;
	const unsigned char *p = container_at(mp4->container, at, left < 16 ? 8 : 16);

	if (!p || !container_part(mp4->container, at))
		return false;
	uint64_t size = container_be32(p);
	container_name(box->name, p + 4);
	box->at = at;
	box->body = at + 8;
	if (size == 1 && left >= 16) {
		size = container_be64(p + 8);
		box->body += 8;
	} else if (size == 0) {
		size = (uint64_t)left; /* it goes on to the end */
	}
	if (size < (uint64_t)(box->body - at)) {
		report_find(mp4->container->report, REPORT_STRUCTURE,
			"box '%s' at %lld says %llu bytes", box->name, (long long)at,
			(unsigned long long)size);
		return false;
	}
	if (size > (uint64_t)left) {
		report_find(mp4->container->report,
			top ? REPORT_TRUNCATED : REPORT_STRUCTURE,
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

bool mp4_is_over(struct mp4 *mp4, int64_t at)
{
	static const char vital[][5] = {"mdat", "moov", "moof"};
	struct container *container = mp4->container;
	int64_t left = container->size - at;

	if (!mp4->moov || mp4->mdats == 0 || mp4->fragmented)
		return false;
	const unsigned char *p = left < 8 ? NULL : container_at(container, at, 8);
	for (size_t i = 0; p && i < sizeof vital / sizeof *vital; i++)
		if (memcmp(p + 4, vital[i], 4) == 0)
			return false;
	bool box = p && is_name(p + 4) &&
		(container_be32(p) < 2 ||
			(container_be32(p) >= 8 && container_be32(p) <= (uint64_t)left));
	return !box;
}

bool mp4_begins(struct mp4 *mp4, int64_t at)
{
	struct container *container = mp4->container;
	int64_t left = container->size - at;

	if (container_zeros(container, at)) {
		report_find(container->report, REPORT_TRUNCATED,
			"zeros from byte %lld on", (long long)at);
		return false;
	}
	if (left < 8) {
		report_find(container->report, REPORT_TRUNCATED,
			"the last %lld bytes are no box", (long long)left);
		return false;
	}
	const unsigned char *p = container_at(container, at, 8);
	if (p && !is_name(p + 4))
		report_find(container->report, REPORT_STRUCTURE, "no box at %lld",
			(long long)at);
	return p && is_name(p + 4);
}
