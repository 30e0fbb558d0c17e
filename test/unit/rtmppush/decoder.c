/* decoder: samples of each codec, and a process that cannot be trusted. */
#include "unit.h"

#include <libavcodec/avcodec.h>
#include <libavutil/log.h>
#include <signal.h>

#include "decoder.h"

static AVCodecParameters *par_of(enum AVCodecID codec, int rate, int channels)
{
	AVCodecParameters *par = avcodec_parameters_alloc();

	par->codec_type = AVMEDIA_TYPE_AUDIO;
	par->codec_id = codec;
	par->sample_rate = rate;
	av_channel_layout_default(&par->ch_layout, channels);
	par->bits_per_coded_sample = codec == AV_CODEC_ID_PCM_S24LE ? 24 : 0;
	return par;
}

static AVPacket *packet_of(const void *data, size_t size)
{
	AVPacket *packet = av_packet_alloc();

	assert_int_equal(av_new_packet(packet, (int)size), 0);
	memcpy(packet->data, data, size);
	packet->dts = packet->pts = 12345;
	return packet;
}

/* Each byte of G.711, as libavcodec has it. */
UNIT_TEST(test_g711)
{
	static const enum AVCodecID codecs[] = {
		AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_MULAW};
	uint8_t all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	for (size_t i = 0; i < UNIT_COUNT(codecs); i++) {
		AVCodecParameters *par = par_of(codecs[i], 8000, 1);
		AVPacket *packet = packet_of(all, sizeof all);
		AVFrame *frame = av_frame_alloc();
		AVCodecContext *peer =
			avcodec_alloc_context3(avcodec_find_decoder(codecs[i]));
		struct decoder decoder = {0};
		struct encoder_sound sound;

		avcodec_parameters_to_context(peer, par);
		assert_int_equal(avcodec_open2(peer, NULL, NULL), 0);
		assert_int_equal(avcodec_send_packet(peer, packet), 0);
		assert_int_equal(avcodec_receive_frame(peer, frame), 0);
		decoder_begin(&decoder, par);
		assert_true(decoder_take(&decoder, packet, &sound));
		assert_int_equal(sound.count, 256);
		assert_int_equal(sound.at, 12345);
		assert_memory_equal(sound.samples, frame->data[0], 512);
		assert_int_equal(decoder.child.pid, 0);
		decoder_close(&decoder);
		avcodec_free_context(&peer);
		av_frame_free(&frame);
		av_packet_free(&packet);
		avcodec_parameters_free(&par);
	}
}

static const struct row {
	enum AVCodecID codec;
	int rate, channels;
	const char *data;
	size_t size;
	int count; /* -1: nothing */
	int16_t first;
} rows[] = {
	{AV_CODEC_ID_PCM_S16LE, 16000, 2, "\x34\x12\0\0\x01\0\0\0", 8, 2, 0x1234},
	{AV_CODEC_ID_PCM_S16BE, 16000, 2, "\x12\x34\0\0\0\x01\0\0", 8, 2, 0x1234},
	{AV_CODEC_ID_PCM_S16LE, 16000, 2, "\x34\x12\0", 3, -1, 0}, /* half a sample */
	{AV_CODEC_ID_PCM_S16LE, 0, 2, "\x34\x12\0\0", 4, -1, 0},
	{AV_CODEC_ID_PCM_S16LE, 8000, 64, "\x34\x12\0\0", 4, -1, 0},
	{AV_CODEC_ID_PCM_S24LE, 8000, 1, "\x56\x34\x12\0\0\0", 6, 2, 0x1234},
	{AV_CODEC_ID_PCM_U8, 8000, 1, "\x80\x90", 2, 2, 0},
	{AV_CODEC_ID_OPUS, 48000, 1, "\xff\xff\xff", 3, -1, 0},
	{AV_CODEC_ID_AAC, 48000, 1, "garbage", 7, -1, 0},
	{AV_CODEC_ID_MP3, 48000, 1, "garbage", 7, -1, 0},
	{AV_CODEC_ID_FLAC, 48000, 1, "garbage", 7, -1, 0},
	{AV_CODEC_ID_PCM_ALAW, 8000, 1, "\xd5", 1, 1, 8},
};

/* One decoder for all of them, as clip follows clip. */
UNIT_TEST(test_codecs)
{
	struct decoder decoder = {0};
	struct encoder_sound sound;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const struct row *row = &rows[i];
		AVCodecParameters *par = par_of(row->codec, row->rate, row->channels);
		AVPacket *packet = packet_of(row->data, row->size);

		assert_true(decoder_can(par));
		decoder_begin(&decoder, par);
		bool taken = decoder_take(&decoder, packet, &sound);
		if (taken != (row->count > 0) ||
			(taken &&
				(sound.count != row->count ||
					*sound.samples != row->first ||
					sound.rate != row->rate ||
					sound.channels != row->channels)))
			fail_msg("row %zu", i);
		av_packet_free(&packet);
		avcodec_parameters_free(&par);
	}
	decoder_close(&decoder);
	AVCodecParameters *none = par_of(AV_CODEC_ID_NONE, 8000, 1);
	assert_false(decoder_can(none));
	avcodec_parameters_free(&none);
}

/* Killed or frozen, it costs the clip its sound, and the next clip has its own. */
UNIT_TEST(test_process)
{
	static const int signals[] = {SIGKILL, SIGSTOP};
	AVCodecParameters *par = par_of(AV_CODEC_ID_PCM_U8, 8000, 1);
	AVPacket *packet = packet_of("\x90\x90", 2);
	struct decoder decoder = {0};
	struct encoder_sound sound;

	for (size_t i = 0; i < UNIT_COUNT(signals); i++) {
		decoder_begin(&decoder, par);
		assert_true(decoder_take(&decoder, packet, &sound));
		assert_int_equal(*sound.samples, 0x1000);
		kill(decoder.child.pid, signals[i]);
		assert_false(decoder_take(&decoder, packet, &sound));
		assert_int_equal(decoder.child.pid, 0);
		assert_false(decoder_take(&decoder, packet, &sound));
	}
	decoder_begin(&decoder, par);
	assert_true(decoder_take(&decoder, packet, &sound));
	decoder_close(&decoder);
	decoder_close(&decoder);
	avcodec_parameters_free(&par);
	av_packet_free(&packet);
}

/* More than a packet of sound can be. */
UNIT_TEST(test_size)
{
	static uint8_t data[1 << 18];
	static const enum AVCodecID codecs[] = {AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_U8};
	struct decoder decoder = {0};
	struct encoder_sound sound;

	for (size_t i = 0; i < UNIT_COUNT(codecs); i++) {
		AVCodecParameters *par = par_of(codecs[i], 8000, 1);
		AVPacket *packet = packet_of(data, sizeof data);

		decoder_begin(&decoder, par);
		assert_false(decoder_take(&decoder, packet, &sound));
		av_shrink_packet(packet, 60000);
		assert_true(decoder_take(&decoder, packet, &sound));
		assert_int_equal(sound.count, 60000);
		av_packet_free(&packet);
		avcodec_parameters_free(&par);
	}
	decoder_close(&decoder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_g711),
		cmocka_unit_test(test_codecs),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_size),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests_name("decoder", tests, NULL, NULL);
}
