/* skip: pictures that are made to follow an encoder's IDR decode to the same picture. */
#include "unit.h"

#include <libavcodec/avcodec.h>
#include <libavutil/dict.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

#include "media/nal.h"
#include "media/units.h"
#include "skip.h"

#define PICTURES \
	40 /* more than frame_num and the order count have in their fewest bits */

struct source {
	const char *params; /* x264's */
	enum AVPixelFormat format;
	int width, height;
};

/* The first packet of an encoder: parameter sets and an IDR of noise, with start codes.
 */
static AVPacket *encode(const struct source *source)
{
	const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
	AVCodecContext *context = avcodec_alloc_context3(codec);
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	AVDictionary *options = NULL;

	assert_non_null(codec);
	context->width = frame->width = source->width;
	context->height = frame->height = source->height;
	context->pix_fmt = source->format;
	frame->format = source->format;
	context->time_base = (AVRational){1, 25};
	av_dict_set(&options, "preset", "ultrafast", 0);
	av_dict_set(&options, "x264-params", source->params, 0);
	assert_int_equal(avcodec_open2(context, codec, &options), 0);
	av_dict_free(&options);
	assert_int_equal(av_frame_get_buffer(frame, 0), 0);
	unsigned noise = 1;
	for (int plane = 0; plane < 3 && frame->buf[plane]; plane++)
		for (size_t i = 0; i < frame->buf[plane]->size; i++) {
			noise = noise * 1103515245 + 12345;
			bool high =
				av_pix_fmt_desc_get(source->format)->comp[0].depth > 8 &&
				i % 2;
			frame->buf[plane]->data[i] = high ? 1 : noise >> 16 & 255;
		}
	for (frame->pts = 0; avcodec_receive_packet(context, packet) < 0; frame->pts++)
		assert_int_equal(avcodec_send_frame(context, frame), 0);
	av_frame_free(&frame);
	avcodec_free_context(&context);
	return packet;
}

struct decoder {
	AVCodecContext *context;
	AVFrame *first;
	unsigned pictures;
};

static void compare(struct decoder *decoder, AVFrame *frame)
{
	if (decoder->pictures++ == 0) {
		av_frame_ref(decoder->first, frame);
		return;
	}
	for (int plane = 0; plane < 3 && frame->data[plane]; plane++) {
		int shift =
			plane > 0 ? av_pix_fmt_desc_get(frame->format)->log2_chroma_h : 0;
		int line = av_image_get_linesize(frame->format, frame->width, plane);
		for (int y = 0; y < frame->height >> shift; y++)
			if (memcmp(frame->data[plane] + y * frame->linesize[plane],
				    decoder->first->data[plane] +
					    y * decoder->first->linesize[plane],
				    (size_t)line) != 0)
				fail_msg("picture %u: plane %d differs in line %d",
					decoder->pictures, plane, y);
	}
}

static void decode(struct decoder *decoder, const uint8_t *data, size_t size)
{
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();

	if (size > 0) {
		assert_int_equal(av_new_packet(packet, (int)size), 0);
		memcpy(packet->data, data, size);
	}
	int error = avcodec_send_packet(decoder->context, size > 0 ? packet : NULL);
	if (error < 0)
		fail_msg("after picture %u: %s", decoder->pictures, av_err2str(error));
	while ((error = avcodec_receive_frame(decoder->context, frame)) == 0)
		compare(decoder, frame);
	assert_true(error == AVERROR(EAGAIN) || error == AVERROR_EOF);
	av_frame_free(&frame);
	av_packet_free(&packet);
}

