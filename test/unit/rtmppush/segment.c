/* segment: what comes out of a clip, from its start or a position on. */
#include "unit.h"

#include <sys/syscall.h>

#include "segment.h"

#define MS INT64_C(1000)

static struct segment segment;
static off_t readable = INT64_MAX; /* what lies behind fails */

/* The archive's reads come here first. */
ssize_t pread(int fd, void *buf, size_t size, off_t at)
{
	if (at >= readable) {
		errno = EIO;
		return -1;
	}
	if (at + (off_t)size > readable)
		size = (size_t)(readable - at);
	return syscall(SYS_pread64, fd, buf, size, at);
}

/* What came out of one stream. */
struct row {
	size_t packets, keys, headers;
	int64_t first, last; /* dts */
	bool header; /* with the first packet */
	bool rise, shown; /* each dts after the one before, and not after its pts */
	bool adts;
};

static struct row seen[TIMELINE_KINDS];

static int take_all(void)
{
	AVPacket *packet;
	int error;

	memset(seen, 0, sizeof seen);
	while ((error = segment_next(&segment, &packet)) == 0) {
		struct row *row = &seen[packet->stream_index];
		size_t size;

		bool header =
			av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
		if (row->packets++ == 0) {
			*row = (struct row){.packets = 1,
				.header = header,
				.rise = true,
				.shown = true,
				.first = packet->dts};
			assert_true(segment.first[packet->stream_index] == packet->dts);
		} else if (packet->dts <= row->last) {
			row->rise = false;
		}
		row->headers += header;
		row->keys += packet->flags & AV_PKT_FLAG_KEY;
		row->shown = row->shown && packet->pts >= packet->dts;
		row->adts = row->adts ||
			(packet->size > 1 && packet->data[0] == 0xff &&
				(packet->data[1] & 0xf6) == 0xf0);
		row->last = packet->dts;
		assert_true(packet->dts != AV_NOPTS_VALUE);
		assert_true(packet->duration >= 0);
		av_packet_free(&packet);
	}
	return error;
}

static int open_at(int fd, int64_t position)
{
	int error = segment_open(&segment, fd, position, false);

	/* A failed one holds nothing. */
	if (error < 0) {
		assert_null(segment.input.format);
		assert_int_equal(segment.count, 0);
	}
	return error;
}

UNIT_TEST(test_all_packets)
{
	static const struct {
		const char *name;
		size_t video, audio;
		bool headers; /* of the sound; of the picture always */
	} rows[] = {{"whole.ts", 7, 7, true}, {"whole.m2ts", 7, 7, true},
		{"whole.flv", 7, 7, true}, {"whole.mkv", 7, 7, true},
		{"live.mkv", 7, 7, true}, {"whole.avi", 7, 7, true},
		{"whole.mov", 7, 7, true}, {"good-mp4.mp4", 7, 7, true},
		{"fragmented.mp4", 7, 7, true}, {"moov-first.mp4", 7, 7, true},
		{"mp3.flv", 7, 16, false}, {"alaw.flv", 7, 2, false},
		{"keyframes.mp4", 13, 0, false}, {"no-audio.flv", 7, 0, false},
		{"one-frame.mp4", 1, 0, false}};

	int before = unit_free_descriptor();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int fd = unit_fixture(rows[i].name);
		int error = open_at(fd, 0);

		if (error < 0)
			fail_msg("%s: %s", rows[i].name, av_err2str(error));
		assert_true(segment.start == segment.first[TIMELINE_VIDEO]);
		assert_true((segment.first[TIMELINE_AUDIO] == TIMELINE_NONE) ==
			(rows[i].audio == 0));
		assert_int_equal(take_all(), AVERROR_EOF);
		const struct row *video = &seen[0], *audio = &seen[1];
		if (video->packets != rows[i].video || audio->packets != rows[i].audio)
			fail_msg("%s: %zu, %zu", rows[i].name, video->packets,
				audio->packets);
		if (!video->header || audio->header != rows[i].headers)
			fail_msg("%s: headers", rows[i].name);
		if (!video->rise || !video->shown || (audio->packets && !audio->rise))
			fail_msg("%s: times", rows[i].name);
		assert_false(audio->adts);
		assert_true(segment.streams[0].par->extradata_size > 0);
		AVPacket *packet;
		assert_int_equal(segment_next(&segment, &packet), AVERROR_EOF);
		segment_close(&segment);
		segment_close(&segment);
		close(fd);
	}
	assert_int_equal(unit_free_descriptor(), before);
}

