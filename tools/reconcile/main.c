/*
 * reconcile: makes true what a server says by events: what is, what should be, what to
 * do. It only writes what is desired; orchestrate acts.
 *
 *   input      the lines of ssecat
 *     event      one of them
 *   known      what is: the stations
 *   plan       what is to be started, stopped and kept; which list is doubted
 *   apply      does it, or prints it
 *     create     settings of a station that is new
 *   health     processes and states of what is expected
 *   log        messages by their parts
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "apply.h"
#include "base/atomic.h"
#include "base/clock.h"
#include "base/lines.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/pulse.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "event.h"
#include "health.h"
#include "input.h"
#include "log.h"
#include "service/backend.h"

#define LOCK_TIME (2 * CLOCK_SECOND)

enum on_boot { ON_BOOT_RESUME, ON_BOOT_WAIT };
static const char *const on_boot_names[] = {"resume", "wait", NULL};
enum desired_from { FROM_PERSON, FROM_SERVER };
static const char *const from_names[] = {"person", "server", NULL};

static struct apply apply;
static struct pulse pulse;
static struct input input;
static bool json;
static unsigned on_boot, from;
static int64_t interval = 30 * CLOCK_SECOND;
static const char *status, *backend_name;

static const struct opt_row rows[] = {
	{'i', "interval", "SEC", "look at the stations at least so often (30)",
		.number = {&interval, CLOCK_SECOND, 1, 86400}},
	{'j', "json", NULL, "print the registry, a JSON object a line, and end",
		.flag = &json},
	{'n', "dry-run", NULL, "print what would be done and do nothing",
		.flag = &apply.dry},
	{'s', "status", "DIR", "keep the fact reconcile in this folder", .text = &status},
	{0, "allow-new", "TEMPLATE", "make settings from this file for what is new",
		.text = &apply.template},
	{0, "backend", "NAME", "who runs stations: process or systemd",
		.text = &backend_name},
	{0, "desired-from", "person|server", "whose word counts more (person)",
		.choice = {&from, from_names}},
	{0, "on-boot", "resume|wait", "after a boot: the last list, or the server's next",
		.choice = {&on_boot, on_boot_names}},
};

static const struct opt_tool tool = {
	"reconcile",
	"[-jn] [-i SEC] [-s DIR] [--allow-new TEMPLATE] [--backend NAME]\n"
	"                 [--desired-from person|server] [--on-boot resume|wait]",
	"Make true what the events that ssecat prints say.",
	rows,
	sizeof rows / sizeof *rows,
};

static void write_fact(void)
{
	const struct pulse_number numbers[] = {
		{"events", (int64_t)apply.events},
		{"expected", (int64_t)apply.expected.count},
		{"held", (int64_t)apply.doubt.count},
		{"starts", (int64_t)apply.started},
		{"stops", (int64_t)apply.stopped},
	};

	if (pulse.folder < 0)
		return;
	pulse_begin(&pulse);
	fact_add_text(&pulse.fact, "event", apply.expected.event);
	pulse_numbers(&pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pulse.fact, "error", apply.error);
	pulse_end(&pulse);
}

/* Takes in all events that are there. Returns 0, or an exit code. */
static int take_lines(void)
{
	const char *line;
	size_t len;

	while ((line = input_next(&input, &len))) {
		struct event event;
		if (event_read(&event, line, len) < 0) {
			if (errno == ENOMEM)
				msg_die(EX_OSERR, "an event:");
			/* An address may be in it. */
			log_error(SSE,
				"standard input: a line of %zu bytes is no event of "
				"ssecat's",
				len);
			return EX_TEMPFAIL;
		}
		apply_take(&apply, &event);
		event_free(&event);
	}
	return EX_OK;
}

static int look(void)
{
	apply_open(&apply);
	int code = apply_round(&apply);
	if (!apply.dry && health_look(apply.places, &apply.expected) < 0)
		log_warn(HEALTH, "stations cannot be looked at:");
	pulse.changed = true;
	return code;
}

