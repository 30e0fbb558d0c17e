/*
 * The process gets a request for each new clip, with the codec's parameters and header,
 * and one for each packet. It answers each packet with samples of 16 bits in rows, in as
 * many messages as they need, the last of which says so. Nothing that it answers is
 * believed without a look.
 */
#include "decoder.h"

#include <errno.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libswresample/swresample.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"

#define MEMORY ((size_t)512 << 20)
#define PATIENCE CLOCK_SECOND /* with the process, for one packet */
#define MOST \
	(1 << 17) /* samples of a packet, in all channels: 1.3 s of 48 kHz stereo \
		   */
#define RATE_MAX 384000
#define CHANNELS_MAX 8
#define SECOND 1000000

struct request_head {
	int32_t codec; /* 0: a packet */
	int32_t rate, channels, block, bits; /* as AVCodecParameters has them */
	int64_t at; /* of a packet */
};

struct request {
	struct request_head head;
	uint8_t data[64 << 10];
};

struct answer {
	int32_t count, rate, channels, last;
	int64_t at;
	int16_t samples[8192];
};

/* The state of the process. */
struct work {
	AVCodecContext *codec;
	AVFrame *frame;
	AVPacket *packet;
	SwrContext *converter;
	int rate, format, channels; /* what it is for */
	struct request request;
	struct answer answer;
};

static void work_open(struct work *work, size_t size)
{
	const struct request_head *request = &work->request.head;
	const AVCodec *codec = avcodec_find_decoder((enum AVCodecID)request->codec);

	avcodec_free_context(&work->codec);
	work->codec = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!work->codec)
		return;
	work->codec->thread_count = 1; /* to count processors is not allowed */
	work->codec->pkt_timebase = (AVRational){1, SECOND};
	work->codec->sample_rate = request->rate;
	work->codec->block_align = request->block;
	work->codec->bits_per_coded_sample = request->bits;
	av_channel_layout_default(&work->codec->ch_layout, request->channels);
	work->codec->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
	if (work->codec->extradata && size > 0) {
		memcpy(work->codec->extradata, work->request.data, size);
		work->codec->extradata_size = (int)size;
	}
	if (avcodec_open2(work->codec, codec, NULL) < 0)
		avcodec_free_context(&work->codec);
}

/* Has the converter ready for the frame. */
static int work_convert(struct work *work)
{
	AVFrame *frame = work->frame;
	int channels = frame->ch_layout.nb_channels;
	AVChannelLayout layout;

	if (work->converter && work->rate == frame->sample_rate &&
		work->format == frame->format && work->channels == channels)
		return 0;
	swr_free(&work->converter);
	av_channel_layout_default(&layout, channels > 1 ? 2 : 1);
	work->rate = frame->sample_rate;
	work->format = frame->format;
	work->channels = channels;
	int error = swr_alloc_set_opts2(&work->converter, &layout, AV_SAMPLE_FMT_S16,
		frame->sample_rate, &frame->ch_layout, (enum AVSampleFormat)frame->format,
		frame->sample_rate, 0, NULL);
	return error < 0 ? error : swr_init(work->converter);
}

/* Sends so many of the answer's samples. */
static int work_answer(struct work *work, int socket, bool last)
{
	struct answer *answer = &work->answer;

	answer->last = last;
	return sandboxed_send(socket, answer,
		offsetof(struct answer, samples) +
			(size_t)(answer->count * answer->channels) *
				sizeof *answer->samples);
}

/* Answers with the samples of a frame. */
static int work_send_frame(struct work *work, int socket)
{
	struct answer *answer = &work->answer;
	const AVFrame *frame = work->frame;
	const uint8_t *in[CHANNELS_MAX] = {0};
	int channels = frame->ch_layout.nb_channels, left = frame->nb_samples;

	if (channels > CHANNELS_MAX || work_convert(work) < 0)
		return 0;
	for (int i = 0; i < channels && frame->extended_data[i]; i++)
		in[i] = frame->extended_data[i];
	answer->channels = channels > 1 ? 2 : 1;
	answer->rate = frame->sample_rate;
	answer->at = frame->pts == AV_NOPTS_VALUE ? work->request.head.at : frame->pts;
	int room = (int)(sizeof answer->samples / sizeof *answer->samples) /
		answer->channels;
	for (bool first = true; first || left > 0; first = false) {
		uint8_t *out[] = {(uint8_t *)answer->samples};
		int made = swr_convert(work->converter, out, room, first ? in : NULL,
			first ? frame->nb_samples : 0);
		if (made <= 0)
			break;
		left -= made;
		answer->count = made;
		if (work_answer(work, socket, false) < 0)
			return -1;
		answer->at += (int64_t)made * SECOND / frame->sample_rate;
	}
	return 0;
}

