/*
 * container_ebml: Matroska and WebM. Walks the tree of elements with a stack of parents;
 * each element must lie within its parent. A live recorder does not know the length of a
 * segment or cluster: such an open parent ends where an element begins that it cannot
 * hold, or with the file.
 */
#include "media/container_parts.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum {
	DEPTH = 8,
	EBML = 0x1A45DFA3,
	SEGMENT = 0x18538067,
	CLUSTER = 0x1F43B675,
	TRACKS = 0x1654AE6B,
	INFO = 0x1549A966,
	DURATION = 0x4489, /* in units of SCALE nanoseconds */
	SCALE = 0x2AD7B1,
	ENCRYPTION = 0x5035,
	VOID = 0xEC,
	CHECKSUM = 0xBF,
};

/* Elements whose children are looked at. All others are skipped whole. */
static const uint32_t masters[] = {SEGMENT, CLUSTER, TRACKS, INFO, 0xA0 /* block group */,
	0xAE /* track */, 0x6D80, 0x6240 /* encodings, encoding */};

/* The children of a segment. A cluster of unknown length ends where one of them begins.
 */
static const uint32_t parts[] = {CLUSTER, TRACKS, 0x114D9B74 /* seek head */, INFO,
	0x1C53BB6B /* cues */, 0x1254C367 /* tags */, 0x1043A770 /* chapters */,
	0x1941A469 /* attachments */};

struct element {
	uint32_t id;
	bool open; /* its length is not known */
	int64_t at, body, end;
};

struct ebml {
	struct container *container;
	bool segment, tracks;
	double lasts, scale;
	size_t depth;
	struct element stack[DEPTH];
};

