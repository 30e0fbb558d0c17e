/* stationrun: keeps the tools of one station running, and keeps their log. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "backoff.h"
#include "chain.h"
#include "logfile.h"
#include "msg.h"
#include "opt.h"
#include "path.h"
#include "process.h"
#include "pulse.h"
#include "ready.h"
#include "settings.h"
#include "sigfd.h"
#include "station.h"
#include "tick.h"

#define LONGEST_PAUSE (60 * TICK_SECOND)
#define GRACE (5 * TICK_SECOND) /* that the tools have to end */
#define LOCK_TIME (10 * TICK_SECOND) /* that those before us have to end */
#define LOG_SIZE (1 << 20) /* and as much again */

static const struct opt_row rows[] = {
	{'n', "dry-run", NULL, "print the commands and run nothing"},
};

static const struct opt_tool tool = {
	"stationrun",
	"[-n] ID",
	"Run the tools of a station, and run them again when one ends.",
	rows,
	sizeof rows / sizeof *rows,
};

enum { ARGS = 24 };

static const char *id;
static int places[STATION_PLACES];
static int signals, lock = -1, live = -1, state = -1;
static char cursor[PATH_MAX], live_path[PATH_MAX], heartbeat[PATH_MAX], failed[PATH_MAX];
static struct conf conf;
static const char *commands[CHAIN_MAX][ARGS];
static struct chain_link links[CHAIN_MAX];
static size_t count;
static struct chain chain;
static struct backoff backoff;
static struct logfile logfile;
static struct pulse pulse;
static struct process self;
static uint64_t restarts;
static char error[512];

static const char *get(enum settings_key key)
{
	return settings_get(&conf, key);
}

__attribute__((sentinel)) static void add(const char *name, ...)
{
	const char **argv = commands[count];
	va_list args;

	va_start(args, name);
	links[count++] = (struct chain_link){.argv = argv};
	for (*argv = name; *argv && argv < commands[count - 1] + ARGS - 1;)
		*++argv = va_arg(args, const char *);
	*argv = NULL;
	va_end(args);
}

/* What is run, by the settings. */
static void add_all(void)
{
	count = 0;
	add("camwatch", "-a", get(SETTINGS_MIN_FILE_AGE), "-i", get(SETTINGS_SCAN_INTERVAL),
		"-n", get(SETTINGS_HOLD_NEWEST), "-l", get(SETTINGS_MAX_LAG), "-L",
		get(SETTINGS_LATE), "-c", cursor, "-s", live_path, "--",
		get(SETTINGS_WATCH_DIR), NULL);
	add("segcheck", "-q", failed, "-p", get(SETTINGS_PROFILE), "-r",
		get(SETTINGS_MAX_RETRIES), "-R", get(SETTINGS_RETRY_AFTER), "-c", cursor,
		"-s", live_path, NULL);
	add("rtmppush", "-t", get(SETTINGS_AFTER_PLAY), "-c", cursor, "-d",
		get(SETTINGS_WATCH_DIR), "-l", get(SETTINGS_MAX_LAG), "-L",
		get(SETTINGS_LATE), "-s", live_path, NULL);
	links[count - 1].variable = settings_name(SETTINGS_RTMP_URL);
	links[count - 1].value = get(SETTINGS_RTMP_URL);
	add("hbwrite", heartbeat, NULL);
}

/* Reads the settings anew. Returns 0, or -1 with the reason in error. */
static int read_settings(void)
{
	struct settings_fault fault;
	size_t at = 0;

	conf_free(&conf);
	if (station_conf(&conf, places[STATION_SETTINGS], id) < 0) {
		snprintf(error, sizeof error, "settings: %s", strerror(errno));
		return -1;
	}
	while (settings_fault(&conf, &at, &fault)) {
		if (!fault.expected)
			continue;
		snprintf(error, sizeof error, "settings: %s: expected %s", fault.key,
			fault.expected);
		return -1;
	}
	snprintf(failed, sizeof failed, "%s/_failed", get(SETTINGS_WATCH_DIR));
	setenv("LOG_LEVEL", get(SETTINGS_LOG_LEVEL), 1);
	add_all();
	return 0;
}

static void print_commands(void)
{
	for (size_t n = 0; n < count; n++) {
		fputs(n > 0 ? " |\n\t" : "", stdout);
		if (links[n].variable)
			printf("%s='***' ", links[n].variable);
		for (const char **arg = commands[n]; *arg; arg++)
			printf("%s%s", arg > commands[n] ? " " : "", *arg);
	}
	putchar('\n');
}

static void write_fact(void)
{
	int64_t now = tick_now();
	const struct pulse_number numbers[] = {
		{"ticks", (uint64_t)self.started},
		{"restarts", restarts},
		{"since", chain.count > 0 ? (uint64_t)(now - backoff.since) / TICK_SECOND : 0},
		{"next", chain.count > 0 || backoff.until < now
				? 0
				: (uint64_t)(backoff.until - now) / TICK_SECOND},
	};

	pulse_begin(&pulse);
	fact_add_text(&pulse.fact, "state", chain.count > 0 ? "running" : "waiting");
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "error", chain.count > 0 ? "" : error);
	pulse_end(&pulse);
}

static void start(void)
{
	size_t n;

	pulse.changed = true;
	if (read_settings() == 0) {
		if (chain_start(&chain, links, count, STDERR_FILENO, lock, &n) == 0) {
			backoff_works(&backoff, tick_now());
			return;
		}
		snprintf(error, sizeof error, "'%s' cannot be run: %s", commands[n][0],
			strerror(errno));
	}
	int64_t pause = backoff_failed(&backoff, tick_now(), LONGEST_PAUSE);
	msg_error("station '%s': %s; again in %" PRId64 " s", id, error,
		pause / TICK_SECOND);
}

static void look_after(void)
{
	char how[64];
	int n = chain_ended(&chain, how, sizeof how);

	if (n < 0)
		return;
	snprintf(error, sizeof error, "%s %s", commands[n][0], how);
	chain_stop(&chain, GRACE);
	restarts++;
	pulse.changed = true;
	int64_t pause = backoff_failed(&backoff, tick_now(), LONGEST_PAUSE);
	msg_warn("station '%s': %s; all again in %" PRId64 " s", id, error,
		pause / TICK_SECOND);
}

static void take_log(int from)
{
	char text[65536];
	ssize_t n = read(from, text, sizeof text);

	if (n > 0)
		logfile_put(&logfile, text, (size_t)n);
}

static int run(int log)
{
	enum { SIGNALS, LOG, FIRST };
	struct pollfd fds[FIRST + CHAIN_MAX] = {
		[SIGNALS] = {signals, POLLIN, 0}, [LOG] = {log, POLLIN, 0}};

	for (;;) {
		if (chain.count == 0 && backoff.until <= tick_now())
			start();
		if (pulse_due(&pulse) <= tick_now())
			write_fact();
		for (size_t i = 0; i < chain.count; i++)
			fds[FIRST + i] = (struct pollfd){chain.links[i].fd, POLLIN, 0};
		int64_t until = tick_sooner(pulse_due(&pulse), ready_alive());
		if (chain.count == 0)
			until = tick_sooner(until, backoff.until);
		if (poll(fds, FIRST + chain.count, tick_timeout(until)) < 0 &&
			errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[LOG].revents)
			take_log(log);
		if (fds[SIGNALS].revents && sigfd_take(signals))
			return EX_OK;
		if (chain.count > 0)
			look_after();
	}
}
