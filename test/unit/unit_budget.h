/*
 * unit_budget: acts at instants that the test chooses.
 */
#ifndef STREAMHUB_UNIT_BUDGET_H
#define STREAMHUB_UNIT_BUDGET_H

#include "unit.h"

#include "proc/budget.h"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define OLD_BOOT "fedcba98-89ab-cdef-0123-456789abcdef"

/* Asks at an instant, in milliseconds of BOOT, as a run of its own. */
static inline enum budget_answer spend(
	long long runs, int64_t period, const char *name, int64_t at, int64_t *wait)
{
	const struct clock_stamp now = {.boot = BOOT, .mono = at};
	struct budget budget;
	int64_t unused;

	budget_init(&budget, runs, period);
	budget_enter(&budget, unit_folder);
	enum budget_answer answer =
		budget_spend(&budget, name, &now, wait ? wait : &unused);
	int error = errno;
	budget_leave(&budget);
	assert_int_equal(budget.fd, -1);
	errno = error;
	return answer;
}

#endif
