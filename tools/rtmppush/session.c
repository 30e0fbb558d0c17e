/*
 * libavformat speaks RTMP; this module watches it. It finds the socket among our
 * descriptors, to ask the kernel how much was acknowledged (TCP_INFO, SIOCOUTQ). The
 * interrupt callback look_around enforces deadlines and the stop descriptor. bound.h
 * limits what the server sends, and hear takes reasons from libavformat's log, because
 * its error codes say little. mask removes the key from all of that.
 */
#include "session.h"

#include <dirent.h>
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/text.h"
#include "bound.h"

#define SEND_BUFFER "131072" /* bytes that may wait in the kernel */
#define ESTABLISHED \
	1 /* TCP_ESTABLISHED; linux/tcp.h and netinet/tcp.h exclude each other */
#define LOOK_EVERY (CLOCK_SECOND / 10)
#define CONNECT_TIME (10 * CLOCK_SECOND)

static char why[300];
static char secret[4096]; /* the part of the address that must not be shown */

/* Replaces all parts of the key in text by "***". */
static void mask(char *text)
{
	static const char ends[] = "/:@?&=#, ";
	char parts[sizeof secret], *rest = parts, *at;

	memcpy(parts, secret, sizeof parts);
	for (char *part; (part = strsep(&rest, ends));) {
		size_t len = strlen(part);
		while (len > 3 && (at = strstr(text, part))) {
			memcpy(at, "***", 3);
			memmove(at + 3, at + len, strlen(at + len) + 1);
		}
	}
}

/* The log callback of libavformat, which gives some reasons only in its log. */
__attribute__((format(printf, 3, 0))) static void hear(
	void *context, int level, const char *format, va_list args)
{
	static const char *const told[][2] = {
		{"Server error: ", "the server says: "},
		{"Failed to resolve hostname", "no address is known for"},
		{"Peer certificate failed", "its certificate failed"},
		{"The certificate's owner", "its certificate's owner"},
	};
	char text[1024];

	(void)context;
	if (level > AV_LOG_ERROR)
		return;
	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = '\0';
	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		size_t len = strlen(told[i][0]);
		if (strncmp(text, told[i][0], len) != 0)
			continue;
		mask(text + len);
		snprintf(why, sizeof why, "%s%.200s", told[i][1], text + len);
	}
}

/* Many servers refuse a key by hanging up at once, without a word. */
static void closed(const struct session *session)
{
	snprintf(why, sizeof why, "the server has closed the connection%s",
		clock_now() < session->opened + CLOCK_SECOND
			? " at once: it may refuse the key"
			: "");
}

/* Finds words for an error; libavformat's own are useless for deadlines and hang-ups. */
static void fail(struct session *session, int error)
{
	session->frozen = session->frozen || clock_now() >= session->deadline;
	if (bound_broken())
		snprintf(why, sizeof why,
			"the server sends more than a server may: messages too long or "
			"too many");
	if (*why)
		return;
	if (clock_now() >= session->deadline)
		snprintf(why, sizeof why,
			session->putting ? "the server has taken nothing for %d s"
					 : "the server has not answered for %d s",
			(int)(session->putting ? SESSION_SILENCE : CONNECT_TIME) / 1000);
	else if ((error == AVERROR(EIO) || error == AVERROR_EOF) && session->socket < 0)
		snprintf(why, sizeof why,
			"the server hung up without a reason: it may refuse the key");
	else if (error == AVERROR(EIO) || error == AVERROR_EOF ||
		error == AVERROR(EPIPE) || error == AVERROR(ECONNRESET))
		closed(session);
	else
		av_strerror(error, why, sizeof why);
}

const char *session_why(void)
{
	return why;
}

void session_init(struct session *session, int stop)
{
	*session = (struct session){.socket = -1, .stop = stop};
	av_log_set_callback(hear);
}

/* Where the key begins: behind the application, or with a query ("?") or the like. */
static const char *find_key(const char *url)
{
	static const char ends[] = "/?# ";
	const char *at = strstr(url, "://");

	at = at ? strpbrk(at + 3, ends) : NULL;
	at = at && *at == '/' ? strpbrk(at + 1, ends) : NULL;
	return at && at[1] ? at + 1 : NULL;
}

bool session_address_ok(const char *url)
{
	return address_is_rtmp(url) && find_key(url);
}