static bool is_in(uint32_t id, const uint32_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

bool container_is_ebml(const unsigned char *head, size_t len)
{
	return len >= 4 && container_be32(head) == EBML;
}

/* True if the parent has no length of its own and ends with the file. */
static bool at_end(const struct container *container, const struct element *parent)
{
	return parent->end == container->size && (parent->open || parent->id == 0);
}

/* Reports a header that is cut, or no header at all; returns false. */
static bool no_element(
	struct container *container, int64_t at, const struct element *parent)
{
	if (at_end(container, parent) && container_zeros(container, at))
		report_find(container->report, REPORT_TRUNCATED,
			"zeros from byte %lld on", (long long)at);
	else if (at_end(container, parent) && parent->end - at < 12)
		report_find(container->report, REPORT_TRUNCATED,
			"the last %lld bytes are no element",
			(long long)(container->size - at));
	else
		report_find(container->report, REPORT_STRUCTURE, "no element at %lld",
			(long long)at);
	return false;
}

/* Reads the header of the element at this place in its parent. */
static bool read_element(struct container *container, int64_t at,
	const struct element *parent, struct element *out)
{
	int64_t left = parent->end - at;
	size_t have = left < 12 ? (size_t)left : 12;
	const unsigned char *p = container_at(container, at, have);

	if (!p || !container_part(container, at))
		return false;
	/* The number of leading zero bits in the first byte tells how many bytes follow.
	 */
	size_t id = p[0] ? (size_t)__builtin_clz(p[0]) - 23 : 9;
	if (id > 4 || id >= have)
		return no_element(container, at, parent);
	size_t len = p[id] ? (size_t)__builtin_clz(p[id]) - 23 : 9;
	if (len > 8 || id + len > have)
		return no_element(container, at, parent);
	uint64_t size = p[id] & (0xffu >> len), all = (UINT64_C(1) << 7 * len) - 1;
	out->id = 0;
	for (size_t i = 0; i < id; i++)
		out->id = out->id << 8 | p[i];
	for (size_t i = 1; i < len; i++)
		size = size << 8 | p[id + i];
	out->at = at;
	out->body = at + (int64_t)(id + len);
	out->open = size == all;
	out->end = parent->end;
	if (out->open)
		return true;
	left = parent->end - out->body;
	if (size > (uint64_t)left) {
		report_find(container->report,
			at_end(container, parent) ? REPORT_TRUNCATED : REPORT_STRUCTURE,
			"element %X at %lld says %llu bytes, %lld are there", out->id,
			(long long)at, (unsigned long long)size, (long long)left);
		return false;
	}
	out->end = out->body + (int64_t)size;
	return true;
}

static bool bad_element(
	struct ebml *ebml, const struct element *element, const char *what)
{
	report_find(ebml->container->report, REPORT_STRUCTURE, "element %X at %lld %s",
		element->id, (long long)element->at, what);
	return false;
}

/* Leaves the parents of unknown length that cannot hold this element. */
static void leave_open(struct ebml *ebml, uint32_t id)
{
	bool part = is_in(id, parts, COUNT(parts));

	while (ebml->depth > 1) {
		const struct element *parent = &ebml->stack[ebml->depth - 1];

		if (!parent->open ||
			!(id == EBML || id == SEGMENT || (part && parent->id == CLUSTER)))
			return;
		ebml->depth--;
	}
}

/* The number in an element: SCALE is an integer, the others are floats. 0: it is none. */
static double number(struct container *container, const struct element *element)
{
	int64_t len = element->end - element->body;
	const unsigned char *p = len < 1 || len > 8
		? NULL
		: container_at(container, element->body, (size_t)len);
	uint64_t bits = 0;
	double wide;
	float narrow;

	for (int64_t i = 0; p && i < len; i++)
		bits = bits << 8 | p[i];
	if (element->id == SCALE)
		return (double)bits;
	uint32_t half = (uint32_t)bits;
	memcpy(&wide, &bits, sizeof wide);
	memcpy(&narrow, &half, sizeof narrow);
	return len == 8 ? wide : len == 4 ? (double)narrow : 0;
}

/* True if the segment is whole and the bytes that follow are not part of the clip. */
static bool is_over(struct ebml *ebml, int64_t at)
{
	struct container *container = ebml->container;

	if (ebml->depth > 1 || !ebml->segment || !ebml->tracks)
		return false;
	size_t len = container->size - at < 4 ? 1 : 4;
	const unsigned char *p = container_at(container, at, len);
	if (!p || p[0] == VOID || p[0] == CHECKSUM ||
		(len == 4 && (container_be32(p) == EBML || container_be32(p) == SEGMENT)))
		return false;
	return !container_outside(container, at);
}

/* Looks at the element. *next is where the next one begins: behind it, or inside it. */
static bool take_element(struct ebml *ebml, const struct element *element, int64_t *next)
{
	uint32_t id = element->id;

	*next = element->end;
	leave_open(ebml, id);
	if (ebml->depth == 1 && id != EBML && id != SEGMENT && id != VOID &&
		id != CHECKSUM)
		return bad_element(ebml, element, "is outside of a segment");
	if (element->open && id != SEGMENT && id != CLUSTER)
		return bad_element(ebml, element, "has no length");
	ebml->segment = ebml->segment || id == SEGMENT;
	ebml->tracks = ebml->tracks || id == TRACKS;
	if (id == DURATION)
		ebml->lasts = number(ebml->container, element);
	if (id == SCALE)
		ebml->scale = number(ebml->container, element);
	if (id == ENCRYPTION)
		report_find(ebml->container->report, REPORT_ENCRYPTED,
			"a track's encryption at %lld", (long long)element->at);
	if (!is_in(id, masters, COUNT(masters)))
		return true;
	if (ebml->depth == DEPTH)
		return bad_element(ebml, element, "lies too deep");
	ebml->stack[ebml->depth++] = *element;
	*next = element->body;
	return true;
}

void container_ebml(struct container *container)
{
	struct ebml ebml = {.container = container, .depth = 1, .scale = 1000000};
	struct element element;
	int64_t at = 0;

	ebml.stack[0] = (struct element){.end = container->size};
	while (at < container->size) {
		const struct element *parent = &ebml.stack[ebml.depth - 1];

		if (at == parent->end) {
			ebml.depth--;
			continue;
		}
		if (is_over(&ebml, at))
			break;
		if (!read_element(container, at, parent, &element))
			return;
		if (!take_element(&ebml, &element, &at))
			return;
	}
	container_declare(container, ebml.lasts * ebml.scale / 1000000);
	if (!ebml.segment || !ebml.tracks)
		report_find(container->report, REPORT_NO_INDEX, "no %s",
			ebml.segment ? "tracks" : "segment");
}
