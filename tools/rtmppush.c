/* rtmppush: plays clips one after the other into one RTMP broadcast. */
#include <errno.h>
#include <inttypes.h>
#include <libavutil/error.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "backoff.h"
#include "lines.h"
#include "lineup.h"
#include "msg.h"
#include "opt.h"
#include "path.h"
#include "player.h"
#include "pulse.h"
#include "ready.h"
#include "secret.h"
#include "sigfd.h"
#include "tick.h"

#define LINEUP_MAX 64 /* in hand */
#define CURSOR_EVERY (3 * TICK_SECOND)
#define LONGEST_PAUSE (60 * TICK_SECOND)
#define BACKLOG 3 /* clips: the one that plays, the next one, and one too many */

enum { AUTHORITIES = 256, CATCH_UP, LEAD, RETRIES, FIRST_STAMP };

static const struct opt_row rows[] = {
	{'0', "null", NULL, "paths end with NUL instead of a new line"},
	{'c', "cursor", "FILE", "keep in this file how far was played"},
	{'d', "drop", "DIR", "the cursor's paths are below it ($WATCH_DIR)"},
	{'L', "late", "keep|delete", "what is done with late clips (keep)"},
	{'l', "lag", "SEC", "clips so far behind the newest are late (0: none)"},
	{'s', "status", "DIR", "keep the fact rtmppush in this folder"},
	{'t', "then", "WHAT", "when played: keep, delete, move:DIR (keep)"},
	{'u', "url", "FILE", "the address is the first line of this file"},
	{AUTHORITIES, "ca", "FILE", "who vouches for an rtmps server (the system's)"},
	{CATCH_UP, "catch-up", "PERCENT", "play so much faster while clips wait (0)"},
	{FIRST_STAMP, "first-stamp", "MS", "the first session's first time stamp (0)"},
	{LEAD, "lead", "MS", "how far ahead of real time is sent (1000)"},
	{RETRIES, "retries", "N", "give up after so many failures in a row (0: never)"},
};

static const struct opt_tool tool = {
	"rtmppush",
	"[-0] [-t WHAT] [-c FILE] [-d DIR] [-l SEC] [-L keep|delete] [-s DIR]\n"
	"                [--lead MS] [--catch-up PERCENT] [--retries N]\n"
	"                [--first-stamp MS] [--ca FILE] [-u FILE] [URL]",
	"Play clips as one endless RTMP broadcast to $RTMP_URL.",
	rows,
	sizeof rows / sizeof *rows,
};

static struct lineup lineup = {.cursor_folder = -1};
static size_t loaded; /* the player has so many of the clips */
static struct player player;

static char delimiter = '\n';
static const struct afterplay nothing = {AFTERPLAY_KEEP, -1};
static struct afterplay after = {.folder = -1}, after_late = {.folder = -1};
static int64_t lag, retries, catch_up;
static char url[4096], server[512];
static struct lines_in in;
static struct lines_out out;
static struct pulse pulse;
static uint64_t played, sessions;
static struct backoff backoff;
static int worst;

static void remember(int code)
{
	worst = code > worst ? code : worst;
}

static bool take_paths(void)
{
	struct lines_line line;
	size_t had = lineup.count;

	while (lineup.count < LINEUP_MAX && lines_next(&in, &line)) {
		if (line.cut || line.len >= PATH_MAX || memchr(line.text, 0, line.len)) {
			msg_error("standard input: '%.60s...' is no path", line.text);
			remember(EX_NOINPUT);
		} else if (line.len > 0) {
			remember(lineup_take(&lineup, line.text, line.len));
		}
	}
	return lineup.count > had;
}

/* The far side has all of the first clip, or what could be read of it. */
static void finish(bool failed)
{
	const char *path = lineup_at(&lineup, 0)->path;

	loaded--;
	if (failed) {
		lineup_note(&lineup, 0);
		lineup_skip(&lineup, 0, "could not be read to its end", &nothing);
		remember(EX_IOERR);
		return;
	}
	lines_put(&out, path, strlen(path));
	lines_put(&out, &delimiter, 1);
	lines_flush(&out); /* told twice by who is killed now, rather than never */
	lineup_note(&lineup, 0);
	played++;
	remember(lineup_settle(&lineup, &after));
}

/* Takes in what the far side has acknowledged, while what is done can be told. */
static void take_acks(void)
{
	struct player_mark mark;

	while (out.len < sizeof out.buf - PATH_MAX - 1 && player_acked(&player, &mark)) {
		lineup_at(&lineup, 0)->position = mark.position;
		if (mark.ended)
			finish(mark.failed);
		else
			lineup_note(&lineup, CURSOR_EVERY);
	}
}

