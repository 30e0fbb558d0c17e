/*
 * ssecat: prints a server's events as lines, and asks again for ever.
 *
 *   net/http    asks, and follows redirects
 *   reply       what an answer that is no stream means
 *   net/sse     finds the events in the bytes
 *   outlet      prints them, each whole
 *   last_id     where to go on after a restart
 *
 * A piece of the answer is taken when the reader has room for its events; until then
 * nothing is read from the network, and the server's silence does not count.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/pulse.h"
#include "base/ready.h"
#include "base/secret.h"
#include "base/sigfd.h"
#include "base/text.h"
#include "last_id.h"
#include "net/http.h"
#include "net/sse.h"
#include "outlet.h"
#include "reply.h"

#define SHORTEST_PAUSE (CLOCK_SECOND / 10)
#define SECONDS_MAX 86400

enum state { CONNECTING, CONNECTED, WAITING };

static const char *const states[] = {"connecting", "connected", "waiting"};

static bool data_only;
static const char *id_path, *url_path, *token_path, *authorities, *status;
static int64_t delay = 5 * CLOCK_SECOND, silence = 45 * CLOCK_SECOND;
static int64_t patience = 10 * CLOCK_SECOND, retries;

static struct http http;
static struct sse sse;
static struct outlet outlet;
static struct pulse pulse;
static struct backoff backoff = {.full = true};
static enum state state;
static int64_t next_try, since; /* of the connection */
static int64_t events, dropped, connections;
static char trouble[384]; /* the last one, until a connection has lived for a minute */
static bool said; /* it was, and no "connected again" after it */
static char token[4096];

static const struct opt_row rows[] = {
	{'d', "data", NULL, "print the data of events alone", .flag = &data_only},
	{'i', "id", "FILE", "the last event id that was applied stands in this file",
		.text = &id_path},
	{'s', "status", "DIR", "keep the fact ssecat in this folder", .text = &status},
	{'t', "token", "FILE", "the token is the first line of this file ($SSE_TOKEN)",
		.text = &token_path},
	{'u', "url", "FILE", "the address is the first line of this file",
		.text = &url_path},
	{0, "ca", "FILE", "who vouches for an https server (the system's)",
		.text = &authorities},
	{0, "delay", "SEC", "the first pause before asking again, at most (5)",
		.number = {&delay, CLOCK_SECOND, 1, 60}},
	{0, "retries", "N", "give up after so many failures in a row (0: never)",
		.number = {&retries, 1, 0, 1000000}},
	{0, "silence", "SEC", "a connection without a byte for so long is dead (45)",
		.number = {&silence, CLOCK_SECOND, 1, SECONDS_MAX}},
	{0, "timeout", "SEC", "how long a connection may take (10)",
		.number = {&patience, CLOCK_SECOND, 1, 600}},
};

static const struct opt_tool tool = {
	"ssecat",
	"[-d] [-i FILE] [-s DIR] [-t FILE] [--ca FILE] [--delay SEC]\n"
	"              [--retries N] [--silence SEC] [--timeout SEC] [-u FILE] [URL]",
	"Print the events of a server ($SSE_ENDPOINT) as JSON lines, for ever.",
	rows,
	sizeof rows / sizeof *rows,
};

static void write_fact(void)
{
	const struct pulse_number numbers[] = {
		{"events", events},
		{"dropped", dropped},
		{"reconnects", connections > 0 ? connections - 1 : 0},
	};

	if (pulse.folder < 0)
		return;
	pulse_begin(&pulse);
	fact_add_text(&pulse.fact, "state", states[state]);
	fact_add_text(&pulse.fact, "server", http.server);
	fact_add_text(&pulse.fact, "id", sse.last_id);
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "error", state == CONNECTED ? "" : trouble);
	pulse_end(&pulse);
}

static void enter(enum state new)
{
	state = new;
	pulse.changed = true;
}

static void ask(void)
{
	static char line[SSE_ID_MAX + 32];
	static bool complained;
	const char *headers[] = {
		"Accept: text/event-stream", "Cache-Control: no-cache", NULL, NULL};

	if (*sse.last_id && last_id_is_sendable(sse.last_id)) {
		snprintf(line, sizeof line, "Last-Event-ID: %s", sse.last_id);
		headers[2] = line;
	} else if (*sse.last_id && !complained) {
		complained = true;
		msg_warn("'%s': the last event id '%.200s' has control bytes: it is not "
			 "sent",
			http.server, sse.last_id);
	}
	sse_begin(&sse);
	http_get(&http, headers);
	enter(CONNECTING);
}

