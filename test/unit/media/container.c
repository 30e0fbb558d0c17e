/* container: what kind of file it is, by its first bytes. */
#include "unit_container.h"

UNIT_TEST(test_kinds)
{
	static const struct {
		const char *start;
		enum report_code code;
		const char *words;
	} rows[] = {
		{"", REPORT_EMPTY, "no bytes"},
		{"#EXTM3U\n#EXT-X-VERSION:3\n", REPORT_PLAYLIST, "names media"},
		{"\xef\xbb\xbf#EXTM3U\n", REPORT_PLAYLIST, "names media"},
		{" \r\n\t#extinf:1,\n", REPORT_PLAYLIST, "names media"},
		{"ffconcat version 1.0\nfile '/etc/passwd'\n", REPORT_PLAYLIST, ""},
		{"file 'a.mp4'\n", REPORT_PLAYLIST, ""},
		{"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", REPORT_PLAYLIST, ""},
		{"<?xml version=\"1.0\"?><MPD>", REPORT_PLAYLIST, ""},
		{"<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\">", REPORT_PLAYLIST, ""},
		{"<SmoothStreamingMedia MajorVersion=\"2\">", REPORT_PLAYLIST, ""},
		{"<ASX version=\"3.0\">", REPORT_PLAYLIST, ""},
		{"<smil>", REPORT_PLAYLIST, ""},
		{"<playlist>", REPORT_PLAYLIST, ""},
		{"[playlist]\nFile1=http://x/\n", REPORT_PLAYLIST, ""},
		{"[Reference]\nRef1=http://x/\n", REPORT_PLAYLIST, ""},
		{"http://x/", REPORT_PLAYLIST, ""},
		{"https://x/", REPORT_PLAYLIST, ""},
		{"rtsp://x/", REPORT_PLAYLIST, ""},
		{"rtmp://x/", REPORT_PLAYLIST, ""},
		{"ftp://x/", REPORT_PLAYLIST, ""},
		{"mms://x/", REPORT_PLAYLIST, ""},
		{"x", REPORT_UNKNOWN, "it has 1 bytes"},
		{"plain text", REPORT_UNKNOWN, "begins with 'plai'"},
		{"\xff\xd8\xff\xe0\1\2\3JFIF", REPORT_UNKNOWN, "'0xffd8ffe0'"},
		{"\033[1m", REPORT_UNKNOWN, "'0x1b5b316d'"},
		{"1\n00", REPORT_UNKNOWN, "begins with '0x310a3030'"},
		{"a\\x0a", REPORT_UNKNOWN, "begins with 'a\\x0'"},
		{"GIF89a", REPORT_UNKNOWN, "'GIF8'"},
		{"G", REPORT_UNKNOWN, ""},
		{"RIFF\1\1\1\1WAVE", REPORT_UNKNOWN, ""},
		{"FLV\2abcdefghi", REPORT_UNKNOWN, ""},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		clip.len = 0;
		clip_text(rows[i].start);
		clip_expect(rows[i].code, rows[i].words);
		assert_int_equal(clip_check(clip.len).container, REPORT_NO_CONTAINER);
	}
}

UNIT_TEST(test_zeros)
{
	static const size_t lengths[] = {1, 4, 15, 16, 188, 4096, 40000};

	for (size_t i = 0; i < UNIT_COUNT(lengths); i++) {
		clip.len = 0;
		clip_fill(0, lengths[i]);
		clip_expect(REPORT_UNKNOWN, "begins with zeros");
	}
	clip_text("ftyp and more");
	clip_expect(REPORT_UNKNOWN, "begins with zeros");
}

/* What cannot be read is no judgement of the clip. */
UNIT_TEST(test_unreadable)
{
	char path[] = "/tmp/container.XXXXXX";
	struct report report = {0};
	int fd = mkstemp(path), blind = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0 && blind >= 0);
	unlink(path);
	assert_int_equal(write(fd, "12345678", 8), 8);
	container_check(blind, &report);
	assert_true(report_found(&report, REPORT_OPEN));
	assert_non_null(strstr(report.detail, "cannot read at 0: "));
	close(fd);
	close(blind);
	report.found = 0;
	container_check(blind, &report);
	assert_true(report_found(&report, REPORT_OPEN));
	assert_non_null(strstr(report.detail, "fstat: "));
}

/* A file of /sys says that it has a page, and has not. */
UNIT_TEST(test_shorter)
{
	int fd = open("/sys/devices/system/cpu/online", O_RDONLY | O_CLOEXEC);
	struct report report = {0};

	if (fd < 0)
		UNIT_SKIP("this file system takes no file so large");
	container_check(fd, &report);
	assert_true(report_found(&report, REPORT_TRUNCATED));
	assert_string_equal(report.detail, "it got shorter while it was read");
	close(fd);
}

UNIT_TEST(test_parts)
{
	enum { BOXES = 1 << 21 };
	unsigned char *bytes = malloc(8 * BOXES + 8);
	int fd = memfd_create("boxes", MFD_CLOEXEC);

	for (size_t i = 0; i <= BOXES; i++)
		memcpy(bytes + 8 * i, "\0\0\0\10free", 8);
	assert_int_equal(write(fd, bytes, 8 * BOXES + 8), 8 * BOXES + 8);
	struct report report = {0};
	container_check(fd, &report);
	assert_true(report_found(&report, REPORT_STRUCTURE));
	assert_string_equal(report.detail, "more than 2097152 parts, at 16777216");
	assert_int_equal(ftruncate(fd, 8 * BOXES), 0);
	memset(&report, 0, sizeof report);
	container_check(fd, &report);
	assert_false(report_found(&report, REPORT_STRUCTURE));
	free(bytes);
	close(fd);
}

/* Whatever the bytes are, it comes to an end, and nothing is good by chance. */
UNIT_TEST(test_any_bytes)
{
	uint32_t seed = 1;

	for (size_t round = 0; round < 50; round++) {
		clip.len = 0;
		while (clip.len < 40000)
			clip_number((seed = seed * 1664525 + 1013904223) >> 24, 1);
		assert_true(clip_check(clip.len).found != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_shorter),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
