/*
 * read_archive: whatever the bytes, read_archive comes to an end, and what it sends keeps
 * to its limits.
 */
#include "read_archive.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len);

static int64_t sent, clips;
static volatile unsigned char sink_byte;

static int take_clip(struct read_archive_sink *sink, const char *name, int64_t mtime_ns)
{
	(void)sink;
	/* A name is one, and mtime 0 says that it is not known. */
	if (!*name || strlen(name) > READ_ARCHIVE_NAME_MAX || strchr(name, '/') ||
		strchr(name, '\\') || strcmp(name, "..") == 0 || mtime_ns < 0)
		abort();
	if (++clips > READ_ARCHIVE_MAX)
		abort();
	return 0;
}

static int take_data(struct read_archive_sink *sink, const void *bytes, size_t len)
{
	(void)sink;
	if (clips == 0)
		abort();
	for (size_t i = 0; i < len; i++) /* all of it can be read */
		sink_byte = ((const unsigned char *)bytes)[i];
	sent += (int64_t)len;
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
	static int fd = -1;
	struct read_archive_sink sink = {take_clip, take_data};
	char detail[160];

	if (fd < 0)
		fd = memfd_create("archive", MFD_CLOEXEC);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, bytes, len, 0) != (ssize_t)len ||
		lseek(fd, 0, SEEK_SET) < 0)
		abort();
	sent = clips = 0;
	enum read_archive_code code =
		read_archive(fd, (int64_t)len, &sink, detail, sizeof detail);
	if (code < 0 || code >= READ_ARCHIVE_CODES || !memchr(detail, 0, sizeof detail))
		abort();
	if (code == READ_ARCHIVE_GOOD &&
		(clips == 0 ||
			read_archive_limit(clips, sent, (int64_t)len) !=
				READ_ARCHIVE_GOOD))
		abort();
	return 0;
}