/* Gives the player as many clips as it can hold. */
static void load(void)
{
	char why[128];

	while (player_has_room(&player) && loaded < lineup.count) {
		struct lineup_clip *clip = lineup_at(&lineup, loaded);
		if (lag > 0 && lineup_behind(&lineup, loaded) > lag) {
			lineup_skip(&lineup, loaded, "is too far behind the newest",
				&after_late);
			continue;
		}
		int error =
			player_load(&player, clip->fd, clip->position, &clip->duration);
		if (error == 0) {
			loaded++;
		} else if (error == AVERROR_EOF && loaded == 0) {
			/* It was played, before somebody was killed. */
			remember(lineup_settle(&lineup, &after));
		} else {
			const char *reason = player_why(&player);
			snprintf(why, sizeof why, "cannot be played, %s",
				reason ? reason : av_err2str(error));
			lineup_skip(&lineup, loaded, why, &nothing);
			remember(1);
		}
	}
}

/* The session is over, or there is none. */
static void back_off(const char *what)
{
	bool idle = loaded == 0 && player.uplink.format;

	player_stop(&player);
	loaded = 0;
	pulse.changed = true;
	if (player.uplink.stopped)
		return; /* by a signal */
	if (idle) { /* as some servers do when nothing comes: it has lost nothing */
		msg_info(
			"'%s': %s while there was nothing to play", server, uplink_why());
		return;
	}
	int64_t pause = backoff_failed(&backoff, tick_now(), LONGEST_PAUSE);
	msg_warn("'%s': %s: %s; again in %" PRId64 " s", server, what, uplink_why(),
		pause / TICK_SECOND);
	if (retries > 0 && backoff.failures >= retries) {
		msg_error("'%s': giving up after %" PRId64 " failures", server, retries);
		lines_flush(&out); /* what was played before is told */
		exit(EX_UNAVAILABLE);
	}
}

/* Connects when there is something to play, and plays. Returns when to be called again.
 */
static int64_t play(void)
{
	int code;

	if (tick_now() < backoff.until)
		return backoff.until;
	load();
	if (!player.uplink.format) {
		if (loaded == 0)
			return TICK_NEVER;
		if (player_connect(&player) < 0) {
			back_off("cannot be reached");
			return backoff.until;
		}
		msg_info("'%s': connected", server);
		sessions++;
		backoff_works(&backoff, tick_now());
	}
	player.speed = lineup.count >= BACKLOG ? catch_up : 0;
	while ((code = player_step(&player)) == 1)
		load();
	take_acks();
	if (code < 0) {
		back_off("the session is lost");
		return backoff.until;
	}
	pulse.changed = true;
	return tick_now() + (loaded > 0 ? PLAYER_STEP : TICK_SECOND);
}

static void write_fact(void)
{
	const struct lineup_clip *clip = lineup.count > 0 ? lineup_at(&lineup, 0) : NULL;
	bool session = player.uplink.format;
	int64_t behind = clip ? lineup_behind(&lineup, 0) / TICK_SECOND : 0;
	int64_t duration = clip ? clip->duration : 0;
	const struct pulse_number numbers[] = {
		{"position", clip ? (uint64_t)clip->position : 0},
		{"duration", duration > 0 ? (uint64_t)duration : 0},
		{"lag", behind > 0 ? (uint64_t)behind : 0},
		{"queue", lineup.count},
		{"played", played},
		{"skipped", lineup.skipped},
		{"bytes_sent", player.uplink.sent},
		{"bytes_acked", player.uplink.acked},
		{"reconnects", sessions > 0 ? sessions - 1 : 0},
		{"since",
			session ? (uint64_t)(tick_now() - backoff.since) / TICK_SECOND
				: 0},
	};

	pulse_begin(&pulse);
	fact_add_text(&pulse.fact, "state",
		!clip                      ? "waiting"
			: session          ? "playing"
			: backoff.failures ? "reconnecting"
					   : "starting");
	fact_add_text(&pulse.fact, "stream", session ? "connected" : "disconnected");
	fact_add_text(&pulse.fact, "server", server);
	fact_add_text(&pulse.fact, "now", clip ? clip->path : "");
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "error", session ? "" : uplink_why());
	pulse_end(&pulse);
}

