/*
 * One easy handle in one multi handle. libcurl says by callbacks what is to be polled and
 * when its timer is due; these only note it. A piece of the body that comes while the one
 * before was not taken pauses the transfer (CURL_WRITEFUNC_PAUSE). What the callbacks
 * noted is acted upon in look, outside of libcurl.
 */
#include "net/http.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

/* Ends the transfer. The piece that waits stays. */
static void drop(struct http *http)
{
	/* Nothing happens if it is not there. */
	if (http->multi && http->easy)
		curl_multi_remove_handle(http->multi, http->easy);
	http->due = CLOCK_NEVER;
}

__attribute__((format(printf, 2, 3))) static void fail(
	struct http *http, const char *format, ...)
{
	va_list args;

	drop(http);
	va_start(args, format);
	vsnprintf(http->trouble, sizeof http->trouble, format, args);
	va_end(args);
	http->state = HTTP_FAILED;
}

/* It is the answer that is of no use. */
static void refuse(struct http *http, const char *why)
{
	fail(http, "%s", why);
	http->refused = true;
	http->body_len = 0;
}

/* Copies a part of the address; "" if it has none. False: it is too long. */
static bool part(CURLU *parts, CURLUPart which, unsigned flags, char *out, size_t size)
{
	char *text = NULL;

	*out = '\0';
	if (curl_url_get(parts, which, &text, flags) != CURLUE_OK)
		return true;
	int n = snprintf(out, size, "%s", text);
	explicit_bzero(text, strlen(text));
	curl_free(text);
	return n >= 0 && (size_t)n < size;
}

/* Fills in a place, without name, password and fragment. NULL, or what is wrong. */
static const char *set_place(CURLU *parts, struct http_place *place)
{
	char scheme[8], host[256], port[8];

	if (!part(parts, CURLUPART_SCHEME, 0, scheme, sizeof scheme) ||
		(strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		return "is neither http nor https";
	curl_url_set(parts, CURLUPART_USER, NULL, 0);
	curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0);
	curl_url_set(parts, CURLUPART_OPTIONS, NULL, 0);
	curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0);
	if (!part(parts, CURLUPART_HOST, 0, host, sizeof host) ||
		!part(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) ||
		!part(parts, CURLUPART_URL, 0, place->url, sizeof place->url))
		return "is too long";
	if (!*host || !*place->url)
		return "has no host";
	snprintf(place->origin, sizeof place->origin, "%s://%s:%s", scheme, host, port);
	return NULL;
}

/* From scheme://host:port. */
static void set_server(struct http *http)
{
	const char *server = strstr(http->now.origin, "//") + 2;

	snprintf(http->server, sizeof http->server, "%s", server);
}

static const char *read_address(struct http *http, const char *url)
{
	CURLU *parts = curl_url();
	const char *wrong = "is no address";

	if (!parts)
		return "cannot be read: no memory";
	if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK) {
		bool fits = part(parts, CURLUPART_USER, CURLU_URLDECODE, http->user,
				    sizeof http->user) &&
			part(parts, CURLUPART_PASSWORD, CURLU_URLDECODE, http->password,
				sizeof http->password);
		wrong = fits ? set_place(parts, &http->home)
			     : "has a name or password that is too long";
	}
	curl_url_cleanup(parts);
	return wrong;
}

static int note_socket(CURL *easy, curl_socket_t fd, int what, void *own, void *unused)
{
	struct http *http = own;
	size_t i = 0;

	(void)easy;
	(void)unused;
	while (i < http->watched_count && http->watched[i].fd != fd)
		i++;
	if (what == CURL_POLL_REMOVE) {
		if (i < http->watched_count)
			http->watched[i] = http->watched[--http->watched_count];
		return 0;
	}
	if (i == HTTP_FDS)
		return -1; /* one transfer does not need so many */
	http->watched_count += i == http->watched_count;
	http->watched[i].fd = fd;
	http->watched[i].events = (short)((what & CURL_POLL_IN ? POLLIN : 0) |
		(what & CURL_POLL_OUT ? POLLOUT : 0));
	return 0;
}

static int note_timer(CURLM *multi, long timeout, void *own)
{
	struct http *http = own;

	(void)multi;
	http->due = timeout < 0 ? CLOCK_NEVER : clock_now() + timeout;
	return 0;
}

/* The connection is up, and the request is about to be sent. */
static int note_connected(void *own, char *to, char *from, int to_port, int from_port)
{
	struct http *http = own;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	http->connected = true;
	http->heard = clock_now();
	return CURL_PREREQFUNC_OK;
}

