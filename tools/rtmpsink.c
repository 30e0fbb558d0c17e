/* rtmpsink: takes what publishers send by RTMP, and judges its time stamps. */
#include <errno.h>
#include <inttypes.h>
#include <libavformat/avio.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "base/text.h"

#define SCHEME "rtmp://"
#define DEFAULT_URL SCHEME "127.0.0.1:1935/live/test"
#define GAP_MS 1000 /* a stream that pauses for longer has a gap */

static bool once, strict;
static const char *output_path;

static const struct opt_row rows[] = {
	{'1', "once", NULL, "end after one session", .flag = &once},
	{'o', "output", "FILE", "write what comes to this FLV file",
		.text = &output_path},
	{0, "strict", NULL, "exit 1 if anything was wrong with it", .flag = &strict},
};

static const struct opt_tool tool = {
	"rtmpsink",
	"[-1] [-o FILE] [--strict] [URL]",
	"Receive an RTMP broadcast and judge it (" DEFAULT_URL ").",
	rows,
	sizeof rows / sizeof *rows,
};

enum kind { AUDIO = 8, VIDEO = 9, DATA = 18 };

/* The state of the audio or the video of a session. */
struct track {
	const char *name;
	bool begun, header; /* its codec's header came */
	int64_t last_ms;
	uint64_t packets;
};

static int signals;
static FILE *output;
static struct lines_out out;
static bool stopped;
static int lost; /* errno of a line that could not be written */
static struct track video, audio;
static uint64_t bytes, sessions, back, gaps, headless;
static int64_t next_line;
static bool session;

/* A line that finds no room, as its reader has stopped, is lost. */
static void print_line(const char *what)
{
	char now[32], line[512];

	clock_wall(now, sizeof now);
	int n = snprintf(line, sizeof line,
		"%s %s sessions %" PRIu64 " bytes %" PRIu64 " video %" PRIu64
		" audio %" PRIu64 " dts %" PRId64 " back %" PRIu64 " gaps %" PRIu64
		" headless %" PRIu64 "\n",
		now, what, sessions, bytes, video.packets, audio.packets, video.last_ms,
		back, gaps, headless);
	if (n < (int)sizeof line && out.len + (size_t)n <= sizeof out.buf)
		lines_put(&out, line, (size_t)n);
	if (lines_flush(&out) < 0) {
		lost = errno;
		stopped = true;
	}
}

/* Called by libavformat while it waits. Not 0: it is to give up. */
static int look_around(void *opaque)
{
	(void)opaque;
	stopped = stopped || sigfd_take(signals);
	if (clock_now() >= next_line) {
		next_line = clock_now() + CLOCK_SECOND;
		print_line(session ? "on" : "waits");
	}
	return stopped;
}

static void fault(
	uint64_t *count, const struct track *track, const char *text, int64_t ms)
{
	++*count;
	msg_warn("session %" PRIu64 ": %s packet %" PRIu64 " at %" PRId64
		 " ms %s %" PRId64 " ms",
		sessions, track->name, track->packets, ms, text, track->last_ms);
}

/* A codec's header (0) and end (2) are packets of their own, by their second byte. */
static void judge(enum kind kind, const uint8_t *data, size_t size, int64_t ms)
{
	struct track *track = kind == VIDEO ? &video : &audio;
	bool coded = kind == VIDEO ? size > 1 && (data[0] & 15) == 7
				   : size > 1 && data[0] >> 4 == 10;

	if (coded && data[1] != 1) {
		track->header = track->header || data[1] == 0;
		return;
	}
	track->packets++;
	if (coded && !track->header) {
		track->header = true;
		headless++;
		msg_warn("session %" PRIu64 ": %s begins without its header", sessions,
			track->name);
	}
	if (track->begun && ms <= track->last_ms)
		fault(&back, track, "is not after", ms);
	else if (track->begun && ms - track->last_ms > GAP_MS)
		fault(&gaps, track, "comes long after", ms);
	track->begun = true;
	track->last_ms = ms;
}

static bool read_whole(AVIOContext *io, uint8_t *buf, size_t size)
{
	int n = avio_read(io, buf, (int)size);

	bytes += n > 0 ? (size_t)n : 0;
	return n >= 0 && (size_t)n == size;
}

