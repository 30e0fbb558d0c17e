#include "loop.h"

#include <errno.h>
#include <libavutil/error.h>
#include <string.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"

#define AGAIN (60 * CLOCK_SECOND) /* until one that cannot be used is tried again */

bool loop_usable(const struct loop *loop)
{
	return loop->path && clock_now() >= loop->retry;
}

int loop_refuse(struct loop *loop, const char *why)
{
	loop_close(loop);
	loop->retry = clock_now() + AGAIN;
	if (!loop->told)
		msg_warn("filler '%s': %s; the last picture comes instead, if there is "
			 "one",
			loop->path, why);
	loop->told = true;
	return -1;
}

static int open_file(const char *path)
{
	const char *name;
	int folder = path_open_parent(path, &name);

	if (folder < 0)
		return -1;
	int fd = path_open_file(folder, name, NULL);

	path_close(folder);
	return fd;
}

int loop_begin(struct loop *loop)
{
	loop_close(loop);
	loop->fd = open_file(loop->path);
	if (loop->fd < 0)
		return loop_refuse(loop,
			errno == EINVAL ? "it is no regular file" : strerror(errno));
	int error = segment_open(&loop->segment, loop->fd, 0, loop->sound);
	if (error < 0) {
		path_close(loop->fd);
		return loop_refuse(
			loop, loop->segment.why ? loop->segment.why : av_err2str(error));
	}
	loop->open = true;
	if (loop->segment.first[TIMELINE_VIDEO] == TIMELINE_NONE)
		return loop_refuse(loop, "it does not begin with a keyframe");
	loop->told = false;
	loop->reorders =
		loop->segment.streams[TIMELINE_VIDEO].stream->codecpar->video_delay > 0;
	return 0;
}

int loop_next(struct loop *loop, AVPacket **packet)
{
	int error = segment_next(&loop->segment, packet);

	if (error == AVERROR_EOF)
		return 0;
	if (error < 0)
		return loop_refuse(loop, av_err2str(error));
	if ((*packet)->pts > (*packet)->dts)
		loop->reorders = true;
	return 1;
}

void loop_forget(struct loop *loop)
{
	loop_close(loop);
	loop->retry = 0;
}

void loop_close(struct loop *loop)
{
	if (!loop->open)
		return;
	segment_close(&loop->segment);
	path_close(loop->fd);
	loop->open = false;
}
