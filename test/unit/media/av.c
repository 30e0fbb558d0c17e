/* av: what is read of an open file, and that nothing else is. */
#include "unit.h"

#include <iconv.h>

#include "media/av.h"
#include "media/worker.h"

static struct av_input input;

UNIT_TEST(test_open)
{
	static const struct {
		const char *name, *container;
		bool opens, video, audio;
	} rows[] = {
		{"good-mp4.mp4", "mp4", true, true, true},
		{"fragmented.mp4", "mp4", true, true, true},
		{"whole.ts", "mpegts", true, true, true},
		{"whole.flv", "flv", true, true, true},
		{"whole.mkv", "matroska", true, true, true},
		{"whole.avi", "avi", true, true, true},
		{"no-audio.flv", "flv", true, true, false},
		{"no-video-cover.mp4", "mp4", true, false, true}, /* its cover is none */
		{"good-mp4.mp4", "avi", false, false, false},
		{"good-mp4.mp4", "no such", false, false, false},
		{"good-mp4.mp4", "", false, false, false},
		{"empty.mp4", "mp4", false, false, false},
		{"unknown-text.mp4", "matroska", false, false, false},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int fd = unit_fixture(rows[i].name);
		int code = av_input_open(&input, fd, rows[i].container);

		if ((code >= 0) != rows[i].opens)
			fail_msg("%s as %s: %d", rows[i].name, rows[i].container, code);
		if (code >= 0) {
			AVPacket *packet = av_packet_alloc();
			while (av_read_frame(input.format, packet) >= 0)
				av_packet_unref(packet);
			av_packet_free(&packet);
			assert_true(rows[i].video ==
				!!av_input_stream(&input, AVMEDIA_TYPE_VIDEO));
			assert_true(rows[i].audio ==
				!!av_input_stream(&input, AVMEDIA_TYPE_AUDIO));
		}
		av_input_close(&input);
		av_input_close(&input);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
		close(fd);
	}
}

UNIT_TEST(test_cannot_be_read)
{
	int fds[] = {open(UNIT_FIXTURES, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		open("/dev/null", O_WRONLY | O_CLOEXEC), -1};

	for (size_t i = 0; i < UNIT_COUNT(fds); i++) {
		assert_true(av_input_open(&input, fds[i], "mp4") < 0);
		av_input_close(&input);
		close(fds[i]);
	}
}

/* As any demuxer that follows what a file names: in here an open is the death. */
UNIT_TEST(test_nothing_else)
{
	static const struct {
		const char *name, *container;
	} rows[] = {
		{"playlist-hls.mp4", "hls"},
		{"playlist-hls.mp4", "mpegts"},
		{"playlist-concat.mp4", "concat"},
		{"playlist-concat.mp4", "mp4"},
		{"playlist-sdp.mp4", "avi"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		pid_t pid = unit_fork();
		if (pid == 0) {
			int fd = unit_fixture(rows[i].name);
			av_log_set_level(AV_LOG_QUIET);
			if (sandbox_enter(WORKER_MEMORY) == SANDBOX_NONE)
				_exit(1);
			int code = av_input_open(&input, fd, rows[i].container);
			if (code >= 0 && input.format->nb_streams > 0)
				_exit(2);
			av_input_close(&input);
			_exit(0);
		}
		int code = unit_wait(pid);
		if (code != 0)
			fail_msg("%s as %s: %d", rows[i].name, rows[i].container, code);
	}
}

UNIT_TEST(test_refuses_names)
{
	static const char *const names[] = {
		"/etc/passwd", "file:///etc/passwd", "http://192.0.2.1/", "x", ""};
	int fd = unit_fixture("good-mp4.mp4");

	assert_int_equal(av_input_open(&input, fd, "mp4"), 0);
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		AVIOContext *io = NULL;
		assert_int_equal(input.format->io_open(input.format, &io, names[i],
					 AVIO_FLAG_READ, NULL),
			AVERROR(EPERM));
		assert_null(io);
	}
	av_input_close(&input);
	close(fd);
}

/* A service of a transport stream may be named in any character set. */
UNIT_TEST(test_no_iconv)
{
	assert_true(iconv_open("UTF-8", "ISO-8859-5") == (iconv_t)-1 && errno == EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_cannot_be_read),
		cmocka_unit_test(test_nothing_else),
		cmocka_unit_test(test_refuses_names),
		cmocka_unit_test(test_no_iconv),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
