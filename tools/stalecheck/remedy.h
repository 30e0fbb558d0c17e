/*
 * remedy: runs a command for each station or heartbeat that is not well, within a budget
 * (budget.h).
 *
 * Prints what it does and what it does not do. Functions return exit codes of sysexits.h.
 */
#ifndef STREAMHUB_REMEDY_H
#define STREAMHUB_REMEDY_H

#include "proc/budget.h"

#define REMEDY_WORDS 32
#define REMEDY_RUNS 1000

struct remedy {
	char *words[REMEDY_WORDS + 2]; /* the command, the name, NULL */
	size_t count; /* words of the command; 0: there is no remedy */
	bool once; /* one act is the intention: a budget that is used up is not reported
		    */
	struct budget budget;
};

/* Starts without a command; the budget is runs in period milliseconds for each name. */
void remedy_init(struct remedy *remedy, long long runs, int64_t period);

/*
 * Takes the budget from "N/SEC": 1 to REMEDY_RUNS, in 1 to BUDGET_MEMORY seconds. Returns
 * 0, or -1 if it is none.
 */
int remedy_budget(struct remedy *remedy, const char *text);

/*
 * Splits text, which must live on, into the words of the command, in place of an earlier
 * one. Returns 0, or -1 if it is not 1 to REMEDY_WORDS words.
 */
int remedy_command(struct remedy *remedy, char *text);

/* Call it before finding out what is not well in a folder (or -1): see budget_enter. */
void remedy_enter(struct remedy *remedy, int folder);

/*
 * Runs the command with name as its last word, if the budget kept under key in the
 * entered folder allows it; key is NULL if there is no such folder. what is the problem,
 * for the message. While the command runs, at most a minute, SIGTERM and SIGINT end the
 * command and not this process. Returns EX_OK, also if nothing was run because the budget
 * is used up or another process acts; EX_UNAVAILABLE if the command failed; EX_IOERR if
 * no budget can be kept; EX_OSERR; EX_TEMPFAIL after a signal.
 */
int remedy_apply(struct remedy *remedy, const char *name, const char *key,
	const char *what, const struct clock_stamp *now);

void remedy_leave(struct remedy *remedy);

#endif