/* Twice: the IDR, and pictures behind it. All are decoded, and are the same. */
static void check_follows(const uint8_t *idr, size_t size)
{
	const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
	struct decoder decoder = {avcodec_alloc_context3(codec), av_frame_alloc(), 0};
	struct skip skip;
	uint8_t *guarded = malloc(SKIP_SIZE);

	decoder.context->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK;
	decoder.context->thread_count = 1;
	assert_int_equal(avcodec_open2(decoder.context, codec, NULL), 0);
	assert_true(skip_read(&skip, idr, size, NAL_ANNEX_B));
	for (int round = 0; round < 2; round++) {
		decode(&decoder, idr, size);
		for (unsigned n = 1; n <= PICTURES; n++) {
			size_t len = skip_write(&skip, n, NAL_ANNEX_B, guarded);
			assert_true(len > 4 && len < 64);
			decode(&decoder, guarded, len);
		}
	}
	decode(&decoder, NULL, 0);
	assert_int_equal(decoder.pictures, 2 * (1 + PICTURES));
	free(guarded);
	av_frame_free(&decoder.first);
	avcodec_free_context(&decoder.context);
}

UNIT_TEST(test_encoders)
{
	static const struct source rows[] = {
		{"cabac=0:bframes=0:ref=1:weightp=0", AV_PIX_FMT_YUV420P, 64, 48},
		{"cabac=1:bframes=0:ref=1:weightp=0", AV_PIX_FMT_YUV420P, 64, 48},
		{"cabac=1:bframes=3:ref=4:weightp=2:8x8dct=1", AV_PIX_FMT_YUV420P, 80,
			64},
		{"cabac=0:bframes=3:b-pyramid=2:ref=4:weightp=2", AV_PIX_FMT_YUV420P, 80,
			64},
		{"cabac=1:bframes=2:slices=4", AV_PIX_FMT_YUV420P, 64, 128},
		{"cabac=1:interlaced=1:bframes=2", AV_PIX_FMT_YUV420P, 64, 96},
		{"cabac=0:interlaced=1:bframes=2", AV_PIX_FMT_YUV420P, 64, 96},
		{"cabac=1:fake-interlaced=1", AV_PIX_FMT_YUV420P, 64, 96},
		{"cabac=1:qp=0", AV_PIX_FMT_YUV420P, 64, 48},
		{"cabac=1:qp=51", AV_PIX_FMT_YUV420P, 64, 48},
		{"cabac=1:no-deblock=1:aud=1", AV_PIX_FMT_YUV420P, 64, 48},
		{"cabac=1:cqm=jvt:8x8dct=1", AV_PIX_FMT_YUV420P, 64, 48},
		{"cabac=1:weightp=2:bframes=1", AV_PIX_FMT_YUV422P, 64, 48},
		{"cabac=1:weightp=2:bframes=1", AV_PIX_FMT_YUV444P, 64, 48},
		{"cabac=1:weightp=2:bframes=1", AV_PIX_FMT_GRAY8, 64, 48},
		{"cabac=1:bframes=1", AV_PIX_FMT_YUV420P10, 64, 48},
		{"cabac=1", AV_PIX_FMT_YUV420P, 1280, 720},
		{"cabac=0", AV_PIX_FMT_YUV420P, 1920, 1080},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		print_message("# %s\n", rows[i].params);
		AVPacket *packet = encode(&rows[i]);
		check_follows(packet->data, (size_t)packet->size);
		av_packet_free(&packet);
	}
}

/* Bits as text, to write a head of other parameter sets before an encoder's slice. */
struct bits {
	char text[200000];
	size_t len;
};

static void add(struct bits *bits, unsigned value, unsigned count)
{
	while (count-- > 0)
		bits->text[bits->len++] = (char)('0' + (value >> count & 1));
}

static void add_number(struct bits *bits, unsigned number)
{
	unsigned count = 0;

	while ((number + 1) >> (count + 1))
		count++;
	add(bits, 0, count);
	add(bits, number + 1, count + 1);
}

/* The bits of a unit without what keeps start codes out of it. */
static void read_bits(struct bits *bits, const uint8_t *unit, size_t size)
{
	bits->len = 0;
	for (size_t i = 0; i < size; i++)
		if (i < 2 || unit[i] != 3 || unit[i - 1] || unit[i - 2])
			add(bits, unit[i], 8);
}

