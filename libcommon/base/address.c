#include "base/address.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

static const struct address_scheme schemes[] = {
	{"rtmp://", "rtmp,tcp"},
	{"rtmps://", "rtmps,tls,tcp"},
	{"rtsp://", "rtsp,rtp,udp,tcp"},
	{"rtsps://", "rtsp,rtp,tls,tcp"},
	{"http://", "http,tcp,https,tls"},
	{"https://", "https,tls,tcp"},
	{"srt://", "srt"},
	{"udp://", "udp"},
	{"tcp://", "tcp"},
};

bool address_is_rtmp(const char *url)
{
	const char *at = text_after(url, "rtmp://");

	if (!at)
		at = text_after(url, "rtmps://");
	return at && *at && *at != '/' && strchr(at, '/') && !strpbrk(at, " \t\r\n");
}

const struct address_scheme *address_source(const char *url)
{
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		const char *host = text_after(url, schemes[i].name);
		if (host)
			return *host && !strpbrk(host, " \t\r\n") ? &schemes[i] : NULL;
	}
	return NULL;
}
