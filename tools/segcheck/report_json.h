/* report_json: a report as a JSON object. */
#ifndef STREAMHUB_REPORT_JSON_H
#define STREAMHUB_REPORT_JSON_H

#include "media/report.h"

/* One line without its end, to be freed; NULL if there is no memory. */
char *report_json(const struct report *report, const struct report_profile *profile,
	const char *file);

#endif
