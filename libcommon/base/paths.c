#include "base/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"

void paths_begin(struct paths *paths, char **operands, bool null)
{
	paths->operands = operands && *operands ? operands : NULL;
	paths->more = false;
	paths->worst = EX_OK;
	lines_in(&paths->in, STDIN_FILENO, null ? '\0' : '\n');
}

static void refuse(struct paths *paths, const char *from, const char *text)
{
	msg_error("%s: '%.60s...' is no path", from, text);
	paths_remember(paths, EX_NOINPUT);
}

static const char *next_operand(struct paths *paths)
{
	while (*paths->operands) {
		const char *operand = *paths->operands++;
		if (strlen(operand) < sizeof paths->path)
			return operand;
		refuse(paths, "operand", operand);
	}
	return NULL;
}

const char *paths_next(struct paths *paths)
{
	struct lines_line line;

	if (paths->operands)
		return next_operand(paths);
	while ((paths->more = lines_next(&paths->in, &line))) {
		if (line.cut || line.len >= sizeof paths->path ||
			memchr(line.text, '\0', line.len)) {
			refuse(paths, "standard input", line.text);
		} else if (line.len > 0) {
			memcpy(paths->path, line.text, line.len);
			paths->path[line.len] = '\0';
			return paths->path;
		}
	}
	return NULL;
}

int paths_fd(const struct paths *paths, bool room)
{
	bool reads = !paths->operands && !paths->in.ended && !paths->more && room;

	return reads ? paths->in.fd : -1;
}

int paths_fill(struct paths *paths)
{
	ssize_t n = lines_fill(&paths->in);

	paths->more = n >= 0;
	return n < 0 && errno != EAGAIN ? -1 : 0;
}

bool paths_ended(const struct paths *paths)
{
	return paths->operands ? !*paths->operands : paths->in.ended && !paths->more;
}

void paths_put(const struct paths *paths, struct lines_out *out, const char *path)
{
	lines_put(out, path, strlen(path));
	lines_put(out, &paths->in.delimiter, 1);
}

void paths_remember(struct paths *paths, int code)
{
	if (code > paths->worst)
		paths->worst = code;
}
