/*
 * render: the files of the view as text, one function a file, from snapshots to a stream.
 *
 * No I/O and no FUSE here. A file of a station is rendered from a list of one snapshot,
 * one of the whole view from all stations'. What is not known is shown as "-".
 */
#ifndef STREAMHUB_RENDER_H
#define STREAMHUB_RENDER_H

#include <stdio.h>

#include "snapshot.h"

typedef void render_file(FILE *out, const struct snapshot *const *list, size_t count);

render_file render_version, render_summary, render_metrics;
render_file render_status, render_json, render_state, render_heartbeat, render_age;
render_file render_now, render_queue, render_cursor, render_desired, render_config;
render_file render_camwatch, render_segcheck, render_rtmppush, render_stationrun;
render_file render_segunpack, render_segpack;

#endif
