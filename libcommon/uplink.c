#include "uplink.h"

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

#include "tick.h"

#define SEND_BUFFER "131072" /* bytes that may wait in the kernel */
#define ESTABLISHED \
	1 /* TCP_ESTABLISHED; linux/tcp.h and netinet/tcp.h exclude each other */
#define LOOK_EVERY (TICK_SECOND / 10)
#define CONNECT_TIME (10 * TICK_SECOND)

static char why[300];
static char secret[4096]; /* what of the address is not to be shown */

/* Makes *** of whatever parts of the key are in text. */
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

/* libavformat tells some reasons only in its log. */
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

/* libavformat's own words for a deadline and for a server that hangs up say nothing. */
static void fail(const struct uplink *uplink, int error)
{
	if (*why)
		return;
	if (tick_now() >= uplink->deadline)
		snprintf(why, sizeof why,
			uplink->putting ? "the server has taken nothing for %d s"
					: "the server has not answered for %d s",
			(int)(uplink->putting ? UPLINK_SILENCE : CONNECT_TIME) / 1000);
	else if ((error == AVERROR(EIO) || error == AVERROR_EOF) && uplink->socket < 0)
		snprintf(why, sizeof why,
			"the server hung up without a reason: it may refuse the key");
	else if (error == AVERROR(EIO) || error == AVERROR_EOF)
		snprintf(why, sizeof why, "the server has closed the connection");
	else
		av_strerror(error, why, sizeof why);
}

const char *uplink_why(void)
{
	return why;
}

void uplink_init(struct uplink *uplink, int stop)
{
	*uplink = (struct uplink){.socket = -1, .stop = stop};
	av_log_set_callback(hear);
}

/* Where the key begins: behind the application, or with what asks something of it. */
static const char *find_key(const char *url)
{
	static const char ends[] = "/?# ";
	const char *at = strstr(url, "://");

	at = at ? strpbrk(at + 3, ends) : NULL;
	at = at && *at == '/' ? strpbrk(at + 1, ends) : NULL;
	return at && at[1] ? at + 1 : NULL;
}

bool uplink_address_ok(const char *url)
{
	return (strncmp(url, "rtmp://", 7) == 0 || strncmp(url, "rtmps://", 8) == 0) &&
		find_key(url);
}

void uplink_server(const char *url, char *out, size_t size)
{
	const char *key = find_key(url);
	const char *host = strstr(url, "://"), *at = strrchr(url, '@');
	int scheme = host ? (int)(host + 3 - url) : 0;
	bool password = at && host && at < host + 3 + strcspn(host + 3, "/?# ");

	/* Another @ may end a password that has a slash in it. */
	if (!key || (at && !password))
		snprintf(out, size, "%.*s***", scheme, url);
	else if (password)
		snprintf(out, size, "%.*s***@%.*s***", scheme, url, (int)(key - at - 1),
			at + 1);
	else
		snprintf(out, size, "%.*s***", (int)(key - url), url);
}

/* What was acknowledged and what waits, of one and the same moment: an acknowledgement
 * that comes between the two questions would make less of what was sent. */
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

/* Asks the kernel what the far side has acknowledged. Returns 0; -1: it cannot tell. */
static int hear_acks(struct uplink *uplink, struct tcp_info *info)
{
	int waiting = 0;

	if (ask_kernel(uplink->socket, info, &waiting) < 0)
		return -1;
	if (info->tcpi_bytes_acked > uplink->acked || waiting == 0)
		uplink->heard = tick_now();
	uplink->acked = info->tcpi_bytes_acked;
	uplink->sent = info->tcpi_bytes_acked + (uint64_t)waiting;
	return 0;
}

/*
 * libavformat calls this twice for each 128 bytes: it looks a few times a second. A slow
 * server is not a silent one: what it acknowledges moves the deadline of a put.
 */
static int look_around(void *opaque)
{
	struct uplink *uplink = opaque;
	struct pollfd stop = {uplink->stop, POLLIN, 0};
	struct tcp_info info = {0};
	int64_t now = tick_now();

	if (now < uplink->looked + LOOK_EVERY)
		return now >= uplink->deadline;
	uplink->looked = now;
	uint64_t before = uplink->acked;
	/* libavformat may read for ever, with nothing that waits: only what is new
	 * counts. */
	if (uplink->putting && hear_acks(uplink, &info) == 0 && uplink->acked > before)
		uplink->deadline = uplink->heard + UPLINK_SILENCE;
	uplink->stopped = poll(&stop, 1, 0) > 0;
	return now >= uplink->deadline || uplink->stopped;
}

/* The newest socket among our descriptors: libavformat does not tell which is its own. */
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

static int connect_to(struct uplink *uplink, const char *url)
{
	static unsigned char before[1024], after[1024];
	AVIOInterruptCB around = {look_around, uplink};
	AVDictionary *options = NULL;

	uplink->deadline = tick_now() + CONNECT_TIME;
	av_dict_set(&options, "send_buffer_size", SEND_BUFFER, 0);
	av_dict_set(&options, "tcp_nodelay", "1", 0);
	av_dict_set(&options, "tls_verify", "1", 0);
	av_dict_set(&options, "ca_file", uplink->authorities, 0);
	mark_sockets(before, sizeof before);
	int error =
		avio_open2(&uplink->format->pb, url, AVIO_FLAG_WRITE, &around, &options);
	av_dict_free(&options);
	mark_sockets(after, sizeof after);
	for (size_t i = 0; i < sizeof after && error >= 0; i++)
		if (after[i] && !before[i])
			uplink->socket = (int)i;
	return error;
}

