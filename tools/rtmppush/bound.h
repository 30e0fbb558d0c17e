/*
 * bound: limits what an RTMP server may send. libavformat's client trusts the server: a
 * message of deeply nested values would overflow its stack, and unfinished messages on
 * many chunk streams would fill the memory.
 *
 * This module defines the reading functions that libavformat calls, so the linker takes
 * them instead of the libraries' own. They follow the chunks and fail before one that
 * exceeds a limit. A message is small, so its values cannot nest deeply.
 */
#ifndef STREAMHUB_BOUND_H
#define STREAMHUB_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOUND_MESSAGE 8192 /* bytes; servers answer publishers with a few hundred */
#define BOUND_STREAMS 16 /* chunk streams; servers use five */

struct bound_stream {
	unsigned id;
	uint32_t length, left; /* of the message under way */
	uint8_t type;
	bool extended; /* its time stamp has four bytes more */
};

struct bound {
	size_t handshake; /* bytes of the handshake still to come */
	int state;
	unsigned format, got, want;
	uint8_t header[11];
	uint32_t chunk_size, chunk_left;
	uint8_t told[4]; /* the first bytes of a message that sets the chunk size */
	struct bound_stream streams[BOUND_STREAMS];
	struct bound_stream *stream; /* the stream of the current chunk */
	unsigned count;
	unsigned id;
};

/* Starts with the handshake of a server. */
void bound_begin(struct bound *bound);

/* Follows bytes that the server has sent. False: a limit was exceeded, now or before. */
bool bound_take(struct bound *bound, const uint8_t *data, size_t size);

/*
 * Begins to watch the next connection, and each that libavformat opens after it: with tls
 * the bytes that the TLS library returns, else those of the socket.
 */
void bound_watch(bool tls);

/* True if a limit was exceeded: the session must end. */
bool bound_broken(void);

#endif
