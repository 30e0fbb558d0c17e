/* container_flv: FLV files of a few tags. */
#include "unit_container.h"

static void put_header(void)
{
	clip.len = 0;
	clip_text("FLV\1\5");
	clip_number(9, 4);
	clip_number(0, 4);
}

static void put_tag(unsigned kind, const void *data, size_t len)
{
	clip_number(kind, 1);
	clip_number(len, 3);
	clip_fill(0, 7);
	clip_put(data, len);
	clip_number(11 + len, 4);
}

/* What the first tag says: duration, and the size of the file. */
static void put_script(double size)
{
	unsigned char data[64] = "\2\0\12onMetaData\10\0\0\0\2\0\10filesize\0";
	uint64_t bits;

	memcpy(&bits, &size, sizeof bits);
	for (size_t i = 0; i < 8; i++)
		data[29 + i] = (unsigned char)(bits >> (56 - 8 * i));
	memcpy(data + 37, "\0\0\11", 3);
	put_tag(18, data, 40);
}

static void put_media(void)
{
	put_tag(9, "\x17\0\0\0\0header", 11);
	put_tag(8, "\xaf\0\x12\x10", 4);
	put_tag(9, "\x17\1\0\0\0frame", 10);
	put_tag(8, "", 0);
}

UNIT_TEST(test_good)
{
	put_header();
	put_script(0);
	put_media();
	clip_good(REPORT_FLV);
	/* The header may be longer. */
	clip.len = 0;
	clip_text("FLV\1\5");
	clip_number(12, 4);
	clip_fill(0, 3 + 4);
	put_media();
	clip_good(REPORT_FLV);
}

UNIT_TEST(test_cuts)
{
	/* Without a size nobody misses whole tags. */
	static const size_t whole[] = {13, 68, 94, 113, 138};
	put_header();
	put_script(0);
	put_media();
	clip_cuts(whole, UNIT_COUNT(whole));
	/* With one, only those before it is said. */
	put_header();
	put_script(153);
	put_media();
	assert_int_equal(clip.len, 153);
	clip_good(REPORT_FLV);
	clip_cuts(whole, 1);
}

UNIT_TEST(test_said_size)
{
	static const struct {
		double said;
		enum report_code code;
	} rows[] = {
		{152, REPORT_GOOD},
		{153, REPORT_GOOD},
		{154, REPORT_TRUNCATED},
		{9e9, REPORT_TRUNCATED},
		{-1, REPORT_GOOD},
		{1e300, REPORT_GOOD},
		{0.0 / 1e300, REPORT_GOOD},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		put_header();
		put_script(rows[i].said);
		put_media();
		clip_expect(rows[i].code,
			rows[i].code == REPORT_GOOD ? "" : "it says that it has ");
	}
	/* The number is not all there, or the text is all that there is. */
	put_header();
	put_tag(18, "\0\10filesize\0\x7f\xef\xff\xff\xff\xff\xff", 18);
	clip_good(REPORT_FLV);
	put_header();
	put_tag(18, "\0\10filesize", 10);
	clip_good(REPORT_FLV);
	put_header();
	put_tag(18, "", 0);
	clip_good(REPORT_FLV);
	/* No more of it is looked at than its start. */
	static unsigned char data[5000];
	put_header();
	put_tag(18, data, sizeof data);
	clip_good(REPORT_FLV);
}

UNIT_TEST(test_numbers)
{
	static const struct {
		size_t at, width;
		uint64_t number;
		enum report_code code;
		const char *words;
	} rows[] = {
		{5, 4, 8, REPORT_STRUCTURE, "its header says 8 bytes"},
		{5, 4, 0xffffffff, REPORT_TRUNCATED, "its header takes 4294967299"},
		{5, 4, 10, REPORT_STRUCTURE, "no tag at 14"},
		{13, 1, 7, REPORT_STRUCTURE, "no tag at 13"},
		{13, 1, 0x29, REPORT_ENCRYPTED, "tag at 13 is filtered"},
		{14, 3, 10, REPORT_STRUCTURE,
			"tag at 13 has 21 bytes, 1912602624 are said after it"},
		{14, 3, 0xffffff, REPORT_TRUNCATED,
			"tag at 13 takes 16777230 bytes, 85 are there"},
		{35, 4, 21, REPORT_STRUCTURE, "tag at 13 has 22 bytes, 21 are said"},
		{35, 4, 0, REPORT_STRUCTURE, "0 are said after it"},
		{94, 4, 10, REPORT_STRUCTURE, "tag at 83 has 11 bytes, 10 are said"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		put_header();
		put_media();
		clip_set(rows[i].at, rows[i].number, rows[i].width);
		clip_expect(rows[i].code, rows[i].words);
	}
}

UNIT_TEST(test_tails)
{
	put_header();
	put_media();
	clip_fill(0, 4);
	clip_expect(REPORT_TRUNCATED, "zeros from byte 98 on");
	clip_fill(0, 400);
	clip_expect(REPORT_TRUNCATED, "zeros from byte 98 on");
	put_header();
	put_script(153);
	put_media();
	clip_fill(0, 400);
	clip_expect(REPORT_OUTSIDE, "400 bytes behind its end at 153");
	put_header();
	put_media();
	clip_text("more");
	clip_expect(REPORT_TRUNCATED, "tag at 98 takes 15 bytes, 4 are there");
	clip_text(" of what is no tag");
	clip_expect(REPORT_STRUCTURE, "no tag at 98");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_said_size),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_tails),
	};

	return cmocka_run_group_tests_name("container_flv", tests, NULL, NULL);
}