void session_server(const char *url, char *out, size_t size)
{
	const char *key = find_key(url);
	const char *host = strstr(url, "://");
	const char *at = strrchr(url, '@');
	int scheme = host ? (int)(host + 3 - url) : 0;
	bool password = at && host && at < host + 3 + strcspn(host + 3, "/?# ");

	/* A later @ may be the end of a password that contains a slash. */
	if (!key || (at && !password))
		snprintf(out, size, "%.*s***", scheme, url);
	else if (password)
		snprintf(out, size, "%.*s***@%.*s***", scheme, url, (int)(key - at - 1),
			at + 1);
	else
		snprintf(out, size, "%.*s***", (int)(key - url), url);
}

/* Gets the acknowledged and the waiting bytes of the same moment. If an acknowledgement
 * came between the two questions, their sum would be wrong, so ask again. */
static int ask_kernel(int fd, struct tcp_info *info, int *waiting)
{
	uint64_t acked;

	do {
		acked = info->tcpi_bytes_acked;
		socklen_t size = sizeof *info;
		if (ioctl(fd, SIOCOUTQ, waiting) < 0 ||
			getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size) < 0)
			return -1;
	} while (info->tcpi_bytes_acked != acked);
	return 0;
}

/* Asks the kernel what the server has acknowledged. Returns 0; -1: it cannot tell. */
static int hear_acks(struct session *session, struct tcp_info *info)
{
	int waiting = 0;

	if (ask_kernel(session->socket, info, &waiting) < 0)
		return -1;
	if (info->tcpi_bytes_acked > session->acked || waiting == 0)
		session->heard = clock_now();
	if (info->tcpi_snd_wnd > session->widest)
		session->widest = info->tcpi_snd_wnd;
	session->unread = session->widest - info->tcpi_snd_wnd;
	session->acked = info->tcpi_bytes_acked;
	session->sent = info->tcpi_bytes_acked + (uint64_t)waiting;
	return 0;
}

/*
 * The interrupt callback. libavformat calls it twice for each 128 bytes, so it really
 * looks only a few times a second. A slow server is no silent one: each acknowledgement
 * moves the deadline of a session_put.
 */
static int look_around(void *opaque)
{
	struct session *session = opaque;
	struct pollfd stop = {session->stop, POLLIN, 0};
	struct tcp_info info = {0};
	int64_t now = clock_now();

	if (now < session->looked + LOOK_EVERY)
		return now >= session->deadline;
	session->looked = now;
	uint64_t before = session->acked;
	/* Only new acknowledgements count: libavformat may be reading for ever while
	 * nothing waits to be sent. */
	if (session->putting && hear_acks(session, &info) == 0 && session->acked > before)
		session->deadline = session->heard + SESSION_SILENCE;
	session->stopped = poll(&stop, 1, 0) > 0;
	return now >= session->deadline || session->stopped;
}

/* Marks the sockets among our descriptors. libavformat does not say which one is its own,
 * so it is found by comparing the marks before and after it connects. */
static void mark_sockets(unsigned char *marks, size_t count)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	struct sockaddr_storage name;

	memset(marks, 0, count);
	while (dir && (entry = readdir(dir))) {
		socklen_t size = sizeof name;
		int fd = atoi(entry->d_name);
		if (fd >= 0 && (size_t)fd < count &&
			getpeername(fd, (struct sockaddr *)&name, &size) == 0 &&
			(name.ss_family == AF_INET || name.ss_family == AF_INET6))
			marks[fd] = 1;
	}
	if (dir)
		closedir(dir);
}

static int connect_to(struct session *session, const char *url)
{
	static unsigned char before[1024], after[1024];
	AVIOInterruptCB around = {look_around, session};
	AVDictionary *options = NULL;

	session->deadline = clock_now() + CONNECT_TIME;
	av_dict_set(&options, "send_buffer_size", SEND_BUFFER, 0);
	av_dict_set(&options, "tcp_nodelay", "1", 0);
	av_dict_set(&options, "tls_verify", "1", 0);
	av_dict_set(&options, "ca_file", session->authorities, 0);
	bound_watch(text_after(url, "rtmps:"));
	mark_sockets(before, sizeof before);
	int error =
		avio_open2(&session->format->pb, url, AVIO_FLAG_WRITE, &around, &options);
	av_dict_free(&options);
	mark_sockets(after, sizeof after);
	for (size_t i = 0; i < sizeof after && error >= 0; i++)
		if (after[i] && !before[i])
			session->socket = (int)i;
	return error;
}

static int add_streams(
	struct session *session, AVCodecParameters *const pars[TIMELINE_KINDS])
{
	int error = 0;

