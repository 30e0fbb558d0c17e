/* container: whatever the bytes, container_check comes to an end with a report that is
 * one.
 */
#include "media/container.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
	static int fd = -1;
	struct report report = {0};

	if (fd < 0)
		fd = memfd_create("clip", MFD_CLOEXEC);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, bytes, len, 0) != (ssize_t)len)
		abort();
	container_check(fd, &report);
	if (!report_sane(&report) || report.size != (int64_t)len)
		abort();
	/* What is not told from other files is not good. */
	if (!report.found && report.container == REPORT_NO_CONTAINER)
		abort();
	return 0;
}
