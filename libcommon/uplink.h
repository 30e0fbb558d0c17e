/*
 * uplink: one RTMP session to a server, which knows what the far side has acknowledged.
 *
 * No call outlasts its deadline, and each heeds the stop descriptor. The address is a
 * secret: only uplink_server is to be shown. Errors are -1; uplink_why says what
 * happened, in the server's words where it gave some.
 */
#ifndef STREAMHUB_UPLINK_H
#define STREAMHUB_UPLINK_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "timeline.h"

#define UPLINK_SILENCE \
	10000 /* ms that the far side may acknowledge nothing of what waits */

struct uplink {
	AVFormatContext *format; /* NULL: there is no session */
	int index[TIMELINE_KINDS]; /* the stream of each kind, or -1 */
	int socket;
	int stop; /* a descriptor that gets readable when all is to end, or -1 */
	int64_t deadline, looked; /* by tick.h; when it was looked at last */
	bool putting; /* a packet is on its way */
	bool refused; /* what was to be sent, by libavformat: the server is well */
	bool stopped; /* stop got readable during a call */
	const char *authorities; /* a file of those who are trusted to vouch for rtmps
				    servers; NULL: the system's */
	uint64_t acked, sent; /* bytes of this session */
	int64_t heard; /* when acked grew last, or there was nothing to wait for */
};

/* Starts without a session, and takes over the log of libavformat. */
void uplink_init(struct uplink *uplink, int stop);

/* Opens a session for streams with these parameters; NULL for a kind that it has not. */
int uplink_open(struct uplink *uplink, const char *url,
	AVCodecParameters *const pars[TIMELINE_KINDS]);

/* Whether the session has such a stream, and with this codec. */
bool uplink_carries(const struct uplink *uplink, enum timeline_kind kind,
	const AVCodecParameters *par);

/* Sends a packet, its times in milliseconds. */
int uplink_put(struct uplink *uplink, enum timeline_kind kind, AVPacket *packet);

/* Hands all over to the kernel and asks it what the far side has acknowledged. */
int uplink_sync(struct uplink *uplink);

/* Ends the session, politely if it still works. Safe twice. */
void uplink_close(struct uplink *uplink);

/* Why it did not work, in words without the key. */
const char *uplink_why(void);

/* Whether it is rtmp:// or rtmps:// with a host, an application and a key. */
bool uplink_address_ok(const char *url);

/*
 * The address without its key: all that follows the application is "***", and so are a
 * name and password before the host. Where they cannot be told apart, only the scheme is
 * left.
 */
void uplink_server(const char *url, char *out, size_t size);

#endif
