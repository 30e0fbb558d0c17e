/*
 * secret: reads a text that must not be shown: from a file, the environment or, with a
 * warning, the command line. Wipes it from this process's title and environment.
 */
#ifndef STREAMHUB_SECRET_H
#define STREAMHUB_SECRET_H

#include <stddef.h>

/*
 * Puts into out the first line of the file or, if file is NULL, of the operand or, if
 * that is NULL too, of the variable's value; "" if that is unset. From a file of settings
 * (conf.h) that sets the variable, its value is taken. Returns 0; or reports the error
 * and returns EX_NOINPUT for a file that cannot be read, has a NUL byte or a line of more
 * than size - 1 bytes, or EX_USAGE for another text that is too long. what is its name in
 * messages: "address".
 */
int secret_read(char *out, size_t size, const char *what, const char *file, char *operand,
	const char *variable);

#endif
