/* inband: parameter sets in front of keyframes, in the packet's own form. */
#include "unit.h"

#include <libavcodec/avcodec.h>

#include "media/inband.h"

#define BYTES(text) text, sizeof(text) - 1

/* Headers: a record of H.264 with lengths of 4, 2 and 1 bytes, start codes; of H.265. */
#define RECORD(length) "\1\x64\0\x0a" length "\xe1\0\3\x67ps\1\0\2\x68q"
#define CODES "\0\0\0\1\x67ps\0\0\1\x68q"
#define HEVC \
	"\1aaaaaaaaaaaaaaaaaaaa\xff\4\x20\0\1\0\3\x40\1v\x21\0\1\0\3\x42\1s" \
	"\x22\0\1\0\3\x44\1p\x27\0\1\0\3\x4e\1m"

static const struct row {
	enum AVCodecID codec;
	const char *header;
	size_t header_size;
	const char *before;
	size_t before_size;
	const char *after;
	size_t after_size;
	bool other; /* no keyframe */
} rows[] = {
	/* One that brings none. */
	{AV_CODEC_ID_H264, BYTES(RECORD("\xff")), BYTES("\0\0\0\2\x65i"),
		BYTES("\0\0\0\3\x67ps\0\0\0\2\x68q\0\0\0\2\x65i"), false},
	{AV_CODEC_ID_H264, BYTES(RECORD("\xfd")), BYTES("\0\2\x65i"),
		BYTES("\0\3\x67ps\0\2\x68q\0\2\x65i"), false},
	{AV_CODEC_ID_H264, BYTES(RECORD("\xfc")), BYTES("\2\x65i"),
		BYTES("\3\x67ps\2\x68q\2\x65i"), false},
	{AV_CODEC_ID_H264, BYTES(CODES), BYTES("\0\0\0\1\x65i"),
		BYTES("\0\0\0\1\x67ps\0\0\0\1\x68q\0\0\0\1\x65i"), false},
	{AV_CODEC_ID_HEVC, BYTES(HEVC), BYTES("\0\0\0\3\x26\1i"),
		BYTES("\0\0\0\3\x40\1v\0\0\0\3\x42\1s\0\0\0\3\x44\1p\0\0\0\3\x26\1i"),
		false},
	/* A delimiter stays first. */
	{AV_CODEC_ID_H264, BYTES(RECORD("\xff")), BYTES("\0\0\0\2\x09\x10\0\0\0\2\x65i"),
		BYTES("\0\0\0\2\x09\x10\0\0\0\3\x67ps\0\0\0\2\x68q\0\0\0\2\x65i"), false},
	{AV_CODEC_ID_H264, BYTES(CODES), BYTES("\0\0\0\1\x09\x10\0\0\0\1\x65i"),
		BYTES("\0\0\0\1\x09\x10\0\0\0\1\x67ps\0\0\0\1\x68q\0\0\0\1\x65i"), false},
	{AV_CODEC_ID_HEVC, BYTES(HEVC), BYTES("\0\0\0\3\x46\1\x50\0\0\0\3\x26\1i"),
		BYTES("\0\0\0\3\x46\1\x50\0\0\0\3\x40\1v\0\0\0\3\x42\1s\0\0\0\3\x44\1p"
		      "\0\0\0\3\x26\1i"),
		false},
	/* What is there stays, and comes last where a part of it is missing. */
	{AV_CODEC_ID_H264, BYTES(RECORD("\xff")),
		BYTES("\0\0\0\2\x67P\0\0\0\2\x68Q\0\0\0\2\x65i"), NULL, 0, false},
	{AV_CODEC_ID_H264, BYTES(CODES), BYTES("\0\0\1\x67P\0\0\1\x68Q\0\0\1\x65i"), NULL,
		0, false},
	{AV_CODEC_ID_H264, BYTES(RECORD("\xff")), BYTES("\0\0\0\2\x67P\0\0\0\2\x65i"),
		BYTES("\0\0\0\3\x67ps\0\0\0\2\x68q\0\0\0\2\x67P\0\0\0\2\x65i"), false},
	/* Nothing to put, or nowhere. */
	{AV_CODEC_ID_H264, BYTES(RECORD("\xff")), BYTES("\0\0\0\2\x41i"), NULL, 0, true},
	{AV_CODEC_ID_H264, BYTES(""), BYTES("\0\0\0\2\x65i"), NULL, 0, false},
	{AV_CODEC_ID_AAC, BYTES(RECORD("\xff")), BYTES("\0\0\0\2\x65i"), NULL, 0, false},
	{AV_CODEC_ID_H264, BYTES(RECORD("\xff")), BYTES(""), NULL, 0, false},
	{AV_CODEC_ID_H264, BYTES(RECORD("\xff")), BYTES("\0\0\0\x77\x65i"), NULL, 0,
		false},
	{AV_CODEC_ID_H264, BYTES(RECORD("\xff")), BYTES("\0\0\0\0\x65i"), NULL, 0, false},
	{AV_CODEC_ID_H264, BYTES(CODES), BYTES("\x65i"), NULL, 0, false},
	{AV_CODEC_ID_H264, BYTES("\1\x64\0\x0a\xff"), BYTES("\0\0\0\2\x65i"), NULL, 0,
		false},
	{AV_CODEC_ID_H264, BYTES("\1\x64\0\x0a\xff\xe0\0"), BYTES("\0\0\0\2\x65i"), NULL,
		0, false},
	{AV_CODEC_ID_H264, BYTES("\1\x64\0\x0a\xff\xe1\0\3\x67ps"),
		BYTES("\0\0\0\2\x65i"), NULL, 0, false},
	{AV_CODEC_ID_H264, BYTES("\1\x64\0\x0a\xff\xe1\0\x09\x67ps\1\0\2\x68q"),
		BYTES("\0\0\0\2\x65i"), NULL, 0, false},
	{AV_CODEC_ID_HEVC, BYTES("\1aaaaaaaaaaaaaaaaaaaa\xff\4\x20\0\xff\0\3\x40\1v"),
		BYTES("\0\0\0\3\x26\1i"), NULL, 0, false},
};

