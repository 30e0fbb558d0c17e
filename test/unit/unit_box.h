/*
 * unit_box: MP4 files of a few samples, put together box by box.
 */
#ifndef STREAMHUB_UNIT_BOX_H
#define STREAMHUB_UNIT_BOX_H

#include "unit_container.h"

/* A file with one number other than it should be, in bytes from its box's name on. */
struct box_row {
	const char *box;
	size_t at, width;
	uint64_t number;
	enum report_code code;
	const char *words;
};

static inline void box_expect(const struct box_row *row)
{
	clip_set(clip_find(row->box, 1) + row->at, row->number, row->width);
	clip_expect(row->code, row->words);
}

/* Begins a box, which box_end ends. */
static inline size_t box(const char *name)
{
	clip_number(0, 4);
	clip_text(name);
	return clip.len - 8;
}

static inline void box_end(size_t at)
{
	clip_set(at, clip.len - at, 4);
}

/* A box of these numbers, each of 4 bytes. */
#define BOX_OF(name, ...) \
	box_of(name, (const uint32_t[]){__VA_ARGS__}, \
		UNIT_COUNT(((const uint32_t[]){__VA_ARGS__})))

static inline void box_of(const char *name, const uint32_t *numbers, size_t count)
{
	size_t at = box(name);

	for (size_t i = 0; i < count; i++)
		clip_number(numbers[i], 4);
	box_end(at);
}

static inline void box_ftyp(void)
{
	size_t at = box("ftyp");

	clip_text("isomiso2");
	box_end(at);
}

/* A table of samples, whose kind is told by its first four bytes. */
static inline void box_stsd(const char *kind)
{
	size_t at = box("stsd"), entry;

	clip_number(0, 4);
	clip_number(1, 4);
	entry = box(kind);
	clip_fill(7, 20);
	box_end(entry);
	box_end(at);
}

enum { BOX_CHUNK = 30, BOX_MEDIA = 2 * BOX_CHUNK }; /* bytes: 10 + 20, and again */

static inline void box_media(void)
{
	size_t at = box("mdat");

	clip_fill(0x5a, BOX_MEDIA);
	box_end(at);
}

/* Four samples of 10, 20, 10, 20 bytes in two chunks. */
static inline void box_moov(uint32_t media)
{
	size_t moov = box("moov"), udta;

	BOX_OF("mvhd", 0, 0, 0, 1000, 4000);
	size_t trak = box("trak");
	size_t edts = box("edts");
	BOX_OF("elst", 0, 0);
	box_end(edts);
	size_t mdia = box("mdia"), minf = box("minf"), dinf = box("dinf");
	BOX_OF("dref", 0, 1);
	box_end(dinf);
	size_t stbl = box("stbl");
	box_stsd("avc1");
	BOX_OF("stts", 0, 2, 3, 1000, 1, 1000);
	BOX_OF("ctts", 0, 1, 4, 0);
	BOX_OF("stss", 0, 1, 1);
	BOX_OF("stsc", 0, 1, 1, 2, 1);
	BOX_OF("stsz", 0, 0, 4, 10, 20, 10, 20);
	BOX_OF("stco", 0, 2, media, media + BOX_CHUNK);
	box_end(stbl);
	box_end(minf);
	box_end(mdia);
	box_end(trak);
	/* QuickTime ends it with four zeros, and has a meta of its own. */
	udta = box("udta");
	size_t meta = box("meta");
	BOX_OF("hdlr", 0, 0);
	box_end(meta);
	clip_number(0, 4);
	box_end(udta);
	BOX_OF("odd!", 0xffffffff, 0xffffffff);
	clip_number(0, 4);
	box_end(moov);
}

/* A file of all boxes that count, the samples last. */
static inline void box_file(void)
{
	clip.len = 0;
	box_ftyp();
	box_moov(0);
	size_t at = clip_find("stco", 1);
	clip_set(at + 12, clip.len + 8, 4);
	clip_set(at + 16, clip.len + 8 + BOX_CHUNK, 4);
	box_media();
}

#endif
