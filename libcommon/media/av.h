/*
 * av: reads the media in an open file with libavformat, and nothing outside that file.
 * The caller names the container, because libavformat might guess one that
 * container_check has not looked at. A file that names other files or hosts is refused.
 *
 * Errors are negative libav codes.
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
 * Opens the media in fd as the container that libavformat knows by this name. The caller
 * keeps fd open until after av_input_close.
 */
int av_input_open(struct av_input *input, int fd, const char *container);

/* Safe twice, and after a failed open. */
void av_input_close(struct av_input *input);

/* The stream of this kind to play, or NULL. Never cover art. */
AVStream *av_input_stream(const struct av_input *input, enum AVMediaType kind);

#endif
