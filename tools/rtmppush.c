/* rtmppush: plays clips one after the other into one RTMP broadcast. */
#include <errno.h>
#include <inttypes.h>
#include <libavutil/error.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
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
	{'o', "order", "mtime|name|time", "the order that the cursor goes by (mtime)"},
	{'s', "status", "DIR", "keep the fact rtmppush in this folder"},
	{'t', "then", "WHAT", "keep, delete, move:DIR, archive:DIR (keep)"},
	{'u', "url", "FILE", "the address is the first line of this file"},
	{AUTHORITIES, "ca", "FILE", "who vouches for an rtmps server (the system's)"},
	{CATCH_UP, "catch-up", "PERCENT", "play so much faster while clips wait (0)"},
	{FIRST_STAMP, "first-stamp", "MS", "the first session's first time stamp (0)"},
	{LEAD, "lead", "MS", "how far ahead of real time is sent (1000)"},
	{RETRIES, "retries", "N", "give up after so many failures in a row (0: never)"},
};

static const struct opt_tool tool = {
	"rtmppush",
	"[-0] [-t WHAT] [-c FILE] [-o mtime|name|time] [-d DIR] [-l SEC]\n"
	"                [-L keep|delete] [-s DIR] [--lead MS] [--catch-up PERCENT]\n"
	"                [--retries N] [--first-stamp MS] [--ca FILE] [-u FILE] [URL]",
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
static bool given_up, ended;
static char url[4096], server[512];
static struct lines_in in;
static struct lines_out out;
static struct pulse pulse;
static uint64_t played;
static struct backoff backoff;
static int worst;

static void remember(int code)
{
	worst = code > worst ? code : worst;
}

/* False: there is no more room, and there may be more paths in the chunk. */
static bool take_paths(void)
{
	struct lines_line line;

	while (lineup.count < LINEUP_MAX) {
		if (!lines_next(&in, &line))
			return true;
		if (line.cut || line.len >= PATH_MAX || memchr(line.text, 0, line.len)) {
			msg_error("standard input: '%.60s...' is no path", line.text);
			remember(EX_NOINPUT);
		} else if (line.len > 0) {
			remember(lineup_take(&lineup, line.text, line.len));
		}
	}
	return false;
}

/* The far side has all of the first clip, or what could be read of it. */
static void finish(const struct player_mark *mark)
{
	const char *path = lineup_at(&lineup, 0)->path;
	const char *flaw = mark->failed       ? "could not be read to its end"
		: lineup_has_changed(&lineup) ? "changed while it was played"
					      : NULL;

	if (mark->jumps + mark->left_out > 0)
		msg_warn("'%s': %u jumps of its time stamps put right, %u packets that "
			 "nobody announced left out",
			path, mark->jumps, mark->left_out);
	loaded--;
	if (flaw) {
		remember(lineup_note(&lineup, 0));
		remember(lineup_skip(&lineup, 0, flaw, &nothing));
		remember(EX_IOERR);
		return;
	}
	lines_put(&out, path, strlen(path));
	lines_put(&out, &delimiter, 1);
	lines_flush(&out); /* told twice by who is killed now, rather than never */
	remember(lineup_note(&lineup, 0));
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
			finish(&mark);
		else
			remember(lineup_note(&lineup, CURSOR_EVERY));
	}
}

static void skip_unplayable(size_t n, const char *reason)
{
	char why[400];

	snprintf(why, sizeof why, "cannot be played, %s", reason);
	remember(lineup_skip(&lineup, n, why, &nothing));
	remember(1);
}

/* Gives the player as many clips as it can hold. */
static void load(void)
{
	while (player_has_room(&player) && loaded < lineup.count) {
		struct lineup_clip *clip = lineup_at(&lineup, loaded);
		if (lag > 0 && lineup_behind(&lineup, loaded) >= lag) {
			remember(lineup_skip(&lineup, loaded,
				"is too far behind the newest", &after_late));
			continue;
		}
		int error =
			player_load(&player, clip->fd, clip->position, &clip->duration);
		if (error == 0) {
			loaded++;
		} else if (error == AVERROR_EOF && loaded == 0) { /* before a kill */
			remember(lineup_settle(&lineup, &after));
		} else {
			const char *reason = player_why(&player);
			skip_unplayable(loaded, reason ? reason : av_err2str(error));
		}
	}
}

static void write_fact(void)
{
	const struct lineup_clip *clip = lineup.count > 0 ? lineup_at(&lineup, 0) : NULL;
	bool session = player.uplink.format != NULL;
	const struct pulse_number numbers[] = {
		{"position", clip ? clip->position : 0},
		{"duration", clip ? clip->duration : 0},
		{"lag", clip ? lineup_behind(&lineup, 0) / TICK_SECOND : 0},
		{"queue", lineup.count},
		{"played", played},
		{"skipped", lineup.skipped},
		{"bytes_sent", player.uplink.sent},
		{"bytes_acked", player.uplink.acked},
		{"reconnects", player.sessions > 0 ? player.sessions - 1 : 0},
		{"since", session ? (tick_now() - player.connected) / TICK_SECOND : 0},
	};

	if (pulse.folder < 0)
		return;
	pulse_begin(&pulse);
	fact_add_text(&pulse.fact, "state",
		ended                      ? "stopped"
			: !clip            ? "waiting"
			: session          ? "playing"
			: backoff.failures ? "reconnecting"
					   : "starting");
	fact_add_text(&pulse.fact, "stream", session ? "connected" : "disconnected");
	fact_add_text(&pulse.fact, "server", server);
	fact_add_text(&pulse.fact, "now", clip ? clip->rel : "");
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "error", session ? "" : uplink_why());
	pulse_busy(&pulse, lineup.count > 0);
	pulse_end(&pulse);
}

