/*
 * session: one RTMP session to a server. It knows how many bytes the server has
 * acknowledged.
 *
 * Every call ends at its deadline, and when the stop descriptor is readable. The address
 * is a secret: show only the result of session_server. Errors are -1; session_why says
 * what happened, in the server's words if it gave some.
 */
#ifndef STREAMHUB_SESSION_H
#define STREAMHUB_SESSION_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "timeline.h"

#define SESSION_SILENCE \
	10000 /* ms without an acknowledgement, while bytes wait, that end a session */

struct session {
	AVFormatContext *format; /* NULL: there is no session */
	int index[TIMELINE_KINDS]; /* the stream of each kind, or -1 */
	int socket;
	int stop; /* a descriptor that is readable when this tool is to end, or -1 */
	int64_t deadline, looked; /* looked: when the deadline was checked; by clock.h */
	bool putting; /* session_put is sending a packet */
	bool frozen; /* the server took or said nothing for too long */
	int64_t opened; /* by clock.h */
	bool refused; /* libavformat refused to send; the server is not to blame */
	bool stopped; /* stop became readable during a call */
	const char *authorities; /* file of certificates that are trusted for rtmps; NULL:
				    the system's */
	uint64_t acked, sent; /* bytes of this session */
	uint32_t widest; /* the largest receive window that the server has announced */
	uint64_t unread; /* bytes acknowledged but, by the smaller window, not yet read */
	int64_t heard; /* when acked grew last, or nothing was waiting */
};

/* Starts without a session. Redirects the log of libavformat to this module. */
void session_init(struct session *session, int stop);

/* Opens a session for streams with these parameters; NULL: no stream of that kind. */
int session_open(struct session *session, const char *url,
	AVCodecParameters *const pars[TIMELINE_KINDS]);

/* True if the session has announced a stream of this kind that fits these parameters. */
bool session_carries(const struct session *session, enum timeline_kind kind,
	const AVCodecParameters *par);

/* Sends a packet, its times in milliseconds. */
int session_put(struct session *session, enum timeline_kind kind, AVPacket *packet);

/* Hands all bytes to the kernel and asks it what the server has acknowledged. */
int session_sync(struct session *session);

/*
 * Ends the session, politely if it still works. If the server is frozen the connection is
 * cut off, so that it does not keep the stream name that the next session needs. Safe
 * twice.
 */
void session_close(struct session *session);

/* Why the last call failed, in words without the key. */
const char *session_why(void);

/* True if it is rtmp:// or rtmps:// with a host, an application and a key. */
bool session_address_ok(const char *url);

/*
 * The address without its secrets: "***" replaces all that follows the application, and a
 * name and password before the host. If the parts cannot be told apart, only the scheme
 * is left.
 */
void session_server(const char *url, char *out, size_t size);

#endif
