#include "logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

static int begin(struct logfile *log)
{
	struct stat st;

	log->fd = openat(log->folder, log->name,
		O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		0640);
	if (log->fd < 0)
		return -1;
	if (fstat(log->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		log->size = st.st_size;
		log->in_line = false;
		return 0;
	}
	logfile_close(log);
	errno = EINVAL;
	return -1;
}

int logfile_open(struct logfile *log, int folder, const char *name, off_t most)
{
	*log = (struct logfile){.folder = folder, .name = name, .most = most, .fd = -1};
	return begin(log);
}

static int turn_over(struct logfile *log)
{
	char old[256];

	if (snprintf(old, sizeof old, "%s.1", log->name) >= (int)sizeof old) {
		errno = ENAMETOOLONG;
		return -1;
	}
	logfile_close(log);
	if (renameat(log->folder, log->name, log->folder, old) < 0 && errno != ENOENT)
		return -1;
	return begin(log);
}

int logfile_put(struct logfile *log, const char *text, size_t len)
{
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t piece = end ? (size_t)(end - text) + 1 : len;

		if (log->fd < 0 && begin(log) < 0)
			return -1;
		if (log->size > 0 && log->size + (off_t)piece > log->most &&
			(!log->in_line || log->size >= 2 * log->most) &&
			turn_over(log) < 0)
			return -1;
		ssize_t n = write(log->fd, text, piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		log->size += n;
		text += n;
		len -= (size_t)n;
		log->in_line = text[-1] != '\n';
	}
	return 0;
}

void logfile_close(struct logfile *log)
{
	path_close(log->fd);
	log->fd = -1;
}
