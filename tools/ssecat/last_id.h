/*
 * last_id: the id of the last event that was applied, from a file that another program
 * writes, and which ids may stand in a header.
 */
#ifndef STREAMHUB_LAST_ID_H
#define STREAMHUB_LAST_ID_H

#include <stdbool.h>

#include "net/sse.h"

/*
 * Reads the value of the first line "id: VALUE", or else the file's only line. "" if
 * there is no file or no id, or, with a warning, if the file is damaged. Returns 0; or
 * reports that the file cannot be read and returns an exit code.
 */
int last_id_read(char out[SSE_ID_MAX + 1], const char *path);

/* True if it has no control byte: a line end would begin another header. */
bool last_id_is_sendable(const char *id);

#endif
