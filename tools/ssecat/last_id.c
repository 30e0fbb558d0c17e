#include "last_id.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/path.h"
#include "base/text.h"

#define HEAD_MAX 65536 /* bytes that are looked at */

/* True if the text begins as a line "key: value" does. */
static bool has_keys(const char *text, size_t len)
{
	size_t key = 0;

	while (key < len && ((text[key] >= 'a' && text[key] <= 'z') || text[key] == '_'))
		key++;
	return key > 0 && key + 1 < len && text[key] == ':' && text[key + 1] == ' ';
}

/* Takes the only line of text. False: there are more, or it is no id. */
static bool take_line(char out[SSE_ID_MAX + 1], const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);
	size_t line = end ? (size_t)(end - text) : len;

	if (line > SSE_ID_MAX || (end && line + 1 < len) || memchr(text, '\0', line))
		return false;
	memcpy(out, text, line);
	out[line] = '\0';
	return true;
}

/* Takes the value of the first line with the key. False: that line is damaged, or the
 * text ends within a line. */
static bool take_key(char out[SSE_ID_MAX + 1], char *text, size_t len)
{
	char *end = text + len;

	for (char *line = text, *stop; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			return len == HEAD_MAX; /* the rest is not looked at */
		*stop = '\0';
		const char *value = text_after(line, "id: ");
		if (value)
			return text_decode(out, SSE_ID_MAX + 1, value) == 0 &&
				strlen(line) == (size_t)(stop - line);
	}
	return true;
}

int last_id_read(char out[SSE_ID_MAX + 1], const char *path)
{
	static char text[HEAD_MAX];
	const char *name;
	int folder = path_open_parent(path, &name);
	int file = folder < 0 ? -1 : path_open_file(folder, name, NULL);
	ssize_t n = file < 0 ? -1 : pread(file, text, sizeof text, 0);
	int error = n < 0 ? errno : 0;

	path_close(file);
	path_close(folder);
	*out = '\0';
	if (error == ENOENT)
		return EX_OK;
	if (error) {
		errno = error;
		msg_error("id file '%s':", path);
		return EX_NOINPUT;
	}
	bool good = has_keys(text, (size_t)n) ? take_key(out, text, (size_t)n)
					      : take_line(out, text, (size_t)n);
	if (!good || !text_is_utf8(out)) {
		*out = '\0';
		msg_warn("id file '%s' is damaged: no event id is sent", path);
	}
	return EX_OK;
}

bool last_id_is_sendable(const char *id)
{
	return !text_has_control(id);
}
