/*
 * A state machine over the bytes of the server: basic header, message header, extended
 * time stamp, payload, as the RTMP specification has them. It keeps for each chunk stream
 * how much of its message is still to come. Below it are connect, recv and
 * gnutls_record_recv, which stand in for the libraries' own and feed it.
 */
#include "bound.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HANDSHAKE (1 + 2 * 1536)
#define CHUNK_SIZE 128 /* until the server sets another */
#define EXTENDED 0xffffff
#define SET_CHUNK_SIZE 1 /* the message type */

enum state { BASIC, ID_BYTE, ID_BYTES, HEADER, LONG_TIME, PAYLOAD, BROKEN };

static struct bound watched;
static bool watches, watches_tls;
static int watched_socket = -1; /* of the last connection to a server */

void bound_begin(struct bound *bound)
{
	*bound = (struct bound){.handshake = HANDSHAKE, .chunk_size = CHUNK_SIZE};
}

static uint32_t number(const uint8_t *bytes, unsigned count)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < count; i++)
		n = n << 8 | bytes[i];
	return n;
}

static struct bound_stream *find_stream(struct bound *bound)
{
	for (unsigned i = 0; i < bound->count; i++)
		if (bound->streams[i].id == bound->id)
			return &bound->streams[i];
	if (bound->count == BOUND_STREAMS)
		return NULL;
	struct bound_stream *stream = &bound->streams[bound->count++];
	*stream = (struct bound_stream){.id = bound->id};
	return stream;
}

static enum state begin_payload(struct bound *bound)
{
	struct bound_stream *stream = bound->stream;

	bound->chunk_left =
		stream->left < bound->chunk_size ? stream->left : bound->chunk_size;
	return bound->chunk_left > 0 ? PAYLOAD : BASIC;
}

/*
 * The header of a chunk is complete. Within a message only the shortest header is
 * allowed. With a longer one libavformat keeps part of the first header, so it and we
 * would no longer agree where the next header begins.
 */
static enum state take_header(struct bound *bound)
{
	struct bound_stream *stream = bound->stream;

	if (bound->format < 3 && stream->left > 0)
		return BROKEN;
	if (bound->format < 3)
		stream->extended = number(bound->header, 3) == EXTENDED;
	if (bound->format < 2) {
		uint32_t length = number(bound->header + 3, 3);
		if (length > BOUND_MESSAGE)
			return BROKEN;
		stream->length = length;
		stream->type = bound->header[6];
	}
	if (stream->left == 0)
		stream->left = stream->length;
	bound->got = 0;
	return stream->extended ? LONG_TIME : begin_payload(bound);
}

static enum state take_id(struct bound *bound)
{
	static const unsigned sizes[] = {11, 7, 3, 0};

	bound->stream = find_stream(bound);
	bound->want = sizes[bound->format];
	bound->got = 0;
	if (!bound->stream)
		return BROKEN;
	return bound->want > 0 ? HEADER : take_header(bound);
}

static enum state take_basic(struct bound *bound, uint8_t byte)
{
	bound->format = byte >> 6;
	bound->id = byte & 63;
	bound->got = 0;
	return bound->id == 0 ? ID_BYTE : bound->id == 1 ? ID_BYTES : take_id(bound);
}

static enum state take_payload(struct bound *bound, uint8_t byte)
{
	struct bound_stream *stream = bound->stream;
	uint32_t at = stream->length - stream->left;

	if (stream->type == SET_CHUNK_SIZE && at < sizeof bound->told)
		bound->told[at] = byte;
	stream->left--;
	if (--bound->chunk_left > 0)
		return PAYLOAD;
	if (stream->left == 0 && stream->type == SET_CHUNK_SIZE && stream->length >= 4) {
		bound->chunk_size = number(bound->told, 4);
		if (bound->chunk_size == 0 || bound->chunk_size > INT32_MAX)
			return BROKEN;
	}
	return BASIC;
}

static enum state take_byte(struct bound *bound, uint8_t byte)
{
	switch ((enum state)bound->state) {
	case BASIC:
		return take_basic(bound, byte);
	case ID_BYTE:
		bound->id = 64u + byte;
		return take_id(bound);
	case ID_BYTES:
		bound->header[bound->got++] = byte;
		if (bound->got < 2)
			return ID_BYTES;
		bound->id = 64u + bound->header[0] + bound->header[1] * 256u;
		return take_id(bound);
	case HEADER:
		bound->header[bound->got++] = byte;
		return bound->got < bound->want ? HEADER : take_header(bound);
	case LONG_TIME:
		return ++bound->got < 4 ? LONG_TIME : begin_payload(bound);
	case PAYLOAD:
		return take_payload(bound, byte);
	case BROKEN:
		break;
	}
	return BROKEN;
}

bool bound_take(struct bound *bound, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size && bound->state != BROKEN; i++) {
		if (bound->handshake > 0)
			bound->handshake--;
		else
			bound->state = (int)take_byte(bound, data[i]);
	}
	return bound->state != BROKEN;
}

void bound_watch(bool tls)
{
	bound_begin(&watched);
	watches = true;
	watches_tls = tls;
}

bool bound_broken(void)
{
	return watched.state == BROKEN;
}

/*
 * Replaces the C library's connect, as recv below does; the library's own resolver does
 * not call it. If the server asks for a password, libavformat connects again by itself,
 * and a new handshake comes.
 */
int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t size)
{
	sa_family_t family = address.__sockaddr__->sa_family;

	if (family == AF_INET || family == AF_INET6) {
		watched_socket = fd;
		if (!bound_broken())
			bound_begin(&watched);
	}
	return (int)syscall(SYS_connect, fd, address.__sockaddr__, size);
}

ssize_t recv(int fd, void *data, size_t size, int flags)
{
	ssize_t n = recvfrom(fd, data, size, flags, NULL, NULL);

	if (n <= 0 || fd != watched_socket || !watches || watches_tls ||
		(flags & MSG_PEEK) || bound_take(&watched, data, (size_t)n))
		return n;
	errno = EPROTO;
	return -1;
}

/* Replaces the function of GnuTLS, in case libavformat was built with that. */
ssize_t gnutls_record_recv(void *session, void *data, size_t size);
ssize_t gnutls_record_recv(void *session, void *data, size_t size)
{
	static ssize_t (*real)(void *session, void *data, size_t size);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "gnutls_record_recv");
	ssize_t n = real ? real(session, data, size) : -1;
	if (n <= 0 || !watches || !watches_tls || bound_take(&watched, data, (size_t)n))
		return n;
	return -1; /* not a code that would make libavformat try again */
}
