/*
 * Reads through four windows, so that a few tables of a track can be read side by side
 * without a buffer for each. A window that is read on from its end grows to its full
 * size; one at a new place begins small, as most boxes are only looked at by their
 * header. The first bytes of the file choose the check.
 */
#include "media/container.h"

#include "media/container_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JUMP = 4096 }; /* bytes read at a new place, as the next read may be elsewhere */

/* Fills the window from this place on: with want bytes if they are there, and at least
 * need. */
static bool fill(struct container *container, struct container_window *window, int64_t at,
	size_t need, size_t want)
{
	window->at = at;
	window->len = 0;
	while (window->len < need) {
		ssize_t n = pread(container->fd, window->bytes + window->len,
			want - window->len, at + (int64_t)window->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			report_find(container->report, REPORT_OPEN,
				"cannot read at %lld: %s", (long long)at,
				strerror(errno));
		else if (n == 0)
			report_find(container->report, REPORT_TRUNCATED,
				"it got shorter while it was read");
		if (n <= 0)
			return false;
		window->len += (size_t)n;
	}
	return true;
}

/* The window that holds this place or ends there; else the least recently used one. */
static struct container_window *find_window(struct container *container, int64_t at)
{
	struct container_window *oldest = container->windows;

	for (size_t i = 0; i < CONTAINER_WINDOWS; i++) {
		struct container_window *window = &container->windows[i];

		if (at >= window->at && at - window->at <= (int64_t)window->len)
			return window;
		if (window->used < oldest->used)
			oldest = window;
	}
	return oldest;
}

const unsigned char *container_at(struct container *container, int64_t at, size_t len)
{
	size_t want = len < JUMP ? JUMP : len;

	if (at < 0 || len > CONTAINER_WINDOW || at > container->size ||
		(int64_t)len > container->size - at) {
		report_find(container->report, REPORT_TRUNCATED,
			"%zu bytes at %lld are not there: it has %lld", len,
			(long long)at, (long long)container->size);
		return NULL;
	}
	struct container_window *window = find_window(container, at);
	int64_t into = at - window->at;
	window->used = ++container->clock;
	if (into >= 0 && into <= (int64_t)window->len) {
		if (len <= window->len - (size_t)into)
			return window->bytes + into;
		want = CONTAINER_WINDOW;
	}
	return fill(container, window, at, len, want) ? window->bytes : NULL;
}

bool container_part(struct container *container, int64_t at)
{
	if (container->parts++ < CONTAINER_PARTS)
		return true;
	report_find(container->report, REPORT_STRUCTURE, "more than %d parts, at %lld",
		CONTAINER_PARTS, (long long)at);
	return false;
}

static bool all_zeros(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

bool container_zeros(struct container *container, int64_t at)
{
	int64_t left = container->size - at;
	size_t len = left < 64 ? (size_t)left : 64;
	const unsigned char *bytes =
		at < container->size ? container_at(container, at, len) : NULL;

	return bytes && all_zeros(bytes, len);
}

const char *container_name(char name[CONTAINER_NAME], const unsigned char bytes[4])
{
	bool is_text = true;

	for (size_t i = 0; i < 4; i++)
		is_text = is_text && bytes[i] >= ' ' && bytes[i] <= '~';
	snprintf(name, CONTAINER_NAME, is_text ? "%c%c%c%c" : "0x%02x%02x%02x%02x",
		bytes[0], bytes[1], bytes[2], bytes[3]);
	return name;
}

/* True for playlists and the like: they name other files, which libavformat would open.
 */
static bool is_playlist(const unsigned char *head, size_t len)
{
	static const char *const starts[] = {"#EXT", "ffconcat", "file ", "v=0", "<?xml",
		"<MPD", "<asx", "<smil", "<SmoothStreamingMedia", "<playlist",
		"[playlist]", "[Reference]",
		"http:", "https:", "rtsp:", "rtmp:", "ftp:", "mms:"};
	static const char mark[] = "\xef\xbb\xbf";
	const size_t mark_len = strlen(mark);

	if (len >= mark_len && memcmp(head, mark, mark_len) == 0) {
		head += mark_len;
		len -= mark_len;
	}
	while (len && *head && strchr(" \t\r\n", *head)) {
		head++;
		len--;
	}
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
	void (*check)(struct container *container);
} kinds[] = {
	{REPORT_MP4, container_is_mp4, container_mp4},
	{REPORT_FLV, container_is_flv, container_flv},
	{REPORT_MATROSKA, container_is_ebml, container_ebml},
	{REPORT_AVI, container_is_avi, container_avi},
	{REPORT_TS, container_is_ts, container_ts},
};

static void unknown(struct container *container, const unsigned char *head, size_t len)
{
	char name[CONTAINER_NAME];

	if (is_playlist(head, len))
		report_find(container->report, REPORT_PLAYLIST,
			"it is a text that names media");
	else if (all_zeros(head, len < 16 ? len : 16))
		report_find(container->report, REPORT_UNKNOWN, "it begins with zeros");
	else if (len < 4)
		report_find(container->report, REPORT_UNKNOWN, "it has %zu bytes", len);
	else
		report_find(container->report, REPORT_UNKNOWN, "it begins with '%s'",
			container_name(name, head));
}

static void check(int fd, struct report *report)
{
	struct container container;
	struct stat st;
	size_t len;

	container.fd = fd;
	container.report = report;
	container.parts = container.clock = 0;
	for (size_t i = 0; i < CONTAINER_WINDOWS; i++) {
		container.windows[i].at = 0;
		container.windows[i].len = container.windows[i].used = 0;
	}
	if (fstat(fd, &st) < 0) {
		report_find(report, REPORT_OPEN, "fstat: %s", strerror(errno));
		return;
	}
	container.size = report->size = st.st_size;
	if (container.size == 0) {
		report_find(report, REPORT_EMPTY, "it has no bytes");
		return;
	}
	len = container.size < CONTAINER_HEAD ? (size_t)container.size : CONTAINER_HEAD;
	const unsigned char *head = container_at(&container, 0, len);
	if (!head)
		return;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].is(head, len)) {
			report->container = kinds[i].container;
			kinds[i].check(&container);
			return;
		}
	unknown(&container, head, len);
}

bool container_check(int fd, struct report *report)
{
	report->declared_ms = REPORT_NONE;
	check(fd, report);
	return !(report->found & ~(UINT64_C(1) << REPORT_OUTSIDE));
}

void container_declare(struct container *container, double ms)
{
	if (ms >= 1 && ms < 1e15)
		container->report->declared_ms = (int64_t)ms;
}

bool container_outside(struct container *container, int64_t at)
{
	report_find(container->report, REPORT_OUTSIDE,
		"%lld bytes behind its end at %lld", (long long)(container->size - at),
		(long long)at);
	return false;
}