static size_t note_header(char *bytes, size_t size, size_t count, void *own)
{
	struct http *http = own;
	size_t len = size * count;
	long status = 0;

	http->heard = clock_now();
	http->headers_len += len;
	if (http->headers_len > HTTP_HEADERS_MAX)
		return 0;
	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && len > 0 && (*bytes == '\r' || *bytes == '\n'))
		http->headers_done = true;
	return len;
}

static size_t note_body(char *bytes, size_t size, size_t count, void *own)
{
	struct http *http = own;
	size_t len = size * count;

	if (http->body_len > 0) {
		http->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (len > sizeof http->body)
		return 0; /* libcurl promises that it does not happen */
	memcpy(http->body, bytes, len);
	http->body_at = 0;
	http->body_len = len;
	http->heard = clock_now();
	return len;
}

int http_open(struct http *http, const char *url, const struct http_options *options)
{
	*http = (struct http){.options = *options, .due = CLOCK_NEVER};
	const char *wrong = read_address(http, url);
	http->now = http->home;
	if (!wrong)
		set_server(http);
	if (wrong) {
		snprintf(http->trouble, sizeof http->trouble, "%s", wrong);
		return -1;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0) {
		http->multi = curl_multi_init();
		http->easy = curl_easy_init();
	}
	if (!http->multi || !http->easy) {
		snprintf(http->trouble, sizeof http->trouble,
			"cannot be asked: libcurl does not start");
		return -1;
	}
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, note_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, note_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	return 0;
}

/* The token goes before name and password. */
static void set_secrets(struct http *http)
{
	CURL *easy = http->easy;

	if (http->now.away)
		return;
	if (*http->options.token) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, http->options.token);
	} else if (*http->user || *http->password) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, http->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, http->password);
	}
}

/* CAPATH names the system's certificates, beside a file of one's own too. */
static void set_verification(struct http *http)
{
	CURL *easy = http->easy;

	curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (http->options.ca) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, http->options.ca);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
}

/* Asks the place that is set. */
static void ask(struct http *http)
{
	CURL *easy = http->easy;

	http->state = HTTP_ASKING;
	http->status = 0;
	http->connected = http->headers_done = http->paused = false;
	http->headers_len = http->body_len = 0;
	http->heard = clock_now();
	*http->error = '\0';
	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* no wait for a look-up */
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "streamhub/" STREAMHUB_VERSION);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)http->options.connect);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->error);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, note_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, note_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, note_connected);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, http);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
	set_verification(http);
	set_secrets(http);
	/* Of these alone a failure would change what is asked: it takes memory. */
	if (curl_easy_setopt(easy, CURLOPT_URL, http->now.url) != CURLE_OK ||
		curl_multi_add_handle(http->multi, easy) != CURLM_OK)
		fail(http, "the request cannot be made: no memory");
}

void http_get(struct http *http, const char *const *headers)
{
	http_stop(http);
	http->refused = false;
	http->redirects = 0;
	http->permanent = true;
	curl_slist_free_all(http->headers);
	http->headers = NULL;
	for (; *headers; headers++) {
		struct curl_slist *more = curl_slist_append(http->headers, *headers);
		if (!more) {
			fail(http, "the request cannot be made: no memory");
			return;
		}
		http->headers = more;
	}
	http->now = *http->kept.url ? http->kept : http->home;
	set_server(http);
	ask(http);
}

/* Goes to where a redirect leads. */
static void follow(struct http *http, const char *location)
{
	struct http_place next = {.away = http->now.away};
	CURLU *parts = curl_url();
	const char *wrong = "is no address";

	if (parts && curl_url_set(parts, CURLUPART_URL, http->now.url, 0) == CURLUE_OK &&
		curl_url_set(parts, CURLUPART_URL, location,
			CURLU_URLENCODE | CURLU_ALLOW_SPACE) == CURLUE_OK)
		wrong = set_place(parts, &next);
	curl_url_cleanup(parts);
	if (wrong) {
		fail(http, "a redirect's address %s", wrong);
		http->refused = true;
		return;
	}
	if (strncmp(http->now.url, "https:", 6) == 0 &&
		strncmp(next.url, "https:", 6) != 0) {
		refuse(http, "a redirect from https to http is not followed");
		return;
	}
	if (++http->redirects > HTTP_REDIRECTS) {
		refuse(http, "more than 10 redirects");
		return;
	}
	next.away |= strcasecmp(next.origin, http->home.origin) != 0;
	http->permanent &= http->status == 301 || http->status == 308;
	if (http->permanent)
		http->kept = next;
	http_stop(http);
	http->now = next;
	set_server(http);
	ask(http);
}

