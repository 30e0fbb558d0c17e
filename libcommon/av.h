/*
 * av: the media in an open file, read with libavformat, with nothing else in reach: the
 * caller says which container it is, as a guess may fall on one that he did not look at,
 * and a file that names other files or hosts gets none.
 *
 * Errors are negative, as libav gives them.
 */
#ifndef STREAMHUB_AV_H
#define STREAMHUB_AV_H

#include <libavformat/avformat.h>
#include <stdint.h>

struct av_input {
	AVFormatContext *format;
	AVIOContext *io;
	int fd;
	int64_t at, size;
};

/*
 * Opens what is in fd, which stays the caller's and must outlive it, as a container that
 * libavformat knows by this name.
 */
int av_input_open(struct av_input *input, int fd, const char *container);

/* Safe twice, and after a failed open. */
void av_input_close(struct av_input *input);

/* The stream of this kind that is to be played, or NULL. No cover art. */
AVStream *av_input_stream(const struct av_input *input, enum AVMediaType kind);

#endif
