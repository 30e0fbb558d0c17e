#include "base/reopen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int reopen_nonblocking(int fd)
{
	char self[32];
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISFIFO(st.st_mode) && !isatty(fd)) {
		errno = EINVAL;
		return -1;
	}
	/* A FIFO opened for reading and writing must stay so: we may be its only reader.
	 */
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	return open(self, (flags & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}