	for (int kind = 0; kind < TIMELINE_KINDS && error >= 0; kind++) {
		session->index[kind] = -1;
		if (!pars[kind])
			continue;
		AVStream *stream = avformat_new_stream(session->format, NULL);
		if (!stream)
			return AVERROR(ENOMEM);
		error = avcodec_parameters_copy(stream->codecpar, pars[kind]);
		stream->codecpar->codec_tag = 0;
		session->index[kind] = stream->index;
	}
	return error;
}

/* Notes if libavformat itself refused to send: then the server is not to blame. */
static void note_refusal(struct session *session, int error)
{
	session->refused = error < 0 && error != AVERROR_EXIT &&
		error != AVERROR(ENOMEM) && clock_now() < session->deadline &&
		session->format->pb->error >= 0;
}

int session_open(struct session *session, const char *url,
	AVCodecParameters *const pars[TIMELINE_KINDS])
{
	const char *key = strchr(url, '@') ? NULL : find_key(url);
	AVDictionary *options = NULL;

	snprintf(secret, sizeof secret, "%s", key ? key : url);
	*why = '\0';
	session->acked = session->sent = session->unread = session->widest = 0;
	session->refused = session->frozen = false;
	session->socket = -1;
	int error = avformat_alloc_output_context2(&session->format, NULL, "flv", NULL);
	if (error >= 0)
		error = add_streams(session, pars);
	if (error >= 0)
		error = connect_to(session, url);
	if (error >= 0) {
		session->format->flags |= AVFMT_FLAG_FLUSH_PACKETS;
		av_dict_set(&options, "flvflags", "no_duration_filesize", 0);
		error = avformat_write_header(session->format, &options);
		note_refusal(session, error);
		av_dict_free(&options);
	}
	session->heard = session->opened = clock_now();
	if (error < 0 || session_sync(session) < 0) {
		fail(session, error);
		session_close(session);
		return -1;
	}
	return 0;
}

bool session_carries(const struct session *session, enum timeline_kind kind,
	const AVCodecParameters *par)
{
	int index = session->index[kind];

	if (index < 0)
		return false;
	const AVCodecParameters *own = session->format->streams[index]->codecpar;
	/* AAC announces rate and channels again in its header. For other audio they are
	 * in each FLV tag and must stay as announced. */
	return own->codec_id == par->codec_id &&
		(kind == TIMELINE_VIDEO || par->codec_id == AV_CODEC_ID_AAC ||
			(own->sample_rate == par->sample_rate &&
				own->ch_layout.nb_channels ==
					par->ch_layout.nb_channels));
}

int session_put(struct session *session, enum timeline_kind kind, AVPacket *packet)
{
	struct tcp_info info = {0};

	if (clock_now() > session->heard + LOOK_EVERY)
		hear_acks(
			session, &info); /* heard may be old: we may have been stopped */
	session->deadline = session->heard + SESSION_SILENCE;
	packet->stream_index = session->index[kind];
	session->putting = true;
	int error = av_write_frame(session->format, packet);
	note_refusal(session, error);
	if (error < 0)
		fail(session, error);
	session->putting = false;
	return error < 0 ? -1 : 0;
}

/* libavformat sends pieces of 128 bytes. With cork the kernel collects them. */
static void send_together(struct session *session, int cork)
{
	setsockopt(session->socket, IPPROTO_TCP, TCP_CORK, &cork, sizeof cork);
}

int session_sync(struct session *session)
{
	struct tcp_info info = {0};

	avio_flush(session->format->pb);
	send_together(session, 0);
	send_together(session, 1);
	if (session->format->pb->error < 0) {
		fail(session, session->format->pb->error);
		return -1;
	}
	if (hear_acks(session, &info) < 0) {
		snprintf(why, sizeof why, "the connection cannot be watched");
		return -1;
	}
	if (info.tcpi_state != ESTABLISHED) {
		closed(session);
		return -1;
	}
	if (clock_now() - session->heard >= SESSION_SILENCE) {
		snprintf(why, sizeof why, "the server has taken nothing for %d s",
			SESSION_SILENCE / 1000);
		session->frozen = true;
		return -1;
	}
	return 0;
}

void session_close(struct session *session)
{
	if (!session->format)
		return;
	const struct linger at_once = {.l_onoff = 1};
	if (session->frozen && session->socket >= 0)
		setsockopt(
			session->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	session->deadline = clock_now() + CLOCK_SECOND / 2;
	if (session->format->pb)
		avio_close(session->format->pb);
	avformat_free_context(session->format);
	session->format = NULL;
	session->socket = -1;
}