/* The session is over, or there is none. */
static void back_off(void)
{
	bool session = player.uplink.format, idle = session && loaded == 0;
	size_t at = loaded - player.count; /* the one that was being sent */

	player_stop(&player);
	loaded = 0;
	pulse.changed = true;
	if (player.uplink.stopped)
		return; /* by a signal */
	if (player.uplink.refused) {
		skip_unplayable(at, uplink_why());
		backoff.until = tick_now() + TICK_SECOND;
		return;
	}
	if (idle) { /* nothing was lost */
		msg_info("'%s': %s while nothing was to be played", server, uplink_why());
		return;
	}
	int64_t pause = backoff_failed(&backoff, tick_now(), LONGEST_PAUSE);
	msg_warn("'%s': %s: %s; again in %" PRId64 " s", server,
		session ? "the session is lost" : "cannot be reached", uplink_why(),
		pause / TICK_SECOND);
	given_up = retries > 0 && backoff.failures >= retries;
	if (given_up)
		msg_error("'%s': giving up after %" PRId64 " failures", server, retries);
}

/* Connects if there is something to play, and plays. When to be called again. */
static int64_t play(void)
{
	int code;

	if (tick_now() < backoff.until)
		return backoff.until;
	if (player.uplink.format && loaded == 0 && uplink_sync(&player.uplink) < 0)
		back_off();
	load();
	if (!player.uplink.format) {
		if (loaded == 0)
			return TICK_NEVER;
		write_fact(); /* it may take a while */
		if (player_connect(&player) < 0) {
			back_off();
			return backoff.until;
		}
		msg_info("'%s': connected", server);
		backoff_works(&backoff, tick_now());
	}
	player.speed = lineup.count >= BACKLOG ? catch_up : 0;
	while ((code = player_step(&player)) == 1)
		load();
	take_acks();
	if (code < 0) {
		back_off();
		return backoff.until;
	}
	pulse.changed = true;
	return tick_now() + (loaded > 0 ? PLAYER_STEP : TICK_SECOND);
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
		bool drained = take_paths();
		int64_t until = play();
		int flushed = lines_flush(&out);
		if (given_up)
			return EX_UNAVAILABLE;
		if (flushed < 0)
			return lines_lost(errno);
		bool room = lineup.count < LINEUP_MAX;
		if (in.ended && drained && lineup.count == 0 && flushed == 0)
			return worst;
		if (pulse_due(&pulse) <= tick_now())
			write_fact();
		if (!drained && room)
			until = 0;
		until = tick_sooner(until, tick_sooner(ready_alive(), pulse_due(&pulse)));
		fds[INPUT].fd = !in.ended && drained && room ? in.fd : -1;
		fds[OUTPUT].events = flushed == 1 ? POLLOUT : 0;
		if (poll(fds, sizeof fds / sizeof *fds, tick_timeout(until)) < 0 &&
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
	static const struct {
		int key;
		const char *name;
		int64_t max, unit, *value;
	} numbers[] = {
		{'l', "-l", 366 * 86400, TICK_SECOND, &lag},
		{CATCH_UP, "--catch-up", 2, 10, &catch_up},
		{FIRST_STAMP, "--first-stamp", INT32_MAX, 1000, &player.first_stamp},
		{LEAD, "--lead", 10000, 1000, &player.lead},
		{RETRIES, "--retries", 1000000, 1, &retries},
	};
	const struct {
		int key;
		const char **value;
	} texts[] = {{'c', &cursor_path}, {'d', &lineup.dir}, {'s', &status},
		{'u', &url_path}, {AUTHORITIES, &ca}};
	int code;

	opt_begin(&tool);
	player.lead = 1000 * 1000;
	lineup.dir = getenv("WATCH_DIR");
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
			if (key == texts[i].key)
				*texts[i].value = optarg;
		for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
			if (key == numbers[i].key)
				*numbers[i].value = numbers[i].unit *
					opt_number(&tool, numbers[i].name, optarg, 0,
						numbers[i].max);
		switch (key) {
		case '0':
			delimiter = '\0';
			break;
		case 'L':
			after_late.what = (enum afterplay_what)opt_choice(
				&tool, "-L", optarg, afterplay_names);
			break;
		case 'o':
			lineup.order = (enum order_by)opt_choice(
				&tool, "-o", optarg, order_names);
			break;
		case 't':
			code = afterplay_read(&after, "-t", optarg);
			if (code)
				return code;
			break;
		}
	}
	if (argc - optind + (url_path != NULL) > 1)
		opt_refuse(&tool, "more than one address");
	if (isatty(STDIN_FILENO))
		opt_refuse(&tool,
			"standard input is a terminal: it takes the paths of clips");
	code = secret_read(url, sizeof url, url_path, argv[optind], "RTMP_URL");
	if (!code && !uplink_address_ok(url))
		opt_refuse(&tool,
			*url ? "the address is not rtmp://HOST/APP/KEY, or rtmps"
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
	if (lineup.count > 0 && lineup_at(&lineup, 0)->position > 0)
		lineup_note(&lineup, 0);
	player_stop(&player);
	ended = true;
	write_fact();
	return opt_finish(code);
}
