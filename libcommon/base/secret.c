#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/msg.h"
#include "base/path.h"

/* Takes the value of the variable if text is a file of settings that has it; else the
 * first line. */
static int take_secret(char *out, size_t size, char *text, const char *variable)
{
	struct conf conf;

	if (conf_parse(&conf, text, strlen(text)) < 0)
		return -1;
	text[strcspn(text, "\r\n")] = '\0';
	const char *value = conf_get(&conf, variable);
	int n = snprintf(out, size, "%s", value ? value : text);
	conf_free(&conf);
	errno = EFBIG;
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

static int read_file(
	char *out, size_t size, const char *what, const char *file, const char *variable)
{
	char text[CONF_SIZE_MAX + 1];
	const char *name;

	if (strstr(file, "://")) {
		msg_error("the %s was given where a file is wanted that holds it", what);
		return EX_NOINPUT;
	}
	int folder = path_open_parent(file, &name);
	ssize_t n = folder < 0 ? -1 : path_read(folder, name, text, CONF_SIZE_MAX);
	text[n < 0 ? 0 : n] = '\0';
	if (n > 0 && strlen(text) < (size_t)n) {
		n = -1;
		errno = EILSEQ;
	}
	if (n >= 0)
		n = take_secret(out, size, text, variable);
	if (n < 0) {
		msg_error("%s file '%s':", what, file);
		*out = '\0';
	}
	explicit_bzero(text, sizeof text);
	path_close(folder);
	return n < 0 ? EX_NOINPUT : EX_OK;
}

int secret_read(char *out, size_t size, const char *what, const char *file, char *operand,
	const char *variable)
{
	char *value = getenv(variable);
	char *given = operand ? operand : value;
	int code = EX_OK;

	*out = '\0';
	if (file)
		code = read_file(out, size, what, file, variable);
	else if (given && strlen(given) < size)
		strcpy(out, given);
	else if (given)
		code = EX_USAGE;
	if (code == EX_USAGE)
		msg_error("the %s is longer than %zu bytes", what, size - 1);
	out[strcspn(out, "\r\n")] = '\0';
	if (operand) {
		msg_warn("the %s stood in the list of processes: better give it by $%s",
			what, variable);
		memset(operand, '*', strlen(operand));
	}
	if (value)
		memset(value, '*', strlen(value));
	unsetenv(variable);
	return code;
}