static int work_packet(struct work *work, int socket, size_t size)
{
	int error = work->codec ? av_new_packet(work->packet, (int)size) : -1;

	if (error >= 0) {
		memcpy(work->packet->data, work->request.data, size);
		work->packet->pts = work->packet->dts = work->request.head.at;
		error = avcodec_send_packet(work->codec, work->packet);
		av_packet_unref(work->packet);
	}
	while (error >= 0 && avcodec_receive_frame(work->codec, work->frame) >= 0)
		if (work_send_frame(work, socket) < 0)
			return -1;
	work->answer.count = 0;
	return work_answer(work, socket, true);
}

static void say_nothing(void *of, int level, const char *format, va_list args)
{
	(void)of, (void)level, (void)format, (void)args;
}

static void serve(int socket, void *data)
{
	static struct work work;
	const size_t head = offsetof(struct request, data);
	ssize_t n;

	(void)data;
	av_log_set_callback(say_nothing);
	work.frame = av_frame_alloc();
	work.packet = av_packet_alloc();
	if (!work.frame || !work.packet)
		return;
	while ((n = read(socket, &work.request, sizeof work.request)) >= (ssize_t)head) {
		if (work.request.head.codec)
			work_open(&work, (size_t)n - head);
		else if (work_packet(&work, socket, (size_t)n - head) < 0)
			return;
	}
}

/* The layout of a byte: sign, three bits of exponent, four of mantissa. */
static int16_t from_a_law(uint8_t byte)
{
	int bits = byte ^ 0x55, exponent = bits >> 4 & 7;
	int value = (bits & 15) << 4 | 8;

	if (exponent > 0)
		value = (value | 0x100) << (exponent - 1);
	return (int16_t)(bits & 0x80 ? value : -value);
}

static int16_t from_u_law(uint8_t byte)
{
	int bits = ~byte, value = (((bits & 15) << 3) + 0x84) << (bits >> 4 & 7);

	return (int16_t)(bits & 0x80 ? 0x84 - value : value - 0x84);
}

/* The bytes of a sample, where it can be read here; or 0. */
static int plain_size(enum AVCodecID codec)
{
	switch (codec) {
	case AV_CODEC_ID_PCM_ALAW:
	case AV_CODEC_ID_PCM_MULAW:
		return 1;
	case AV_CODEC_ID_PCM_S16LE:
	case AV_CODEC_ID_PCM_S16BE:
		return 2;
	default:
		return 0;
	}
}

static int16_t plain_sample(enum AVCodecID codec, const uint8_t *bytes)
{
	switch (codec) {
	case AV_CODEC_ID_PCM_ALAW:
		return from_a_law(*bytes);
	case AV_CODEC_ID_PCM_MULAW:
		return from_u_law(*bytes);
	case AV_CODEC_ID_PCM_S16LE:
		return (int16_t)(bytes[1] << 8 | bytes[0]);
	default:
		return (int16_t)(bytes[0] << 8 | bytes[1]);
	}
}

static bool take_plain(
	struct decoder *decoder, const AVPacket *packet, struct encoder_sound *sound)
{
	const AVCodecParameters *par = decoder->par;
	int size = plain_size(par->codec_id), all = packet->size / size;
	int channels = par->ch_layout.nb_channels > 0 ? par->ch_layout.nb_channels : 1;

	if (all > MOST || channels > CHANNELS_MAX || par->sample_rate <= 0 ||
		par->sample_rate > RATE_MAX)
		return false;
	for (int i = 0; i < all; i++)
		decoder->samples[i] =
			plain_sample(par->codec_id, packet->data + (ptrdiff_t)i * size);
	*sound = (struct encoder_sound){.samples = decoder->samples,
		.count = all / channels,
		.rate = par->sample_rate,
		.channels = channels,
		.at = packet->dts};
	return sound->count > 0;
}

/* The process cannot be used for the rest of this clip. */
static bool give_up(struct decoder *decoder, const char *why)
{
	msg_warn("sound, %s: its decoder %s: the clip goes on without it",
		avcodec_get_name(decoder->par->codec_id), why);
	sandboxed_end(&decoder->child);
	decoder->broken = true;
	return false;
}

