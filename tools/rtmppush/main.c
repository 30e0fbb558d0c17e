/*
 * rtmppush: plays clips one after the other into one RTMP broadcast.
 *
 *   play        connects, keeps the player loaded, goes back after failures
 *     queue       the clips that wait, and the cursor
 *     outcome     what becomes of a clip that was played, or cannot be
 *     player      sends packets in real time, and knows what was acknowledged; in
 *                 player_fill.c the filler, in player_sound.c what has no sound
 *       segment     one clip, packet by packet
 *         bound       what it may hold      jumps    of its time stamps
 *       still       the filler, when no clip is there: the last picture
 *         skip        its pictures
 *       loop        the filler: a prepared clip
 *       decoder     sound into samples         encoder   samples into AAC
 *       silence     sound for what has none
 *       timeline    the time stamps of the broadcast
 *       session     one RTMP connection
 *     stamps      where the time stamps are, for the next process
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/paths.h"
#include "base/ready.h"
#include "base/secret.h"
#include "base/sigfd.h"
#include "media/report.h"
#include "play.h"

#define MEMORY (UINT64_C(1) << 30)
#define SECONDS_MAX (366 * 86400)

/* Set by the options. */
enum stamps { STAMPS_RESTART, STAMPS_CONTINUE };
static const char *const stamps_names[] = {"restart", "continue", NULL};

static struct paths paths;
static struct lines_out out;
static struct play play = {
	.queue = {.cursor_folder = -1},
	.player = {.lead = 1000 * 1000},
	.outcome = {.queue = &play.queue,
		.paths = &paths,
		.out = &out,
		.after = {.folder = -1}},
	.late = {.folder = -1},
	.paths = &paths,
	.backoff = {.first = CLOCK_SECOND / 2},
};
static bool null;
static enum stamps stamps;
static unsigned profile, sound; /* as in media/report.h */
static const char *url_path, *cursor_path, *status, *authorities, *failed, *dir;
static const char *then = "keep", *idle = "nothing";

static const struct opt_row rows[] = {
	{'0', "null", NULL, "paths end with NUL instead of a new line", .flag = &null},
	{'c', "cursor", "FILE", "keep in this file how far was played",
		.text = &cursor_path},
	{'d', "dir", "DIR", "clips lie below it, by names without links ($WATCH_DIR)",
		.text = &dir},
	{'L', "late", "keep|delete", "what is done with late clips (keep)",
		.choice = {&play.late.what, afterplay_names}},
	{'l', "lag", "SEC", "clips so far behind the newest are late (0: none)",
		.number = {&play.lag, CLOCK_SECOND, 0, SECONDS_MAX}},
	{'o', "order", "mtime|name|time|given",
		"the order that the cursor goes by (mtime)",
		.choice = {&play.queue.order, order_names}},
	{'p', "profile", "PROFILE", "any, rtmp, youtube, twitch (any)",
		.choice = {&profile, report_profiles}},
	{'q', "quarantine", "FAILED", "move clips that last too long into this folder",
		.text = &failed},
	{'s', "status", "DIR", "keep the fact rtmppush in this folder", .text = &status},
	{'t', "then", "WHAT", "keep, delete, move:DIR, archive:DIR (keep)",
		.text = &then},
	{'u', "url", "FILE", "the address is the first line of this file",
		.text = &url_path},
	{0, "audio", "keep|silence|aac|profile",
		"what is done about unusable sound (keep)",
		.choice = {&sound, report_sounds}},
	{0, "ca", "FILE", "who vouches for an rtmps server (the system's)",
		.text = &authorities},
	{0, "catch-up", "PERCENT", "play so much faster while clips wait (0)",
		.number = {&play.catch_up, 10, 0, 2}},
	{0, "first-stamp", "MS", "the first session's first time stamp (0)",
		.number = {&play.player.first_stamp, 1000, 0, INT32_MAX}},
	{0, "idle", "nothing|still|FILE", "what is sent when no clip is there (nothing)",
		.text = &idle},
	{0, "lead", "MS", "how far ahead of real time is sent (1000)",
		.number = {&play.player.lead, 1000, 0, 10000}},
	{0, "max-clip", "SEC", "how long a clip may last, by its packets (0: any)",
		.number = {&play.player.max_clip, 1000000, 0, SECONDS_MAX}},
	{0, "stamps", "restart|continue", "where a further session begins (restart)",
		.choice = {&stamps, stamps_names}},
	{0, "retries", "N", "give up after so many failures in a row (0: never)",
		.number = {&play.retries, 1, 0, 1000000}},
};

static const struct opt_tool tool = {
	"rtmppush",
	"[-0] [-t WHAT] [-c FILE] [-o mtime|name|time|given] [-d DIR] [-l SEC]\n"
	"                [-L keep|delete] [-p PROFILE] [-q FAILED] [-s DIR]\n"
	"                [--audio keep|silence|aac|profile] [--lead MS]\n"
	"                [--catch-up PERCENT] [--max-clip SEC] [--retries N]\n"
	"                [--first-stamp MS] [--stamps restart|continue] [--ca FILE]\n"
	"                [--idle nothing|still|FILE] [-u FILE] [URL]",
	"Play clips as one endless RTMP broadcast to $RTMP_URL.",
	rows,
	sizeof rows / sizeof *rows,
};

