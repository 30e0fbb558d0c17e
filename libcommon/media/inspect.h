/*
 * inspect: looks inside one clip: first at its structure (container.h) and, if that is
 * whole, at every packet. Decodes nothing. Run it in a sandbox.
 */
#ifndef STREAMHUB_INSPECT_H
#define STREAMHUB_INSPECT_H

#include "media/report.h"

/* Fills in the whole report about the regular file fd, which stays open. */
void inspect_file(int fd, struct report *report);

#endif
