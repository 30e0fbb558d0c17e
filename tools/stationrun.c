/* stationrun: keeps the tools of one station running, and keeps their log. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "afterplay.h"
#include "backoff.h"
#include "chain.h"
#include "child.h"
#include "logfile.h"
#include "msg.h"
#include "opt.h"
#include "path.h"
#include "process.h"
#include "pulse.h"
#include "ready.h"
#include "runner.h"
#include "settings.h"
#include "sigfd.h"
#include "station.h"
#include "tick.h"

#define LONGEST_PAUSE (60 * TICK_SECOND)
#define GRACE (5 * TICK_SECOND) /* that the tools have to end */
#define LOCK_TIME (10 * TICK_SECOND) /* that those before us have to end */
#define LOG_SIZE (1 << 20) /* and as much again */
#define ARGS 24
#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-"

static const struct opt_row rows[] = {
	{'l', "log", NULL, "log to the station's folder, not to standard error"},
	{'n', "dry-run", NULL, "print the commands and run nothing"},
};

static const struct opt_tool tool = {
	RUNNER,
	"[-ln] ID",
	"Run the tools of a station, and run them again when one ends.",
	rows,
	sizeof rows / sizeof *rows,
};

enum { CAMWATCH, SEGUNPACK, SEGCHECK, RTMPPUSH, SEGPACK, HBWRITE, TOOLS };

static const char *id;
static int places[STATION_PLACES];
static int signals, lock = -1, live = -1, state = -1;
static char cursor[PATH_MAX], live_path[PATH_MAX], heartbeat[PATH_MAX], failed[PATH_MAX];
static struct conf conf;
static struct path_id settings_id; /* of the file that conf was read from */
static const char *commands[TOOLS][ARGS];
static struct chain_link links[TOOLS];
static size_t count; /* of links: two tools are for some stations alone */
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

/* What is run, by the settings. What is packed must be there until it is. */
static void fill_commands(void)
{
	const char *archive = afterplay_archive(get(SETTINGS_AFTER_PLAY));
	const char *late = archive ? "keep" : get(SETTINGS_LATE);
	const char *const all[TOOLS][ARGS] = {
		[CAMWATCH] = {"camwatch", "-a", get(SETTINGS_MIN_FILE_AGE), "-i",
			get(SETTINGS_SCAN_INTERVAL), "-n", get(SETTINGS_HOLD_NEWEST),
			"-l", get(SETTINGS_MAX_LAG), "-L", late, "-A",
			get(SETTINGS_UNPACK), "-c", cursor, "-s", live_path, "--",
			get(SETTINGS_WATCH_DIR)},
		[SEGUNPACK] = {"segunpack", "-t", "played", "-q", failed, "-s",
			live_path},
		[SEGCHECK] = {"segcheck", "-q", failed, "-p", get(SETTINGS_PROFILE), "-r",
			get(SETTINGS_MAX_RETRIES), "-R", get(SETTINGS_RETRY_AFTER), "-c",
			cursor, "-s", live_path},
		[RTMPPUSH] = {"rtmppush", "-t",
			archive ? "keep" : get(SETTINGS_AFTER_PLAY), "-c", cursor, "-d",
			get(SETTINGS_WATCH_DIR), "-l", get(SETTINGS_MAX_LAG), "-L", late,
			"-s", live_path},
		[SEGPACK] = {"segpack", "-c", cursor, "-d", get(SETTINGS_WATCH_DIR), "-s",
			live_path, "--", archive},
		[HBWRITE] = {"hbwrite", heartbeat},
	};

	memcpy(commands, all, sizeof commands);
	count = 0;
	for (size_t i = 0; i < TOOLS; i++)
		if ((i != SEGPACK || archive) &&
			(i != SEGUNPACK || settings_yes(&conf, SETTINGS_UNPACK)))
			links[count++] = (struct chain_link){commands[i],
				i == RTMPPUSH ? settings_name(SETTINGS_RTMP_URL) : NULL,
				get(SETTINGS_RTMP_URL)};
}

