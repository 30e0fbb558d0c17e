/*
 * secret: a text that must not be shown: from a file, the environment or, with a warning,
 * the command line. What of it lies in this process' title or environment is wiped.
 */
#ifndef STREAMHUB_SECRET_H
#define STREAMHUB_SECRET_H

#include <stddef.h>

/*
 * Puts the first line of the file, or of the operand, or of the variable's value,
 * whichever is not NULL or unset, into out; "" if none is. A file of settings (conf.h)
 * that gives the variable counts as what it gives. Returns 0, or an exit code and has
 * said why: EX_NOINPUT for a file that cannot be read, has a NUL byte or a line of more
 * than size - 1 bytes, EX_USAGE for another text that is longer.
 */
int secret_read(
	char *out, size_t size, const char *file, char *operand, const char *variable);

#endif
