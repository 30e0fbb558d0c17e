/* shape_ebml: Matroska and WebM: the tree of elements. Each lies in what holds it. */
#include "shape_parts.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum {
	DEPTH = 8,
	EBML = 0x1A45DFA3,
	SEGMENT = 0x18538067,
	CLUSTER = 0x1F43B675,
	TRACKS = 0x1654AE6B,
	ENCRYPTION = 0x5035,
	VOID = 0xEC,
	CHECKSUM = 0xBF,
};

/* What holds elements that are looked at; other elements are passed over whole. */
static const uint32_t masters[] = {SEGMENT, CLUSTER, TRACKS, 0xA0 /* block group */,
	0xAE /* track */, 0x6D80, 0x6240 /* encodings, encoding */};

/* What a segment holds: before one of these ends a cluster of unknown length. */
static const uint32_t parts[] = {CLUSTER, TRACKS, 0x114D9B74 /* seek head */,
	0x1549A966 /* info */, 0x1C53BB6B /* cues */, 0x1254C367 /* tags */,
	0x1043A770 /* chapters */, 0x1941A469 /* attachments */};

struct element {
	uint32_t id;
	bool open; /* its length is not known */
	int64_t at, body, end;
};

struct ebml {
	struct shape *shape;
	bool segment, tracks;
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

bool shape_is_ebml(const unsigned char *head, size_t len)
{
	return len >= 4 && shape_be32(head) == EBML;
}

/* Whether nothing but the end of the file is the end of what this holds. */
static bool at_end(const struct shape *shape, const struct element *parent)
{
	return parent->end == shape->size && (parent->open || parent->id == 0);
}

/* A header that is cut, or no header. */
static bool no_element(struct shape *shape, int64_t at, const struct element *parent)
{
	if (at_end(shape, parent) && shape_zeros(shape, at))
		report_find(shape->report, REPORT_TRUNCATED, "zeros from byte %lld on",
			(long long)at);
	else if (at_end(shape, parent) && parent->end - at < 12)
		report_find(shape->report, REPORT_TRUNCATED,
			"the last %lld bytes are no element",
			(long long)(shape->size - at));
	else
		report_find(shape->report, REPORT_STRUCTURE, "no element at %lld",
			(long long)at);
	return false;
}

/* Reads the header of the element at this place in its parent. */
static bool read_element(struct shape *shape, int64_t at, const struct element *parent,
	struct element *out)
{
	int64_t left = parent->end - at;
	size_t have = left < 12 ? (size_t)left : 12;
	const unsigned char *p = shape_at(shape, at, have);

	if (!p || !shape_part(shape, at))
		return false;
	/* The zeros that a byte begins with tell how many bytes there are. */
	size_t id = p[0] ? (size_t)__builtin_clz(p[0]) - 23 : 9;
	if (id > 4 || id >= have)
		return no_element(shape, at, parent);
	size_t len = p[id] ? (size_t)__builtin_clz(p[id]) - 23 : 9;
	if (len > 8 || id + len > have)
		return no_element(shape, at, parent);
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
		report_find(shape->report,
			at_end(shape, parent) ? REPORT_TRUNCATED : REPORT_STRUCTURE,
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
	report_find(ebml->shape->report, REPORT_STRUCTURE, "element %X at %lld %s",
		element->id, (long long)element->at, what);
	return false;
}

/* Leaves what the element cannot be in: parents whose length is not known. */
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

/* Looks at the element, and sets where the next one begins: after it, or in it. */
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
	if (id == ENCRYPTION)
		report_find(ebml->shape->report, REPORT_ENCRYPTED,
			"a track's encryption at %lld", (long long)element->at);
	if (!is_in(id, masters, COUNT(masters)))
		return true;
	if (ebml->depth == DEPTH)
		return bad_element(ebml, element, "lies too deep");
	ebml->stack[ebml->depth++] = *element;
	*next = element->body;
	return true;
}

void shape_ebml(struct shape *shape)
{
	struct ebml ebml = {.shape = shape, .depth = 1};
	struct element element;
	int64_t at = 0;

	ebml.stack[0] = (struct element){.end = shape->size};
	while (at < shape->size) {
		const struct element *parent = &ebml.stack[ebml.depth - 1];

		if (at == parent->end) {
			ebml.depth--;
			continue;
		}
		if (!read_element(shape, at, parent, &element))
			return;
		if (!take_element(&ebml, &element, &at))
			return;
	}
	if (!ebml.segment || !ebml.tracks)
		report_find(shape->report, REPORT_NO_INDEX, "no %s",
			ebml.segment ? "tracks" : "segment");
}
