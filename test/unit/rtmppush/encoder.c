/* encoder: sound that follows its clips, and no sample too many or too few. */
#include "unit.h"

#include <stdlib.h>

#include "aac.h"
#include "encoder.h"

#define CLIPS 10000
#define CLIP_MS 60
#define SECOND 1000000
#define MOST (SECOND / 2)

static int16_t tone[MOST];

/* Takes all packets: they follow each other, each as long as a frame, to the microsecond.
 * Returns how many there were. */
static int take_all(struct encoder *encoder, int64_t *next)
{
	AVPacket *packet;
	int count = 0, code;

	while ((code = encoder_next(encoder, &packet)) > 0) {
		size_t size;
		bool header =
			av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
		assert_true(header == (*next == INT64_MIN));
		if (*next != INT64_MIN)
			assert_int_equal(packet->dts, *next);
		assert_true(packet->dts == packet->pts && packet->duration > 21000);
		*next = packet->dts + packet->duration;
		av_packet_free(&packet);
		count++;
	}
	assert_int_equal(code, 0);
	return count;
}

/* Gives it so much of the tone, at that time. */
static void put(struct encoder *encoder, int rate, int64_t at, int64_t lasts)
{
	const struct encoder_sound sound = {.samples = tone,
		.count = (int)(lasts * rate / SECOND),
		.rate = rate,
		.channels = 1,
		.at = at};

	assert_true(sound.count <= MOST);
	assert_int_equal(encoder_put(encoder, &sound), 0);
}

/*
 * Clips whose sound is up to a tenth shorter or longer than their picture, which is as
 * long as a frame of 25 a second more or less: it stays within 40 ms of it.
 */
UNIT_TEST(test_clips)
{
	static const int rates[] = {8000, 16000, 44100, 48000};
	struct encoder encoder;
	int64_t at = 7, next = INT64_MIN, farthest = 0;

	srand(1);
	assert_int_equal(encoder_open(&encoder, 1, at, 0), 0);
	for (int i = 0; i < CLIPS; i++) {
		int64_t picture = (CLIP_MS + rand() % 41 - 20) * 1000;
		int64_t skew = at - encoder_time(&encoder);
		if (i > 0 && llabs(skew) > farthest)
			farthest = llabs(skew);
		put(&encoder, rates[i / 2500], at,
			picture + picture * (rand() % 21 - 10) / 100);
		take_all(&encoder, &next);
		at += picture;
	}
	assert_true(farthest > 0 && farthest <= 40000);
	assert_int_equal(encoder_end(&encoder), 0);
	take_all(&encoder, &next);
	/* The last frame is as long as the others, whatever is in it. */
	int64_t over = next - encoder_time(&encoder);
	assert_true(over >= 0 && over < 2 * (int64_t)AAC_SAMPLES * SECOND / AAC_RATE);
	encoder_close(&encoder);
	encoder_close(&encoder);
}

/* A camera whose clock of sound is wrong by three per mille, for a minute. */
UNIT_TEST(test_drift)
{
	struct encoder encoder;
	int64_t next = INT64_MIN, at = 0;

	assert_int_equal(encoder_open(&encoder, 1, 0, 0), 0);
	for (; at < INT64_C(60) * SECOND; at += 40000) {
		assert_true(llabs(at - encoder_time(&encoder)) <= 40000);
		put(&encoder, 8000, at, 40000 + 125); /* a sample more each time */
		take_all(&encoder, &next);
	}
	encoder_close(&encoder);
}

/* Missing sound becomes silence, and sound from before is left out, at once. */
UNIT_TEST(test_borders)
{
	struct encoder encoder;
	int64_t next = INT64_MIN;

	assert_int_equal(encoder_open(&encoder, 2, SECOND, 0), 0);
	put(&encoder, 8000, SECOND, 100000);
	put(&encoder, 8000, 2 * SECOND, 100000);
	assert_true(llabs(encoder_time(&encoder) - 2100000) < 1000);
	put(&encoder, 8000, SECOND, 100000); /* all of it */
	put(&encoder, 16000, 2000000, 200000); /* its first half */
	assert_true(llabs(encoder_time(&encoder) - 2200000) < 1000);
	assert_int_equal(encoder_put_silence(&encoder, 3 * SECOND), 0);
	assert_true(llabs(encoder_time(&encoder) - 3 * SECOND) < 1000);
	assert_int_equal(encoder_put_silence(&encoder, 2 * SECOND), 0);
	assert_true(llabs(encoder_time(&encoder) - 3 * SECOND) < 1000);
	assert_int_equal(encoder_end(&encoder), 0);
	assert_int_equal(take_all(&encoder, &next), 95);
	/* The codec's own first packet is from before its first sample. */
	assert_true(llabs(next - 3 * SECOND) < 22000);
	encoder_close(&encoder);
}

/* That packet is sent only where there is room for it. */
UNIT_TEST(test_first)
{
	AVPacket *packet;

	for (int early = 0; early < 2; early++) {
		struct encoder encoder;
		assert_int_equal(
			encoder_open(&encoder, 1, SECOND, early ? 0 : SECOND), 0);
		put(&encoder, 48000, SECOND, 200000);
		assert_int_equal(encoder_next(&encoder, &packet), 1);
		assert_int_equal(packet->dts, early ? SECOND - 21333 : SECOND);
		size_t size;
		assert_memory_equal(
			av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size),
			"\x11\x88", 2);
		av_packet_free(&packet);
		encoder_close(&encoder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clips),
		cmocka_unit_test(test_drift),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_first),
	};

	av_log_set_level(AV_LOG_QUIET);
	for (int i = 0; i < MOST; i++)
		tone[i] = (int16_t)(i % 48 < 24 ? 6000 : -6000);
	return cmocka_run_group_tests_name("encoder", tests, NULL, NULL);
}
