/* container_flv: FLV: tag after tag, each followed by its own length. */
#include "media/container_parts.h"

#include <string.h>

enum {
	HEADER = 9,
	TAG = 11, /* bytes before a tag's data */
	BACK = 4, /* the length of the tag before */
	AUDIO = 8,
	VIDEO = 9,
	SCRIPT = 18,
	FILTERED = 0x20,
	SCRIPT_MAX = 4096, /* bytes of a script tag that are searched for the size */
};

bool container_is_flv(const unsigned char *head, size_t len)
{
	return len >= HEADER && memcmp(head, "FLV\1", 4) == 0;
}

/* Reports a tag that is cut, or no tag at all. */
static void bad_tag(struct container *container, int64_t at, int64_t whole)
{
	long long left = container->size - at;

	if (container_zeros(container, at))
		report_find(container->report, REPORT_TRUNCATED,
			"zeros from byte %lld on", (long long)at);
	else if (whole > left)
		report_find(container->report, REPORT_TRUNCATED,
			"tag at %lld takes %lld bytes, %lld are there", (long long)at,
			(long long)whole, left);
	else
		report_find(container->report, REPORT_STRUCTURE, "no tag at %lld",
			(long long)at);
}

/* The number that the script tag has under this key of 8 letters, or 0. */
static double said(const unsigned char *data, size_t len, const char *name)
{
	char key[11] = "\0\10"; /* the last byte, NUL, is the type "number" */
	double number;

	memcpy(key + 2, name, 8);
	const unsigned char *p = memmem(data, len, key, sizeof key);
	if (!p || (size_t)(p - data) + sizeof key + 8 > len)
		return 0;
	uint64_t bits = container_be64(p + sizeof key);
	memcpy(&number, &bits, sizeof number);
	return number;
}

/*
 * A file that was cut between two tags looks whole; only the size in its first tag gives
 * it away. If that size is not larger than the file, *size is where the clip ends.
 */
static bool check_script(
	struct container *container, int64_t at, uint32_t len, int64_t *size)
{
	if (len > SCRIPT_MAX)
		len = SCRIPT_MAX;
	const unsigned char *data = container_at(container, at, len);
	double bytes = data ? said(data, len, "filesize") : 0;
	if (bytes > (double)container->size && bytes < 1e15) {
		report_find(container->report, REPORT_TRUNCATED,
			"it says that it has %.0f bytes", bytes);
		return false;
	}
	if (bytes >= HEADER && bytes <= (double)container->size)
		*size = (int64_t)bytes;
	if (data)
		container_declare(container, said(data, len, "duration") * 1000);
	return data;
}

static bool is_kind(uint32_t kind)
{
	kind &= ~(uint32_t)FILTERED;
	return kind == AUDIO || kind == VIDEO || kind == SCRIPT;
}

static bool is_tag(struct container *container, int64_t at)
{
	const unsigned char *p = container_at(container, at, 1);

	return p && is_kind(p[0]);
}

/* Looks at the tag and sets its length. False: a finding ended the check. */
static bool take_tag(
	struct container *container, int64_t at, int64_t *whole, int64_t *size)
{
	const unsigned char *p;
	int64_t left = container->size - at;

	*whole = TAG + BACK;
	if (left < *whole) {
		bad_tag(container, at, *whole);
		return false;
	}
	p = container_at(container, at, TAG);
	if (!p || !container_part(container, at))
		return false;
	uint32_t kind = p[0], len = container_be24(p + 1);
	*whole += len;
	if (!is_kind(kind))
		*whole = 0;
	if (*whole == 0 || *whole > left) {
		bad_tag(container, at, *whole);
		return false;
	}
	p = container_at(container, at + TAG + len, BACK);
	if (!p)
		return false;
	uint32_t back = container_be32(p);
	if (back != TAG + len) {
		report_find(container->report, REPORT_STRUCTURE,
			"tag at %lld has %u bytes, %u are said after it", (long long)at,
			TAG + len, back);
		return false;
	}
	if (kind & FILTERED) {
		report_find(container->report, REPORT_ENCRYPTED,
			"tag at %lld is filtered", (long long)at);
		return false;
	}
	return kind != SCRIPT || check_script(container, at + TAG, len, size);
}

void container_flv(struct container *container)
{
	const unsigned char *p = container_at(container, 0, HEADER);
	uint32_t header = p ? container_be32(p + 5) : 0;
	int64_t at = (int64_t)header + BACK, whole, size = -1;

	if (!p)
		return;
	if (header < HEADER) {
		report_find(container->report, REPORT_STRUCTURE,
			"its header says %u bytes", header);
		return;
	}
	if (at > container->size) {
		report_find(container->report, REPORT_TRUNCATED,
			"its header takes %lld bytes", (long long)at);
		return;
	}
	while (at < container->size) {
		if (at == size && !is_tag(container, at)) {
			container_outside(container, at);
			return;
		}
		if (!take_tag(container, at, &whole, &size))
			return;
		at += whole;
	}
}
