/*
 * packname: what a clip is called in an archive.
 */
#ifndef STREAMHUB_PACKNAME_H
#define STREAMHUB_PACKNAME_H

/*
 * The name for the clip at path: below the folder watch (or NULL), the rest of the path;
 * else the path without leading slashes; and if that has a component "..", "." or none
 * between two slashes, its last component alone. Points into path.
 */
const char *packname(const char *path, const char *watch);

#endif
