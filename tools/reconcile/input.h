/*
 * input: lines of any length up to that of the largest event. Reads only what is there.
 */
#ifndef STREAMHUB_INPUT_H
#define STREAMHUB_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#define INPUT_LINE_MAX (64 << 20) /* an event of 10 MiB, each byte of it escaped */

struct input {
	int fd;
	bool ended;
	char *text;
	size_t size, len, at; /* at: what was taken */
};

void input_begin(struct input *input, int fd);

/* Reads once: poll first. Returns 0, or -1 with errno; EFBIG: the line is too long. */
int input_fill(struct input *input);

/* True if the input has ended within a line. */
bool input_is_cut(const struct input *input);

/* The next whole line, without its end, until the next call of input_fill. NULL: there is
 * none. */
const char *input_next(struct input *input, size_t *len);

void input_free(struct input *input);

#endif
