/* still: which picture is kept, and at what pace it is repeated. */
#include "unit.h"

#include <libavcodec/avcodec.h>

#include "media/nal.h"
#include "still.h"

/* Parameter sets and the head of an IDR of 64 x 96, CAVLC; its first byte is no part. */
#define SEED "test/fuzz/corpus/skip/0-bframes-0"
#define MS INT64_C(1000)

static AVCodecParameters *new_par(
	enum AVCodecID codec, int rate, const void *extradata, size_t size)
{
	AVCodecParameters *par = avcodec_parameters_alloc();

	par->codec_id = codec;
	par->codec_type = avcodec_get_type(codec);
	par->sample_rate = rate;
	if (av_get_exact_bits_per_sample(codec) > 0)
		return par; /* PCM has no header */
	par->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
	memcpy(par->extradata, extradata, size);
	par->extradata_size = (int)size;
	return par;
}

static AVPacket *new_packet(const void *data, size_t size, int64_t dts, bool key)
{
	AVPacket *packet = av_packet_alloc();

	assert_int_equal(av_new_packet(packet, (int)size), 0);
	memcpy(packet->data, data, size);
	packet->dts = dts;
	packet->pts = dts + 80 * MS;
	packet->flags = key ? AV_PKT_FLAG_KEY : 0;
	return packet;
}

static size_t seed(unsigned char bytes[200])
{
	unsigned char all[200];
	int fd = open(SEED, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, all, sizeof all);

	close(fd);
	assert_true(n > 60);
	memcpy(bytes, all + 1, (size_t)n - 1);
	return (size_t)n - 1;
}

/* A clip of count pictures, step apart, that begins with an IDR or another picture. */
static void play(struct still *still, AVCodecParameters *sound, const void *first,
	size_t size, int count, int64_t step)
{
	AVCodecParameters *pars[] = {new_par(AV_CODEC_ID_H264, 0, "\0\0\0\1", 4), sound};

	still_clip(still);
	for (int i = 0; i < count; i++) {
		AVPacket *packet = i == 0
			? new_packet(first, size, 0, true)
			: new_packet("\0\0\0\1\x41\x9a", 6, i * step, false);
		still_note(still, packet, pars);
		av_packet_free(&packet);
	}
	avcodec_parameters_free(&pars[0]);
	avcodec_parameters_free(&sound);
}

/* The next picture is at that time, and so large (0: whatever). */
static void check_next(struct still *still, int64_t dts, int size)
{
	AVPacket *packet;

	assert_true(still_time(still) == dts);
	assert_int_equal(still_next(still, &packet), 0);
	assert_int_equal(packet->stream_index, TIMELINE_VIDEO);
	assert_true(packet->dts == dts);
	assert_true(packet->pts == dts);
	if (size > 0)
		assert_int_equal(packet->size, size);
	av_packet_free(&packet);
}

UNIT_TEST(test_pictures)
{
	struct still still = {0};
	unsigned char idr[200];
	int size = (int)seed(idr);

	play(&still, NULL, idr, (size_t)size, 26, 40 * MS);
	for (int round = 0; round < 2; round++) { /* as often as it is begun */
		still_begin(&still);
		assert_false(still_is_due(&still));
		for (int64_t n = 0; n < 3 * 51; n++) {
			check_next(&still, n * 40 * MS, n % 51 ? 0 : size);
			assert_true(still_is_due(&still) == (n % 51 == 0));
		}
	}
	still_free(&still);
}

UNIT_TEST(test_pace)
{
	static const struct {
		int count;
		int64_t step, wanted;
	} rows[] = {{1, 0, 40 * MS}, {2, 66 * MS, 66 * MS}, {5, 30000 * MS, 1000 * MS},
		{9, 0, MS}, {3, -5 * MS, MS}};
	unsigned char idr[200];
	size_t size = seed(idr);

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct still still = {0};

		play(&still, NULL, idr, size, rows[i].count, rows[i].step);
		still_begin(&still);
		check_next(&still, 0, (int)size);
		check_next(&still, rows[i].wanted, 0);
		still_free(&still);
	}
}

/* Without an IDR there is nothing; one that cannot be followed comes once a second. */
UNIT_TEST(test_kept)
{
	static const unsigned char alone[] = "\0\0\0\1\x65\x88\x84",
				   other[] = "\0\0\0\1\x41\x88";
	static unsigned char large[(8 << 20) + 1] = "\0\0\0\1\x65\x88\x84";
	struct still still = {0};

	play(&still, NULL, other, sizeof other, 3, 40 * MS);
	assert_null(still.picture);
	play(&still, NULL, large, sizeof large, 3, 40 * MS);
	assert_null(still.picture);
	play(&still, NULL, alone, sizeof alone, 3, 40 * MS);
	play(&still, NULL, other, sizeof other, 3, 40 * MS);
	still_begin(&still);
	for (int64_t n = 0; n < 5; n++) {
		check_next(&still, n * 1000 * MS, sizeof alone);
		assert_false(still_is_due(&still));
	}
	still_free(&still);
}

/* A clip without sound leaves it as it was announced. */
UNIT_TEST(test_sound)
{
	struct still still = {0};
	unsigned char idr[200];
	size_t size = seed(idr);

	play(&still, new_par(AV_CODEC_ID_PCM_ALAW, 8000, "", 0), idr, size, 2, 40 * MS);
	play(&still, NULL, idr, size, 2, 40 * MS);
	assert_int_equal(still.pars[TIMELINE_AUDIO]->codec_id, AV_CODEC_ID_PCM_ALAW);
	still_free(&still);
}

/* A failure leaves the picture as it was; what is saved and loaded is in test/e2e. */
UNIT_TEST(test_saved)
{
	struct still still = {0}, other = {0};
	unsigned char idr[200];
	size_t size = seed(idr);

	play(&still, NULL, idr, size, 26, 40 * MS);
	assert_true(still.is_other);
	/* Parameters without a size cannot be written. */
	assert_true(unit_ended(still_save(&still, unit_folder, "still.flv"), EINVAL));
	assert_false(still.is_other);
	assert_non_null(still.picture);
	assert_true(unit_ended(still_load(&other, unit_folder, "still.flv"), ENOENT));
	mkdirat(unit_folder, "folder", 0755);
	assert_true(unit_ended(still_load(&other, unit_folder, "folder"), EISDIR));
	unit_put_text("text", "no clip");
	assert_true(unit_ended(still_load(&other, unit_folder, "text"), EBADMSG));
	assert_null(other.picture);
	still_free(&still);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_sound),
		UNIT_IN_FOLDER(test_saved),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests_name("still", tests, NULL, NULL);
}
