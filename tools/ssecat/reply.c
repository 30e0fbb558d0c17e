#include "reply.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define STREAM "text/event-stream"

/* The parameters of the type, such as charset, are ignored. */
static bool is_stream(const char *type)
{
	size_t len = strlen(STREAM);

	return type && strncasecmp(type, STREAM, len) == 0 && strchr("; \t", type[len]);
}

/* Seconds, or a date. */
static int64_t retry_after(const char *value, time_t now)
{
	long long seconds = 0;

	if (!value)
		return 0;
	if (value[strspn(value, "0123456789")] != '\0') {
		time_t then = curl_getdate(value, NULL);
		seconds = then > now ? then - now : 0;
	} else if (text_number(value, 0, REPLY_AT_MOST / CLOCK_SECOND, &seconds) < 0) {
		seconds = *value ? REPLY_AT_MOST / CLOCK_SECOND : 0;
	}
	return seconds < REPLY_AT_MOST / CLOCK_SECOND ? seconds * CLOCK_SECOND
						      : REPLY_AT_MOST;
}

const char *reply_judge(const struct reply *reply, time_t now, struct reply_pause *pause)
{
	static char text[160];

	*pause = (struct reply_pause){.least = REPLY_LONGEST};
	switch (reply->status) {
	case 200:
		if (is_stream(reply->type))
			return NULL;
		snprintf(text, sizeof text,
			"the answer is no stream of events, but '%.80s'",
			reply->type ? reply->type : "");
		return text;
	case 204:
		*pause = (struct reply_pause){.least = REPLY_AT_MOST, .always = true};
		return "the server has no events, and asks not to be asked again (HTTP "
		       "204)";
	case 429:
	case 503:
		pause->least = retry_after(reply->retry_after, now);
		pause->grows = true;
		break;
	default:
		pause->grows = reply->status == 408 || reply->status >= 500;
		if (pause->grows)
			pause->least = 0;
	}
	snprintf(text, sizeof text, "HTTP %ld", reply->status);
	return text;
}