/* Says what the matter is, unless it is the same again, and sets when to ask again.
 * Returns an exit code, or -1 to go on. */
static int fail(const char *what, struct reply_pause pause)
{
	int64_t now = clock_now();
	char text[sizeof trouble];

	/* The standard has a client wait for retry: at least; the spread comes on top. */
	int64_t least = pause.least > sse.retry ? pause.least : sse.retry;
	backoff.base = sse.retry ? sse.retry : delay;
	int64_t most = backoff.base;
	if (pause.grows && most < REPLY_LONGEST)
		most = REPLY_LONGEST;
	int64_t wait = least + backoff_failed(&backoff, now, most);
	wait = wait > SHORTEST_PAUSE ? wait : SHORTEST_PAUSE;
	next_try = now + wait;
	snprintf(text, sizeof text, "%s", what);
	if (state != CONNECTED)
		http_forget(&http);
	http_stop(&http);
	enter(WAITING);
	if (retries > 0 && backoff.failures >= retries) {
		msg_error("'%s': %s; giving up after %" PRId64 " failures", http.server,
			text, retries);
		return EX_UNAVAILABLE;
	}
	bool is_new = pause.always || strcmp(text, trouble) != 0;
	msg_say(is_new ? MSG_WARN : MSG_DEBUG,
		"'%s': %s; again in %" PRId64 ".%" PRId64 " s", http.server, text,
		wait / 1000, wait / 100 % 10);
	said |= is_new;
	snprintf(trouble, sizeof trouble, "%s", text);
	return -1;
}

static int fail_network(const char *what)
{
	return fail(what, (struct reply_pause){.grows = true});
}

/* There is an answer. Returns an exit code, or -1 to go on. */
static int answered(void)
{
	const struct reply reply = {.status = http.status,
		.type = http_header(&http, "Content-Type"),
		.retry_after = http_header(&http, "Retry-After")};
	struct reply_pause pause;
	const char *what = reply_judge(&reply, time(NULL), &pause);

	if (what)
		return fail(what, pause);
	since = clock_now();
	backoff_works(&backoff, since);
	if (connections++ == 0)
		msg_info("'%s': connected", http.server);
	else if (said)
		msg_info("'%s': connected again", http.server);
	said = false;
	enter(CONNECTED);
	return -1;
}

static void print(const struct sse_event *event)
{
	if (outlet_put(&outlet, event) < 0) {
		dropped++;
		msg_error("'%s': an event is dropped:", http.server);
		return;
	}
	events++;
	pulse.changed = true;
	backoff.failures = 0;
}

/* Finds the events in what has come, as long as there is room for them. */
static void take(void)
{
	static bool complained;
	struct sse_event event;
	const char *bytes;
	size_t len;

	while (outlet_has_room(&outlet) && (len = http_body(&http, &bytes)) > 0) {
		size_t at = 0;
		enum sse_answer answer = sse_read(&sse, bytes, len, &at, &event);
		if (answer == SSE_EVENT) {
			print(&event);
		} else if (answer == SSE_DROPPED) {
			dropped++;
			msg_warn("'%s': an event is dropped:", http.server);
		}
		http_took(&http, at);
		if (sse.long_id && !complained)
			msg_warn("'%s': an event id of more than %d bytes is ignored",
				http.server, SSE_ID_MAX);
		complained |= sse.long_id;
		sse.long_id = false;
	}
}

/* What has happened to the connection. Returns an exit code, or -1 to go on. */
static int follow(void)
{
	const char *bytes;
	char text[64];

	if (http.state == HTTP_FAILED && http.refused)
		return fail(http.trouble, (struct reply_pause){.least = REPLY_LONGEST});
	/* An answer may be complete, or cut off, by now. */
	if (state == CONNECTING && http.status) {
		int code = answered();
		if (code >= 0 || state != CONNECTED)
			return code;
	}
	take();
	if (state == CONNECTED && clock_now() - since >= BACKOFF_STABLE)
		*trouble = '\0';
	if (http_body(&http, &bytes) > 0)
		return -1;
	if (http.state == HTTP_FAILED)
		return fail_network(http.trouble);
	if (http.state == HTTP_ENDED)
		return fail_network("the server has ended the stream");
	int64_t heard = http_heard(&http);
	if (heard == CLOCK_NEVER || clock_now() < heard + silence)
		return -1;
	snprintf(text, sizeof text, "nothing came for %d s",
		(int)(silence / CLOCK_SECOND));
	return fail_network(text);
}

