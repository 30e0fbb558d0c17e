#include "media/inband.h"

#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <string.h>

#include "media/nal.h"
#include "media/units.h"

#define START_CODE "\0\0\0\1"
#define SETS_MAX 65536 /* bytes of parameter sets in one header */

/* The numbers of unit types in a codec. */
struct numbers {
	unsigned shift, mask, delimiter, first_set, last_set; /* of the types */
	size_t skip, arrays; /* places in the header: of the length's size, of the sets */
};

static const struct numbers h264 = {0, 31, 9, 7, 8, 4, 5};
static const struct numbers h265 = {1, 63, 35, 32, 34, 21, 22};

static unsigned type_of(const struct numbers *numbers, const uint8_t *unit)
{
	return *unit >> numbers->shift & numbers->mask;
}

/* The kinds of sets among the units, as bits. */
static unsigned kinds_of(const struct numbers *numbers, struct units units)
{
	unsigned kinds = 0;

	while (units_next(&units)) {
		unsigned type = type_of(numbers, units.unit);
		if (type >= numbers->first_set && type <= numbers->last_set)
			kinds |= 1u << (type - numbers->first_set);
	}
	return kinds;
}

/* Appends count sets from a header, where each has a length of 2 bytes before it. NULL:
 * they are damaged. */
static const uint8_t *copy_sets(const struct numbers *numbers, unsigned count,
	const uint8_t *from, const uint8_t *end, unsigned prefix, uint8_t *out,
	size_t *size)
{
	for (; count > 0; count--) {
		struct units units = {.data = from, .end = end, .prefix = 2};
		if (!units_next(&units))
			return NULL;
		from = units.data;
		unsigned type = type_of(numbers, units.unit);
		if (type < numbers->first_set || type > numbers->last_set)
			continue; /* some other unit, such as an encoder's message */
		if (*size + prefix + units.size > SETS_MAX ||
			(prefix < 2 && units.size > 255))
			return NULL;
		for (unsigned i = 0; i < prefix; i++)
			out[*size + i] =
				(uint8_t)(units.size >> 8 * (prefix - 1 - i) & 255);
		memcpy(out + *size + prefix, units.unit, units.size);
		*size += prefix + units.size;
	}
	return from;
}

/* The sets of a configuration record. Returns their size, or 0. */
static size_t read_record(const struct numbers *numbers, const AVCodecParameters *par,
	unsigned prefix, uint8_t *out)
{
	const uint8_t *at = par->extradata + numbers->arrays;
	const uint8_t *end = par->extradata + par->extradata_size;
	bool hevc = numbers == &h265;
	size_t size = 0;

	if (at >= end)
		return 0;
	/* H.264 has two arrays. H.265 gives their number, and a type before each. */
	unsigned arrays = hevc ? *at++ : 2;
	for (unsigned i = 0; i < arrays && at; i++) {
		unsigned count = 0;
		if (end - at < (hevc ? 3 : 1))
			return 0;
		if (hevc)
			count = (unsigned)(at[1] << 8 | at[2]);
		else
			count = i == 0 ? *at & 31u : *at;
		at = copy_sets(
			numbers, count, at + (hevc ? 3 : 1), end, prefix, out, &size);
	}
	return at ? size : 0;
}

/* Puts the sets into out in the packet's format. Returns their size; 0: none, or damaged.
 */
static size_t read_sets(const struct numbers *numbers, const AVCodecParameters *par,
	unsigned prefix, uint8_t *out)
{
	struct units units = {.data = par->extradata,
		.end = par->extradata + par->extradata_size,
		.prefix = NAL_ANNEX_B};
	size_t size = 0;

	if (prefix != NAL_ANNEX_B)
		return read_record(numbers, par, prefix, out);
	while (units_next(&units)) {
		unsigned type = type_of(numbers, units.unit);
		if (type < numbers->first_set || type > numbers->last_set)
			continue;
		if (size + 4 + units.size > SETS_MAX)
			return 0;
		memcpy(out + size, START_CODE, 4);
		memcpy(out + size + 4, units.unit, units.size);
		size += 4 + units.size;
	}
	return size;
}

int inband_put(AVPacket *packet, const AVCodecParameters *par)
{
	static uint8_t sets[SETS_MAX];
	const struct numbers *numbers = par->codec_id == AV_CODEC_ID_H264 ? &h264
		: par->codec_id == AV_CODEC_ID_HEVC                       ? &h265
									  : NULL;

	if (!numbers || !(packet->flags & AV_PKT_FLAG_KEY) || par->extradata_size <= 0)
		return 0;
	struct units units = {.data = packet->data,
		.end = packet->data + packet->size,
		.prefix = nal_prefix(
			par->extradata, (size_t)par->extradata_size, numbers->skip)};
	unsigned all = (1u << (numbers->last_set - numbers->first_set + 1)) - 1;
	size_t size = kinds_of(numbers, units) == all
		? 0
		: read_sets(numbers, par, units.prefix, sets);
	if (size == 0 || !units_next(&units))
		return 0;
	/* An access unit delimiter must stay first. */
	size_t at = type_of(numbers, units.unit) == numbers->delimiter
		? (size_t)(units.data - packet->data)
		: 0;
	/* A start code may have one more zero in front, which belongs to it. */
	if (at > 0 && units.prefix == NAL_ANNEX_B)
		while (!packet->data[at - 1])
			at--;
	size_t rest = (size_t)packet->size - at;
	int error = av_grow_packet(packet, (int)size);
	if (error < 0)
		return error;
	memmove(packet->data + at + size, packet->data + at, rest);
	memcpy(packet->data + at, sets, size);
	return 0;
}