static size_t write_bits(const struct bits *bits, uint8_t *out)
{
	size_t size = 4;

	memcpy(out, "\0\0\0\1", 4);
	for (size_t at = 0; at < bits->len; at += 8) {
		unsigned byte = 0;
		for (size_t i = at; i < at + 8; i++)
			byte = byte << 1 | (i < bits->len && bits->text[i] == '1');
		if (size > 6 && byte <= 3 && !out[size - 1] && !out[size - 2])
			out[size++] = 3;
		out[size++] = (uint8_t)byte;
	}
	return size;
}

static unsigned number_at(const struct bits *bits, size_t *at)
{
	unsigned zeros = 0, value = 0;

	while (bits->text[(*at)++] == '0')
		zeros++;
	for (unsigned i = 0; i < zeros; i++)
		value = value << 1 | (bits->text[(*at)++] == '1');
	return (1u << zeros) - 1 + value;
}

struct variant {
	unsigned frame_bits, order_type, order_bits, references;
	enum {
		DELTA = 1, /* of order type 1, in each slice */
		GROUPS = 2,
		FIELDS = 4,
		LONG_TERM = 8,
		REDUNDANT = 16,
		NOTHING = 32 /* no picture can be made to follow it */
	} flags;
};

/* Finds the unit of that type, and leaves the place behind its first count numbers. */
static size_t find_unit(struct bits *bits, const AVPacket *packet, unsigned type,
	size_t at, unsigned count)
{
	struct units units = {.data = packet->data,
		.end = packet->data + packet->size,
		.prefix = NAL_ANNEX_B};

	while (units_next(&units) && (*units.unit & 31) != type)
		;
	read_bits(bits, units.unit, units.size);
	while (count-- > 0)
		number_at(bits, &at);
	return at;
}

static size_t vary_sequence(const struct variant *variant, uint8_t *out)
{
	static struct bits bits;

	bits.len = 0;
	add(&bits, 0x6742c01f, 32); /* baseline */
	add_number(&bits, 0);
	add_number(&bits, variant->frame_bits - 4);
	add_number(&bits, variant->order_type);
	if (variant->order_type == 0)
		add_number(&bits, variant->order_bits - 4);
	if (variant->order_type == 1) {
		add(&bits, !(variant->flags & DELTA), 1);
		add_number(&bits, 0);
		add_number(&bits, 0);
		add_number(&bits, 1); /* each picture of a cycle of 1 is 2 further */
		add_number(&bits, 3);
	}
	add_number(&bits, variant->references);
	add(&bits, 0, 1);
	add_number(&bits, 3); /* 64 */
	add_number(&bits, variant->flags & FIELDS ? 1 : 2); /* 48 */
	add(&bits, !(variant->flags & FIELDS), 1);
	if (variant->flags & FIELDS)
		add(&bits, 0, 1);
	add(&bits, 9, 4); /* no cropping, no more, and the end */
	return write_bits(&bits, out);
}

static size_t vary_picture(
	const struct variant *variant, const AVPacket *packet, uint8_t *out)
{
	static struct bits old, bits;
	size_t at = find_unit(&old, packet, 8, 8, 2) + 2;

	bits.len = 0;
	add(&bits, 0x68, 8);
	add_number(&bits, 0);
	add_number(&bits, 0);
	add(&bits, variant->flags & DELTA ? 1 : 0, 2);
	add_number(&bits, variant->flags & GROUPS ? 1 : 0);
	for (int i = 0; variant->flags & GROUPS && i < 3; i++)
		add_number(&bits, 0);
	number_at(&old, &at);
	for (int i = 0; i < 2; i++)
		add_number(&bits, number_at(&old, &at));
	add(&bits, 0, 3);
	at += 3;
	for (int i = 0; i < 3; i++) /* quantizers */
		add_number(&bits, number_at(&old, &at));
	add(&bits, variant->flags & REDUNDANT ? 5 : 4, 3);
	add(&bits, 1, 1);
	return write_bits(&bits, out);
}

