#include "media/av.h"

#include <errno.h>
#include <iconv.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER 65536
#define STREAMS 16

/*
 * Replaces the C library's iconv_open. libavformat calls it when a transport stream names
 * its service, and the C library would then load files, which is forbidden in the
 * sandbox. When it fails, libavformat takes the name as it is.
 */
iconv_t iconv_open(const char *to, const char *from)
{
	(void)to;
	(void)from;
	errno = EINVAL;
	return (iconv_t)-1;
}

static int read_at(void *opaque, uint8_t *buf, int size)
{
	struct av_input *input = opaque;
	ssize_t n = pread(input->fd, buf, (size_t)size, input->at);

	if (n < 0)
		return AVERROR(errno);
	input->at += n;
	return n > 0 ? (int)n : AVERROR_EOF;
}

static int64_t seek_to(void *opaque, int64_t offset, int whence)
{
	struct av_input *input = opaque;

	if (whence == AVSEEK_SIZE)
		return input->size;
	if (whence == SEEK_CUR)
		offset += input->at;
	else if (whence == SEEK_END)
		offset += input->size;
	if (offset < 0)
		return AVERROR(EINVAL);
	return input->at = offset;
}

/* Refuses files that a playlist or a movie refers to: otherwise one camera's file could
 * show another camera's pictures. */
static int refuse_open(AVFormatContext *format, AVIOContext **io, const char *url,
	int flags, AVDictionary **options)
{
	(void)format;
	(void)io;
	(void)url;
	(void)flags;
	(void)options;
	return AVERROR(EPERM);
}

int av_input_open(struct av_input *input, int fd, const char *container)
{
	const AVInputFormat *kind = av_find_input_format(container);
	struct stat st;

	*input = (struct av_input){.fd = fd};
	if (!kind)
		return AVERROR_DEMUXER_NOT_FOUND;
	if (fstat(fd, &st) < 0)
		return AVERROR(errno);
	input->size = st.st_size; /* kept, as libavformat asks again for each fragment */
	uint8_t *buf = av_malloc(BUFFER);
	input->io = buf
		? avio_alloc_context(buf, BUFFER, 0, input, read_at, NULL, seek_to)
		: NULL;
	input->format = avformat_alloc_context();
	if (!input->io || !input->format) {
		if (!input->io)
			av_free(buf);
		av_input_close(input);
		return AVERROR(ENOMEM);
	}
	input->format->pb = input->io;
	input->format->io_open = refuse_open;
	input->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	input->format->max_streams = STREAMS;
	/* Some demuxers open other files without calling io_open. */
	input->format->protocol_whitelist = av_strdup("none");
	int error = avformat_open_input(&input->format, "", kind, NULL);
	if (error < 0)
		av_input_close(input);
	return error;
}

void av_input_close(struct av_input *input)
{
	avformat_close_input(&input->format);
	if (input->io)
		av_freep(&input->io->buffer);
	avio_context_free(&input->io);
}

AVStream *av_input_stream(const struct av_input *input, enum AVMediaType kind)
{
	for (unsigned i = 0; i < input->format->nb_streams; i++) {
		AVStream *stream = input->format->streams[i];

		if (stream->codecpar->codec_type == kind &&
			!(stream->disposition & AV_DISPOSITION_ATTACHED_PIC))
			return stream;
	}
	return NULL;
}
