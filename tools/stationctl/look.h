/*
 * look: has segcheck look into a clip, in its sandbox.
 */
#ifndef STREAMHUB_LOOK_H
#define STREAMHUB_LOOK_H

#include <jansson.h>
#include <stdbool.h>

/* The report of segcheck -j about the file. NULL: there is none, and segcheck has said
 * why. Whatever sound it has counts as silence. */
json_t *look_at_clip(const char *profile, const char *path);

/* True if the report calls the clip good. */
bool look_is_good(const json_t *report);

/* The text of a key of an object, or "". */
const char *look_text(const json_t *object, const char *key);

#endif
