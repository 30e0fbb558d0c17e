#include "shape.h"

#include "shape_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JUMP = 4096 }; /* bytes read at a place from which it may not go on */

/* Fills the window with what is at this place: want bytes, need at least. */
static bool fill(struct shape *shape, struct shape_window *window, int64_t at,
	size_t need, size_t want)
{
	window->at = at;
	window->len = 0;
	while (window->len < need) {
		ssize_t n = pread(shape->fd, window->bytes + window->len,
			want - window->len, at + (int64_t)window->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			report_find(shape->report, REPORT_OPEN, "cannot read at %lld: %s",
				(long long)at, strerror(errno));
		else if (n == 0)
			report_find(shape->report, REPORT_TRUNCATED,
				"it got shorter while it was read");
		if (n <= 0)
			return false;
		window->len += (size_t)n;
	}
	return true;
}

/* The window in which this place is or which ends there, or the one used longest ago. */
static struct shape_window *find_window(struct shape *shape, int64_t at)
{
	struct shape_window *oldest = shape->windows;

	for (size_t i = 0; i < SHAPE_WINDOWS; i++) {
		struct shape_window *window = &shape->windows[i];

		if (at >= window->at && at - window->at <= (int64_t)window->len)
			return window;
		if (window->used < oldest->used)
			oldest = window;
	}
	return oldest;
}

const unsigned char *shape_at(struct shape *shape, int64_t at, size_t len)
{
	size_t want = len < JUMP ? JUMP : len;

	if (at < 0 || len > SHAPE_WINDOW || at > shape->size ||
		(int64_t)len > shape->size - at) {
		report_find(shape->report, REPORT_TRUNCATED,
			"%zu bytes at %lld are not there: it has %lld", len,
			(long long)at, (long long)shape->size);
		return NULL;
	}
	struct shape_window *window = find_window(shape, at);
	int64_t into = at - window->at;
	window->used = ++shape->clock;
	if (into >= 0 && into <= (int64_t)window->len) {
		if (len <= window->len - (size_t)into)
			return window->bytes + into;
		want = SHAPE_WINDOW;
	}
	return fill(shape, window, at, len, want) ? window->bytes : NULL;
}

bool shape_part(struct shape *shape, int64_t at)
{
	if (shape->parts++ < SHAPE_PARTS)
		return true;
	report_find(shape->report, REPORT_STRUCTURE, "more than %d parts, at %lld",
		SHAPE_PARTS, (long long)at);
	return false;
}

static bool all_zeros(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

bool shape_zeros(struct shape *shape, int64_t at)
{
	int64_t left = shape->size - at;
	size_t len = left < 64 ? (size_t)left : 64;
	const unsigned char *bytes = at < shape->size ? shape_at(shape, at, len) : NULL;

	return bytes && all_zeros(bytes, len);
}

const char *shape_name(char name[SHAPE_NAME], const unsigned char bytes[4])
{
	size_t n = 0;

	for (size_t i = 0; i < 4; i++)
		n += (size_t)snprintf(name + n, SHAPE_NAME - n,
			bytes[i] >= ' ' && bytes[i] <= '~' ? "%c" : "\\x%02x", bytes[i]);
	return name;
}

/* What names other media, or may: libavformat would open them. */
static bool is_playlist(const unsigned char *head, size_t len)
{
	static const char *const starts[] = {"#EXT", "ffconcat", "file ", "v=0", "<?xml",
		"<MPD", "<asx", "<smil", "<SmoothStreamingMedia", "<playlist",
		"[playlist]", "[Reference]",
		"http:", "https:", "rtsp:", "rtmp:", "ftp:", "mms:"};
	static const char mark[] = "\xef\xbb\xbf";

	if (len >= 3 && memcmp(head, mark, 3) == 0)
		head += 3, len -= 3;
	while (len && memchr(" \t\r\n", *head, 4))
		head++, len--;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		size_t n = strlen(starts[i]);

		if (len >= n && strncasecmp((const char *)head, starts[i], n) == 0)
			return true;
	}
	return false;
}

static const struct {
	enum report_container container;
	bool (*is)(const unsigned char *head, size_t len);
	void (*check)(struct shape *shape);
} kinds[] = {
	{REPORT_MP4, shape_is_mp4, shape_mp4},
	{REPORT_FLV, shape_is_flv, shape_flv},
	{REPORT_MATROSKA, shape_is_ebml, shape_ebml},
	{REPORT_AVI, shape_is_avi, shape_avi},
	{REPORT_TS, shape_is_ts, shape_ts},
};

static void unknown(struct shape *shape, const unsigned char *head, size_t len)
{
	char name[SHAPE_NAME];

	if (is_playlist(head, len))
		report_find(
			shape->report, REPORT_PLAYLIST, "it is a text that names media");
	else if (all_zeros(head, len < 16 ? len : 16))
		report_find(shape->report, REPORT_UNKNOWN, "it begins with zeros");
	else if (len < 4)
		report_find(shape->report, REPORT_UNKNOWN, "it has %zu bytes", len);
	else
		report_find(shape->report, REPORT_UNKNOWN, "it begins with '%s'",
			shape_name(name, head));
}

void shape_check(int fd, struct report *report)
{
	struct shape shape;
	struct stat st;
	size_t len;

	shape.fd = fd;
	shape.report = report;
	shape.parts = shape.clock = 0;
	for (size_t i = 0; i < SHAPE_WINDOWS; i++) {
		shape.windows[i].at = 0;
		shape.windows[i].len = shape.windows[i].used = 0;
	}
	if (fstat(fd, &st) < 0) {
		report_find(report, REPORT_OPEN, "fstat: %s", strerror(errno));
		return;
	}
	shape.size = report->size = st.st_size;
	if (shape.size == 0) {
		report_find(report, REPORT_EMPTY, "it has no bytes");
		return;
	}
	len = shape.size < SHAPE_HEAD ? (size_t)shape.size : SHAPE_HEAD;
	const unsigned char *head = shape_at(&shape, 0, len);
	if (!head)
		return;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].is(head, len)) {
			report->container = kinds[i].container;
			kinds[i].check(&shape);
			return;
		}
	unknown(&shape, head, len);
}
