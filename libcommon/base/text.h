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
 * Copies len bytes of in to out as one printable line. These become \xNN: control bytes
 * (C0, DEL, C1), invisible characters and those that end a line or change its direction
 * (U+200B, U+2028, U+202E and the like), bytes that are not valid UTF-8, and the
 * backslash itself, so that the result can be decoded without doubt. If it does not fit
 * into size bytes with its NUL, it is cut between two characters and ends in "...". size
 * is at least 4. Returns the length written.
 */
size_t text_escape(char *out, size_t size, const void *in, size_t len);

/*
 * Undoes text_escape: turns each \xNN into its byte; any other backslash stays. Returns
 * 0, or -1 with errno: ENAMETOOLONG when it does not fit, EINVAL for a \x00, which would
 * end the text early.
 */
int text_decode(char *out, size_t size, const char *in);

/*
 * Reads all of text as one decimal number from min to max: digits with at most a leading
 * minus, no blanks, no plus. Returns 0, or -1 with errno EINVAL (not a number) or ERANGE.
 */
int text_number(const char *text, long long min, long long max, long long *out);

/* True if a control byte (C0 or DEL) is in it. */
bool text_has_control(const char *text);

/* True if all of it is valid UTF-8. Control characters count as valid. */
bool text_is_utf8(const char *text);

/* The rest of text behind start, or NULL if text does not begin with it. */
const char *text_after(const char *text, const char *start);

#endif
