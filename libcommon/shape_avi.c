/* shape_avi: AVI: the tree of chunks, and the indexes, which say what is to be there. */
#include "shape_parts.h"

#include <string.h>

enum { DEPTH = 6, HEADER = 8 };

struct chunk {
	int64_t at, body, end; /* end without the byte that makes it even */
	char name[SHAPE_NAME], kind[SHAPE_NAME]; /* kind: of a list */
};

struct avi {
	struct shape *shape;
	bool movi;
};

bool shape_is_avi(const unsigned char *head, size_t len)
{
	return len >= 12 && memcmp(head, "RIFF", 4) == 0 &&
		memcmp(head + 8, "AVI", 3) == 0;
}

static bool is(const char *name, const char *other)
{
	return strcmp(name, other) == 0;
}

/* Reads the header of the chunk at this place in what ends at end. */
static bool read_chunk(
	struct avi *avi, int64_t at, int64_t end, bool top, struct chunk *chunk)
{
	struct shape *shape = avi->shape;
	int64_t left = end - at;

	if (end == shape->size && shape_zeros(shape, at)) {
		report_find(shape->report, REPORT_TRUNCATED, "zeros from byte %lld on",
			(long long)at);
		return false;
	}
	if (left < HEADER) {
		report_find(shape->report, top ? REPORT_TRUNCATED : REPORT_STRUCTURE,
			"%lld bytes at %lld are no chunk", (long long)left,
			(long long)at);
		return false;
	}
	const unsigned char *p = shape_at(shape, at, left < 12 ? 8 : 12);
	if (!p || !shape_part(shape, at))
		return false;
	shape_name(chunk->name, p);
	uint32_t size = shape_le32(p + 4);
	chunk->kind[0] = '\0';
	chunk->at = at;
	chunk->body = at + HEADER;
	if (is(chunk->name, "RIFF") || is(chunk->name, "LIST")) {
		if (left >= 12)
			shape_name(chunk->kind, p + 8);
		chunk->body += 4;
		/* What a writer leaves that never came back to fill it in. */
		if (size < 4 || size >= 0xfffffff0) {
			report_find(shape->report, REPORT_NO_INDEX,
				"list '%s' at %lld was never finished", chunk->kind,
				(long long)at);
			return false;
		}
	}
	if (size > left - HEADER) {
		report_find(shape->report, top ? REPORT_TRUNCATED : REPORT_STRUCTURE,
			"chunk '%s' at %lld says %u bytes, %lld are there", chunk->name,
			(long long)at, size, (long long)left - HEADER);
		return false;
	}
	chunk->end = at + HEADER + size;
	return true;
}

/* Reports that what the index says at this place is not there; returns false. */
static bool bad_index(struct avi *avi, const struct chunk *index, uint64_t at)
{
	report_find(avi->shape->report, REPORT_TRUNCATED,
		"index '%s' at %lld: what it names at %llu is not there", index->name,
		(long long)index->at, (unsigned long long)at);
	return false;
}

/* An index of indexes: of the parts of a large file. */
static bool take_indx(struct avi *avi, const struct chunk *chunk)
{
	const unsigned char *p;
	int64_t at = chunk->body + 24;

	if (at > chunk->end)
		return true;
	p = shape_at(avi->shape, chunk->body, 24);
	if (!p)
		return false;
	uint32_t count = shape_le32(p + 4), words = p[0] | (uint32_t)p[1] << 8,
		 kind = p[3];
	if (kind != 0 || words != 4)
		return true;
	for (; count > 0 && at + 16 <= chunk->end; count--, at += 16) {
		p = shape_at(avi->shape, at, 16);
		if (!p)
			return false;
		uint64_t place = shape_le32(p) | (uint64_t)shape_le32(p + 4) << 32;
		uint64_t size = shape_le32(p + 8), all = (uint64_t)avi->shape->size;
		if (place > all || size > all - place)
			return bad_index(avi, chunk, place);
	}
	return true;
}

/* The index of a small file; its places count from the list 'movi' or from the start. */
static bool take_idx1(struct avi *avi, const struct chunk *chunk)
{
	for (int64_t at = chunk->body; at + 16 <= chunk->end; at += 16) {
		const unsigned char *p = shape_at(avi->shape, at, 16);

		if (!p)
			return false;
		uint64_t end = (uint64_t)shape_le32(p + 8) + shape_le32(p + 12);
		if (end > (uint64_t)avi->shape->size || shape_le32(p) == 0)
			return bad_index(avi, chunk, shape_le32(p + 8));
	}
	return true;
}

static bool take_chunk(struct avi *avi, const struct chunk *chunk)
{
	if (is(chunk->kind, "movi"))
		avi->movi = true;
	if (is(chunk->name, "indx"))
		return take_indx(avi, chunk);
	if (is(chunk->name, "idx1"))
		return take_idx1(avi, chunk);
	return true;
}

void shape_avi(struct shape *shape)
{
	struct avi avi = {.shape = shape};
	struct chunk chunk;
	int64_t ends[DEPTH] = {shape->size}, at = 0;
	size_t depth = 1;

	while (at < shape->size) {
		int64_t end = ends[depth - 1];

		at += at % 2; /* each begins at an even place, and may so be outside */
		if (at >= end) {
			depth--;
			continue;
		}
		if (!read_chunk(&avi, at, end, depth == 1, &chunk))
			return;
		if (depth == 1 && !is(chunk.name, "RIFF")) {
			report_find(shape->report, REPORT_STRUCTURE,
				"chunk '%s' at %lld comes after the end", chunk.name,
				(long long)at);
			return;
		}
		if (!take_chunk(&avi, &chunk))
			return;
		at = chunk.kind[0] ? chunk.body : chunk.end;
		if (chunk.kind[0] && depth == DEPTH) {
			report_find(shape->report, REPORT_STRUCTURE,
				"list '%s' at %lld lies too deep", chunk.kind,
				(long long)chunk.at);
			return;
		}
		if (chunk.kind[0])
			ends[depth++] = chunk.end;
	}
	if (!avi.movi)
		report_find(shape->report, REPORT_NO_INDEX, "no list 'movi'");
}
