#include "base/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/reopen.h"

void lines_in(struct lines_in *in, int fd, char delimiter)
{
	in->fd = fd;
	in->delimiter = delimiter;
	in->ended = false;
	in->at = in->len = in->total = 0;
}

ssize_t lines_fill(struct lines_in *in)
{
	ssize_t n;

	do
		n = read(in->fd, in->chunk, sizeof in->chunk);
	while (n < 0 && errno == EINTR);
	in->at = 0;
	in->len = n > 0 ? (size_t)n : 0;
	in->ended = n == 0;
	return n;
}

/* Keeps part of an unfinished line. Bytes beyond LINES_MAX are only counted. */
static void keep(struct lines_in *in, const char *text, size_t len)
{
	size_t room = in->total < sizeof in->line ? sizeof in->line - in->total : 0;

	if (room)
		memcpy(in->line + in->total, text, len < room ? len : room);
	in->total += len;
}

/* Counts byte in text, in blocks, because the compiler turns those into vector code. */
static size_t count(const char *text, size_t len, char byte)
{
	enum { BLOCK = 128 };
	size_t n = 0;

	for (; len >= BLOCK; text += BLOCK, len -= BLOCK) {
		unsigned char hits = 0;
		for (int i = 0; i < BLOCK; i++)
			hits = (unsigned char)(hits + (text[i] == byte));
		n += hits;
	}
	for (size_t i = 0; i < len; i++)
		n += text[i] == byte;
	return n;
}

size_t lines_skip(struct lines_in *in)
{
	const char *start = in->chunk + in->at;
	const char *end = memrchr(start, in->delimiter, in->len - in->at);
	const char *before =
		end ? memrchr(start, in->delimiter, (size_t)(end - start)) : NULL;

	if (!before)
		return 0;
	in->at = (size_t)(before + 1 - in->chunk);
	in->total = 0;
	return count(start, (size_t)(before + 1 - start), in->delimiter);
}

bool lines_next(struct lines_in *in, struct lines_line *line)
{
	const char *start = in->chunk + in->at;
	size_t left = in->len - in->at;
	const char *end = left ? memchr(start, in->delimiter, left) : NULL;

	if (!end && left)
		keep(in, start, left);
	if (!end && !(in->ended && in->total)) {
		in->at = in->len;
		return false;
	}
	size_t len = end ? (size_t)(end - start) : 0;
	in->at = end ? in->at + len + 1 : in->len;
	if (in->total > 0) {
		keep(in, start, len);
		start = in->line;
		len = in->total;
		in->total = 0;
	}
	bool cut = len > LINES_MAX;
	*line = (struct lines_line){start, cut ? LINES_MAX : len, cut};
	return true;
}

/* Replaces fd by an open file description that no other process shares. */
static bool own_description(int fd)
{
	int own = reopen_nonblocking(fd);
	if (own < 0)
		return false;
	bool done = dup2(own, fd) == fd;
	close(own);
	return done;
}

void lines_out(struct lines_out *out, int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	out->fd = fd;
	out->pipe = out->single = false;
	out->at = out->len = 0;
	out->piece = PIPE_BUF;
	if (fstat(fd, &st) < 0)
		return;
	if (S_ISREG(st.st_mode) || (flags >= 0 && flags & O_NONBLOCK) ||
		own_description(fd))
		out->piece = sizeof out->buf;
}

void lines_put(struct lines_out *out, const void *data, size_t len)
{
	if (out->at + out->len + len > sizeof out->buf) {
		memmove(out->buf, out->buf + out->at, out->len);
		out->at = 0;
	}
	memcpy(out->buf + out->at + out->len, data, len);
	out->len += len;
}

int lines_flush(struct lines_out *out)
{
	bool small = out->piece < sizeof out->buf;

	while (out->len > 0) {
		size_t len = out->len < out->piece ? out->len : out->piece;
		ssize_t n = write(out->fd, out->buf + out->at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 1 : -1;
		out->at += (size_t)n;
		out->len -= (size_t)n;
		if (small)
			break; /* a second write might block, so poll first */
	}
	if (out->len == 0)
		out->at = 0;
	return out->len > 0;
}

void lines_single(struct lines_out *out)
{
	int page = (int)sysconf(_SC_PAGESIZE);
	struct stat st;

	out->pipe = fstat(out->fd, &st) == 0 && S_ISFIFO(st.st_mode);
	out->single = out->pipe && fcntl(out->fd, F_SETPIPE_SZ, page) == page;
}

bool lines_drained(const struct lines_out *out)
{
	int waiting;

	return !out->pipe || ioctl(out->fd, FIONREAD, &waiting) < 0 || waiting == 0;
}

int lines_lost(int error)
{
	errno = error;
	if (error != EPIPE) {
		msg_error(error ? "standard output:"
				: "standard output: a write to it failed");
		return EX_IOERR;
	}
	msg_error("the reader of standard output is gone");
	return EX_TEMPFAIL;
}
