/*
 * unit_container: small media files put together in memory, and what container finds in
 * them.
 */
#ifndef STREAMHUB_UNIT_CONTAINER_H
#define STREAMHUB_UNIT_CONTAINER_H

#include "unit.h"
#include <inttypes.h>

#include "media/container.h"

/* The file at hand. */
static struct {
	unsigned char bytes[1 << 18];
	size_t len;
} clip;

static inline void clip_put(const void *bytes, size_t len)
{
	assert_true(len <= sizeof clip.bytes - clip.len);
	memcpy(clip.bytes + clip.len, bytes, len);
	clip.len += len;
}

static inline void clip_text(const char *text)
{
	clip_put(text, strlen(text));
}

/* So many bytes, all the same. */
static inline void clip_fill(unsigned char byte, size_t len)
{
	assert_true(len <= sizeof clip.bytes - clip.len);
	memset(clip.bytes + clip.len, byte, len);
	clip.len += len;
}

/* A number, its highest byte first. */
static inline void clip_set(size_t at, uint64_t number, size_t width)
{
	for (size_t i = 0; i < width; i++)
		clip.bytes[at + i] = (unsigned char)(number >> (8 * (width - 1 - i)));
}

static inline void clip_number(uint64_t number, size_t width)
{
	clip_fill(0, width);
	clip_set(clip.len - width, number, width);
}

/* Where the nth (from 1 on) such text is in the file. */
static inline size_t clip_find(const char *text, int nth)
{
	const unsigned char *p = clip.bytes;
	size_t len = strlen(text);

	for (; nth > 0; nth--) {
		p = memmem(p, clip.len - (size_t)(p - clip.bytes), text, len);
		assert_non_null(p);
		p += len;
	}
	return (size_t)(p - clip.bytes) - len;
}

/* What is found in the first len bytes. */
static inline struct report clip_check(size_t len)
{
	static int fd = -1;
	struct report report = {0};

	if (fd < 0)
		fd = memfd_create("clip", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, clip.bytes, len, 0), len);
	container_check(fd, &report);
	assert_int_equal(report.size, len);
	assert_true(report_sane(&report));
	return report;
}

/* This is found and nothing else, in these words; REPORT_GOOD: nothing is. */
static inline void clip_expect(enum report_code code, const char *words)
{
	struct report report = clip_check(clip.len);

	if (report.found != (code == REPORT_GOOD ? 0 : UINT64_C(1) << code) ||
		!strstr(report.detail, words))
		fail_msg("not %s, '%s': %" PRIx64 ", '%s'", report_code_name(code), words,
			report.found, report.detail);
}

static inline void clip_good(enum report_container container)
{
	clip_expect(REPORT_GOOD, "");
	assert_int_equal(clip_check(clip.len).container, container);
}

/* A cut after any byte is found, but for those after so many bytes. */
static inline void clip_cuts(const size_t *whole, size_t count)
{
	size_t next = 0;

	for (size_t len = 0; len < clip.len; len++) {
		struct report report = clip_check(len);
		bool expected = next < count && whole[next] == len;

		next += expected;
		if ((report.found == 0) != expected)
			fail_msg("cut after %zu of %zu: '%s'", len, clip.len,
				report.detail);
	}
	assert_int_equal(next, count);
}

#endif
