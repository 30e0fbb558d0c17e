/*
 * The child runs read_archive and fills the slots of a ring in shared memory. For each
 * full slot, and for each new clip, it sends a message; for each slot that was written to
 * disk it gets a byte back, so it cannot fill a slot that is still in use. The parent
 * trusts nothing in a message: names, lengths and limits are checked again.
 */
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "clip/clipname.h"

#define SLOTS 4
#define SLOT_SIZE ((size_t)256 << 10)
#define MESSAGES_A_TURN 64
#define CHECK_EVERY (INT64_C(16) << 20) /* bytes between two looks at the free space */

/* A message of the child. The bytes of DATA are in the next slot of the ring. */
struct message {
	enum { CLIP, DATA, END } kind;
	uint32_t len; /* of the bytes */
	int64_t mtime_ns;
	enum read_archive_code code;
	char text[READ_ARCHIVE_NAME_MAX + 1];
};

/* The child's side. */
struct reader {
	struct read_archive_sink sink;
	int socket;
	char *ring;
	size_t slot, len, unread;
	int64_t size;
};

static int await_slot(struct reader *reader)
{
	char byte;
	struct iovec part = {&byte, 1};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};

	for (; reader->unread >= SLOTS; reader->unread--)
		if (recvmsg(reader->socket, &msg, 0) != 1)
			return -1;
	return 0;
}

/* Sends the slot that was filled. */
static int flush(struct reader *reader)
{
	struct message message = {.kind = DATA, .len = (uint32_t)reader->len};

	if (reader->len == 0)
		return 0;
	reader->len = 0;
	reader->slot = (reader->slot + 1) % SLOTS;
	reader->unread++;
	return sandboxed_send(reader->socket, &message, sizeof message);
}

static int send_clip(struct read_archive_sink *sink, const char *name, int64_t mtime_ns)
{
	struct reader *reader = (void *)sink;
	struct message message = {.kind = CLIP, .mtime_ns = mtime_ns};

	snprintf(message.text, sizeof message.text, "%s", name);
	return flush(reader) < 0
		? -1
		: sandboxed_send(reader->socket, &message, sizeof message);
}

static int send_data(struct read_archive_sink *sink, const void *bytes, size_t len)
{
	struct reader *reader = (void *)sink;

	while (len > 0) {
		if (reader->len == 0 && await_slot(reader) < 0)
			return -1;
		size_t room = SLOT_SIZE - reader->len, n = len < room ? len : room;
		memcpy(reader->ring + reader->slot * SLOT_SIZE + reader->len, bytes, n);
		reader->len += n;
		bytes = (const char *)bytes + n;
		len -= n;
		if (reader->len == SLOT_SIZE && flush(reader) < 0)
			return -1;
	}
	return 0;
}

static void serve(int socket, void *data)
{
	struct reader *reader = data;
	struct message message = {.kind = END};
	int archive = sandboxed_receive(socket);

	reader->socket = socket;
	if (archive < 0)
		return;
	message.code = read_archive(
		archive, reader->size, &reader->sink, message.text, sizeof message.text);
	if (flush(reader) == 0)
		sandboxed_send(socket, &message, sizeof message);
}

