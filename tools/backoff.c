/* backoff: waits before something is started again, longer each time it does not last. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/fact.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/sigfd.h"

static int64_t most = 60 * CLOCK_SECOND;

static const struct opt_row rows[] = {
	{'m', "most", "SEC", "the longest pause (60)",
		.number = {&most, CLOCK_SECOND, 0, 86400}},
};

static const struct opt_tool tool = {
	"backoff",
	"[-m SEC] FILE",
	"Wait before a restart: not at all the first time, then 5, 10, 20 ... seconds.",
	rows,
	sizeof rows / sizeof *rows,
};

/* Reads what the file says of this boot. False: nothing was started yet. */
static bool read_past(struct backoff *backoff, int folder, const char *name)
{
	struct fact fact = fact_read(folder, name);
	struct clock_stamp then, now;

	if (fact.state == FACT_ERROR)
		msg_warn("'%s':", name);
	bool known = fact_stamp(&fact, &then) == 0 && clock_stamp(&now) == 0 &&
		strcmp(then.boot, now.boot) == 0 && then.mono <= now.mono &&
		fact_number(&fact, "failures", &backoff->failures) == 0;
	if (known)
		backoff->since = clock_now() - (now.mono - then.mono);
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
	const char *name;

	opt_begin(&tool);
	char **operands = opt_read(&tool, argc, argv);
	const char *path = opt_operand(&tool, operands, "FILE");
	int signals = sigfd_open();
	if (signals < 0)
		msg_die(EX_OSERR, "signals:");
	int folder = path_open_parent(path, &name);
	if (folder < 0)
		msg_die(EX_NOINPUT, "'%s':", path);
	atomic_sweep(folder, name);
	srand((unsigned)getpid());
	if (read_past(&backoff, folder, name)) {
		struct pollfd stop = {signals, POLLIN, 0};
		int64_t now = clock_now();

		if (now - backoff.since >= BACKOFF_STABLE)
			backoff.failures = 0;
		else
			msg_warn("'%s': it did not last: again in %lld s", path,
				(long long)(backoff_failed(&backoff, now, most) /
					CLOCK_SECOND));
		if (write_past(&backoff, folder, name) < 0) /* whoever ends us counts */
			msg_error("'%s':", path);
		while (backoff.until > clock_now())
			if (poll(&stop, 1, clock_timeout(backoff.until)) > 0 &&
				sigfd_take(signals))
				return EX_TEMPFAIL;
	}
	if (write_past(&backoff, folder, name) == 0)
		return EX_OK;
	msg_error("'%s':", path);
	return EX_IOERR;
}
