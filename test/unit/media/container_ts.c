/* container_ts: transport streams of a few packets in all three layouts. */
#include "unit_container.h"

enum { PAYLOAD = 184, MAP = 0x100, VIDEO = 0x101, AUDIO = 0x102 };

static size_t packet_size = 188; /* 192: a time before each; 204: a checksum after */
static unsigned counters[0x2000];

/* A packet that begins with head; 0xff fill the rest. */
static void packet(unsigned pid, bool starts, const void *head, size_t len)
{
	if (packet_size == 192)
		clip_number(0x01020304, 4);
	clip_number(0x47, 1);
	clip_number((starts ? 0x4000 : 0) | pid, 2);
	clip_number(0x10 | (counters[pid]++ & 15), 1);
	clip_put(head, len);
	clip_fill(0xff, PAYLOAD - len);
	if (packet_size == 204)
		clip_fill(0xcc, 16);
}

/* The start of a PES of so many bytes after its length; 0: it does not say. */
static void pes(unsigned pid, unsigned len)
{
	const unsigned char head[] = {
		0, 0, 1, 0xe0, (unsigned char)(len >> 8), (unsigned char)len, 0x80, 0, 0};

	packet(pid, true, head, sizeof head);
}

static void put_tables(void)
{
	static const unsigned char pat[] = {
		0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe1, 0, 1, 2, 3, 4};
	static const unsigned char pmt[] = {0, 2, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe1, 1,
		0xf0, 0, 0x1b, 0xe1, 1, 0xf0, 0, 1, 2, 3, 4};

	packet(0, true, pat, sizeof pat);
	packet(MAP, true, pmt, sizeof pmt);
}

/* Tables, two video PES of two packets, one audio PES of 300 bytes in two packets. */
static void put_stream(size_t size)
{
	clip.len = 0;
	packet_size = size;
	memset(counters, 0, sizeof counters);
	put_tables();
	for (int i = 0; i < 2; i++) {
		pes(VIDEO, 0);
		packet(VIDEO, false, "", 0);
	}
	pes(AUDIO, 300 - 6);
	packet(AUDIO, false, "", 0);
	packet(0x1fff, false, "", 0); /* of no stream: its counter says nothing */
	counters[0x1fff] += 5;
	packet(0x1fff, false, "", 0);
}

UNIT_TEST(test_layouts)
{
	static const size_t sizes[] = {188, 192, 204};

	for (size_t i = 0; i < UNIT_COUNT(sizes); i++) {
		/*
		 * Cuts that no one sees are those between packets with both tables there
		 * and no PES of a known length begun.
		 */
		size_t whole[] = {2, 3, 4, 5, 6, 8, 9};

		for (size_t j = 0; j < UNIT_COUNT(whole); j++)
			whole[j] *= sizes[i];
		put_stream(sizes[i]);
		clip_good(REPORT_TS);
		clip_cuts(whole, UNIT_COUNT(whole));
		clip_fill(0, 1);
		clip_expect(REPORT_OUTSIDE, "the last packet has 1 bytes");
		clip_fill(0, 500);
		clip_expect(REPORT_TRUNCATED, "zeros from byte ");
		put_stream(sizes[i]);
		clip.bytes[5 * sizes[i] + (sizes[i] == 192 ? 4 : 0)] = 0x48;
		clip_expect(REPORT_STRUCTURE, "no packet at ");
	}
}

/* The file with a byte of a packet other than it should be. */
static const struct {
	size_t packet, at;
	unsigned char byte;
	enum report_code code;
	const char *words;
} rows[] = {
	{3, 3, 0x12, REPORT_GAPS, "packet at 564: stream 257 goes from 0 to 2"},
	{4, 3, 0x11, REPORT_GAPS, "stream 257 goes from 1 to 3"}, /* once is no fault */
	{7, 3, 0x1f, REPORT_GAPS, "stream 258 goes from 0 to 15"},
	{3, 1, 0x81, REPORT_GAPS, "packet at 564 is marked as damaged"},
	{2, 3, 0x50, REPORT_ENCRYPTED, "packet at 376 of stream 257 is scrambled"},
	{2, 3, 0x90, REPORT_ENCRYPTED, "is scrambled"},
	{2, 3, 0xd0, REPORT_ENCRYPTED, "is scrambled"},
	{3, 3, 0x31, REPORT_STRUCTURE, "its header of 260 bytes is longer"},
	{0, 3, 0x00, REPORT_NO_INDEX, "no program association table"},
	{0, 5, 0x01, REPORT_NO_INDEX, "no program association table"},
	{0, 4, 0x01, REPORT_NO_INDEX, "no program association table"},
	{0, 14, 0x00, REPORT_NO_INDEX, "no program map table"}, /* program 0 has none */
	{0, 16, 0x07, REPORT_NO_INDEX, "no program map table"},
	{1, 5, 0x00, REPORT_NO_INDEX, "no program map table"},
	{6, 9, 0xff, REPORT_TRUNCATED, "149 bytes are missing at the end of stream 258"},
	{8, 3, 0x10, REPORT_GOOD, ""},
};