/* The headers are there. */
static void judge(struct http *http)
{
	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &http->status);
	http->state = HTTP_ANSWERED;
	const char *location = http_header(http, "Location");
	const char *encoding = http_header(http, "Content-Encoding");
	switch (http->status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		if (location) {
			follow(http, location);
			return;
		}
	}
	if (http->status < 300 && encoding && *encoding &&
		strcasecmp(encoding, "identity") != 0)
		refuse(http, "the answer is compressed, which was not asked for");
}

/* libcurl has ended the transfer. Its own words are taken where no figure is in them that
 * is another each time. */
static void finish(struct http *http, CURLcode code)
{
	long error = 0;

	curl_easy_getinfo(http->easy, CURLINFO_OS_ERRNO, &error);
	if (http->headers_len > HTTP_HEADERS_MAX) {
		refuse(http, "the answer has more than 64 KiB of headers");
		return;
	}
	switch (code) {
	case CURLE_OK:
		drop(http);
		http->state = HTTP_ENDED;
		return;
	case CURLE_COULDNT_RESOLVE_HOST:
		fail(http, "no address is known for it");
		return;
	case CURLE_COULDNT_CONNECT:
		fail(http, "%s", error ? strerror((int)error) : http->error);
		return;
	case CURLE_OPERATION_TIMEDOUT:
		fail(http, "no connection within %d s",
			(int)(http->options.connect / CLOCK_SECOND));
		return;
	case CURLE_GOT_NOTHING:
		fail(http, "the connection was closed without an answer");
		return;
	case CURLE_PARTIAL_FILE:
		fail(http, "the connection was closed in the middle of the answer");
		return;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		refuse(http, "the answer is not HTTP");
		return;
	default:
		fail(http, "%s", *http->error ? http->error : curl_easy_strerror(code));
	}
}

/* Acts upon what the callbacks noted. */
static void look(struct http *http)
{
	CURLMsg *message;
	int left;
	CURLcode code = CURLE_OK;
	bool done = false;

	/* Taken first: judge may begin another transfer with the handle. */
	while ((message = curl_multi_info_read(http->multi, &left)))
		if (message->msg == CURLMSG_DONE) {
			done = true;
			code = message->data.result;
		}
	if (http->state == HTTP_ASKING && http->headers_done) {
		judge(http);
		if (http->state != HTTP_ANSWERED)
			return;
	}
	if (done)
		finish(http, code);
}

size_t http_fds(const struct http *http, struct pollfd fds[HTTP_FDS])
{
	memcpy(fds, http->watched, http->watched_count * sizeof *fds);
	return http->watched_count;
}

int64_t http_due(const struct http *http)
{
	return http->due;
}

static bool is_running(const struct http *http)
{
	return http->state == HTTP_ASKING || http->state == HTTP_ANSWERED;
}

static void act(struct http *http, curl_socket_t fd, int events)
{
	int running;

	if (curl_multi_socket_action(http->multi, fd, events, &running) != CURLM_OK)
		fail(http, "libcurl failed");
	else
		look(http);
}

void http_work(struct http *http, const struct pollfd *fds, size_t count)
{
	for (size_t i = 0; i < count && is_running(http); i++) {
		int events = (fds[i].revents & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
			(fds[i].revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
			(fds[i].revents & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);
		if (events)
			act(http, fds[i].fd, events);
	}
	if (http->due <= clock_now() && is_running(http)) {
		http->due = CLOCK_NEVER;
		act(http, CURL_SOCKET_TIMEOUT, 0);
	}
}

const char *http_header(struct http *http, const char *name)
{
	struct curl_header *header;

	if (curl_easy_header(http->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return NULL;
	return header->value;
}

size_t http_body(const struct http *http, const char **bytes)
{
	*bytes = http->body + http->body_at;
	return http->body_len;
}

void http_took(struct http *http, size_t len)
{
	http->body_at += len;
	http->body_len -= len;
	if (http->body_len > 0 || !http->paused || !is_running(http))
		return;
	/* It gives the next piece at once. */
	http->paused = false;
	http->heard = clock_now();
	curl_easy_pause(http->easy, CURLPAUSE_CONT);
}

int64_t http_heard(const struct http *http)
{
	bool must_speak = http->connected && is_running(http) && http->body_len == 0;

	return must_speak ? http->heard : CLOCK_NEVER;
}

void http_stop(struct http *http)
{
	drop(http);
	http->body_len = 0;
	http->state = HTTP_IDLE;
}

void http_forget(struct http *http)
{
	*http->kept.url = '\0';
}

void http_close(struct http *http)
{
	http_stop(http);
	curl_slist_free_all(http->headers);
	curl_easy_cleanup(http->easy);
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
	explicit_bzero(http, sizeof *http);
}