/* From the last keyframe at or before the position on. */
UNIT_TEST(test_position)
{
	static const struct {
		const char *name;
		int64_t position, start; /* of the picture: milliseconds from the first */
	} rows[] = {{"whole.ts", 1, 0}, {"whole.ts", 299, 0}, {"whole.ts", 300, 300},
		{"whole.ts", 301, 300}, {"whole.ts", 599, 300}, {"whole.ts", 600, 600},
		{"whole.m2ts", 450, 300}, {"whole.flv", 299, 0}, {"whole.flv", 300, 300},
		{"whole.flv", 450, 300}, {"whole.mkv", 299, 0}, {"whole.mkv", 300, 300},
		{"whole.mkv", 450, 300}, {"live.mkv", 450, 300}, {"whole.mov", 299, 0},
		{"whole.mov", 300, 300}, {"good-mp4.mp4", 450, 300},
		{"fragmented.mp4", 450, 300}, {"no-audio.flv", 600, 600},
		{"keyframes.mp4", 4999, 0}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int fd = unit_fixture(rows[i].name);

		assert_int_equal(open_at(fd, 0), 0);
		assert_int_equal(take_all(), AVERROR_EOF);
		struct row whole[TIMELINE_KINDS];
		memcpy(whole, seen, sizeof whole);
		segment_close(&segment);
		int error = open_at(fd, rows[i].position);
		if (error < 0)
			fail_msg("%s: %s", rows[i].name, av_err2str(error));
		assert_int_equal(take_all(), AVERROR_EOF);
		const struct row *video = &seen[0], *audio = &seen[1];
		int64_t from = whole[0].first + rows[i].start * MS;
		if (video->first != from || segment.start != whole[0].first)
			fail_msg("%s at %lld: %lld", rows[i].name,
				(long long)rows[i].position, (long long)video->first);
		assert_true(video->header && video->rise);
		assert_int_equal(video->last, whole[0].last);
		if (audio->packets > 0 &&
			(!audio->header || audio->first < from ||
				audio->last != whole[1].last))
			fail_msg("%s at %lld: the sound", rows[i].name,
				(long long)rows[i].position);
		segment_close(&segment);
		close(fd);
	}
}

/* Behind the last picture nothing is left; whatever the cursor says. */
UNIT_TEST(test_end)
{
	static const char *const names[] = {"whole.ts", "whole.flv", "whole.mkv",
		"whole.mov", "fragmented.mp4", "no-audio.flv"};
	static const int64_t positions[] = {
		601, 602, 100000, INT64_MAX / 1000, INT64_MAX / 1000 + 1, INT64_MAX};

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		int fd = unit_fixture(names[i]);
		for (size_t p = 0; p < UNIT_COUNT(positions); p++)
			if (open_at(fd, positions[p]) != AVERROR_EOF)
				fail_msg("%s at %lld", names[i], (long long)positions[p]);
		close(fd);
	}
}

UNIT_TEST(test_refused)
{
	static const struct {
		const char *name;
		int error;
		const char *why; /* part of it */
	} rows[] = {{"h265.mkv", AVERROR_PATCHWELCOME, "hevc"},
		{"h265.mp4", AVERROR_PATCHWELCOME, "hevc"},
		{"h265.ts", AVERROR_PATCHWELCOME, "hevc"},
		{"ac3.ts", AVERROR_PATCHWELCOME, "ac3"},
		{"opus.mp4", AVERROR_PATCHWELCOME, "opus"},
		{"pcm.mov", AVERROR_PATCHWELCOME, "pcm_s16"},
		{"vp8.webm", AVERROR_PATCHWELCOME, "vp8"},
		{"mpeg2.ts", AVERROR_PATCHWELCOME, "mpeg2video"},
		{"mpeg4.avi", AVERROR_PATCHWELCOME, "mpeg4"},
		{"mjpeg.mov", AVERROR_PATCHWELCOME, "mjpeg"},
		{"truncated.mkv", AVERROR_INVALIDDATA, "its end is missing"},
		{"truncated-moov-last.mp4", AVERROR_INVALIDDATA, "its end is missing"},
		{"truncated-tag.flv", AVERROR_INVALIDDATA, "its end is missing"},
		{"empty.mp4", AVERROR_INVALIDDATA, ""},
		{"unknown-text.mp4", AVERROR_INVALIDDATA, ""},
		{"playlist-hls.mp4", AVERROR_INVALIDDATA, ""},
		{"encrypted.mp4", AVERROR_INVALIDDATA, ""},
		{"no-video.mp4", AVERROR_STREAM_NOT_FOUND, NULL},
		{"no-video-cover.mp4", AVERROR_STREAM_NOT_FOUND, NULL}};

	int before = unit_free_descriptor();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int fd = unit_fixture(rows[i].name);
		for (int64_t position = 0; position <= 50; position += 50) {
			int error = open_at(fd, position);
			if (error != rows[i].error || !segment.why != !rows[i].why ||
				(rows[i].why && !strstr(segment.why, rows[i].why)))
				fail_msg("%s at %d: %s, %s", rows[i].name, (int)position,
					av_err2str(error),
					segment.why ? segment.why : "-");
		}
		close(fd);
	}
	assert_int_equal(unit_free_descriptor(), before);
}