static int run(int signals)
{
	struct pollfd fds[] = {{signals, POLLIN, 0}, {input.fd, POLLIN, 0}};
	int64_t due = apply.dry ? CLOCK_NEVER : clock_now();
	bool looked = false;

	for (;;) {
		int64_t until = apply.dry
			? CLOCK_NEVER
			: clock_sooner(
				  due, clock_sooner(ready_alive(), pulse_due(&pulse)));
		if (poll(fds, 2, clock_timeout(until)) < 0 && errno != EINTR)
			msg_die(EX_OSERR, "poll:");
		if (fds[0].revents && sigfd_take(signals))
			return EX_OK;
		if (fds[1].revents && input_fill(&input) < 0) {
			log_error(SSE, "standard input:");
			return EX_IOERR;
		}
		int code = fds[1].revents ? take_lines() : EX_OK;
		bool ends = fds[1].revents && input.ended;
		if (input_is_cut(&input)) {
			log_error(SSE, "standard input: it ends within a line");
			code = EX_TEMPFAIL;
		}
		/* At the end once more: the ids of events for others are kept then. */
		bool last = ends && (!apply.dry || !looked);
		if (code == EX_OK && (apply.told || clock_now() >= due || last)) {
			code = look();
			if (apply.dry && fflush(stdout) != 0)
				return lines_lost(errno);
			due = apply.dry ? CLOCK_NEVER : clock_now() + interval;
			looked = true;
		}
		if (code || ends)
			return code;
		if (pulse_due(&pulse) <= clock_now())
			write_fact();
	}
}

/* After a boot, or a damaged list. Returns 0, or an exit code. */
static int begin(void)
{
	struct clock_stamp now;
	bool damaged = expected_read(&apply.expected, apply.places[STATION_STATE]) < 0;

	if (damaged && errno != EBADMSG) {
		log_error(INIT, "'%s/" EXPECTED_PLACE "/" EXPECTED_FILE "':",
			station_path(STATION_STATE));
		return EX_IOERR;
	}
	if (damaged)
		return apply_put_aside(&apply);
	if (clock_stamp(&now) < 0)
		msg_die(EX_OSERR, "start:");
	if (!*apply.expected.time) {
		log_info(INIT, "no server has said anything yet");
		return EX_OK;
	}
	if (strcmp(now.boot, apply.expected.boot) == 0) {
		log_info(INIT, "goes on after event '%s' of %s", apply.expected.event,
			apply.expected.time);
		return EX_OK;
	}
	log_info(BOOT, "the machine has booted since event '%s' of %s: %s",
		apply.expected.event, apply.expected.time,
		on_boot == ON_BOOT_WAIT ? "waits for the server"
					: "the last list counts until the server speaks");
	return on_boot == ON_BOOT_WAIT ? apply_forget(&apply) : apply_keep(&apply);
}

/* Is the only one. */
static int take_lock(void)
{
	apply.folder = station_make(STATION_STATE, EXPECTED_PLACE);
	if (apply.folder < 0) {
		log_error(INIT, "'%s/" EXPECTED_PLACE "':", station_path(STATION_STATE));
		return EX_IOERR;
	}
	/* Held until the process ends. */
	if (station_lock(apply.folder, LOCK_TIME) < 0) {
		bool held = errno == EWOULDBLOCK;
		log_error(INIT, held ? "another reconcile runs already" : "the lock:");
		return held ? EX_TEMPFAIL : EX_IOERR;
	}
	atomic_sweep(apply.folder, EXPECTED_FILE);
	return EX_OK;
}

static void read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);

	apply.backend = backend_choose(backend_name);
	apply.rule.over = from == FROM_SERVER;
	if (!apply.backend)
		opt_refuse(&tool, "option --backend: there is no '%s'", backend_name);
	if (*operands)
		opt_refuse(&tool, "it takes no operand");
	if (apply.template && !*apply.template)
		apply.template = NULL; /* a setting without a value is none */
	if (apply.dry && status)
		opt_refuse(&tool, "-n keeps no fact: no -s");
	if (json && apply.dry)
		opt_refuse(
			&tool, "-j prints what is, -n what would be: only one of them");
	if (!json && isatty(STDIN_FILENO))
		opt_refuse(&tool,
			"standard input is a terminal: it takes what ssecat "
			"prints");
}

static int print_registry(void)
{
	apply_open(&apply);
	if (expected_read(&apply.expected, apply.places[STATION_STATE]) < 0) {
		msg_error("'%s/" EXPECTED_PLACE "/" EXPECTED_FILE "':",
			station_path(STATION_STATE));
		return opt_finish(EX_IOERR);
	}
	if (health_print(apply.places, &apply.expected) < 0)
		msg_die(EX_IOERR, "stations:");
	return opt_finish(EX_OK);
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	read_options(argc, argv);
	if (json)
		return print_registry();
	int code = apply.dry ? EX_OK : take_lock();
	if (!code)
		code = pulse_open(&pulse, status, tool.name);
	int signals = code ? -1 : sigfd_open();
	if (!code && signals < 0)
		msg_die(EX_OSERR, "start:");
	apply_open(&apply);
	if (!code)
		code = begin();
	if (code)
		return opt_finish(code);
	input_begin(&input, STDIN_FILENO);
	ready_up();
	code = run(signals);
	ready_down();
	apply_close(&apply);
	input_free(&input);
	health_free();
	return opt_finish(code);
}
