/* container_mp4_moof: fragments of one track, and the data that they name. */
#include "unit_box.h"

enum {
	SAMPLES = 3,
	DEFAULT = 10, /* bytes of a sample, in the trex */
	FROM_MOOF = 0x20000,
	OFFSET = 1,
	FIRST = 4,
	SIZES = 0x200,
	EACH = 0xf00,
};

/* What a fragment says of its data. */
struct said {
	uint32_t tfhd, base, size; /* flags; what comes with them */
	uint32_t trun, sizes; /* flags; of each sample */
};

static void put_start(void)
{
	clip.len = 0;
	box_ftyp();
	size_t moov = box("moov"), trak = box("trak");
	BOX_OF("stts", 0, 0);
	BOX_OF("stsc", 0, 0);
	BOX_OF("stsz", 0, 0, 0);
	BOX_OF("stco", 0, 0);
	box_end(trak);
	size_t mvex = box("mvex");
	BOX_OF("trex", 0, 1, 1, 1000, DEFAULT, 0);
	box_end(mvex);
	box_end(moov);
}

static void put_tfhd(const struct said *said)
{
	size_t at = box("tfhd");

	clip_number(said->tfhd, 4);
	clip_number(1, 4);
	if (said->tfhd & 1)
		clip_number(said->base, 8);
	clip_fill(0, (said->tfhd & 2 ? 4 : 0) + (said->tfhd & 8 ? 4 : 0));
	if (said->tfhd & 0x10)
		clip_number(said->size, 4);
	box_end(at);
}

static void put_trun(const struct said *said)
{
	size_t at = box("trun");

	clip_number(said->trun, 4);
	clip_number(SAMPLES, 4);
	if (said->trun & OFFSET)
		clip_number(0, 4);
	if (said->trun & FIRST)
		clip_number(0, 4);
	for (int i = 0; i < SAMPLES; i++)
		for (uint32_t bit = 0x100; bit < 0x1000; bit <<= 1)
			if (said->trun & bit)
				clip_number(bit == SIZES ? said->sizes : 0xffffffff, 4);
	box_end(at);
}

/* A fragment and its data. */
static void put_fragment(uint32_t number, struct said said, size_t media)
{
	size_t moof = box("moof");

	BOX_OF("mfhd", 0, number);
	size_t traf = box("traf");
	if (said.base)
		said.base = (uint32_t)moof;
	put_tfhd(&said);
	put_trun(&said);
	box_end(traf);
	box_end(moof);
	if (said.trun & OFFSET)
		clip_set(clip_find("trun", (int)number) + 12, clip.len - moof + 8, 4);
	size_t mdat = box("mdat");
	clip_fill(0x5a, media);
	box_end(mdat);
}

static const struct said usual = {FROM_MOOF, 0, 0, OFFSET | SIZES, 20};

/* How the sizes and the place can be said. */
static const struct {
	struct said said;
	size_t media;
} ways[] = {
	{{FROM_MOOF, 0, 0, OFFSET | SIZES, 20}, 60},
	{{FROM_MOOF, 0, 0, OFFSET | FIRST | EACH, 20}, 60},
	{{FROM_MOOF, 0, 0, OFFSET, 0}, 30},
	{{0, 0, 0, OFFSET, 0}, 30},
	{{1, 1, 0, OFFSET | SIZES, 20}, 60},
	{{FROM_MOOF | 0x10, 0, 7, OFFSET, 0}, 21},
	{{1 | 2 | 8 | 0x10 | 0x20, 1, 7, OFFSET | 0x500, 0}, 21},
	{{FROM_MOOF, 0, 0, OFFSET | SIZES, 0}, 0},
};

UNIT_TEST(test_ways)
{
	for (size_t i = 0; i < UNIT_COUNT(ways); i++) {
		size_t whole[3];

		put_start();
		whole[0] = clip.len; /* no packets, which is not seen here */
		put_fragment(1, ways[i].said, ways[i].media);
		whole[1] = clip.len; /* the rest may never have been */
		put_fragment(2, ways[i].said, ways[i].media);
		whole[2] = clip.len;
		BOX_OF("mfra", 8, 0x66726565);
		clip_good(REPORT_FMP4);
		if (ways[i].media == 0)
			continue;
		clip_cuts(whole, UNIT_COUNT(whole));
		/* A byte less in its data is seen. */
		put_start();
		put_fragment(1, ways[i].said, ways[i].media - 1);
		clip_expect(REPORT_TRUNCATED, "box 'trun' at ");
		BOX_OF("free", 0);
		clip_expect(REPORT_TRUNCATED, "are in no 'mdat'");
		put_start();
		put_fragment(1, ways[i].said, ways[i].media - 1);
		put_fragment(2, ways[i].said, ways[i].media);
		clip_expect(REPORT_STRUCTURE, "box 'moof' at 140: bytes ");
	}
}

UNIT_TEST(test_sequence)
{
	static const struct {
		uint32_t numbers[3];
		const char *words; /* of a gap */
	} rows[] = {
		{{1, 2, 3}, NULL},
		{{7, 8, 9}, NULL},
		{{0, 0, 0}, NULL},
		{{2, 3, 1}, NULL}, /* put together of two */
		{{1, 3, 4}, "fragment 3 at 288 comes after 1"},
		{{1, 2, 9}, "comes after 2"},
		{{1, 2, 0xffffffff}, "fragment 4294967295 at "},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		put_start();
		for (int j = 0; j < 3; j++) {
			put_fragment((uint32_t)j + 1, usual, 60);
			clip_set(clip_find("mfhd", j + 1) + 8, rows[i].numbers[j], 4);
		}
		clip_expect(rows[i].words ? REPORT_GAPS : REPORT_GOOD,
			rows[i].words ? rows[i].words : "");
	}
}