static bool ask(
	struct decoder *decoder, struct request_head head, const void *data, size_t size)
{
	static struct request request;

	request.head = head;
	if (size > sizeof request.data)
		return false;
	if (size > 0)
		memcpy(request.data, data, size);
	return sandboxed_send(decoder->child.socket, &request,
		       offsetof(struct request, data) + size) == 0 ||
		give_up(decoder, "gives no answer");
}

static bool start(struct decoder *decoder)
{
	const AVCodecParameters *par = decoder->par;
	const struct sandboxed_plan plan = {.main = serve, .memory = MEMORY};
	const struct request_head head = {.codec = (int32_t)par->codec_id,
		.rate = par->sample_rate,
		.channels = par->ch_layout.nb_channels,
		.block = par->block_align,
		.bits = par->bits_per_coded_sample};

	if (decoder->child.pid == 0 && sandboxed_start(&decoder->child, &plan) < 0)
		return give_up(decoder,
			errno == EPERM ? "gets no sandbox" : "cannot be started");
	decoder->begun = ask(decoder, head, par->extradata, (size_t)par->extradata_size);
	return decoder->begun;
}

/* True if the answer's parts agree with each other and with its size. */
static bool is_sane(const struct answer *answer, size_t size)
{
	const size_t head = offsetof(struct answer, samples);

	if (size < head || answer->count < 0 ||
		(size_t)answer->count > sizeof answer->samples / sizeof(int16_t))
		return false;
	return answer->count == 0 ? size == head
				  : answer->rate > 0 && answer->rate <= RATE_MAX &&
			(answer->channels == 1 || answer->channels == 2) &&
			size ==
				head +
					(size_t)(answer->count * answer->channels) *
						sizeof(int16_t);
}

/* Waits for an answer. False: it has died, takes too long, or lies. */
static bool hear(const struct decoder *decoder, int64_t until, struct answer *answer)
{
	struct pollfd fd = {decoder->child.socket, POLLIN, 0};
	ssize_t n = -1;

	do {
		if (poll(&fd, 1, clock_timeout(until)) == 0)
			return false;
		n = recv(decoder->child.socket, answer, sizeof *answer, MSG_DONTWAIT);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	return n > 0 && is_sane(answer, (size_t)n);
}

/* Gathers the answers to a packet. Those of another form than the first are left out. */
static bool gather(
	struct decoder *decoder, const AVPacket *packet, struct encoder_sound *sound)
{
	static struct answer answer;
	int64_t until = clock_now() + PATIENCE;

	*sound = (struct encoder_sound){.samples = decoder->samples, .at = packet->dts};
	do {
		if (!hear(decoder, until, &answer))
			return give_up(decoder, "gives no answer");
		bool first = sound->count == 0;
		bool fits = first ||
			(answer.rate == sound->rate &&
				answer.channels == sound->channels);
		size_t had = (size_t)sound->count * (size_t)sound->channels;
		size_t more = (size_t)answer.count * (size_t)answer.channels;
		if (answer.count == 0 || !fits || had + more > MOST)
			continue;
		memcpy(decoder->samples + had, answer.samples,
			more * sizeof *answer.samples);
		if (first && llabs(answer.at - packet->dts) < SECOND)
			sound->at = answer.at;
		sound->rate = answer.rate;
		sound->channels = answer.channels;
		sound->count += answer.count;
	} while (!answer.last);
	return sound->count > 0;
}

bool decoder_can(const AVCodecParameters *par)
{
	return plain_size(par->codec_id) > 0 || avcodec_find_decoder(par->codec_id);
}

void decoder_begin(struct decoder *decoder, const AVCodecParameters *par)
{
	decoder->par = par;
	decoder->begun = decoder->broken = false;
}

bool decoder_take(
	struct decoder *decoder, const AVPacket *packet, struct encoder_sound *sound)
{
	const struct request_head head = {.at = packet->dts};

	if (!decoder->samples)
		decoder->samples = malloc(MOST * sizeof *decoder->samples);
	if (!decoder->samples || decoder->broken || packet->size <= 0)
		return false;
	if (plain_size(decoder->par->codec_id) > 0)
		return take_plain(decoder, packet, sound);
	return (decoder->begun || start(decoder)) &&
		ask(decoder, head, packet->data, (size_t)packet->size) &&
		gather(decoder, packet, sound);
}

void decoder_close(struct decoder *decoder)
{
	if (decoder->child.pid > 0)
		sandboxed_end(&decoder->child);
	free(decoder->samples);
	decoder->samples = NULL;
}
