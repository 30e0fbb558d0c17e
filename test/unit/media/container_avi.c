/* container_avi: AVI files of a few chunks. */
#include "unit_container.h"

static void put_le(uint32_t number)
{
	clip_number(__builtin_bswap32(number), 4);
}

static size_t chunk(const char *name, const char *kind)
{
	clip_text(name);
	clip_number(0, 4);
	clip_text(kind);
	return clip.len - strlen(kind) - 8;
}

static void chunk_end(size_t at)
{
	clip_set(at + 4, __builtin_bswap32((uint32_t)(clip.len - at - 8)), 4);
	if (clip.len % 2)
		clip_number(0, 1);
}

static void put_media(void)
{
	size_t movi = chunk("LIST", "movi"), at;

	for (size_t i = 0; i < 3; i++) {
		at = chunk("00dc", "");
		clip_fill(0x5a, 9 + i);
		chunk_end(at);
	}
	chunk_end(movi);
}

/* An AVI with an index of each kind, the super index of two entries. */
static void put_file(void)
{
	clip.len = 0;
	size_t riff = chunk("RIFF", "AVI "), hdrl = chunk("LIST", "hdrl"), at;
	at = chunk("avih", "");
	clip_fill(0, 56);
	chunk_end(at);
	size_t strl = chunk("LIST", "strl");
	at = chunk("indx", "");
	put_le(4); /* words of an entry, and that it names indexes */
	put_le(2);
	clip_text("00dc");
	clip_fill(0, 12);
	for (size_t i = 0; i < 2; i++) {
		put_le(0), put_le(0); /* where: see below */
		put_le(32), put_le(3);
	}
	chunk_end(at);
	chunk_end(strl);
	chunk_end(hdrl);
	put_media();
	at = chunk("idx1", "");
	for (uint32_t i = 0; i < 3; i++) {
		clip_text("00dc");
		put_le(16);
		put_le(4 + 18 * i);
		put_le(9 + i);
	}
	chunk_end(at);
	chunk_end(riff);
}

/* A second part, which the super index names. */
static void put_more(void)
{
	size_t riff = chunk("RIFF", "AVIX");

	put_media();
	size_t at = chunk("ix00", "");
	clip_fill(0, 24);
	chunk_end(at);
	chunk_end(riff);
	clip_set(clip_find("indx", 1) + 48, __builtin_bswap32((uint32_t)at), 4);
}

UNIT_TEST(test_good)
{
	put_file();
	clip_good(REPORT_AVI);
	put_more();
	clip_good(REPORT_AVI);
	/* One without entries, or too short for them. */
	put_file();
	clip_set(clip_find("indx", 1) + 12, 0, 4);
	clip_good(REPORT_AVI);
	put_file();
	memcpy(clip.bytes + clip_find("00dc", 2), "indx", 4);
	clip_good(REPORT_AVI);
	/* An index that is no super index is passed over. */
	put_file();
	clip_set(clip_find("indx", 1) + 8, 0x02000001, 4);
	clip_set(clip_find("indx", 1) + 12, 0xffffffff, 4);
	clip_good(REPORT_AVI);
}

UNIT_TEST(test_cuts)
{
	put_file();
	clip_cuts(NULL, 0);
	/* The end of the first part is no end: the super index names the second. */
	put_more();
	clip_cuts(NULL, 0);
	/* What no index names is not missed. */
	put_file();
	size_t whole = clip.len;
	size_t riff = chunk("RIFF", "AVIX");
	put_media();
	chunk_end(riff);
	clip_cuts(&whole, 1);
}