static void keep(const void *data, size_t size)
{
	if (output && fwrite(data, 1, size, output) != size)
		msg_die(EX_IOERR, "output:");
}

/* A reader finds whole tags only, even after rtmpsink was killed. */
static void hand_over(void)
{
	if (output && fflush(output) != 0)
		msg_die(EX_IOERR, "output:");
}

/* Takes one tag. False: the session is over. */
static bool take_tag(AVIOContext *io)
{
	static uint8_t data[1 << 24]; /* as large as a tag can be */
	uint8_t head[11], tail[4];

	if (!read_whole(io, head, sizeof head))
		return false;
	size_t size = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	uint32_t ms = (uint32_t)head[7] << 24 | (uint32_t)head[4] << 16 |
		(uint32_t)head[5] << 8 | head[6];
	if (!read_whole(io, data, size) || !read_whole(io, tail, sizeof tail))
		return false;
	keep(head, sizeof head);
	keep(data, size);
	keep(tail, sizeof tail);
	hand_over();
	if (head[0] == VIDEO || head[0] == AUDIO)
		judge(head[0], data, size, ms);
	return true;
}

/* True if that comes of one who called and did not speak RTMP, or left. */
static bool is_strangers(int error)
{
	return error == AVERROR(EIO) || error == AVERROR_EOF || error == AVERROR(EPIPE) ||
		error == AVERROR(ECONNRESET) || error == AVERROR_INVALIDDATA;
}

/* Waits for a publisher and takes what it sends. False: it cannot listen. */
static bool take_session(const char *url)
{
	AVIOInterruptCB around = {look_around, NULL};
	AVDictionary *options = NULL;
	AVIOContext *io = NULL;
	uint8_t header[13];

	av_dict_set(&options, "listen", "1", 0);
	int error = avio_open2(&io, url, AVIO_FLAG_READ, &around, &options);
	av_dict_free(&options);
	if (error < 0 && !stopped && is_strangers(error)) {
		struct pollfd stop = {signals, POLLIN, 0};
		msg_warn("'%s': no publisher: %s", url, av_err2str(error));
		poll(&stop, 1, CLOCK_SECOND / 10);
		return true;
	}
	if (error < 0) {
		if (!stopped)
			msg_error("'%s': cannot receive: %s", url, av_err2str(error));
		return stopped;
	}
	video = (struct track){.name = "video"};
	audio = (struct track){.name = "audio"};
	sessions++;
	session = true;
	print_line("begins");
	if (read_whole(io, header, sizeof header)) {
		if (sessions == 1)
			keep(header, sizeof header);
		while (!stopped && take_tag(io))
			look_around(NULL);
	}
	avio_close(io);
	session = false;
	print_line("ends");
	return true;
}

/* Returns the address. */
static const char *read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);
	const char *url = *operands ? opt_operand(&tool, operands, "URL") : DEFAULT_URL;

	if (!text_after(url, SCHEME))
		opt_refuse(&tool, "'%s' is no " SCHEME " address", url);
	return url;
}

/* Writes out the lines about sessions, if the reader takes them. Returns the code. */
static int finish(int code)
{
	struct pollfd room = {out.fd, POLLOUT, 0};

	while (lines_flush(&out) == 1 && poll(&room, 1, CLOCK_SECOND / 2) > 0)
		continue;
	if (output && fclose(output) != 0)
		msg_die(EX_IOERR, "output '%s':", output_path);
	return lost ? lines_lost(lost) : opt_finish(code);
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	const char *url = read_options(argc, argv);
	if (output_path && !(output = fopen(output_path, "we")))
		msg_die(EX_CANTCREAT, "output '%s':", output_path);
	signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "start:");
	av_log_set_level(AV_LOG_QUIET);
	lines_out(&out, STDOUT_FILENO);
	ready_up();
	bool works = true;
	do
		works = take_session(url);
	while (works && !(once && sessions > 0) && !stopped);
	ready_down();
	if (!works)
		return finish(EX_UNAVAILABLE);
	print_line("in all");
	return finish(strict && back + gaps + headless > 0);
}
