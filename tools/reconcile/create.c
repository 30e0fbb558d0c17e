#include "create.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "base/conf.h"
#include "base/msg.h"
#include "base/path.h"
#include "base/text.h"
#include "station/settings.h"
#include "station/station.h"

/* Nothing that a file of settings, or a shell that reads it, takes for more than text. */
#define SAFE \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" \
	"-._~:/?[]@!&()*+,=%"

static bool is_safe_address(const char *url)
{
	bool rtmp = text_after(url, "rtmp://") || text_after(url, "rtmps://");

	return rtmp && !url[strspn(url, SAFE)] && strlen(url) < 4096;
}

/* The template filled in, to be freed; NULL: it needs an address and there is none. */
static char *fill_in(const char *text, const char *id, const char *url)
{
	char *filled = NULL;
	size_t size;
	FILE *out = open_memstream(&filled, &size);

	if (!out)
		msg_die(71, "no memory for a text");
	for (const char *rest; *text; text = rest) {
		rest = text + 1 + strcspn(text + 1, "@");
		const char *after;
		if ((after = text_after(text, "@ID@"))) {
			fputs(id, out);
			rest = after;
		} else if ((after = text_after(text, "@URL@"))) {
			fputs(url ? url : "", out);
			rest = after;
		} else {
			fwrite(text, 1, (size_t)(rest - text), out);
		}
	}
	if (fclose(out) != 0)
		msg_die(71, "no memory for a text");
	return filled;
}

/* Says the first fault of the settings, without a value. */
static bool is_good(const char *template, const char *id, const char *text)
{
	struct settings_fault fault;
	struct conf conf;
	char words[256];
	bool good = true;

	if (conf_parse(&conf, text, strlen(text)) < 0) {
		msg_error("'%s': cannot be read as settings:", template);
		return false;
	}
	for (size_t at = 0; good && settings_fault(&conf, &at, &fault);) {
		if (!fault.expected)
			continue;
		settings_tell(words, sizeof words, &fault);
		msg_error("station '%s': no settings are made from '%s': %s", id,
			template, words);
		good = false;
	}
	conf_free(&conf);
	return good;
}

int create_settings(int settings, const char *template, const char *id, const char *url)
{
	static char text[CONF_SIZE_MAX + 1];
	const char *name;
	int folder = path_open_parent(template, &name);
	ssize_t len = folder < 0 ? -1 : path_read(folder, name, text, CONF_SIZE_MAX);
	int error = errno;

	path_close(folder);
	errno = error;
	if (len < 0) {
		msg_error("'%s':", template);
		return -1;
	}
	text[len] = '\0';
	if (url && !is_safe_address(url)) {
		msg_error("station '%s': no settings are made: its address is not "
			  "rtmp://HOST/APP/KEY, or rtmps, in plain letters",
			id);
		return -1;
	}
	if (!url && strstr(text, "@URL@")) {
		msg_error("station '%s': no settings are made: the server says no "
			  "address, and '%s' needs one",
			id, template);
		return -1;
	}
	char *filled = fill_in(text, id, url);
	int code = is_good(template, id, filled) ? 0 : -1;
	const char *file = station_conf_name(id);
	if (code == 0 && settings < 0) {
		errno = -settings;
		msg_error("'%s':", station_path(STATION_SETTINGS));
		code = -1;
	} else if (code == 0) {
		atomic_sweep(settings, file);
		code = atomic_put_new(settings, file, 0600, filled, strlen(filled));
		if (code < 0)
			msg_error("'%s/%s':", station_path(STATION_SETTINGS), file);
	}
	free(filled);
	return code;
}
