/*
 * address: which addresses are pushed to, and which live sources can be read.
 */
#ifndef STREAMHUB_ADDRESS_H
#define STREAMHUB_ADDRESS_H

#include <stdbool.h>

/* True for rtmp://HOST/... and rtmps://HOST/... without blanks. */
bool address_is_rtmp(const char *url);

struct address_scheme {
	const char *name; /* with :// behind it */
	const char *protocols; /* that libavformat may use for it */
};

/* The scheme of an address that can be read; NULL: it is none. */
const struct address_scheme *address_source(const char *url);

#endif