/* The loop: ends with a signal, or when it cannot go on. The exit code. */
static int run(int signals)
{
	enum { SIGNALS, OUTPUT, NETWORK };
	struct pollfd fds[NETWORK + HTTP_FDS] = {
		[SIGNALS] = {signals, POLLIN, 0}, [OUTPUT] = {outlet.out.fd, 0, 0}};
	const char *bytes;

	for (;;) {
		if (state == WAITING && clock_now() >= next_try)
			ask();
		int code = follow();
		if (code >= 0)
			return outlet_finish(&outlet) ? EX_TEMPFAIL : code;
		int left = outlet_flush(&outlet);
		if (left < 0)
			return lines_lost(errno);
		if (pulse_due(&pulse) <= clock_now())
			write_fact();
		int64_t heard = http_heard(&http);
		int64_t until = heard == CLOCK_NEVER ? CLOCK_NEVER : heard + silence;
		if (state == WAITING)
			until = next_try;
		if (outlet_has_room(&outlet) && http_body(&http, &bytes) > 0)
			until = 0; /* there was none before the flush */
		until = clock_sooner(until, http_due(&http));
		until = clock_sooner(
			until, clock_sooner(ready_alive(), pulse_due(&pulse)));
		fds[OUTPUT].events = left > 0 ? POLLOUT : 0;
		size_t count = http_fds(&http, fds + NETWORK);
		if (poll(fds, NETWORK + count, clock_timeout(until)) < 0) {
			if (errno == EINTR)
				continue;
			msg_error("poll:");
			return EX_OSERR;
		}
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return outlet_finish(&outlet);
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
		http_work(&http, fds + NETWORK, count);
	}
}

/* Reads the address. Returns 0, or an exit code. */
static int read_address(char *operand)
{
	static char url[HTTP_URL_MAX];
	const struct http_options options = {
		.ca = authorities, .token = token, .connect = patience};
	/* Only an address with a password or a query may be a secret. */
	char *secret = operand && strpbrk(operand, "@?") ? operand : NULL;
	int code = EX_OK;

	if (url_path || secret || !operand)
		code = secret_read(
			url, sizeof url, "address", url_path, secret, "SSE_ENDPOINT");
	else if (snprintf(url, sizeof url, "%s", operand) >= (int)sizeof url)
		opt_refuse(&tool, "the address is longer than %zu bytes", sizeof url - 1);
	if (code)
		return code;
	if (!*url)
		opt_refuse(&tool, "no address: give $SSE_ENDPOINT, -u FILE or URL");
	if (http_open(&http, url, &options) < 0) {
		if (operand && !url_path)
			opt_refuse(&tool, "the address %s", http.trouble);
		msg_error("the address %s", http.trouble);
		code = EX_CONFIG;
	}
	explicit_bzero(url, sizeof url);
	return code;
}

static int read_token(void)
{
	int code =
		secret_read(token, sizeof token, "token", token_path, NULL, "SSE_TOKEN");

	if (!code && text_has_control(token)) {
		msg_error("the token has control bytes");
		code = EX_CONFIG;
	}
	return code;
}

/* Returns the operand, or NULL. */
static char *read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);

	if (*operands && operands[1])
		opt_refuse(&tool, "more than one address was given");
	if (*operands && url_path)
		opt_refuse(&tool, "option -u and an address exclude each other");
	return *operands;
}

/* Opens what the options name. Returns 0, or an exit code. */
static int open_all(char *operand)
{
	int code = read_token();

	if (!code)
		code = read_address(operand);
	if (!code && authorities && access(authorities, R_OK) < 0) {
		msg_error("option --ca: '%s':", authorities);
		code = EX_NOINPUT;
	}
	if (!code && id_path)
		code = last_id_read(sse.last_id, id_path);
	if (!code)
		code = pulse_open(&pulse, status, tool.name);
	return code;
}

int main(int argc, char **argv)
{
	unsigned seed;

	opt_begin(&tool);
	int code = open_all(read_options(argc, argv));
	if (code)
		return code;
	int signals = sigfd_open();
	/* Machines that start together have the same pids. */
	if (signals < 0 || getrandom(&seed, sizeof seed, 0) != sizeof seed)
		msg_die(EX_OSERR, "start:");
	srand(seed);
	outlet_open(&outlet, data_only);
	ready_up();
	ask();
	code = run(signals);
	ready_down();
	outlet_close(&outlet);
	sse_free(&sse);
	http_close(&http);
	explicit_bzero(token, sizeof token);
	return opt_finish(code);
}
