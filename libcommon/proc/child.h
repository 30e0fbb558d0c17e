/*
 * child: runs a program to its end or to a deadline.
 */
#ifndef STREAMHUB_CHILD_H
#define STREAMHUB_CHILD_H

#include <stddef.h>
#include <stdint.h>

/*
 * Splits text at blanks into at most max words, which point into it. Quotes have no
 * meaning, as no shell is involved. Returns how many words the text has.
 */
size_t child_split(char *text, char **words, size_t max);

/*
 * From now on programs are looked for first in this program's own folder, then in PATH.
 * Returns 0, or -1 with errno.
 */
int child_look_here(void);

/*
 * Runs argv (argv[0] is looked up in PATH, no shell) in a process group of its own,
 * with no input and its output on our standard error. When the deadline of clock.h passes
 * or the descriptor stop (or -1) becomes readable, the group gets SIGTERM; then SIGKILL
 * as soon as the program has ended, or grace milliseconds later. Returns 0 if the program
 * ended with exit code 0; else -1, and how says what happened ("failed with exit code
 * 2"), for a message to put behind the program's name.
 */
int child_run(char *const argv[], int64_t deadline, int64_t grace, int stop, char *how,
	size_t size);

#endif