/*
 * An IDR that x264 coded by CAVLC, with its parameter sets and the head of its slice
 * written anew. Returns the size.
 */
static size_t vary(const struct variant *variant, uint8_t *out)
{
	static const struct source source = {
		"cabac=0:bframes=0:ref=1:weightp=0", AV_PIX_FMT_YUV420P, 64, 48};
	static struct bits old, bits;
	AVPacket *packet = encode(&source);
	size_t size = vary_sequence(variant, out);

	size += vary_picture(variant, packet, out + size);
	size_t at = find_unit(&old, packet, 7, 32, 1);
	unsigned frame_bits = number_at(&old, &at) + 4;
	find_unit(&old, packet, 5, 8, 0);
	at = 8;
	bits.len = 0;
	add(&bits, 0x65, 8);
	for (int i = 0; i < 3; i++)
		add_number(&bits, number_at(&old, &at));
	at += frame_bits;
	add(&bits, 0, variant->frame_bits);
	if (variant->flags & FIELDS)
		add(&bits, 2, 2);
	add_number(&bits, number_at(&old, &at));
	if (variant->order_type == 0)
		add(&bits, 0, variant->order_bits);
	if (variant->flags & DELTA)
		add(&bits, 3, 2);
	if (variant->flags & REDUNDANT)
		add_number(&bits, 0);
	at += 2;
	add(&bits, variant->flags & LONG_TERM ? 1 : 0, 2);
	memcpy(bits.text + bits.len, old.text + at, old.len - at);
	bits.len += old.len - at;
	size += write_bits(&bits, out + size);
	av_packet_free(&packet);
	return size;
}

UNIT_TEST(test_variants)
{
	static const struct variant rows[] = {
		{4, 2, 0, 1, 0},
		{5, 0, 4, 1, 0},
		{8, 0, 16, 2, 0},
		{15, 0, 7, 16, 0},
		{16, 2, 0, 1, 0},
		{16, 1, 0, 1, 0},
		{4, 1, 0, 1, DELTA},
		{4, 0, 4, 1, REDUNDANT},
		{4, 2, 0, 0, NOTHING}, /* no references */
		{4, 2, 0, 1, GROUPS | NOTHING},
		{4, 0, 4, 1, FIELDS | NOTHING},
		{4, 2, 0, 1, LONG_TERM | NOTHING},
	};
	static uint8_t packet[100000];
	struct skip skip;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		size_t size = vary(&rows[i], packet);
		print_message("# row %zu\n", i);
		if (rows[i].flags & NOTHING)
			assert_false(skip_read(&skip, packet, size, NAL_ANNEX_B));
		else
			check_follows(packet, size);
	}
}

/* Whatever the bytes are: an answer, and no picture longer than there is room for. */
UNIT_TEST(test_hostile)
{
	static const struct variant variant = {4, 0, 4, 1, REDUNDANT};
	static uint8_t packet[100000], out[SKIP_SIZE];
	struct skip skip;
	unsigned noise = 1;

	vary(&variant, packet);
	for (size_t size = 0; size < 64; size++) {
		uint8_t *part = malloc(size + 1);
		memcpy(part, packet, size);
		skip_read(&skip, part, size, NAL_ANNEX_B);
		free(part);
	}
	for (int round = 0; round < 20000; round++) {
		uint8_t part[64];
		memcpy(part, packet, sizeof part);
		for (int i = 0; i < 3; i++) {
			noise = noise * 1103515245 + 12345;
			part[5 + (noise >> 16) % 40] ^= (uint8_t)(1 << (noise >> 8 & 7));
		}
		if (skip_read(&skip, part, sizeof part, NAL_ANNEX_B))
			assert_true(skip_write(&skip, (unsigned)round, NAL_ANNEX_B,
					    out) <= SKIP_SIZE);
	}
	assert_false(skip_read(&skip, packet, 64, 1));
	assert_false(skip_read(&skip, packet, 64, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encoders),
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_hostile),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests_name("skip", tests, NULL, NULL);
}
