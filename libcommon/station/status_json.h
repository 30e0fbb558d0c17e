/* status_json: a status as a JSON object. */
#ifndef STREAMHUB_STATUS_JSON_H
#define STREAMHUB_STATUS_JSON_H

#include <jansson.h>

#include "station/status.h"

#define STATUS_JSON_FLAGS \
	(JSON_COMPACT | JSON_REAL_PRECISION(12)) /* to write it with \
						  */

/* The object, to be freed; NULL if there is no memory. */
json_t *status_json(const struct status *status);

#endif
