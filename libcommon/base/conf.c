/*
 * A state machine that looks at one character at a time, as systemd's own parser does.
 * The output buffer is allocated once for the worst case; each entry is its line number,
 * key NUL value NUL. A line that turns out to be no assignment is dropped by going back
 * to where its entry began.
 */
#include "base/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

#define NEW_LINE "\r\n"
#define BLANK " \t" NEW_LINE
#define NEEDS_ESCAPE \
	"\"\\`$" /* in double quotes a backslash counts only before these \
		  */

enum where {
	BEFORE_KEY,
	IN_KEY,
	BEFORE_VALUE,
	IN_VALUE,
	ESCAPED,
	SINGLE_QUOTED,
	DOUBLE_QUOTED,
	DOUBLE_ESCAPED,
	IN_COMMENT,
	COMMENT_ESCAPED,
};

struct parser {
	enum where where;
	unsigned line; /* the one being read */
	char *out;
	size_t entry; /* where the line's entry starts, with its line number */
	size_t key; /* where its key starts */
	size_t value; /* where its value starts */
	size_t len; /* end of what is written */
	size_t trim; /* trailing blanks are cut down to here: quoted or escaped ones stay
		      */
};

static void put(struct parser *p, char c)
{
	p->out[p->len++] = c;
}

static void begin_entry(struct parser *p)
{
	p->entry = p->len;
	memcpy(p->out + p->len, &p->line, sizeof p->line);
	p->key = p->len += sizeof p->line;
	p->where = IN_KEY;
}

static void drop_entry(struct parser *p)
{
	p->len = p->entry;
}

static void end_key(struct parser *p)
{
	while (strchr(BLANK, p->out[p->len - 1])) /* its first byte is none */
		p->len--;
	put(p, '\0');
	p->value = p->trim = p->len;
	p->where = BEFORE_VALUE;
}

static void end_value(struct parser *p)
{
	while (p->len > p->trim && strchr(BLANK, p->out[p->len - 1]))
		p->len--;
	put(p, '\0');
	p->where = BEFORE_KEY;
}

static void value_char(struct parser *p, char c)
{
	if (strchr(NEW_LINE, c)) {
		end_value(p);
	} else if (c == '\\') {
		p->trim = p->len; /* blanks before it stay, even if a line goes on */
		p->where = ESCAPED;
	} else if (p->where == BEFORE_VALUE && c == '\'') {
		p->where = SINGLE_QUOTED;
	} else if (p->where == BEFORE_VALUE && c == '"') {
		p->where = DOUBLE_QUOTED;
	} else if (p->where == IN_VALUE || !strchr(BLANK, c)) {
		p->where = IN_VALUE;
		put(p, c);
	}
}

/* A quoted or escaped character stays, blank or not. */
static void put_kept(struct parser *p, char c)
{
	put(p, c);
	p->trim = p->len;
}

static void quoted_char(struct parser *p, char c)
{
	char quote = p->where == SINGLE_QUOTED ? '\'' : '"';

	if (c == quote)
		p->where = BEFORE_VALUE;
	else if (c == '\\' && p->where == DOUBLE_QUOTED)
		p->where = DOUBLE_ESCAPED;
	else
		put_kept(p, c);
}

static void next_char(struct parser *p, char c)
{
	switch (p->where) {
	case BEFORE_KEY:
		if (strchr("#;", c)) {
			p->where = IN_COMMENT;
		} else if (!strchr(BLANK, c)) {
			begin_entry(p);
			put(p, c);
		}
		break;
	case IN_KEY:
		if (strchr(NEW_LINE, c)) {
			drop_entry(p);
			p->where = BEFORE_KEY;
		} else if (c == '=') {
			end_key(p);
		} else {
			put(p, c);
		}
		break;
	case BEFORE_VALUE:
	case IN_VALUE:
		value_char(p, c);
		break;
	case ESCAPED:
		p->where = IN_VALUE;
		if (!strchr(NEW_LINE, c))
			put_kept(p, c);
		break;
	case SINGLE_QUOTED:
	case DOUBLE_QUOTED:
		quoted_char(p, c);
		break;
	case DOUBLE_ESCAPED:
		p->where = DOUBLE_QUOTED;
		if (!strchr(NEEDS_ESCAPE, c) && c != '\n')
			put_kept(p, '\\');
		if (c != '\n')
			put_kept(p, c);
		break;
	case IN_COMMENT:
		if (c == '\\')
			p->where = COMMENT_ESCAPED;
		else if (strchr(NEW_LINE, c))
			p->where = BEFORE_KEY;
		break;
	case COMMENT_ESCAPED:
		p->where = IN_COMMENT;
		break;
	}
}

int conf_parse(struct conf *conf, const char *text, size_t len)
{
	/* The shortest entry is "K=": its two bytes take seven in out (line number, key,
	 * two NULs). Every further byte takes at most one. */
	struct parser p = {.where = BEFORE_KEY, .line = 1, .out = malloc(4 * len + 8)};

	if (!p.out)
		return -1;
	if (memchr(text, '\0', len)) {
		free(p.out);
		errno = EBADMSG;
		return -1;
	}
	for (size_t i = 0; i < len; i++) {
		next_char(&p, text[i]);
		p.line += text[i] == '\n';
	}
	if (p.where == IN_KEY)
		drop_entry(&p);
	else if (p.where >= BEFORE_VALUE && p.where <= DOUBLE_ESCAPED)
		end_value(&p);
	char *fitting = realloc(p.out, p.len + 1);
	*conf = (struct conf){fitting ? fitting : p.out, p.len};
	return 0;
}

int conf_read(struct conf *conf, int folder, const char *name)
{
	char text[CONF_SIZE_MAX];
	ssize_t n = path_read(folder, name, text, sizeof text);

	return n < 0 ? -1 : conf_parse(conf, text, (size_t)n);
}

const char *conf_next(const struct conf *conf, size_t *at, const char **value)
{
	if (*at >= conf->len)
		return NULL;
	const char *key = conf->text + *at + sizeof(unsigned);
	*value = key + strlen(key) + 1;
	*at = (size_t)(*value + strlen(*value) + 1 - conf->text);
	return key;
}

unsigned conf_line(const char *key)
{
	unsigned line;

	memcpy(&line, key - sizeof line, sizeof line);
	return line;
}

const char *conf_get(const struct conf *conf, const char *key)
{
	const char *found, *value, *last = NULL;

	for (size_t at = 0; (found = conf_next(conf, &at, &value));)
		if (strcmp(found, key) == 0)
			last = value;
	return last;
}

void conf_free(struct conf *conf)
{
	free(conf->text);
	*conf = (struct conf){0};
}
