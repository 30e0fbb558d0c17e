#include "report_json.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"

static json_t *seconds(int64_t ms)
{
	return ms == REPORT_NONE ? json_null() : json_real((double)ms / 1000);
}

static json_t *stream_json(const struct report_stream *stream)
{
	if (stream->kind == 'v')
		return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:I}", "kind",
			"video", "codec", stream->codec, "profile", stream->profile,
			"width", stream->width, "height", stream->height, "rate",
			stream->rate, "bit_rate", (json_int_t)stream->bit_rate, "packets",
			(json_int_t)stream->packets);
	if (stream->kind == 'a')
		return json_pack("{s:s, s:s, s:s, s:i, s:i, s:I, s:I}", "kind", "audio",
			"codec", stream->codec, "profile", stream->profile, "rate",
			stream->rate, "channels", stream->channels, "bit_rate",
			(json_int_t)stream->bit_rate, "packets",
			(json_int_t)stream->packets);
	return json_pack("{s:s, s:s, s:I}", "kind", "data", "codec", stream->codec,
		"packets", (json_int_t)stream->packets);
}

char *report_json(const struct report *report, const struct report_profile *profile,
	const char *file)
{
	enum report_code code = report_judge(report, profile);
	uint64_t warnings = report_warnings(report, profile);
	json_t *streams = json_array();
	json_t *names = json_array();
	char safe[4 * PATH_MAX];
	int64_t bits = 0;

	for (uint32_t i = 0; i < report->streams; i++) {
		json_array_append_new(streams, stream_json(&report->stream[i]));
		if (__builtin_add_overflow(bits, report->stream[i].bit_rate, &bits))
			bits = INT64_MAX;
	}
	for (int i = 0; i < REPORT_CODES; i++)
		if (warnings >> i & 1)
			json_array_append_new(names, json_string(report_code_name(i)));
	text_escape(safe, sizeof safe, file, strlen(file));
	json_t *all = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:I, s:o, s:o}",
		"file", safe, "verdict", code == REPORT_GOOD ? "good" : "bad", "code",
		report_code_name(code), "reason", report_code_text(code), "detail",
		report->found ? report->detail : "", "container",
		report_container_name(report->container), "size",
		(json_int_t)report->size, "duration", seconds(report->duration_ms),
		"declared", seconds(report->declared_ms), "keyframe_distance",
		seconds(report->keyframe_ms), "bit_rate", (json_int_t)bits, "streams",
		streams, "warnings", names);
	char *text = all ? json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
	json_decref(all);
	return text;
}
