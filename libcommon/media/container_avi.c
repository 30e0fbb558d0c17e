/*
 * container_avi: AVI. Walks the tree of chunks with a stack of the ends of lists. A file
 * that was cut between two chunks still looks whole, so the indexes are checked too: all
 * that they name must be there.
 */
#include "media/container_parts.h"

#include <string.h>

enum { DEPTH = 6, HEADER = 8 };

struct chunk {
	int64_t at, body, end; /* end: without the padding byte */
	char name[CONTAINER_NAME], kind[CONTAINER_NAME]; /* kind: of a list, else empty */
};

struct avi {
	struct container *container;
	bool movi;
};

bool container_is_avi(const unsigned char *head, size_t len)
{
	return len >= 12 && memcmp(head, "RIFF", 4) == 0 &&
		memcmp(head + 8, "AVI", 3) == 0;
}

static bool is(const char *name, const char *other)
{
	return strcmp(name, other) == 0;
}

/* Reads the header of the chunk at this place; its parent ends at end. */
static bool read_chunk(
	struct avi *avi, int64_t at, int64_t end, bool top, struct chunk *chunk)
{
	struct container *container = avi->container;
	int64_t left = end - at;

	/* Inside a list too, as eight zeros there would pass for an empty chunk. */
	if (container_zeros(container, at)) {
		report_find(container->report, REPORT_TRUNCATED,
			"zeros from byte %lld on", (long long)at);
		return false;
	}
	if (left < HEADER) {
		report_find(container->report, top ? REPORT_TRUNCATED : REPORT_STRUCTURE,
			"%lld bytes at %lld are no chunk", (long long)left,
			(long long)at);
		return false;
	}
	const unsigned char *p = container_at(container, at, left < 12 ? 8 : 12);
	if (!p || !container_part(container, at))
		return false;
	container_name(chunk->name, p);
	uint32_t size = container_le32(p + 4);
	chunk->kind[0] = '\0';
	chunk->at = at;
	chunk->body = at + HEADER;
	if (is(chunk->name, "RIFF") || is(chunk->name, "LIST")) {
		if (left >= 12)
			container_name(chunk->kind, p + 8);
		chunk->body += 4;
		/* A writer fills in the size when it is done. This one never was. */
		if (size < 4 || size >= 0xfffffff0) {
			report_find(container->report, REPORT_NO_INDEX,
				"list '%s' at %lld was never finished", chunk->kind,
				(long long)at);
			return false;
		}
	}
	if (size > left - HEADER) {
		report_find(container->report, top ? REPORT_TRUNCATED : REPORT_STRUCTURE,
			"chunk '%s' at %lld says %u bytes, %lld are there", chunk->name,
			(long long)at, size, (long long)left - HEADER);
		return false;
	}
	chunk->end = at + HEADER + size;
	return true;
}

/* Reports that the index names a place where nothing is; returns false. */
static bool bad_index(struct avi *avi, const struct chunk *index, uint64_t at)
{
	report_find(avi->container->report, REPORT_TRUNCATED,
		"index '%s' at %lld: what it names at %llu is not there", index->name,
		(long long)index->at, (unsigned long long)at);
	return false;
}

/* The index of indexes that a large file has. */
static bool take_indx(struct avi *avi, const struct chunk *chunk)
{
	const unsigned char *p;
	int64_t at = chunk->body + 24;

	if (at > chunk->end)
		return true;
	p = container_at(avi->container, chunk->body, 24);
	if (!p)
		return false;
	uint32_t count = container_le32(p + 4), words = p[0] | (uint32_t)p[1] << 8,
		 kind = p[3];
	if (kind != 0 || words != 4)
		return true;
	for (; count > 0 && at + 16 <= chunk->end; count--, at += 16) {
		p = container_at(avi->container, at, 16);
		if (!p)
			return false;
		uint64_t place =
			container_le32(p) | (uint64_t)container_le32(p + 4) << 32;
		uint64_t size = container_le32(p + 8),
			 all = (uint64_t)avi->container->size;
		if (place > all || size > all - place)
			return bad_index(avi, chunk, place);
	}
	return true;
}

/* The index of a small file. Some writers count places from the list 'movi', others from
 * the start of the file; the check holds for both. */
static bool take_idx1(struct avi *avi, const struct chunk *chunk)
{
	for (int64_t at = chunk->body; at + 16 <= chunk->end; at += 16) {
		const unsigned char *p = container_at(avi->container, at, 16);

		if (!p)
			return false;
		uint64_t end = (uint64_t)container_le32(p + 8) + container_le32(p + 12);
		if (end > (uint64_t)avi->container->size || container_le32(p) == 0)
			return bad_index(avi, chunk, container_le32(p + 8));
	}
	return true;
}

/* Takes the duration of the video from its stream header. */
static bool take_strh(struct avi *avi, const struct chunk *chunk)
{
	const unsigned char *p = chunk->end - chunk->body < 36
		? NULL
		: container_at(avi->container, chunk->body, 36);

	if (p && memcmp(p, "vids", 4) == 0 && container_le32(p + 24) > 0)
		container_declare(avi->container,
			1000.0 * container_le32(p + 32) * container_le32(p + 20) /
				container_le32(p + 24));
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
	if (is(chunk->name, "strh"))
		return take_strh(avi, chunk);
	return true;
}

/* True if another RIFF begins here: a large file consists of several. */
static bool is_riff(struct container *container, int64_t at)
{
	const unsigned char *p =
		container->size - at < 4 ? NULL : container_at(container, at, 4);

	return p && memcmp(p, "RIFF", 4) == 0;
}

void container_avi(struct container *container)
{
	struct avi avi = {.container = container};
	struct chunk chunk;
	int64_t ends[DEPTH] = {container->size}, at = 0;
	size_t depth = 1;

	while (at < container->size) {
		int64_t end = ends[depth - 1];

		at += at % 2; /* chunks begin at even places; this may be the end */
		if (at >= end) {
			depth--;
			continue;
		}
		if (depth == 1 && avi.movi && !is_riff(container, at)) {
			container_outside(container, at);
			return;
		}
		if (!read_chunk(&avi, at, end, depth == 1, &chunk))
			return;
		if (!take_chunk(&avi, &chunk))
			return;
		at = chunk.kind[0] ? chunk.body : chunk.end;
		if (chunk.kind[0] && depth == DEPTH) {
			report_find(container->report, REPORT_STRUCTURE,
				"list '%s' at %lld lies too deep", chunk.kind,
				(long long)chunk.at);
			return;
		}
		if (chunk.kind[0])
			ends[depth++] = chunk.end;
	}
	if (!avi.movi)
		report_find(container->report, REPORT_NO_INDEX, "no list 'movi'");
}