/* Whatever it is, from its start on it is never said to be at its end already. */
UNIT_TEST(test_every_fixture)
{
	DIR *dir = opendir(UNIT_FIXTURES);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_REG)
			continue;
		int fd = unit_fixture(entry->d_name);
		int error = open_at(fd, 0);
		if (error == AVERROR_EOF)
			fail_msg("%s", entry->d_name);
		if (error == 0)
			take_all();
		segment_close(&segment);
		close(fd);
	}
	closedir(dir);
}

/* A read that fails is no end: who takes it for one deletes what was not played. */
UNIT_TEST(test_failing_read)
{
	static const char *const names[] = {"whole.ts", "whole.flv", "whole.mkv",
		"whole.avi", "moov-first.mp4", "fragmented.mp4"};

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		int fd = unit_fixture(names[i]);
		off_t size = lseek(fd, 0, SEEK_END);
		for (int64_t position = 0; position <= 60000; position += 60000)
			for (off_t at = 0; at < size; at += size / 16) {
				readable = at;
				int error = open_at(fd, position);
				if (error == 0)
					error = take_all();
				if (error >= 0 || error == AVERROR_EOF)
					fail_msg("%s: %lld of %lld", names[i],
						(long long)at, (long long)size);
				segment_close(&segment);
			}
		readable = INT64_MAX;
		close(fd);
	}
}

/* A transport stream that does not begin with a keyframe: position 0 is at the first. */
UNIT_TEST(test_begins_midway)
{
	static unsigned char data[1 << 16];

	int fd = unit_fixture("whole.ts");
	ssize_t size = read(fd, data, sizeof data);
	close(fd);
	assert_true(size > 0 && size % 188 == 0);
	/* The packet that begins the first picture goes; the tables stay. */
	ssize_t out = 0;
	bool gone = false, going = false;
	for (ssize_t at = 0; at < size; at += 188) {
		unsigned char *packet = data + at;
		int pid = (packet[1] & 0x1f) << 8 | packet[2];
		bool begins = packet[1] & 0x40;

		if (pid == 0x100 && begins) {
			going = !gone;
			gone = true;
		}
		if (pid == 0x100 && going)
			continue;
		memmove(data + out, packet, 188);
		out += 188;
	}
	unit_put("midway.ts", data, (size_t)out);
	fd = openat(unit_folder, "midway.ts", O_RDONLY | O_CLOEXEC);
	assert_int_equal(open_at(fd, 0), 0);
	assert_int_equal(take_all(), AVERROR_EOF);
	struct row whole = seen[0];
	int64_t start = segment.start;
	assert_int_equal(whole.packets, 4);
	segment_close(&segment);
	/* What was played of it goes on where it was, and ends where it ended. */
	assert_int_equal(open_at(fd, (whole.last - start) / MS), 0);
	assert_int_equal(segment.start, start);
	segment_close(&segment);
	assert_int_equal(open_at(fd, (whole.last - start) / MS + 1), AVERROR_EOF);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_packets),
		cmocka_unit_test(test_position),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_every_fixture),
		cmocka_unit_test(test_failing_read),
		UNIT_IN_FOLDER(test_begins_midway),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