/* What lies in the place of the settings. */
static int look_at_settings(struct path_id *found)
{
	int *folder = &places[STATION_SETTINGS];
	char file[NAME_MAX];
	struct stat st;

	*found = (struct path_id){0};
	if (*folder < 0 && (*folder = station_open(STATION_SETTINGS)) < 0)
		return -1;
	snprintf(file, sizeof file, "%.64s.conf", id);
	if (fstatat(*folder, file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	*found = path_id(&st);
	return 0;
}

/* Reads the settings anew. Returns 0, or -1 with the reason in error. */
static int read_settings(void)
{
	struct settings_fault fault;

	conf_free(&conf);
	if (look_at_settings(&settings_id) < 0 ||
		station_conf(&conf, places[STATION_SETTINGS], id) < 0) {
		snprintf(error, sizeof error, "settings: %s", strerror(errno));
		return -1;
	}
	for (size_t at = 0; settings_fault(&conf, &at, &fault);) {
		if (!fault.expected)
			continue;
		settings_tell(
			strcpy(error, "settings: ") + 10, sizeof error - 10, &fault);
		return -1;
	}
	int folder = path_open_folder(get(SETTINGS_WATCH_DIR));
	if (folder < 0) {
		snprintf(error, sizeof error, "%s '%s': %s",
			settings_name(SETTINGS_WATCH_DIR), get(SETTINGS_WATCH_DIR),
			strerror(errno));
		return -1;
	}
	close(folder);
	if ((size_t)snprintf(failed, sizeof failed, "%s/_failed",
		    get(SETTINGS_WATCH_DIR)) >= sizeof failed) {
		strcpy(error, "WATCH_DIR is too long");
		return -1;
	}
	setenv("LOG_LEVEL", get(SETTINGS_LOG_LEVEL), 1);
	fill_commands();
	return 0;
}

/* As a shell takes it. */
static void print_word(const char *word)
{
	if (*word && !word[strspn(word, PLAIN)]) {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (const char[]){*word, '\0'}, stdout);
	putchar('\'');
}

static void print_commands(void)
{
	for (size_t n = 0; n < count; n++) {
		fputs(n > 0 ? " |\n\t" : "", stdout);
		if (links[n].variable)
			printf("%s=*** ", links[n].variable);
		for (const char *const *arg = links[n].argv; *arg; arg++) {
			fputs(arg > links[n].argv ? " " : "", stdout);
			print_word(*arg);
		}
	}
	putchar('\n');
}

static void write_fact(void)
{
	int64_t now = tick_now(), due = backoff.until - now;
	const struct pulse_number numbers[] = {
		{"ticks", (uint64_t)self.started},
		{"restarts", restarts},
		{"since",
			chain.count > 0 ? (uint64_t)(now - backoff.since) / TICK_SECOND
					: 0},
		{"next", chain.count > 0 || due < 0 ? 0 : (uint64_t)due / TICK_SECOND},
	};

	pulse_begin(&pulse);
	fact_add_text(&pulse.fact, "state", chain.count > 0 ? "running" : "waiting");
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "error", chain.count > 0 ? "" : error);
	pulse_end(&pulse);
}

static void pause_after(const char *again)
{
	int64_t pause = backoff_failed(&backoff, tick_now(), LONGEST_PAUSE);

	pulse.changed = true;
	msg_error("station '%s': %s; %s in %" PRId64 " s", id, error, again,
		pause / TICK_SECOND);
}

static void start(void)
{
	size_t n;

	if (read_settings() < 0) {
		pause_after("or when they change, again");
		return;
	}
	if (chain_start(&chain, links, count, STDERR_FILENO, lock, &n) < 0) {
		snprintf(error, sizeof error, "'%s' cannot be run: %s", links[n].argv[0],
			strerror(errno));
		pause_after("again");
		return;
	}
	backoff_works(&backoff, tick_now());
	pulse.changed = true;
	msg_info("station '%s': its tools run", id);
}

static void look_after(void)
{
	char how[64];
	int n = chain_ended(&chain, how, sizeof how);

	if (n < 0)
		return;
	snprintf(error, sizeof error, "%s %s", links[n].argv[0], how);
	chain_stop(&chain, GRACE);
	restarts++;
	pause_after("all again");
}

/* While nothing runs: not to wait for long after somebody has mended the settings. */
static void look_for_change(void)
{
	struct path_id now;

	look_at_settings(&now);
	if (!path_same(now, settings_id))
		backoff.until = 0;
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
	struct pollfd fds[FIRST + TOOLS] = {
		[SIGNALS] = {signals, POLLIN, 0}, [LOG] = {log, POLLIN, 0}};

	for (;;) {
		if (chain.count == 0)
			look_for_change();
		if (chain.count == 0 && backoff.until <= tick_now())
			start();
		if (pulse_due(&pulse) <= tick_now())
			write_fact();
		for (size_t i = 0; i < chain.count; i++)
			fds[FIRST + i] = (struct pollfd){chain.links[i].fd, POLLIN, 0};
		int64_t until = tick_sooner(pulse_due(&pulse), ready_alive());
		if (chain.count == 0)
			until = tick_sooner(tick_sooner(until, backoff.until),
				tick_now() + TICK_SECOND);
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

static int open_folder(enum station_place place)
{
	int folder = station_make(place, id);

	if (folder < 0)
		msg_die(EX_IOERR, "folder '%s/%s':", station_path(place), id);
	return folder;
}

/* One of us at a time: what those before us have started must have ended, too. */
static void take_lock(void)
{
	int64_t deadline = tick_now() + LOCK_TIME;

	while ((lock = runner_lock(live)) < 0) {
		struct pollfd stop = {signals, POLLIN, 0};

		if (errno != EWOULDBLOCK)
			msg_die(EX_IOERR, "lock in '%s':", live_path);
		if (runner_open(live) >= 0)
			msg_die(EX_TEMPFAIL, "station '%s': it runs already", id);
		if (tick_now() >= deadline)
			msg_die(EX_TEMPFAIL, "station '%s': what ran before does not end",
				id);
		if (poll(&stop, 1, 50) > 0)
			exit(EX_OK);
	}
}

/* What we and the tools say goes through a pipe into the log. Returns its other end. */
static int divert_log(void)
{
	int ends[2];

	if (logfile_open(&logfile, state, "log", LOG_SIZE) < 0)
		msg_die(EX_IOERR, "log '%s/%s/log':", station_path(STATION_STATE), id);
	if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ||
		dup2(ends[1], STDERR_FILENO) < 0)
		msg_die(EX_OSERR, "log:");
	close(ends[1]);
	msg_init(tool.name);
	return ends[0];
}

static void name(char *out, enum station_place place, const char *file)
{
	int n = snprintf(out, PATH_MAX, "%s/%s%s", station_path(place), id, file);

	if (n < 0 || n >= PATH_MAX)
		msg_die(EX_CONFIG, "station '%s': STREAMHUB_ROOT is too long", id);
}

int main(int argc, char **argv)
{
	bool log = false, dry_run = false;
	int from = -1;

	opt_begin(&tool);
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;) {
		log = log || key == 'l';
		dry_run = dry_run || key == 'n';
	}
	if (argc - optind != 1)
		opt_refuse(&tool, argc == optind ? "no ID" : "more than one ID");
	id = argv[optind];
	unsetenv(settings_name(SETTINGS_RTMP_URL)); /* it is for one tool alone */
	srand((unsigned)getpid());
	if (!station_id_ok(id))
		opt_refuse(&tool, "'%s' is no ID of a station", id);
	name(cursor, STATION_STATE, "/cursor");
	name(live_path, STATION_LIVE, "");
	name(heartbeat, STATION_LIVE, "/heartbeat");
	station_open_all(places);
	if (dry_run) {
		if (read_settings() < 0)
			msg_die(EX_CONFIG, "station '%s': %s", id, error);
		print_commands();
		return opt_finish(EX_OK);
	}
	signals = sigfd_open();
	if (signals < 0 || process_of(&self, getpid()) < 0 || child_look_here() < 0)
		msg_die(EX_OSERR, "start:");
	state = open_folder(STATION_STATE);
	live = open_folder(STATION_LIVE);
	take_lock();
	int code = pulse_open(&pulse, live_path, tool.name);
	if (code)
		return code;
	if (log)
		from = divert_log();
	int left = runner_sweep(live);
	if (left > 0)
		msg_warn("station '%s': was not stopped in order: %d facts removed", id,
			left);
	ready_up();
	code = run(from);
	ready_down();
	chain_stop(&chain, GRACE);
	runner_sweep(live);
	if (log)
		take_log(from);
	return opt_finish(code);
}
