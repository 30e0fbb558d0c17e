/*
 * http: an HTTP client for one address, over libcurl, for a loop that polls. It asks with
 * GET, and the answer is a stream that the caller takes piece by piece: while a piece
 * waits, nothing is read from the network.
 *
 *     http_get(&http, headers);
 *     loop: http_fds, poll until http_due, http_work; then look at state and http_body
 *
 * Redirects are followed here, 10 at most, and never from https to http. The token, and
 * the name and password of the address, go to the origin of the address (scheme, host
 * and port) alone, and no more once a redirect has left it. Where 301 and 308 lead to is
 * asked at once the next time.
 *
 * TLS 1.2 or later, always verified. Proxies as curl(1) takes them from the environment.
 * HTTP/1.1, no compression: an answer with a Content-Encoding is refused. libcurl looks
 * names up in a thread of its own; an unfinished look-up holds nobody up.
 */
#ifndef STREAMHUB_HTTP_H
#define STREAMHUB_HTTP_H

#include <curl/curl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_URL_MAX 8192
#define HTTP_HEADERS_MAX 65536 /* of an answer; more of them, and it is refused */
#define HTTP_REDIRECTS 10
#define HTTP_FDS 8
#define HTTP_SERVER_MAX 300

struct http_options {
	const char
		*ca; /* a file of certificates, used instead of the system's, or NULL */
	const char *token; /* sent as Authorization: Bearer; "": none */
	int64_t connect; /* ms that a connection may take, with TLS and the name's look-up
			  */
};

enum http_state {
	HTTP_IDLE, /* nothing is asked */
	HTTP_ASKING, /* there is no answer yet */
	HTTP_ANSWERED, /* status and headers are there; a body may come */
	HTTP_ENDED, /* the answer is complete */
	HTTP_FAILED, /* trouble says why */
};

/* An address without name and password. */
struct http_place {
	char url[HTTP_URL_MAX];
	char origin[HTTP_SERVER_MAX + 16]; /* scheme://host:port */
	bool away; /* the origin was left: no secret is sent */
};

struct http {
	enum http_state state;
	long status; /* from HTTP_ANSWERED on */
	char server[HTTP_SERVER_MAX]; /* host:port that is asked, for messages */
	char trouble[256]; /* holds no secret, and no figure that changes each time */
	bool refused; /* the trouble is the answer, not the network */

	/* http.c's own. */
	struct http_options options;
	char user[256], password[256];
	struct http_place home, kept, now;
	bool permanent; /* so far 301 and 308 alone were followed */
	int redirects;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
	struct pollfd watched[HTTP_FDS];
	size_t watched_count;
	int64_t due; /* of libcurl's timer */
	bool connected, headers_done, paused;
	size_t headers_len;
	int64_t heard;
	char body[CURL_MAX_WRITE_SIZE];
	size_t body_at, body_len;
};

/*
 * Prepares for the address. What the options point to must stay. Returns 0, or -1: the
 * trouble says what is wrong with the address, or that libcurl cannot start.
 */
int http_open(struct http *http, const char *url, const struct http_options *options);

/* Asks. headers are lines "Name: value", without control bytes, and end with NULL. */
void http_get(struct http *http, const char *const *headers);

/* Fills in the descriptors to poll. Returns how many. */
size_t http_fds(const struct http *http, struct pollfd fds[HTTP_FDS]);

/* Call http_work then at the latest; a deadline of clock.h. */
int64_t http_due(const struct http *http);

/* Call after poll, with what http_fds filled in. */
void http_work(struct http *http, const struct pollfd *fds, size_t count);

/* A header of the answer, or NULL. Lives until the next http_get or http_stop. */
const char *http_header(struct http *http, const char *name);

/* The piece of the body that waits: its length, and *bytes. Take it all before HTTP_ENDED
 * and HTTP_FAILED count. */
size_t http_body(const struct http *http, const char **bytes);

/* So many bytes of it are taken. */
void http_took(struct http *http, size_t len);

/* When the server was last heard of; CLOCK_NEVER while it need not speak: there is no
 * connection yet, or a piece waits. */
int64_t http_heard(const struct http *http);

/* Breaks the answer off. */
void http_stop(struct http *http);

/* The next time the address itself is asked, not where it has moved to. */
void http_forget(struct http *http);

void http_close(struct http *http);

#endif