static char url[4096], server[512];

static void take_paths(void)
{
	const char *path;

	while (play_has_room(&play) && (path = paths_next(&paths)))
		paths_remember(&paths, queue_take(&play.queue, path));
}

static int run(int signals, int skips)
{
	enum { SIGNALS, SKIPS, INPUT, OUTPUT };
	struct pollfd fds[] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[SKIPS] = {skips, POLLIN, 0},
		[INPUT] = {-1, POLLIN, 0},
		[OUTPUT] = {out.fd, 0, 0},
	};

	for (;;) {
		take_paths();
		int64_t until = play_go_on(&play);
		int flushed = lines_flush(&out);
		if (play.given_up)
			return EX_UNAVAILABLE;
		if (flushed < 0)
			return lines_lost(errno);
		bool room = play_has_room(&play);
		if (paths_ended(&paths) && play.queue.count == 0 && flushed == 0)
			return paths.worst;
		if (pulse_due(&play.pulse) <= clock_now())
			play_write_fact(&play);
		if (paths.more && room)
			until = 0;
		until = clock_sooner(
			until, clock_sooner(ready_alive(), pulse_due(&play.pulse)));
		if (!room && play.queue.count == 0)
			until = clock_sooner(until, play.rest);
		fds[INPUT].fd = paths_fd(&paths, room);
		fds[OUTPUT].events = flushed == 1 ? POLLOUT : 0;
		if (poll(fds, sizeof fds / sizeof *fds, clock_timeout(until)) < 0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[SKIPS].revents && sigfd_take(skips))
			play_skip(&play);
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP))
			return lines_lost(EPIPE);
		if (fds[INPUT].revents && paths_fill(&paths) < 0)
			msg_die(EX_IOERR, "standard input:");
	}
}

/* Five times what a clip of an hour and 216,000 pictures takes. */
static void bound_memory(void)
{
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes */
	const struct rlimit most = {MEMORY, MEMORY};

	setrlimit(RLIMIT_AS, &most);
#endif
}

/* Returns the operands. */
static char **read_options(int argc, char **argv)
{
	dir = getenv("WATCH_DIR");
	char **operands = opt_read(&tool, argc, argv);
	if (*operands && (operands[1] || url_path))
		opt_refuse(&tool, "more than one address");
	if (isatty(STDIN_FILENO))
		opt_refuse(&tool,
			"standard input is a terminal: it takes the paths of clips");
	if (play.queue.order == ORDER_GIVEN && (play.lag || failed))
		opt_refuse(&tool, "with -o given no clip is late or moved: no -l, no -q");
	if (play.queue.order == ORDER_GIVEN && strcmp(then, "keep") != 0)
		opt_refuse(&tool, "with -o given clips come again: option -t is keep");
	play.player.goes_on = stamps == STAMPS_CONTINUE;
	play.player.fills = strcmp(idle, "nothing") != 0;
	if (play.player.fills && strcmp(idle, "still") != 0) {
		if (!strchr(idle, '/'))
			opt_refuse(&tool,
				"option --idle: '%s' is none of nothing still, nor "
				"a path with a slash",
				idle);
		play.player.loop.path = idle;
	}
	play.player.loop.sound = play.player.audio =
		report_profile_with(profile, sound).sound;
	return operands;
}

/* Reads the address. Returns 0, or an exit code. */
static int read_address(char *operand)
{
	int code = secret_read(url, sizeof url, "address", url_path, operand, "RTMP_URL");

	if (code)
		return code;
	if (!session_address_ok(url))
		opt_refuse(&tool,
			*url ? "the address is not rtmp://HOST/APP/KEY, or rtmps"
			     : "no address: give $RTMP_URL, -u FILE or URL");
	session_server(url, server, sizeof server);
	play.server = server;
	if (authorities && access(authorities, R_OK) < 0) {
		msg_error("option --ca: '%s':", authorities);
		return EX_NOINPUT;
	}
	return EX_OK;
}

/* Opens what the options name. Returns 0, or an exit code. */
static int open_all(char *operand)
{
	int code = root_open(&play.queue.root, dir && *dir ? dir : NULL);

	if (!code)
		code = afterplay_read(&play.outcome.after, &play.queue.root, "-t", then);
	if (!code)
		code = read_address(operand);
	if (!code && failed)
		code = outcome_quarantine(&play.outcome, failed);
	if (!code)
		code = pulse_open(&play.pulse, status, tool.name);
	return code;
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	bound_memory();
	char **operands = read_options(argc, argv);
	int code = open_all(*operands);
	if (code)
		return code;
	int signals = sigfd_open(), skips = sigfd_open_one(SIGUSR1);
	if (signals < 0 || skips < 0)
		msg_die(EX_OSERR, "start:");
	srand((unsigned)getpid());
	player_init(&play.player, url, signals);
	play.player.session.authorities = authorities;
	code = cursor_path ? queue_open(&play.queue, cursor_path) : EX_OK;
	if (code)
		return code;
	paths_begin(&paths, NULL, null);
	lines_out(&out, STDOUT_FILENO);
	play_find_still(&play);
	ready_up();
	code = run(signals, skips);
	ready_down();
	play_end(&play);
	return opt_finish(code);
}
