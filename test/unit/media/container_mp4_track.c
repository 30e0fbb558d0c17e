/* container_mp4_track: the tables of the samples, alone and together. */
#include "unit_box.h"

static const struct box_row rows[] = {
	{"stts", 8, 4, 3, REPORT_STRUCTURE, "'stts' at 176 has no room for 3"},
	{"stts", 8, 4, 0xffffffff, REPORT_STRUCTURE, "no room for 4294967295"},
	{"stts", 8, 4, 1, REPORT_STRUCTURE, "track 1: times of 3 samples, sizes of 4"},
	{"stts", 12, 4, 0xffffffff, REPORT_STRUCTURE, "times of 4294967296 samples"},
	{"stts", 0, 4, 0x66726565, REPORT_STRUCTURE, "table of its samples is missing"},
	{"stsc", 0, 4, 0x66726565, REPORT_STRUCTURE, "table of its samples is missing"},
	{"stsz", 0, 4, 0x66726565, REPORT_STRUCTURE, "table of its samples is missing"},
	{"stco", 0, 4, 0x66726565, REPORT_STRUCTURE, "table of its samples is missing"},
	{"ctts", 8, 4, 2, REPORT_STRUCTURE, "'ctts' at 208 has no room"},
	{"stss", 8, 4, 2, REPORT_STRUCTURE, "'stss' at 232 has no room"},
	{"stsc", 8, 4, 2, REPORT_STRUCTURE, "'stsc' at 252 has no room"},
	{"stsc", 8, 4, 0, REPORT_STRUCTURE, "no run for chunk 1 of 2"},
	{"stsc", 12, 4, 2, REPORT_STRUCTURE, "run 1 begins at chunk 2, not 1"},
	{"stsc", 16, 4, 0, REPORT_STRUCTURE, "its chunks have 0 samples of 4"},
	{"stsc", 16, 4, 1, REPORT_STRUCTURE, "its chunks have 2 samples of 4"},
	{"stsc", 16, 4, 3, REPORT_STRUCTURE, "chunk 2 has 3 samples, 1 are left"},
	{"stsc", 16, 4, 0xffffffff, REPORT_STRUCTURE, "chunk 1 has 4294967295"},
	{"stsz", 8, 4, 15, REPORT_GOOD, ""},
	{"stsz", 8, 4, 16, REPORT_TRUNCATED, "chunk 2 takes 32 bytes at "},
	{"stsz", 8, 4, 1, REPORT_GOOD, ""}, /* of packed audio */
	{"stsz", 8, 4, 0xffffffff, REPORT_TRUNCATED, "takes 8589934590 bytes"},
	{"stsz", 12, 4, 5, REPORT_STRUCTURE, "'stsz' at 280 has no room"},
	{"stsz", 12, 4, 3, REPORT_STRUCTURE, "times of 4 samples, sizes of 3"},
	{"stsz", 16, 4, 41, REPORT_TRUNCATED, "track 1: chunk 1 takes 61 bytes"},
	{"stsz", 28, 4, 21, REPORT_TRUNCATED,
		"track 1: chunk 2 takes 31 bytes at 434, which are not there"},
	{"stco", 8, 4, 3, REPORT_STRUCTURE, "'stco' at 316 has no room"},
	{"stco", 8, 4, 1, REPORT_STRUCTURE, "its chunks have 2 samples of 4"},
	{"stco", 8, 4, 0, REPORT_STRUCTURE, "its chunks have 0 samples of 4"},
	{"stco", 12, 4, 0, REPORT_STRUCTURE, "takes 30 bytes at 0, which are in no"},
	{"stco", 16, 4, 486, REPORT_TRUNCATED, "30 bytes at 486"},
	{"stco", 16, 4, 0xffffffff, REPORT_TRUNCATED, "30 bytes at 4294967295"},
};

UNIT_TEST(test_numbers)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		box_file();
		box_expect(&rows[i]);
	}
}

