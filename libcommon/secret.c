#include "secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "msg.h"
#include "path.h"

static int read_file(char *out, size_t size, const char *file)
{
	const char *name;

	if (strstr(file, "://")) {
		msg_error("the address was given where a file is wanted that holds it");
		*out = '\0';
		return EX_NOINPUT;
	}
	int folder = path_open_parent(file, &name);
	ssize_t n = folder < 0 ? -1 : path_read(folder, name, out, size - 1);

	if (n > 0 && memchr(out, '\0', (size_t)n)) {
		n = -1;
		errno = EILSEQ;
	}
	if (n < 0)
		msg_error("address file '%s':", file);
	out[n < 0 ? 0 : n] = '\0';
	if (folder >= 0)
		close(folder);
	return n < 0 ? EX_NOINPUT : EX_OK;
}

int secret_read(
	char *out, size_t size, const char *file, char *operand, const char *variable)
{
	char *value = getenv(variable);
	char *given = operand ? operand : value;
	int code = EX_OK;

	*out = '\0';
	if (file)
		code = read_file(out, size, file);
	else if (given && strlen(given) < size)
		strcpy(out, given);
	else if (given)
		code = EX_USAGE;
	if (code == EX_USAGE)
		msg_error("the address is longer than %zu bytes", size - 1);
	out[strcspn(out, "\r\n")] = '\0';
	if (operand) {
		msg_warn("the address stood in the list of processes: better give it by "
			 "$%s",
			variable);
		memset(operand, '*', strlen(operand));
	}
	if (value)
		memset(value, '*', strlen(value));
	unsetenv(variable);
	return code;
}
