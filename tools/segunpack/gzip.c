#include "gzip.h"

#include <sys/types.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCK (64 << 10)
#define MEMBERS_MAX 100000
#define CHECKED (15 + 16) /* the widest window, and the header and end of gzip */

static unsigned char in[BLOCK], out[BLOCK];

struct source {
	z_stream stream;
	int file;
	off_t at;
};

/* Reads more if all was used. Returns the number of bytes that are there, or -1. */
static ssize_t fill(struct source *source)
{
	z_stream *stream = &source->stream;

	if (stream->avail_in > 0)
		return stream->avail_in;
	ssize_t n = pread(source->file, in, sizeof in, source->at);
	if (n > 0) {
		source->at += n;
		stream->next_in = in;
		stream->avail_in = (uInt)n;
	}
	return n;
}

/* Reads one member to its end. */
static bool read_member(struct source *source)
{
	z_stream *stream = &source->stream;
	int code = Z_OK;

	while (code == Z_OK && fill(source) > 0)
		do {
			stream->next_out = out;
			stream->avail_out = sizeof out;
			code = inflate(stream, Z_NO_FLUSH);
		} while (code == Z_OK && stream->avail_out == 0);
	return code == Z_STREAM_END;
}

/* True if another member begins here. Its mark may lie across two blocks. */
static bool at_member(struct source *source)
{
	unsigned char mark[2];
	off_t at = source->at - source->stream.avail_in;

	return pread(source->file, mark, sizeof mark, at) == sizeof mark &&
		mark[0] == 0x1f && mark[1] == 0x8b;
}

bool gzip_is_whole(int file)
{
	struct source source = {.file = file};
	bool whole = true;

	if (!at_member(&source))
		return true;
	if (inflateInit2(&source.stream, CHECKED) != Z_OK)
		return false;
	for (int n = 0; whole && at_member(&source); n++)
		whole = n < MEMBERS_MAX && inflateReset(&source.stream) == Z_OK &&
			read_member(&source);
	inflateEnd(&source.stream);
	return whole;
}
