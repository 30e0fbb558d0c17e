/* silence: frames for each form of sound, and what a decoder makes of them. */
#include "unit.h"

#include <libavcodec/avcodec.h>

#include "aac.h"
#include "silence.h"

#define FRAMES 50

static const struct row {
	enum AVCodecID codec;
	int rate, channels;
	const char *header; /* of AAC */
	int size; /* of a frame; 0: there are none */
	int64_t second; /* when the second one is, microseconds */
	const char *sent; /* the header before the first one; NULL: that of the row */
} rows[] = {
	{AV_CODEC_ID_AAC, 48000, 1, "\x11\x88", 4, 21333, NULL},
	{AV_CODEC_ID_AAC, 48000, 2, "\x11\x90", 6, 21333, NULL},
	{AV_CODEC_ID_AAC, 44100, 2, "\x12\x10", 6, 23219, NULL},
	{AV_CODEC_ID_AAC, 32000, 1, "\x12\x88", 4, 32000, NULL},
	{AV_CODEC_ID_AAC, 22050, 1, "\x13\x88", 4, 46439, NULL},
	{AV_CODEC_ID_AAC, 16000, 2, "\x14\x10", 6, 64000, NULL},
	{AV_CODEC_ID_AAC, 8000, 1, "\x15\x88", 4, 128000, NULL},
	/* SBR, in one way and in the other; six channels; 960 samples; no header at all.
	 */
	{AV_CODEC_ID_AAC, 48000, 2, "\x2b\x11", 4, 21333, "\x11\x88"},
	{AV_CODEC_ID_AAC, 48000, 1, "\x13\x08", 4, 21333, "\x11\x88"},
	{AV_CODEC_ID_AAC, 48000, 6, "\x11\xb0", 4, 21333, "\x11\x88"},
	{AV_CODEC_ID_AAC, 48000, 1, "\x11\x8c", 4, 21333, "\x11\x88"},
	{AV_CODEC_ID_AAC, 44100, 1, "", 4, 21333, "\x11\x88"},
	{AV_CODEC_ID_MP3, 48000, 2, "", 96, 24000, NULL},
	{AV_CODEC_ID_MP3, 44100, 1, "", 104, 26122, NULL},
	{AV_CODEC_ID_MP3, 22050, 2, "", 26, 26122, NULL},
	{AV_CODEC_ID_MP3, 11025, 1, "", 52, 52244, NULL},
	{AV_CODEC_ID_MP3, 32000, 1, "", 0, 0, NULL},
	{AV_CODEC_ID_PCM_ALAW, 8000, 1, "", 160, 20000, NULL},
	{AV_CODEC_ID_PCM_MULAW, 8000, 2, "", 320, 20000, NULL},
	{AV_CODEC_ID_PCM_ALAW, 8000, 8, "", 0, 0, NULL},
	{AV_CODEC_ID_PCM_MULAW, 0, 1, "", 0, 0, NULL},
	{AV_CODEC_ID_OPUS, 48000, 1, "", 0, 0, NULL},
};

static AVCodecParameters *par_of(const struct row *row)
{
	AVCodecParameters *par = avcodec_parameters_alloc();

	par->codec_id = row->codec;
	par->codec_type = AVMEDIA_TYPE_AUDIO;
	par->sample_rate = row->rate;
	av_channel_layout_default(&par->ch_layout, row->channels);
	if (*row->header) {
		par->extradata = av_mallocz(2 + AV_INPUT_BUFFER_PADDING_SIZE);
		memcpy(par->extradata, row->header, 2);
		par->extradata_size = 2;
	}
	return par;
}

