/* container_ebml: Matroska files of a few elements. */
#include "unit_container.h"

enum {
	EBML = 0x1A45DFA3,
	SEGMENT = 0x18538067,
	TRACKS = 0x1654AE6B,
	CLUSTER = 0x1F43B675,
	CUES = 0x1C53BB6B,
};

/* Begins an element whose length has 8 bytes; element_end ends it. */
static size_t element(uint32_t id)
{
	clip_number(id, id > 0xffffff ? 4 : id > 0xff ? 2 : 1);
	clip_number(UINT64_C(0x01ffffffffffffff), 8); /* not known */
	return clip.len;
}

static void element_end(size_t body)
{
	clip_set(body - 8, UINT64_C(0x0100000000000000) | (clip.len - body), 8);
}

/* An element with its length in one byte. */
static void put_element(uint32_t id, const char *data)
{
	clip_number(id, id > 0xffffff ? 4 : id > 0xff ? 2 : 1);
	clip_number(0x80 | strlen(data), 1);
	clip_text(data);
}

static void put_cluster(bool live)
{
	size_t cluster = element(CLUSTER);

	put_element(0xE7, "\1");
	put_element(0xA3, "\x81XY\x80 frame");
	size_t group = element(0xA0);
	put_element(0xA1, "\x81XY\x80 more");
	element_end(group);
	if (!live)
		element_end(cluster);
}

/* Header, segment with tracks and two clusters; live: of lengths that are not known. */
static void put_file(bool live)
{
	clip.len = 0;
	put_element(EBML, "\x42\x82\x84webm");
	size_t segment = element(SEGMENT);
	put_element(0xEC, "void");
	size_t tracks = element(TRACKS), track = element(0xAE);
	put_element(0xD7, "\1");
	size_t encodings = element(0x6D80), encoding = element(0x6240);
	put_element(0x5034, "zip");
	element_end(encoding);
	element_end(encodings);
	element_end(track);
	element_end(tracks);
	put_cluster(live);
	put_cluster(live);
	if (!live)
		put_element(CUES, "points");
	if (!live)
		element_end(segment);
}

UNIT_TEST(test_good)
{
	put_file(false);
	clip_good(REPORT_MATROSKA);
	put_file(true);
	clip_good(REPORT_MATROSKA);
	put_element(CUES, "points");
	clip_good(REPORT_MATROSKA);
	/* One behind the other. */
	size_t half = clip.len;
	clip_put(clip.bytes, half);
	clip_good(REPORT_MATROSKA);
	put_file(false);
	put_element(0xEC, "void");
	clip_good(REPORT_MATROSKA);
}

UNIT_TEST(test_cuts)
{
	put_file(false);
	clip_cuts(NULL, 0);
	/* A live file may end after each element, once it has tracks. */
	static const size_t whole[] = {80, 92, 95, 107, 127, 139, 142, 154};
	put_file(true);
	clip_cuts(whole, UNIT_COUNT(whole));
}

UNIT_TEST(test_numbers)
{
	static const struct {
		size_t at, width; /* in the file that put_file(false) makes */
		uint64_t number;
		enum report_code code;
		const char *words;
	} rows[] = {
		{4, 1, 0x80, REPORT_STRUCTURE,
			"element 4282 at 5 is outside of a segment"},
		{4, 1, 0xff, REPORT_STRUCTURE, "has no length"},
		{4, 1, 0x00, REPORT_STRUCTURE, "no element at 0"},
		{16, 8, UINT64_C(0x0100000000001000), REPORT_TRUNCATED,
			"element 18538067 at 12 says 4096 bytes, 161 are there"},
		{16, 8, UINT64_C(0x01fffffffffffffe), REPORT_TRUNCATED,
			"says 72057594037927934 bytes"},
		{16, 8, UINT64_C(0x0100000000000014), REPORT_STRUCTURE,
			"element 1654AE6B at 30 says 38 bytes, 2 are"},
		{24, 1, 0x00, REPORT_STRUCTURE, "no element at 24"},
		{24, 1, 0x07, REPORT_STRUCTURE, "no element at 24"},
		{25, 1, 0xff, REPORT_STRUCTURE, "element EC at 24 has no length"},
		{34, 8, UINT64_C(0x0100000000000001), REPORT_STRUCTURE,
			"no element at 42"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		put_file(false);
		clip_set(rows[i].at, rows[i].number, rows[i].width);
		clip_expect(rows[i].code, rows[i].words);
	}
}

UNIT_TEST(test_kinds)
{
	put_file(false);
	clip_set(clip_find("\x50\x34", 1), 0x5035, 2);
	clip_expect(REPORT_ENCRYPTED, "a track's encryption at 74");
	put_file(false);
	clip_set(clip_find("\x16\x54\xAE\x6B", 1), CUES, 4);
	clip_expect(REPORT_NO_INDEX, "no tracks");
	clip.len = 12;
	clip_expect(REPORT_NO_INDEX, "no segment");
	clip.len = 0;
	put_element(EBML, "");
	size_t groups[12];
	for (size_t i = 0; i < UNIT_COUNT(groups); i++)
		groups[i] = element(i ? 0xA0 : SEGMENT);
	for (size_t i = UNIT_COUNT(groups); i-- > 0;)
		element_end(groups[i]);
	clip_expect(REPORT_STRUCTURE, "element A0 at 71 lies too deep");
}

UNIT_TEST(test_tails)
{
	/* A live one has no end but that of the file. */
	put_file(true);
	clip_fill(0, 5);
	clip_expect(REPORT_TRUNCATED, "zeros from byte ");
	clip_fill(0, 100);
	clip_expect(REPORT_TRUNCATED, "zeros from byte ");
	put_file(true);
	clip_text("\1");
	clip_expect(REPORT_TRUNCATED, "the last 1 bytes are no element");
	clip_text("\1\1\1\1\1\1\1\1\1\1\1\1\1\1");
	clip_expect(REPORT_STRUCTURE, "no element at ");

	/* A segment of a known length is whole, and anything may be behind it. */
	put_file(false);
	clip_fill(0, 5);
	clip_expect(REPORT_OUTSIDE, "5 bytes behind its end at 185");
	put_file(false);
	clip_text("\1\1\1\1\1\1");
	clip_expect(REPORT_OUTSIDE, "6 bytes behind its end at 185");
	/* But another one is not to be cut. */
	put_file(false);
	clip_number(SEGMENT, 4);
	clip_text("\x84");
	clip_expect(REPORT_TRUNCATED, "element 18538067 at 185 says 4 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_tails),
	};

	return cmocka_run_group_tests_name("container_ebml", tests, NULL, NULL);
}