static int add_streams(
	struct uplink *uplink, AVCodecParameters *const pars[TIMELINE_KINDS])
{
	int error = 0;

	for (int kind = 0; kind < TIMELINE_KINDS && error >= 0; kind++) {
		uplink->index[kind] = -1;
		if (!pars[kind])
			continue;
		AVStream *stream = avformat_new_stream(uplink->format, NULL);
		if (!stream)
			return AVERROR(ENOMEM);
		error = avcodec_parameters_copy(stream->codecpar, pars[kind]);
		stream->codecpar->codec_tag = 0;
		uplink->index[kind] = stream->index;
	}
	return error;
}

/* It is not the server's fault when libavformat itself will not send something. */
static void note_refusal(struct uplink *uplink, int error)
{
	uplink->refused = error < 0 && error != AVERROR_EXIT &&
		error != AVERROR(ENOMEM) && tick_now() < uplink->deadline &&
		uplink->format->pb->error >= 0;
}

int uplink_open(struct uplink *uplink, const char *url,
	AVCodecParameters *const pars[TIMELINE_KINDS])
{
	const char *key = strchr(url, '@') ? NULL : find_key(url);
	AVDictionary *options = NULL;

	snprintf(secret, sizeof secret, "%s", key ? key : url);
	*why = '\0';
	uplink->acked = uplink->sent = 0;
	uplink->refused = false;
	uplink->socket = -1;
	int error = avformat_alloc_output_context2(&uplink->format, NULL, "flv", NULL);
	if (error >= 0)
		error = add_streams(uplink, pars);
	if (error >= 0)
		error = connect_to(uplink, url);
	if (error >= 0) {
		uplink->format->flags |= AVFMT_FLAG_FLUSH_PACKETS;
		av_dict_set(&options, "flvflags", "no_duration_filesize", 0);
		error = avformat_write_header(uplink->format, &options);
		note_refusal(uplink, error);
		av_dict_free(&options);
	}
	uplink->heard = tick_now();
	if (error < 0 || uplink_sync(uplink) < 0) {
		fail(uplink, error);
		uplink_close(uplink);
		return -1;
	}
	return 0;
}

bool uplink_carries(const struct uplink *uplink, enum timeline_kind kind,
	const AVCodecParameters *par)
{
	int index = uplink->index[kind];

	if (index < 0)
		return false;
	const AVCodecParameters *own = uplink->format->streams[index]->codecpar;
	/* The others tell the rate and channels in each packet, as they were announced.
	 */
	return own->codec_id == par->codec_id &&
		(kind == TIMELINE_VIDEO || par->codec_id == AV_CODEC_ID_AAC ||
			(own->sample_rate == par->sample_rate &&
				own->ch_layout.nb_channels ==
					par->ch_layout.nb_channels));
}

int uplink_put(struct uplink *uplink, enum timeline_kind kind, AVPacket *packet)
{
	struct tcp_info info = {0};

	if (tick_now() > uplink->heard + LOOK_EVERY)
		hear_acks(
			uplink, &info); /* this process may have been stopped for long */
	uplink->deadline = uplink->heard + UPLINK_SILENCE;
	packet->stream_index = uplink->index[kind];
	uplink->putting = true;
	int error = av_write_frame(uplink->format, packet);
	note_refusal(uplink, error);
	if (error < 0)
		fail(uplink, error);
	uplink->putting = false;
	return error < 0 ? -1 : 0;
}

/* libavformat sends each 128 bytes by themselves: they are to wait in the kernel till all
 * is there. */
static void send_together(struct uplink *uplink, int cork)
{
	setsockopt(uplink->socket, IPPROTO_TCP, TCP_CORK, &cork, sizeof cork);
}

int uplink_sync(struct uplink *uplink)
{
	struct tcp_info info = {0};

	avio_flush(uplink->format->pb);
	send_together(uplink, 0);
	send_together(uplink, 1);
	if (uplink->format->pb->error < 0) {
		fail(uplink, uplink->format->pb->error);
		return -1;
	}
	if (hear_acks(uplink, &info) < 0) {
		snprintf(why, sizeof why, "the connection cannot be watched");
		return -1;
	}
	if (info.tcpi_state != ESTABLISHED) {
		snprintf(why, sizeof why, "the server has closed the connection");
		return -1;
	}
	if (tick_now() - uplink->heard >= UPLINK_SILENCE) {
		snprintf(why, sizeof why, "the server has taken nothing for %d s",
			UPLINK_SILENCE / 1000);
		return -1;
	}
	return 0;
}

void uplink_close(struct uplink *uplink)
{
	if (!uplink->format)
		return;
	uplink->deadline = tick_now() + TICK_SECOND / 2;
	if (uplink->format->pb)
		avio_close(uplink->format->pb);
	avformat_free_context(uplink->format);
	uplink->format = NULL;
	uplink->socket = -1;
}
