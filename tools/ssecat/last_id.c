#include "last_id.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "base/fact.h"
#include "base/msg.h"
#include "base/path.h"
#include "base/text.h"

/* True if the text begins as a fact does; it is none, so somebody has half written it. */
static bool is_half_fact(const char *text, size_t len)
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

static bool take(char out[SSE_ID_MAX + 1], const char *text, size_t len)
{
	struct fact fact = fact_parse(text, len);
	bool good = true;

	if (fact.state == FACT_GOOD) {
		const char *id = fact_get(&fact, "id");
		good = !id || text_decode(out, SSE_ID_MAX + 1, id) == 0;
	} else {
		good = !is_half_fact(text, len) && take_line(out, text, len);
	}
	fact_free(&fact);
	return good && text_is_utf8(out);
}

int last_id_read(char out[SSE_ID_MAX + 1], const char *path)
{
	static char text[FACT_SIZE_MAX];
	const char *name;

	int folder = path_open_parent(path, &name);
	ssize_t n = folder < 0 ? -1 : path_read(folder, name, text, sizeof text);
	int error = n < 0 ? errno : 0;
	path_close(folder);
	*out = '\0';
	if (error == ENOENT)
		return EX_OK;
	if (error && error != EFBIG) {
		errno = error;
		msg_error("id file '%s':", path);
		return EX_NOINPUT;
	}
	if (error || !take(out, text, (size_t)n)) {
		*out = '\0';
		msg_warn("id file '%s' is damaged: no event id is sent", path);
	}
	return EX_OK;
}

bool last_id_is_sendable(const char *id)
{
	return !text_has_control(id);
}
