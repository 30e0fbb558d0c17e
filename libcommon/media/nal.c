#include "media/nal.h"

#include <string.h>

/*
 * An encoder escapes three zeros in a row, so a longer run can only be padding behind a
 * unit, up to some alignment.
 */
#define PADDING 256

size_t nal_zeros(const uint8_t *data, size_t size, size_t least)
{
	size_t step = least / 2, longest = 0;

	/* The words looked at are so close that every run of least zeros covers one. */
	for (size_t at = 0; at + 8 <= size; at += step) {
		uint64_t word;

		memcpy(&word, data + at, sizeof word);
		if (word)
			continue;
		size_t start = at, end = at + 8;
		while (start > 0 && !data[start - 1])
			start--;
		while (end < size && !data[end])
			end++;
		if (end - start > longest)
			longest = end - start;
		at = end > step ? end - end % step : at;
	}
	return longest >= least ? longest : 0;
}

unsigned nal_prefix(const uint8_t *extradata, size_t size, size_t skip)
{
	/* A configuration record begins with its version, 1; a start code with zeros. */
	return size > skip && extradata[0] == 1 ? (extradata[skip] & 3) + 1u
						: NAL_ANNEX_B;
}

static enum nal_fault check_lengths(const uint8_t *data, size_t size, unsigned prefix)
{
	while (size > 0) {
		size_t len = 0;

		if (size <= prefix)
			return NAL_BROKEN;
		for (unsigned i = 0; i < prefix; i++)
			len = len << 8 | data[i];
		data += prefix;
		size -= prefix;
		if (len == 0 || len > size || data[0] & 0x80)
			return NAL_BROKEN;
		data += len;
		size -= len;
	}
	return NAL_FINE;
}

static enum nal_fault check_start_code(const uint8_t *data, size_t size)
{
	size_t zeros = 0;

	while (zeros < size && !data[zeros])
		zeros++;
	return zeros >= 2 && zeros + 1 < size && data[zeros] == 1 &&
			!(data[zeros + 1] & 0x80)
		? NAL_FINE
		: NAL_BROKEN;
}

enum nal_fault nal_check(const uint8_t *data, size_t size, unsigned prefix)
{
	if (nal_zeros(data, size, PADDING))
		return NAL_ZEROS;
	return prefix == NAL_ANNEX_B ? check_start_code(data, size)
				     : check_lengths(data, size, prefix);
}
