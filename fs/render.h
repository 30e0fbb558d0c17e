/*
 * render: the files of the view as text, from snapshots to a stream.
 *
 * No FUSE here, and no I/O but for the last two. A file of a station is rendered from
 * a list with its snapshot alone, a file of the whole view from the snapshots of all
 * stations. A value that is not known is shown as "-". Nothing is written if something
 * could not be read.
 */
#ifndef STREAMHUB_RENDER_H
#define STREAMHUB_RENDER_H

#include <stdio.h>

#include "station/snapshot.h"

/* name is that of the file. */
typedef void render_file(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count);

render_file render_version, render_summary, render_metrics;
render_file render_status, render_json, render_cursor, render_config;
render_file render_key; /* the value of that key of status */
render_file render_fact; /* as it was written */
render_file render_playlist; /* the list as it is by now, and what is to come */
render_file render_control; /* what a server expects, and what is */

#endif