int unpack_begin(struct unpack *unpack, int archive, const struct stat *st, int folder)
{
	struct reader reader = {.sink = {send_clip, send_data}, .size = st->st_size};

	*unpack = (struct unpack){.open = unpack->open,
		.child = {.socket = -1},
		.folder = folder,
		.fd = -1,
		.size = st->st_size,
		.newest_ns = path_nanoseconds(st->st_mtim),
		.deadline = clock_now() + UNPACK_SECONDS * CLOCK_SECOND};
	setlocale(LC_CTYPE, "C.UTF-8"); /* so that libarchive does not convert names */
	unpack->ring = mmap(NULL, SLOTS * SLOT_SIZE, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (unpack->ring == MAP_FAILED) {
		unpack->ring = NULL;
		return -1;
	}
	reader.ring = unpack->ring;
	if (sandboxed_start(&unpack->child,
		    &(struct sandboxed_plan){
			    serve, &reader, UNPACK_MEMORY, unpack->open}) < 0)
		errno = ENOTSUP;
	else if (sandboxed_give(unpack->child.socket, archive) == 0)
		return 0;
	unpack_end(unpack);
	return -1;
}

/* Chooses a name that no other clip of the archive has, in upper or lower case. */
static int choose_name(struct unpack *unpack, struct unpack_clip *clip, const char *own)
{
	size_t same;

	for (unsigned n = 0; n <= READ_ARCHIVE_MAX; n++) {
		if (clipname_number(clip->name, sizeof clip->name, own, n) < 0)
			return -1;
		for (same = 0; same < unpack->count; same++)
			if (strcasecmp(unpack->clips[same].name, clip->name) == 0)
				break;
		if (same == unpack->count)
			return 0;
	}
	errno = EEXIST;
	return -1;
}

/* Sets the time of the clip that was written, and closes it. */
static int finish_clip(struct unpack *unpack)
{
	if (unpack->fd < 0)
		return 0;
	int64_t ns = unpack->clips[unpack->count - 1].mtime_ns;
	struct timespec time = {ns / CLOCK_SECOND_NS, ns % CLOCK_SECOND_NS};
	int error = futimens(unpack->fd, (struct timespec[]){time, time});
	error = close(unpack->fd) < 0 ? -1 : error;
	unpack->fd = -1;
	return error;
}

static int begin_clip(struct unpack *unpack, struct message *message)
{
	message->text[sizeof message->text - 1] = '\0';
	if (finish_clip(unpack) < 0)
		return -1;
	if (*message->text == '\0' || *message->text == '.' ||
		strchr(message->text, '/') || unpack->count >= READ_ARCHIVE_MAX) {
		unpack->code = READ_ARCHIVE_DIED; /* our own reader never sends that */
		return 1;
	}
	struct unpack_clip *clips =
		reallocarray(unpack->clips, unpack->count + 1, sizeof *clips);
	if (!clips)
		return -1;
	unpack->clips = clips;
	struct unpack_clip *clip = &clips[unpack->count];
	if (choose_name(unpack, clip, message->text) < 0)
		return -1;
	bool odd = message->mtime_ns <= 0 || message->mtime_ns > unpack->newest_ns;
	clip->mtime_ns = odd ? unpack->newest_ns : message->mtime_ns;
	unpack->count++;
	unpack->fd = openat(unpack->folder, clip->name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	return unpack->fd < 0 ? -1 : 0;
}

/* Fails with ENOSPC before the disk is full, as that would stop all stations. */
static int check_disk(struct unpack *unpack)
{
	struct statvfs disk;

	if (unpack->bytes < unpack->checked)
		return 0;
	unpack->checked = unpack->bytes + CHECK_EVERY;
	if (fstatvfs(unpack->folder, &disk) < 0)
		return -1;
	if ((int64_t)disk.f_bavail * (int64_t)disk.f_frsize >= UNPACK_FREE + CHECK_EVERY)
		return 0;
	errno = ENOSPC;
	return -1;
}

static int write_data(struct unpack *unpack, const struct message *message)
{
	const char *from = (char *)unpack->ring + unpack->taken++ % SLOTS * SLOT_SIZE;
	size_t len = message->len;

	if (unpack->fd < 0 || len > SLOT_SIZE) {
		unpack->code = READ_ARCHIVE_DIED;
		return 1;
	}
	unpack->bytes += (int64_t)len;
	unpack->code =
		read_archive_limit((int64_t)unpack->count, unpack->bytes, unpack->size);
	if (unpack->code != READ_ARCHIVE_GOOD)
		return 1;
	if (check_disk(unpack) < 0)
		return -1;
	if (path_write_all(unpack->fd, from, len) < 0)
		return -1;
	send(unpack->child.socket, "", 1, MSG_NOSIGNAL); /* the child may have ended */
	return 0;
}

static int take(struct unpack *unpack, struct message *message)
{
	switch (message->kind) {
	case CLIP:
		return begin_clip(unpack, message);
	case DATA:
		return write_data(unpack, message);
	case END:
		break;
	}
	message->text[sizeof message->text - 1] = '\0';
	bool known = message->code < READ_ARCHIVE_STOPPED;
	unpack->code = known ? message->code : READ_ARCHIVE_DIED;
	snprintf(unpack->detail, sizeof unpack->detail, "%.150s", message->text);
	if (unpack->code == READ_ARCHIVE_GOOD && unpack->count == 0)
		unpack->code = READ_ARCHIVE_DIED;
	return finish_clip(unpack) < 0 ? -1 : 1;
}

int unpack_take(struct unpack *unpack)
{
	struct message message;
	int done = 0;

	for (int n = 0; n < MESSAGES_A_TURN && done == 0; n++) {
		ssize_t len = recv(
			unpack->child.socket, &message, sizeof message, MSG_DONTWAIT);
		bool late = clock_now() >= unpack->deadline;
		if (len < 0 && errno == EAGAIN && !late)
			return 0;
		if (len < 0 && errno == ECONNRESET)
			continue; /* the child has ended, but its messages can be read */
		if (len == (ssize_t)sizeof message && !late) {
			done = take(unpack, &message);
		} else {
			unpack->code = late ? READ_ARCHIVE_TIME : READ_ARCHIVE_DIED;
			done = 1;
		}
	}
	return done;
}

void unpack_end(struct unpack *unpack)
{
	int error = errno;

	sandboxed_end(&unpack->child);
	path_close(unpack->fd);
	if (unpack->ring)
		munmap(unpack->ring, SLOTS * SLOT_SIZE);
	free(unpack->clips);
	unpack->fd = -1;
	unpack->ring = NULL;
	unpack->clips = NULL;
	unpack->count = 0;
	errno = error;
}