UNIT_TEST(test_numbers)
{
	static const struct {
		const char *chunk;
		size_t at;
		uint32_t number;
		enum report_code code;
		const char *words;
	} rows[] = {
		{"RIFF", 4, 0, REPORT_NO_INDEX, "list 'AVI ' at 0 was never finished"},
		{"RIFF", 4, 0xffffffff, REPORT_NO_INDEX, "was never finished"},
		{"RIFF", 4, 1000, REPORT_TRUNCATED,
			"chunk 'RIFF' at 0 says 1000 bytes, 280 are there"},
		{"RIFF", 4, 200, REPORT_STRUCTURE, "'LIST' at 164 says 60 bytes"},
		{"movi", -4, 0, REPORT_NO_INDEX, "list 'movi' at 164 was never finished"},
		{"movi", -4, 500, REPORT_STRUCTURE, "'LIST' at 164 says 500 bytes"},
		{"movi", -4, 58, REPORT_STRUCTURE, "'00dc' at 212 says 11 bytes, 10"},
		{"movi", -4, 44, REPORT_STRUCTURE, "4 bytes at 212 are no chunk"},
		{"movi", 0, 0x6d6f7678, REPORT_NO_INDEX, "no list 'movi'"},
		{"strl", -4, 100, REPORT_STRUCTURE, "'LIST' at 88 says 100 bytes"},
		{"avih", 4, 0xfffffff0, REPORT_STRUCTURE, "'avih' at 24 says 4294967280"},
		{"indx", 40, 0, REPORT_GOOD, ""},
		{"indx", 12, 0xffffffff, REPORT_GOOD, ""}, /* no more than there are */
		{"indx", 32, 285, REPORT_TRUNCATED,
			"index 'indx' at 100: what it names "},
		{"indx", 36, 1, REPORT_TRUNCATED, "at 4294967296 is not there"},
		{"indx", 40, 293, REPORT_TRUNCATED, "index 'indx' at 100"},
		{"idx1", 16, 284, REPORT_TRUNCATED,
			"index 'idx1' at 232: what it names "},
		{"idx1", 8, 0, REPORT_TRUNCATED, "index 'idx1' at 232"},
		{"idx1", 48, 0xffffffff, REPORT_TRUNCATED, "at 4294967295 is not there"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		bool name = rows[i].at == 0;
		put_file();
		clip_set(clip_find(rows[i].chunk, 1) + rows[i].at,
			name ? rows[i].number : __builtin_bswap32(rows[i].number), 4);
		clip_expect(rows[i].code, rows[i].words);
	}
}

UNIT_TEST(test_tails)
{
	put_file();
	clip_fill(0, 5);
	clip_expect(REPORT_OUTSIDE, "5 bytes behind its end at 288");
	put_file();
	clip_text("rest");
	clip_expect(REPORT_OUTSIDE, "4 bytes behind its end at 288");
	put_file();
	chunk_end(chunk("JUNK", "abcd"));
	clip_expect(REPORT_OUTSIDE, "12 bytes behind its end at 288");
	put_file();
	clip_text("RIFF");
	clip_expect(REPORT_TRUNCATED, "4 bytes at 288 are no chunk");
	clip.len = 0;
	size_t lists[8];
	for (size_t i = 0; i < UNIT_COUNT(lists); i++)
		lists[i] = chunk(i ? "LIST" : "RIFF", "AVI ");
	for (size_t i = UNIT_COUNT(lists); i-- > 0;)
		chunk_end(lists[i]);
	clip_expect(REPORT_STRUCTURE, "list 'AVI ' at 60 lies too deep");
}

/* A recorder that had reserved the room and never came back: whatever the list's end, it
 * is cut. */
UNIT_TEST(test_zero_tail)
{
	for (size_t more = 0; more < 8; more++) {
		clip.len = 0;
		size_t riff = chunk("RIFF", "AVI "), movi = chunk("LIST", "movi");
		chunk_end(chunk("00dc", "abcd"));
		clip_fill(0, 100 + more);
		chunk_end(movi);
		clip_fill(0, 24);
		chunk_end(riff);
		clip_expect(REPORT_TRUNCATED, "zeros from byte 36 on");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_tails),
		cmocka_unit_test(test_zero_tail),
	};

	return cmocka_run_group_tests_name("container_avi", tests, NULL, NULL);
}