static int run(int signals)
{
	enum { SIGNALS, INPUT, OUTPUT };
	struct pollfd fds[] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[INPUT] = {STDIN_FILENO, POLLIN, 0},
		[OUTPUT] = {out.fd, 0, 0},
	};

	for (;;) {
		bool more = take_paths();
		int64_t until = play();
		if (lines_flush(&out) < 0)
			return lines_lost(errno);
		bool done = in.ended && lineup.count == 0 && !more && out.len == 0;
		if (pulse_due(&pulse) <= tick_now() || (done && pulse.folder >= 0))
			write_fact();
		if (done)
			return worst;
		until = tick_sooner(until, tick_sooner(ready_alive(), pulse_due(&pulse)));
		fds[INPUT].fd = !in.ended && lineup.count < LINEUP_MAX ? in.fd : -1;
		fds[OUTPUT].events = out.len > 0 ? POLLOUT : 0;
		if (poll(fds, sizeof fds / sizeof *fds, more ? 0 : tick_timeout(until)) <
				0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
		if (fds[INPUT].fd >= 0 && fds[INPUT].revents && lines_fill(&in) < 0 &&
			errno != EAGAIN)
			msg_die(EX_IOERR, "standard input:");
	}
}

int main(int argc, char **argv)
{
	const char *url_path = NULL, *cursor_path = NULL, *status = NULL, *ca = NULL;
	static const char *const lates[] = {
		[AFTERPLAY_KEEP] = "keep", [AFTERPLAY_DELETE] = "delete", NULL};

	int code;

	opt_begin(&tool);
	player.lead = 1000 * 1000;
	lineup.dir = getenv("WATCH_DIR");
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		switch (key) {
		case '0':
			delimiter = '\0';
			break;
		case 'c':
			cursor_path = optarg;
			break;
		case 'd':
			lineup.dir = optarg;
			break;
		case 'L':
			after_late.what = (enum afterplay_what)opt_choice(
				&tool, "-L", optarg, lates);
			break;
		case 'l':
			lag = opt_number(&tool, "-l", optarg, 0, 366 * 86400) * 1000;
			break;
		case 's':
			status = optarg;
			break;
		case 't':
			code = afterplay_read(&after, "-t", optarg);
			if (code)
				return code;
			break;
		case 'u':
			url_path = optarg;
			break;
		case AUTHORITIES:
			ca = optarg;
			break;
		case CATCH_UP:
			catch_up = opt_number(&tool, "--catch-up", optarg, 0, 2) * 10;
			break;
		case FIRST_STAMP:
			player.first_stamp = 1000 *
				opt_number(&tool, "--first-stamp", optarg, 0, INT32_MAX);
			break;
		case LEAD:
			player.lead =
				opt_number(&tool, "--lead", optarg, 0, 10000) * 1000;
			break;
		case RETRIES:
			retries = opt_number(&tool, "--retries", optarg, 0, 1000000);
			break;
		}
	}
	if (argc - optind > 1)
		opt_refuse(&tool, "more than one URL");
	if (url_path && optind < argc)
		opt_refuse(&tool, "-u FILE and URL exclude each other");
	if (isatty(STDIN_FILENO))
		opt_refuse(&tool,
			"standard input is a terminal: it takes the paths of clips");
	code = secret_read(url, sizeof url, url_path, argv[optind], "RTMP_URL");
	if (!code && strncmp(url, "rtmp://", 7) != 0 && strncmp(url, "rtmps://", 8) != 0)
		opt_refuse(&tool,
			*url ? "the address is no rtmp:// or rtmps:// one"
			     : "no address: give $RTMP_URL, -u FILE or URL");
	uplink_server(url, server, sizeof server);
	if (!code && ca && access(ca, R_OK) < 0) {
		msg_error("option --ca: '%s':", ca);
		code = EX_NOINPUT;
	}
	if (!code)
		code = pulse_open(&pulse, status, "rtmppush");
	if (code)
		return code;
	int signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "start:");
	srand((unsigned)getpid());
	player_init(&player, url, signals);
	player.uplink.authorities = ca;
	code = cursor_path ? lineup_open(&lineup, cursor_path) : EX_OK;
	if (code)
		return code;
	lines_in(&in, STDIN_FILENO, delimiter);
	lines_out(&out, STDOUT_FILENO);
	ready_up();
	code = run(signals);
	ready_down();
	if (loaded > 0 && lineup_at(&lineup, 0)->position > 0)
		lineup_note(&lineup, 0);
	player_stop(&player);
	return opt_finish(code);
}