/* A decoder for the form of the row, or for the header that is sent in its place. */
static AVCodecContext *decoder_of(const struct row *row)
{
	AVCodecContext *decoder =
		avcodec_alloc_context3(avcodec_find_decoder(row->codec));
	const char *header = row->sent ? row->sent : row->header;

	decoder->err_recognition = AV_EF_EXPLODE;
	decoder->sample_rate = row->rate;
	av_channel_layout_default(&decoder->ch_layout, row->channels);
	if (*header) {
		decoder->extradata = av_mallocz(2 + AV_INPUT_BUFFER_PADDING_SIZE);
		memcpy(decoder->extradata, header, 2);
		decoder->extradata_size = 2;
	}
	assert_int_equal(avcodec_open2(decoder, NULL, NULL), 0);
	return decoder;
}

/* The loudest sample of a frame. */
static double loudest(const AVFrame *frame)
{
	bool planar = av_sample_fmt_is_planar((enum AVSampleFormat)frame->format);
	int channels = frame->ch_layout.nb_channels;
	int each = frame->nb_samples * (planar ? 1 : channels);
	double most = 0;

	for (int plane = 0; plane < (planar ? channels : 1); plane++)
		for (int i = 0; i < each; i++) {
			double sample = frame->format == AV_SAMPLE_FMT_FLTP
				? ((const float *)frame->extended_data[plane])[i]
				: ((const int16_t *)frame->extended_data[plane])[i] /
					32768.0;
			sample = sample < 0 ? -sample : sample;
			most = sample > most ? sample : most;
		}
	return most;
}

/* Decodes it all: nothing is refused, nothing is heard, and no sample is missing. */
static void check_decoded(const struct row *row, struct silence *silence)
{
	AVCodecContext *decoder = decoder_of(row);
	AVFrame *frame = av_frame_alloc();
	int64_t samples = 0;

	for (int n = 0; n < FRAMES; n++) {
		AVPacket *packet;
		assert_int_equal(silence_next(silence, &packet), 0);
		assert_int_equal(packet->size, row->size);
		assert_int_equal(avcodec_send_packet(decoder, packet), 0);
		av_packet_free(&packet);
		while (avcodec_receive_frame(decoder, frame) == 0) {
			samples += frame->nb_samples;
			assert_true(loudest(frame) < 1e-3);
		}
	}
	assert_int_equal(samples, (int64_t)FRAMES * silence->samples);
	av_frame_free(&frame);
	avcodec_free_context(&decoder);
}

UNIT_TEST(test_frames)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const struct row *row = &rows[i];
		AVCodecParameters *par = par_of(row);
		struct silence silence;

		bool has = silence_begin(&silence, par, 7);
		avcodec_parameters_free(&par);
		if (has != (row->size > 0))
			fail_msg("row %zu", i);
		if (!has)
			continue;
		check_decoded(row, &silence);
		assert_true(silence_begin(&silence, par = par_of(row), 7));
		avcodec_parameters_free(&par);
		AVPacket *packet;
		size_t size;
		assert_int_equal(silence_next(&silence, &packet), 0);
		assert_true(packet->dts == 7 && packet->pts == 7);
		assert_true(packet->duration == row->second);
		const uint8_t *header =
			av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
		assert_true(!header == (row->codec != AV_CODEC_ID_AAC));
		if (header)
			assert_memory_equal(
				header, row->sent ? row->sent : row->header, 2);
		av_packet_free(&packet);
		assert_true(silence_time(&silence) == 7 + row->second);
	}
}

/* A day of it ends where a day ends: times are counted, not added. */
UNIT_TEST(test_day)
{
	AVCodecParameters *par = par_of(&rows[2]);
	struct silence silence;

	assert_true(silence_begin(&silence, par, 0));
	avcodec_parameters_free(&par);
	silence.frames = INT64_C(44100) * 86400 / 1024;
	int64_t left = INT64_C(86400) * 1000000 - silence_time(&silence);
	assert_true(left >= 0 && left < 23220);
}

UNIT_TEST(test_plain)
{
	AVCodecParameters *par = avcodec_parameters_alloc();
	struct silence silence;

	assert_int_equal(aac_describe(par, 1), 0);
	assert_true(silence_begin(&silence, par, 0));
	check_decoded(&rows[0], &silence);
	avcodec_parameters_free(&par);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_day),
		cmocka_unit_test(test_plain),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
