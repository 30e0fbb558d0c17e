/* backoff: waits before something is started again, longer each time it does not last. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "atomic.h"
#include "backoff.h"
#include "fact.h"
#include "msg.h"
#include "opt.h"
#include "path.h"
#include "sigfd.h"
#include "tick.h"

static const struct opt_row rows[] = {
	{'m', "most", "SEC", "the longest pause (60)"},
};

static const struct opt_tool tool = {
	"backoff",
	"[-m SEC] FILE",
	"Wait before a restart: not at all the first time, then 5, 10, 20 ... seconds.",
	rows,
	sizeof rows / sizeof *rows,
};

/* What the file tells of this boot. False: nothing was started yet. */
static bool read_past(struct backoff *backoff, int folder, const char *name)
{
	struct fact fact = fact_read(folder, name);
	struct tick_stamp then, now;

	if (fact.state == FACT_ERROR)
		msg_warn("'%s':", name);
	bool known = fact_stamp(&fact, &then) == 0 && tick_stamp(&now) == 0 &&
		strcmp(then.boot, now.boot) == 0 && then.mono <= now.mono &&
		fact_number(&fact, "failures", &backoff->failures) == 0;
	if (known)
		backoff->since = tick_now() - (now.mono - then.mono);
	fact_free(&fact);
	return known;
}

static int write_past(const struct backoff *backoff, int folder, const char *name)
{
	struct fact_writer fact;

	if (fact_begin(&fact) < 0)
		return -1;
	fact_add_number(&fact, "failures", backoff->failures);
	return fact_write(&fact, folder, name);
}

int main(int argc, char **argv)
{
	struct backoff backoff = {0};
	int64_t most = 60;
	const char *name;

	opt_begin(&tool);
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;)
		most = opt_number(&tool, "-m", optarg, 0, 86400);
	if (argc - optind != 1)
		opt_refuse(&tool, argc == optind ? "no FILE" : "more than one FILE");
	int signals = sigfd_open(), folder = path_open_parent(argv[optind], &name);
	if (signals < 0)
		msg_die(EX_OSERR, "signals:");
	if (folder < 0)
		msg_die(EX_NOINPUT, "'%s':", argv[optind]);
	atomic_sweep(folder, name);
	srand((unsigned)getpid());
	if (read_past(&backoff, folder, name)) {
		struct pollfd stop = {signals, POLLIN, 0};
		int64_t now = tick_now();

		if (now - backoff.since >= BACKOFF_STABLE)
			backoff.failures = 0;
		else
			msg_warn("'%s': it did not last: again in %lld s", argv[optind],
				(long long)(backoff_failed(
						    &backoff, now, most * TICK_SECOND) /
					TICK_SECOND));
		if (write_past(&backoff, folder, name) < 0) /* whoever ends us counts */
			msg_error("'%s':", argv[optind]);
		while (backoff.until > tick_now())
			if (poll(&stop, 1, tick_timeout(backoff.until)) > 0 &&
				sigfd_take(signals))
				return EX_TEMPFAIL;
	}
	if (write_past(&backoff, folder, name) == 0)
		return EX_OK;
	msg_error("'%s':", argv[optind]);
	return EX_IOERR;
}
