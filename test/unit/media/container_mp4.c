/* container_mp4: MP4 files of one track: the boxes, and the tables of the samples. */
#include "unit_box.h"

static void put_last(void)
{
	clip.len = 0;
	box_ftyp();
	BOX_OF("wide", 0);
	box_media();
	box_moov((uint32_t)clip_find("ZZZZ", 1));
}

UNIT_TEST(test_good)
{
	box_file();
	clip_good(REPORT_MP4);
	put_last();
	clip_good(REPORT_MP4);
	/* The last box may be open, and sizes may have 64 bits. */
	box_file();
	clip_set(clip_find("mdat", 1) - 4, 0, 4);
	clip_good(REPORT_MP4);
	put_last();
	clip_number(1, 4);
	clip_text("uuid");
	clip_number(16, 8);
	clip_good(REPORT_MP4);
}

UNIT_TEST(test_cuts)
{
	box_file();
	clip_cuts(NULL, 0);
	put_last();
	clip_cuts(NULL, 0);
	/* What follows the media is not missed. */
	box_file();
	size_t whole = clip.len;
	BOX_OF("free", 1, 2, 3);
	clip_cuts(&whole, 1);
}

UNIT_TEST(test_tails)
{
	/* A movie that is whole may have anything behind it... */
	box_file();
	clip_fill(0, 1);
	clip_expect(REPORT_OUTSIDE, "1 bytes behind its end at 464");
	clip_fill(0, 4000);
	clip_expect(REPORT_OUTSIDE, "4001 bytes behind its end at 464");
	box_file();
	clip_text("rest");
	clip_expect(REPORT_OUTSIDE, "4 bytes behind its end at 464");
	clip_text("\xff\xff\xff\xffmore");
	clip_expect(REPORT_OUTSIDE, "12 bytes behind its end at 464");
	/* ... but nothing that may be a part of it, and is cut, and no more than one end.
	 */
	static const char *const vital[] = {"mdat", "moov", "moof"};
	for (size_t i = 0; i < UNIT_COUNT(vital); i++) {
		box_file();
		clip_number(1000, 4);
		clip_text(vital[i]);
		clip_expect(REPORT_TRUNCATED, "at 464 says 1000 bytes, 8 are there");
	}
	clip.len = 0;
	box_ftyp();
	clip_fill(0, 100);
	clip_expect(REPORT_TRUNCATED, "zeros from byte ");
	clip.len = 0;
	box_ftyp();
	box_media();
	clip_expect(REPORT_NO_INDEX, "no box 'moov'");
	box_file();
	box_moov(0);
	clip_expect(REPORT_STRUCTURE, "'moov' at 464 is not the only one");
}

static const struct box_row rows[] = {
	{"mdat", -4, 4, 1000, REPORT_TRUNCATED,
		"box 'mdat' at 396 says 1000 bytes, 68 are there"},
	{"mdat", -4, 4, 7, REPORT_STRUCTURE, "says 7 bytes"},
	{"mdat", -4, 4, 1, REPORT_TRUNCATED, "says 6510615555426900570 bytes"},
	{"mdat", -4, 4, 67, REPORT_STRUCTURE, "in no 'mdat'"},
	{"mdat", 0, 4, 0x66726565, REPORT_STRUCTURE, "in no 'mdat'"},
	{"mdat", 0, 4, 0x01020304, REPORT_STRUCTURE, "no box at 396"},
	{"moov", 0, 4, 0x66726565, REPORT_NO_INDEX, "no box 'moov'"},
	{"trak", -4, 4, 1000, REPORT_STRUCTURE, "'trak' at 52 says 1000 bytes"},
	{"stbl", -4, 4, 300, REPORT_STRUCTURE, "'stbl' at "},
	{"stbl", -4, 4, 3, REPORT_STRUCTURE, "says 3 bytes"},
	{"minf", 0, 4, 0x7472616b, REPORT_STRUCTURE, "lies in the wrong one"},
	{"mdia", 0, 4, 0x6d696e66, REPORT_STRUCTURE, "lies in the wrong one"},
	{"elst", -4, 4, 17, REPORT_STRUCTURE, "'elst' at "},
	{"dref", -4, 4, 13, REPORT_STRUCTURE, "ends in bytes that are no box"},
	{"mvhd", 0, 4, 0x73747473, REPORT_GOOD, ""}, /* tables of no track */
	{"mvhd", 0, 4, 0x7374737a, REPORT_GOOD, ""},
	{"mvhd", 0, 4, 0x73747a32, REPORT_GOOD, ""},
	{"stsd", 0, 4, 0x73696e66, REPORT_ENCRYPTED, "box 'sinf'"},
	{"odd!", 0, 4, 0x70737368, REPORT_ENCRYPTED, "box 'pssh'"},
	{"avc1", 0, 4, 0x656e6376, REPORT_ENCRYPTED, "samples of kind 'encv'"},
	{"avc1", 0, 4, 0x656e6361, REPORT_ENCRYPTED, "samples of kind 'enca'"},
	{"avc1", 0, 4, 0x656e6374, REPORT_ENCRYPTED, "samples of kind 'enct'"},
	{"avc1", 0, 4, 0x64726d69, REPORT_ENCRYPTED, "samples of kind 'drmi'"},
	{"avc1", 0, 4, 0x64726d73, REPORT_ENCRYPTED, "samples of kind 'drms'"},
	{"avc1", -4, 4, 7, REPORT_STRUCTURE, "has an entry of a wrong size"},
	{"avc1", -4, 4, 29, REPORT_STRUCTURE, "has an entry of a wrong size"},
	{"stsd", 8, 4, 2, REPORT_STRUCTURE, "'stsd' at 132 is too short"},
};

UNIT_TEST(test_numbers)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		box_file();
		box_expect(&rows[i]);
	}
}

/* Limits: of tracks, of the depth, of the places for samples, of the boxes. */
UNIT_TEST(test_many)
{
	size_t ends[12];

	for (int tracks = 32; tracks <= 33; tracks++) {
		box_file();
		size_t moov = box("moov");
		memcpy(clip.bytes + clip_find("moov", 1), "free", 4);
		for (int i = 0; i < tracks; i++) {
			size_t trak = box("trak");
			BOX_OF("stts", 0, 0);
			BOX_OF("stsc", 0, 0);
			BOX_OF("stsz", 0, 0, 0);
			BOX_OF("stco", 0, 0);
			box_end(trak);
		}
		box_end(moov);
		clip_expect(tracks == 32 ? REPORT_GOOD : REPORT_STRUCTURE,
			tracks == 32 ? "" : "is one too many");
	}
	clip.len = 0;
	for (size_t i = 0; i < UNIT_COUNT(ends); i++)
		ends[i] = box(i ? "edts" : "moov");
	for (size_t i = UNIT_COUNT(ends); i-- > 0;)
		box_end(ends[i]);
	clip_expect(REPORT_STRUCTURE, "'edts' at 64 lies too deep");
	for (int boxes = 63; boxes <= 64; boxes++) {
		clip.len = 0;
		for (int i = 0; i < boxes; i++)
			BOX_OF("mdat", 0);
		box_media();
		box_moov((uint32_t)clip_find("ZZZZ", 1));
		clip_expect(boxes == 63 ? REPORT_GOOD : REPORT_STRUCTURE,
			boxes == 63 ? "" : "in no 'mdat' of the first 64");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_tails),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("container_mp4", tests, NULL, NULL);
}