UNIT_TEST(test_numbers)
{
	static const struct box_row rows[] = {
		{"trex", -4, 4, 27, REPORT_STRUCTURE, "'trex' at 108 is too short"},
		{"mfhd", -4, 4, 15, REPORT_STRUCTURE, "'mfhd' at 148 is too short"},
		{"tfhd", -4, 4, 15, REPORT_STRUCTURE, "'tfhd' at 172 is too short"},
		{"tfhd", 4, 4, 1, REPORT_STRUCTURE, "'tfhd' at 172 is too short"},
		{"tfhd", 4, 4, 0x10, REPORT_STRUCTURE, "'tfhd' at 172 is too short"},
		{"trun", -4, 4, 15, REPORT_STRUCTURE, "'trun' at 188 is too short"},
		{"trun", 8, 4, 4, REPORT_STRUCTURE, "'trun' at 188 has no room for 4"},
		{"trun", 8, 4, 0xffffffff, REPORT_STRUCTURE, "room for 4294967295"},
		{"trun", 4, 4, 1, REPORT_GOOD, ""}, /* the size of the trex */
		{"trun", 4, 8, (1 << 26) + 1, REPORT_STRUCTURE, "has too many entries"},
		{"trun", 12, 4, 0x7fffffff, REPORT_TRUNCATED, "60 bytes at 2147483787"},
		{"trun", 12, 4, 0x80000000, REPORT_TRUNCATED, "60 bytes at -2147483508"},
		{"trun", 12, 4, 0, REPORT_TRUNCATED, "bytes 140 to 200 are in no 'mdat'"},
		{"trun", 16, 4, 0xffffffff, REPORT_TRUNCATED, "4294967335 bytes at "},
		{"traf", -4, 4, 200, REPORT_STRUCTURE, "'traf' at 164 says 200 bytes"},
		{"mdat", -4, 4, 100, REPORT_TRUNCATED, "'mdat' at 220 says 100 bytes"},
		{"mdat", 0, 4, 0x66726565, REPORT_TRUNCATED, "are in no 'mdat'"},
		{"mfhd", 0, 4, 0x70737368, REPORT_ENCRYPTED, "box 'pssh' at 148"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		put_start();
		put_fragment(1, usual, 60);
		box_expect(&rows[i]);
	}
	const struct said far = {1, 1, 0, OFFSET | SIZES, 20};
	put_start();
	put_fragment(1, far, 60);
	clip_set(clip_find("tfhd", 1) + 12, UINT64_MAX, 8);
	clip_expect(REPORT_TRUNCATED, "its data begins at 18446744073709551615");
}

UNIT_TEST(test_other_order)
{
	/* Its data may come before it. */
	put_start();
	size_t at = clip.len + 8;
	box_media();
	struct said before = {1, 1, 0, SIZES, 20};
	put_fragment(1, before, 0);
	clip_set(clip_find("tfhd", 1) + 12, at, 8);
	clip_good(REPORT_FMP4);
	/* Without fragments there may be no tables, and without a moov no use. */
	put_start();
	memcpy(clip.bytes + clip_find("stsz", 1), "free", 4);
	clip_good(REPORT_FMP4);
	memcpy(clip.bytes + clip_find("moov", 1), "free", 4);
	put_fragment(1, usual, 60);
	clip_expect(REPORT_NO_INDEX, "no box 'moov'");
	/* What tells of a fragment that does not come. */
	put_start();
	BOX_OF("styp", 0x69736f6d, 0);
	clip_expect(REPORT_TRUNCATED, "nothing follows the box 'styp' at 140");
	put_fragment(1, usual, 60);
	clip_good(REPORT_FMP4);
	BOX_OF("prft", 0, 0, 0, 0, 0);
	clip_expect(REPORT_TRUNCATED, "nothing follows the box 'prft' at ");
	/* Defaults are of a limited number of tracks. */
	put_start();
	size_t moov = box("moof"), mvex = box("mvex");
	for (int i = 0; i < 32; i++)
		BOX_OF("trex", 0, 1, 1, 1, 1, 1);
	box_end(mvex);
	box_end(moov);
	clip_expect(REPORT_STRUCTURE, "is one too many");
}

/* An index in front tells of fragments that are cut off. */
UNIT_TEST(test_sidx)
{
	for (uint32_t version = 0; version < 2; version++) {
		put_start();
		size_t whole = clip.len, sidx = box("sidx");
		clip_number(version << 24, 4);
		clip_fill(0, 8 + (version ? 8 : 4));
		clip_number(0, version ? 8 : 4);
		clip_number(2, 4);
		size_t entries = clip.len;
		clip_fill(0, 24);
		box_end(sidx);
		for (uint32_t i = 0; i < 2; i++) {
			size_t before = clip.len;
			put_fragment(i + 1, usual, 60);
			clip_set(entries + 12 * i, clip.len - before, 4);
		}
		clip_good(REPORT_FMP4);
		clip_cuts(&whole, 1);
		clip_set(entries + 12, 300, 4);
		clip_expect(REPORT_TRUNCATED, " bytes are to follow, ");
		clip_set(entries - 8, 0xffffffff, 4);
		clip_expect(REPORT_TRUNCATED, " bytes are to follow, ");
		clip_set(entries - 2, 3, 2);
		clip_expect(REPORT_STRUCTURE, "'sidx' at 140 has no room for 3");
		clip_set(sidx, 20, 4);
		clip_expect(REPORT_STRUCTURE, "'sidx' at 140 is too short");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_other_order),
		cmocka_unit_test(test_sidx),
	};

	return cmocka_run_group_tests_name("container_mp4_moof", tests, NULL, NULL);
}