/* The other tables of sizes and of chunks: each is put over that of the file. */
UNIT_TEST(test_other_tables)
{
	static const struct {
		uint32_t bits, sizes[2]; /* of the entries, as they stand in the file */
		uint32_t shift; /* of the second chunk */
		enum report_code code;
	} widths[] = {
		{4, {0xaeef0000, 0}, 1, REPORT_GOOD},
		{4, {0xaeef0000, 0}, 2, REPORT_TRUNCATED},
		{8, {0x0a140a14, 0}, 0, REPORT_GOOD},
		{8, {0x0a140a15, 0}, 0, REPORT_TRUNCATED},
		{16, {0x000a0014, 0x000a0014}, 0, REPORT_GOOD},
		{16, {0x000a0014, 0x000a0015}, 0, REPORT_TRUNCATED},
		{3, {0, 0}, 0, REPORT_STRUCTURE},
		{32, {0, 0}, 0, REPORT_STRUCTURE},
	};

	for (size_t i = 0; i < UNIT_COUNT(widths); i++) {
		box_file();
		size_t at = clip_find("stsz", 1);
		memcpy(clip.bytes + at, "stz2", 4);
		clip_set(at + 8, widths[i].bits, 4);
		clip_set(at + 16, widths[i].sizes[0], 4);
		clip_set(at + 20, widths[i].sizes[1], 4);
		at = clip_find("stco", 1) + 16;
		clip_set(at, clip_find("ZZZZ", 1) + BOX_CHUNK + widths[i].shift, 4);
		clip_expect(widths[i].code, "");
	}
	box_file();
	memcpy(clip.bytes + clip_find("stsz", 1), "stz2", 4);
	clip_set(clip_find("stz2", 1) + 8, 16, 4);
	clip_set(clip_find("stz2", 1) + 12, 9, 4);
	clip_expect(REPORT_STRUCTURE, "'stz2' at 280 has no room for 9");
	/* One chunk of all, far away: the other place is in the high half. */
	box_file();
	size_t at = clip_find("stco", 1);
	uint64_t media = clip_find("ZZZZ", 1);
	memcpy(clip.bytes + at, "co64", 4);
	clip_set(at + 8, 1, 4);
	clip_set(clip_find("stsc", 1) + 16, 4, 4);
	clip_set(at + 12, media, 8);
	clip_expect(REPORT_GOOD, "");
	clip_set(at + 12, media + (UINT64_C(1) << 32), 8);
	clip_expect(REPORT_TRUNCATED, "60 bytes at ");
	clip_set(at + 12, UINT64_MAX, 8);
	clip_expect(REPORT_TRUNCATED, "60 bytes at 18446744073709551615");
}

/* Chunks of 1, 2 and again 1 samples: each run of them begins where it says. */
UNIT_TEST(test_runs)
{
	static const struct {
		uint32_t runs[4], samples;
		const char *words; /* of what is wrong */
	} rows_of_runs[] = {
		{{1, 2, 3, 4}, 5, NULL},
		{{1, 2, 3, 5}, 5, "track 1: run 4 of chunks is not among its 4 chunks"},
		{{1, 2, 3, 0xffffffff}, 5, "run 4 of chunks is not among"},
		{{1, 2, 2, 4}, 5, "track 1: run 3 of chunks is not among"},
		{{1, 3, 2, 4}, 5, "track 1: run 3 of chunks is not among"},
		{{1, 0, 3, 4}, 5, "track 1: run 2 of chunks is not among"},
		{{2, 3, 4, 5}, 5, "track 1: run 1 begins at chunk 2, not 1"},
		{{1, 2, 3, 4}, 6, "its chunks have 5 samples of 6"},
		{{1, 2, 3, 4}, 4, "chunk 4 has 1 samples, 0 are left"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows_of_runs); i++) {
		const uint32_t *run = rows_of_runs[i].runs;

		clip.len = 0;
		box_media();
		size_t moov = box("moov"), trak = box("trak");
		BOX_OF("stts", 0, 1, rows_of_runs[i].samples, 1);
		BOX_OF("stsc", 0, 4, run[0], 1, 1, run[1], 2, 1, run[2], 1, 1, run[3], 1,
			1);
		BOX_OF("stsz", 0, 5, rows_of_runs[i].samples);
		BOX_OF("stco", 0, 4, 8, 13, 23, 28);
		box_end(trak);
		box_end(moov);
		clip_expect(rows_of_runs[i].words ? REPORT_STRUCTURE : REPORT_GOOD,
			rows_of_runs[i].words ? rows_of_runs[i].words : "");
	}
}

/* Tables that are longer than what is read at once, and read side by side. */
UNIT_TEST(test_long_tables)
{
	enum { SAMPLES = 15000 };

	clip.len = 0;
	size_t mdat = box("mdat");
	clip_fill(0x5a, SAMPLES / 2);
	box_end(mdat);
	size_t moov = box("moov"), trak = box("trak"), sizes, chunks, at;
	BOX_OF("stts", 0, 1, SAMPLES, 1);
	BOX_OF("stsc", 0, 1, 1, 1, 1);
	at = box("stsz");
	clip_number(0, 8);
	clip_number(SAMPLES, 4);
	sizes = clip.len;
	for (uint32_t i = 0; i < SAMPLES; i++)
		clip_number(i % 2, 4);
	box_end(at);
	at = box("stco");
	clip_number(SAMPLES, 8);
	chunks = clip.len;
	for (uint32_t i = 0; i < SAMPLES; i++)
		clip_number(8 + i / 2, 4);
	box_end(at);
	box_end(trak);
	box_end(moov);
	clip_good(REPORT_MP4);
	clip_set(sizes + 4 * (SAMPLES - 1), 2, 4);
	clip_expect(REPORT_STRUCTURE, "chunk 15000 takes 2 bytes at 7507, which are in");
	clip_set(sizes + 4 * (SAMPLES - 1), 1, 4);
	clip_set(chunks + 4 * (SAMPLES / 2 - 1), 7, 4);
	clip_expect(REPORT_STRUCTURE, "chunk 7500 takes 1 bytes at 7, which are in no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_other_tables),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_long_tables),
	};

	return cmocka_run_group_tests_name("container_mp4_track", tests, NULL, NULL);
}
