/*
 * clip_name: chooses the name of a clip in an archive.
 */
#ifndef STREAMHUB_CLIP_NAME_H
#define STREAMHUB_CLIP_NAME_H

/*
 * The name for the clip at path. Below the folder watch (or NULL) it is the rest of the
 * path, else the path without leading slashes. If that has a component "." or "..", or
 * two slashes in a row, it is the last component alone. Points into path.
 */
const char *clip_name(const char *path, const char *watch);

#endif
