/* shape_flv: FLV: tag after tag, each followed by its length. */
#include "shape_parts.h"

#include <string.h>

enum {
	HEADER = 9,
	TAG = 11, /* bytes before a tag's data */
	BACK = 4, /* the length of the tag before */
	AUDIO = 8,
	VIDEO = 9,
	SCRIPT = 18,
	FILTERED = 0x20,
	SCRIPT_MAX = 4096, /* of a script's data, looked through for the size */
};

bool shape_is_flv(const unsigned char *head, size_t len)
{
	return len >= HEADER && memcmp(head, "FLV\1", 4) == 0;
}

/* A tag that is not whole, or none. */
static void bad_tag(struct shape *shape, int64_t at, int64_t whole)
{
	long long left = shape->size - at;

	if (shape_zeros(shape, at))
		report_find(shape->report, REPORT_TRUNCATED, "zeros from byte %lld on",
			(long long)at);
	else if (whole > left)
		report_find(shape->report, REPORT_TRUNCATED,
			"tag at %lld takes %lld bytes, %lld are there", (long long)at,
			(long long)whole, left);
	else
		report_find(
			shape->report, REPORT_STRUCTURE, "no tag at %lld", (long long)at);
}

/* The number of bytes that the script says the file has, or 0. */
static double said_size(const unsigned char *data, size_t len)
{
	static const char key[] = "\0\10filesize"; /* its closing NUL: a number follows */
	const unsigned char *p = memmem(data, len, key, sizeof key);
	uint64_t bits;
	double said;

	if (!p || (size_t)(p - data) + sizeof key + 8 > len)
		return 0;
	bits = shape_be64(p + sizeof key);
	memcpy(&said, &bits, sizeof said);
	return said;
}

/* A file cut between two tags is whole but for what its first tag says. */
static bool check_script(struct shape *shape, int64_t at, uint32_t len)
{
	if (len > SCRIPT_MAX)
		len = SCRIPT_MAX;
	const unsigned char *data = shape_at(shape, at, len);
	double said = data ? said_size(data, len) : 0;
	if (said > (double)shape->size && said < 1e15) {
		report_find(shape->report, REPORT_TRUNCATED,
			"it says that it has %.0f bytes", said);
		return false;
	}
	return data;
}

/* Looks at the tag and sets its length; false: that was all. */
static bool take_tag(struct shape *shape, int64_t at, int64_t *whole)
{
	const unsigned char *p;
	int64_t left = shape->size - at;

	*whole = TAG + BACK;
	if (left < *whole) {
		bad_tag(shape, at, *whole);
		return false;
	}
	p = shape_at(shape, at, TAG);
	if (!p || !shape_part(shape, at))
		return false;
	uint32_t kind = p[0], len = shape_be24(p + 1);
	*whole += len;
	if ((kind & 0x1f) != AUDIO && (kind & 0x1f) != VIDEO && (kind & 0x1f) != SCRIPT)
		*whole = 0;
	if (*whole == 0 || *whole > left) {
		bad_tag(shape, at, *whole);
		return false;
	}
	p = shape_at(shape, at + TAG + len, BACK);
	if (!p)
		return false;
	uint32_t back = shape_be32(p);
	if (back != TAG + len) {
		report_find(shape->report, REPORT_STRUCTURE,
			"tag at %lld has %u bytes, %u are said after it", (long long)at,
			TAG + len, back);
		return false;
	}
	if (kind & FILTERED) {
		report_find(shape->report, REPORT_ENCRYPTED, "tag at %lld is filtered",
			(long long)at);
		return false;
	}
	return kind != SCRIPT || check_script(shape, at + TAG, len);
}

void shape_flv(struct shape *shape)
{
	const unsigned char *p = shape_at(shape, 0, HEADER);
	uint32_t header = p ? shape_be32(p + 5) : 0;
	int64_t at = (int64_t)header + BACK, whole;

	if (!p)
		return;
	if (header < HEADER) {
		report_find(shape->report, REPORT_STRUCTURE, "its header says %u bytes",
			header);
		return;
	}
	if (at > shape->size) {
		report_find(shape->report, REPORT_TRUNCATED,
			"its header takes %lld bytes", (long long)at);
		return;
	}
	while (at < shape->size && take_tag(shape, at, &whole))
		at += whole;
}
