#include "media/inspect_size.h"

/* Picture formats that have a number instead of a size. */
struct format {
	int width, height;
};

/* Takes count bits from *at on and moves *at. Behind the end they are zeros. */
static unsigned take(const uint8_t *data, size_t size, size_t *at, unsigned count)
{
	unsigned value = 0;

	for (; count > 0; count--, ++*at) {
		size_t byte = *at / 8;
		unsigned bit = byte < size ? data[byte] >> (7 - *at % 8) & 1u : 0;
		value = value << 1 | bit;
	}
	return value;
}

/* The size is in the frame header, which comes behind any number of tables. */
static bool size_mjpeg(const uint8_t *data, size_t size, int *width, int *height)
{
	size_t at = 2;

	while (at + 9 <= size && data[at] == 0xff) {
		unsigned mark = data[at + 1];
		if (mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 &&
			mark != 0xcc) {
			*height = data[at + 5] << 8 | data[at + 6];
			*width = data[at + 7] << 8 | data[at + 8];
			return true;
		}
		at += 2 + ((size_t)data[at + 2] << 8 | data[at + 3]);
	}
	return false;
}

static bool size_h263(const uint8_t *data, size_t size, int *width, int *height)
{
	static const struct format formats[8] = {
		[1] = {128, 96}, {176, 144}, {352, 288}, {704, 576}, {1408, 1152}};
	size_t at = 0;

	if (take(data, size, &at, 22) != 0x20)
		return false;
	at += 13; /* time, and flags before the format */
	unsigned format = take(data, size, &at, 3);
	if (format == 7 && take(data, size, &at, 3) == 1) /* an extended header */
		format = take(data, size, &at, 3);
	if (format == 6) { /* a size of its own */
		at += 15 + 9;
		if (take(data, size, &at, 1))
			at += 2;
		at += 4;
		*width = ((int)take(data, size, &at, 9) + 1) * 4;
		at += 1;
		*height = (int)take(data, size, &at, 9) * 4;
		return true;
	}
	*width = formats[format].width;
	*height = formats[format].height;
	return true;
}

static bool size_flv1(const uint8_t *data, size_t size, int *width, int *height)
{
	static const struct format formats[8] = {
		[2] = {352, 288}, {176, 144}, {128, 96}, {320, 240}, {160, 120}};
	size_t at = 0;

	if (take(data, size, &at, 17) != 1)
		return false;
	at += 13; /* version, time */
	unsigned format = take(data, size, &at, 3);
	if (format < 2) {
		*width = (int)take(data, size, &at, format ? 16 : 8);
		*height = (int)take(data, size, &at, format ? 16 : 8);
		return true;
	}
	*width = formats[format].width;
	*height = formats[format].height;
	return true;
}

bool inspect_size(
	enum AVCodecID codec, const uint8_t *data, size_t size, int *width, int *height)
{
	switch (codec) {
	case AV_CODEC_ID_MJPEG:
		return size_mjpeg(data, size, width, height);
	case AV_CODEC_ID_H263:
	case AV_CODEC_ID_H263P:
		return size_h263(data, size, width, height);
	case AV_CODEC_ID_FLV1:
		return size_flv1(data, size, width, height);
	default:
		return false;
	}
}