UNIT_TEST(test_bytes)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		put_stream(188);
		clip.bytes[rows[i].packet * 188 + rows[i].at] = rows[i].byte;
		clip_expect(rows[i].code, rows[i].words);
	}
}

UNIT_TEST(test_counters)
{
	/* A packet may come twice, not three times. */
	put_stream(188);
	pes(VIDEO, 0);
	counters[VIDEO]--;
	pes(VIDEO, 0);
	clip_good(REPORT_TS);
	counters[VIDEO]--;
	pes(VIDEO, 0);
	clip_expect(REPORT_GAPS, "stream 257 goes from 4 to 4");
	/* A declared break is none. */
	put_stream(188);
	counters[VIDEO] = 9;
	packet(VIDEO, false, "\1\x80", 2);
	clip_expect(REPORT_GAPS, "stream 257 goes from 3 to 9");
	clip.bytes[clip.len - 185] |= 0x20;
	clip_good(REPORT_TS);
	put_stream(188);
	pes(AUDIO, 400);
	packet(AUDIO, false, "\1\x80", 2);
	clip.bytes[clip.len - 185] |= 0x20;
	pes(AUDIO, 100);
	clip_good(REPORT_TS);
	/* A packet without payload does not count. */
	put_stream(188);
	packet(VIDEO, false, "\xb7", 1);
	clip.bytes[clip.len - 185] = 0x20;
	counters[VIDEO]--;
	packet(VIDEO, false, "", 0);
	clip_good(REPORT_TS);
	/* All sixteen counters. */
	put_stream(188);
	for (int i = 0; i < 40; i++)
		packet(VIDEO, false, "", 0);
	clip_good(REPORT_TS);
}

UNIT_TEST(test_pes)
{
	/* The next PES begins before the last one has all its bytes. */
	put_stream(188);
	pes(AUDIO, 400);
	pes(AUDIO, 100);
	clip_expect(REPORT_GAPS, "222 bytes are missing before it in stream 258");
	/* It just fits, into one packet or into two. */
	put_stream(188);
	pes(AUDIO, PAYLOAD - 6);
	clip_good(REPORT_TS);
	put_stream(188);
	pes(AUDIO, 2 * PAYLOAD - 6);
	clip_expect(REPORT_TRUNCATED, "184 bytes are missing at the end");
	packet(AUDIO, false, "", 0);
	clip_good(REPORT_TS);
	put_stream(188);
	pes(AUDIO, PAYLOAD - 5);
	clip_expect(REPORT_TRUNCATED, "1 bytes are missing at the end");
}

UNIT_TEST(test_start)
{
	/* Something before the first packet is told, and the rest is still judged. */
	put_stream(188);
	memmove(clip.bytes + 100, clip.bytes, clip.len);
	memset(clip.bytes, 0x55, 100);
	clip.len += 100;
	clip_expect(REPORT_OUTSIDE, "100 bytes before its first packet");
	clip.len -= 188;
	clip_expect(REPORT_OUTSIDE, "100 bytes before its first packet");
	put_stream(204);
	clip.len -= 30;
	memmove(clip.bytes, clip.bytes + 30, clip.len);
	struct report report = clip_check(clip.len);
	assert_true(report_found(&report, REPORT_OUTSIDE));
	assert_true(report_found(&report, REPORT_NO_INDEX)); /* it was in what is cut */
	/* A packet alone is not known as one. */
	put_stream(188);
	clip.len = 188;
	clip_expect(REPORT_UNKNOWN, "");
	clip.len = 376;
	clip_good(REPORT_TS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_pes),
		cmocka_unit_test(test_start),
	};

	return cmocka_run_group_tests_name("container_ts", tests, NULL, NULL);
}