/* Bytes of their own, with the padding that libavcodec wants. */
static uint8_t *copy(const char *bytes, size_t size)
{
	uint8_t *own = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);

	memcpy(own, bytes, size);
	return own;
}

UNIT_TEST(test_rows)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const struct row *row = &rows[i];
		const char *want = row->after ? row->after : row->before;
		size_t size = row->after ? row->after_size : row->before_size;
		AVCodecParameters *par = avcodec_parameters_alloc();
		AVPacket *packet = av_packet_alloc();

		par->codec_id = row->codec;
		par->extradata = copy(row->header, row->header_size);
		par->extradata_size = (int)row->header_size;
		av_packet_from_data(packet, copy(row->before, row->before_size),
			(int)row->before_size);
		packet->flags = row->other ? 0 : AV_PKT_FLAG_KEY;
		/* Somebody else may hold the same bytes. */
		AVPacket *held = i % 2 ? av_packet_clone(packet) : NULL;
		if (inband_put(packet, par) != 0 || packet->size != (int)size ||
			memcmp(packet->data, want, size) != 0)
			fail_msg("row %zu: %d bytes, not %zu", i, packet->size, size);
		/* And once more: they are there. */
		assert_int_equal(inband_put(packet, par), 0);
		assert_int_equal(packet->size, size);
		if (held)
			assert_memory_equal(held->data, row->before, row->before_size);
		av_packet_free(&held);
		av_packet_free(&packet);
		avcodec_parameters_free(&par);
	}
}

/* A set that a length of its form cannot tell, and more than there may be. */
UNIT_TEST(test_large)
{
	static const struct {
		uint8_t length; /* of a length, as the record has it */
		size_t set;
	} cases[] = {{0xfc, 256}, {0xfd, 65534}, {0xff, 65535}};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		AVCodecParameters *par = avcodec_parameters_alloc();
		AVPacket *packet = av_packet_alloc();
		size_t size = 8 + cases[i].set + 5;

		par->codec_id = AV_CODEC_ID_H264;
		par->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
		par->extradata_size = (int)size;
		memcpy(par->extradata, "\1\x64\0\x0a\0\xe1", 6);
		par->extradata[4] = cases[i].length;
		par->extradata[6] = (uint8_t)(cases[i].set >> 8);
		par->extradata[7] = (uint8_t)cases[i].set;
		memset(par->extradata + 8, 0x67, cases[i].set);
		memcpy(par->extradata + 8 + cases[i].set, "\1\0\2\x68q", 5);
		av_packet_from_data(packet, copy("\2\x65i\0\2\x65i", 7), 7);
		packet->flags = AV_PKT_FLAG_KEY;
		assert_int_equal(inband_put(packet, par), 0);
		assert_int_equal(packet->size, 7);
		av_packet_free(&packet);
		avcodec_parameters_free(&par);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests_name("inband", tests, NULL, NULL);
}
