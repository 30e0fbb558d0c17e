/*
 * text: bytes from outside made safe to show, and numbers read from text.
 *
 * Nothing here allocates or keeps state.
 */
#ifndef STREAMHUB_TEXT_H
#define STREAMHUB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies len bytes of in to out as one printable line: control bytes (C0, DEL, C1), bytes
 * that are not valid UTF-8, and the backslash become \xNN, so that what is not cut can be
 * read back and nothing looks escaped that is not. What does not fit into size bytes, the
 * closing NUL included, is cut between two characters and the cut is marked "...".
 * size is at least 4. Returns the length written.
 */
size_t text_escape(char *out, size_t size, const void *in, size_t len);

/*
 * Turns what text_escape wrote back: each \xNN into its byte; any other backslash stays.
 * Returns 0, or -1 with errno: ENAMETOOLONG when it does not fit, EINVAL when \x00 would
 * end it early.
 */
int text_decode(char *out, size_t size, const char *in);

/*
 * Reads all of text as one decimal number from min to max: digits with at most a leading
 * minus, no blanks, no plus. Returns 0, or -1 with errno EINVAL (not a number) or ERANGE.
 */
int text_number(const char *text, long long min, long long max, long long *out);

/* Whether all of it is valid UTF-8, control characters too. */
bool text_is_utf8(const char *text);

#endif
