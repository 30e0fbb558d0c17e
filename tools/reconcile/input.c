#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

void input_begin(struct input *input, int fd)
{
	*input = (struct input){.fd = fd};
}

/* Makes room for one more chunk; gives back what a long line took. */
static int make_room(struct input *input)
{
	size_t left = input->len - input->at;

	if (left > 0)
		memmove(input->text, input->text + input->at, left);
	input->len = left;
	input->at = 0;
	if (left >= INPUT_LINE_MAX) {
		errno = EFBIG;
		return -1;
	}
	size_t wanted = left < CHUNK ? 2 * CHUNK : 2 * left;
	if (input->size >= left + CHUNK && input->size <= 4 * wanted)
		return 0;
	char *text = realloc(input->text, wanted);
	if (!text)
		return -1;
	input->text = text;
	input->size = wanted;
	return 0;
}

int input_fill(struct input *input)
{
	if (make_room(input) < 0)
		return -1;
	ssize_t n = read(input->fd, input->text + input->len, input->size - input->len);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	input->ended = n == 0;
	input->len += (size_t)n;
	return 0;
}

bool input_is_cut(const struct input *input)
{
	return input->ended && input->len > input->at;
}

const char *input_next(struct input *input, size_t *len)
{
	const char *line = input->text + input->at;
	const char *end = input->len > input->at
		? memchr(line, '\n', input->len - input->at)
		: NULL;

	if (!end)
		return NULL;
	*len = (size_t)(end - line);
	input->at += *len + 1;
	return line;
}

void input_free(struct input *input)
{
	free(input->text);
	*input = (struct input){.fd = -1};
}
