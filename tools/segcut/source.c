#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "media/inband.h"

#define FORMATS "flv,live_flv,rtsp,sdp,hls,mpegts,mp3,aac,ogg,mov,matroska,h264,hevc"
#define PROBE "5000000"

#define TIME_MAX (INT64_C(1) << 60) /* microseconds: no clock is so far */
#define AAC_SAMPLES 1024 /* of a packet */
#define STRANGE 3 /* pictures in a row; one or two are damage */
#define STEP 1000000 /* by which time stamps must go on within the silence */

static const AVRational microseconds = {1, 1000000};

void source_place(const char *url, char *out, size_t size)
{
	const struct address_scheme *scheme = address_source(url);
	size_t skip = scheme ? strlen(scheme->name) : 0;
	const char *host = url + skip;
	size_t len = strcspn(host, "/?#");
	const char *at = memrchr(host, '@', len);

	/* Behind another @ may be the rest of a password with a slash in it. */
	if (strchr(host + len, '@')) {
		snprintf(out, size, "%.*s...", (int)skip, url);
		return;
	}
	len -= at ? (size_t)(at + 1 - host) : 0;
	host = at ? at + 1 : host;
	snprintf(out, size, "%.*s%.*s", (int)skip, url, (int)len, host);
}

static int interrupted(void *opaque)
{
	struct source *source = opaque;

	if (source->look && source->look(source->context) != 0)
		return 1;
	return clock_now() >= source->deadline;
}

static void say_nothing(void *of, int level, const char *format, va_list args)
{
	(void)of, (void)level, (void)format, (void)args;
}

/* Sound of MPEG-TS and of radios has a header in each packet, which MP4 has not. */
static int open_plain(struct source *source)
{
	const AVStream *stream = source->format->streams[source->stream[CUT_AUDIO]];
	const AVBitStreamFilter *filter = av_bsf_get_by_name("aac_adtstoasc");

	if (stream->codecpar->codec_id != AV_CODEC_ID_AAC ||
		stream->codecpar->extradata_size > 0 || source->keeps_adts)
		return 0;
	int error = filter ? av_bsf_alloc(filter, &source->plain) : AVERROR_BSF_NOT_FOUND;
	if (error < 0)
		return error;
	source->plain->time_base_in = stream->time_base;
	error = avcodec_parameters_copy(source->plain->par_in, stream->codecpar);
	return error < 0 ? error : av_bsf_init(source->plain);
}

static bool is_adts(const AVPacket *packet)
{
	return packet->size >= 4 && packet->data[0] == 0xff &&
		(packet->data[1] & 0xf6) == 0xf0;
}

/* Makes the header for MP4 from that of a packet: profile, rate and channels. */
static int describe_sound(AVCodecParameters *par, const AVPacket *packet)
{
	const uint8_t *data = packet->data;
	unsigned profile = data[2] >> 6, rate = data[2] >> 2 & 15;
	unsigned channels = (data[2] & 1u) << 2 | data[3] >> 6;

	if (channels == 0) /* they are described in the packet */
		return 0;
	par->extradata = av_mallocz(2 + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!par->extradata)
		return AVERROR(ENOMEM);
	par->extradata_size = 2;
	par->extradata[0] = (uint8_t)((profile + 1) << 3 | rate >> 1);
	par->extradata[1] = (uint8_t)(rate << 7 | channels << 3);
	return 0;
}

/* Reads until sound that comes with headers has said what it is: the first clip is to
 * say so, too, and may begin before it. */
static int look_ahead(struct source *source)
{
	bool heard = !source->plain;

	while (!heard && source->ahead_count < SOURCE_AHEAD) {
		AVPacket *packet = av_packet_alloc();
		if (!packet)
			return AVERROR(ENOMEM);
		source->ahead[source->ahead_count++] = packet;
		int error = av_read_frame(source->format, packet);
		if (error < 0)
			return error;
		heard = packet->stream_index == source->stream[CUT_AUDIO] &&
			is_adts(packet);
		error = heard ? describe_sound(source->par[CUT_AUDIO], packet) : 0;
		if (error < 0)
			return error;
	}
	return 0;
}

static int read_packet(struct source *source, AVPacket *packet)
{
	if (source->ahead_first == source->ahead_count)
		return av_read_frame(source->format, packet);
	av_packet_move_ref(packet, source->ahead[source->ahead_first]);
	av_packet_free(&source->ahead[source->ahead_first++]);
	return 0;
}

static bool is_cover(const struct source *source, int stream)
{
	return stream >= 0 &&
		source->format->streams[stream]->disposition &
		AV_DISPOSITION_ATTACHED_PIC;
}

static int find_streams(struct source *source)
{
	static const enum AVMediaType types[CUT_KINDS] = {
		AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO};

	for (int kind = 0; kind < CUT_KINDS; kind++) {
		source->last[kind] = CUT_NONE;
		/* Sound of the picture's own program, where there are several. */
		int picture = kind == CUT_VIDEO ? -1 : source->stream[CUT_VIDEO];
		source->stream[kind] = av_find_best_stream(
			source->format, types[kind], -1, picture, NULL, 0);
		if (is_cover(source, source->stream[kind]))
			source->stream[kind] = -1;
		if (source->stream[kind] < 0)
			continue;
		const AVStream *stream = source->format->streams[source->stream[kind]];
		source->par[kind] = avcodec_parameters_alloc();
		if (!source->par[kind])
			return AVERROR(ENOMEM);
		int error = avcodec_parameters_copy(source->par[kind], stream->codecpar);
		if (error < 0)
			return error;
	}
	if (source->stream[CUT_VIDEO] < 0 && source->stream[CUT_AUDIO] < 0)
		return AVERROR_STREAM_NOT_FOUND;
	/* A server that has lost its camera's picture may still have its sound. */
	if (source->stream[CUT_VIDEO] < 0 && source->had_video) {
		source->why = "it has sound, but no picture any more";
		return AVERROR_STREAM_NOT_FOUND;
	}
	source->had_video = source->stream[CUT_VIDEO] >= 0;
	source->streams = source->format->nb_streams;
	for (unsigned i = 0; i < source->format->nb_streams; i++)
		if ((int)i != source->stream[CUT_VIDEO] &&
			(int)i != source->stream[CUT_AUDIO])
			source->format->streams[i]->discard = AVDISCARD_ALL;
	return source->stream[CUT_AUDIO] < 0 ? 0 : open_plain(source);
}

/* Begins to read the size of pictures from themselves, with the header as it is now. */
static int open_parser(struct source *source)
{
	const AVCodecParameters *par = source->par[CUT_VIDEO];

	av_parser_close(source->parser);
	avcodec_free_context(&source->parsed);
	source->parser = par ? av_parser_init((int)par->codec_id) : NULL;
	if (!source->parser)
		return 0;
	source->parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
	source->parsed = avcodec_alloc_context3(NULL);
	return source->parsed ? avcodec_parameters_to_context(source->parsed, par)
			      : AVERROR(ENOMEM);
}

int source_open(struct source *source, const char *url)
{
	const struct address_scheme *scheme = address_source(url);
	AVDictionary *options = NULL;

	source->why = NULL;
	source->width = source->height = 0;
	source->sets = false;
	source->adts = source->adts_last = 0;
	source->strange = 0;
	av_log_set_callback(say_nothing);
	source->format = avformat_alloc_context();
	if (!source->format)
		return AVERROR(ENOMEM);
	source->format->interrupt_callback = (AVIOInterruptCB){interrupted, source};
	source->deadline = clock_now() + SOURCE_OPENS;
	av_dict_set(&options, "protocol_whitelist", scheme->protocols, 0);
	av_dict_set(&options, "format_whitelist", FORMATS, 0);
	av_dict_set(&options, "rtsp_transport", "tcp", 0);
	av_dict_set(&options, "rtmp_live", "live", 0);
	av_dict_set(&options, "tls_verify", "1", 0);
	av_dict_set(&options, "probesize", PROBE, 0);
	av_dict_set(&options, "analyzeduration", PROBE, 0);
	av_dict_set(&options, "fpsprobesize", "0", 0); /* no wait to find its rate */
	int error = avformat_open_input(&source->format, url, NULL, &options);
	av_dict_free(&options);
	bool hls = error >= 0 && strcmp(source->format->iformat->name, "hls") == 0;
	/* The same would be recorded again and again. */
	if (hls && source->format->duration > 0) {
		source->why = "its list has an end, so it is not live";
		error = AVERROR_EOF;
	}
	if (error >= 0)
		error = avformat_find_stream_info(source->format, NULL);
	if (error >= 0)
		error = find_streams(source);
	if (error >= 0)
		error = look_ahead(source);
	if (error >= 0)
		error = open_parser(source);
	source->heard = source->key = source->sounded = source->moved = clock_now();
	source->moving = CUT_NONE;
	source->silence = hls ? SOURCE_SILENCE_HLS : SOURCE_SILENCE;
	if (error < 0)
		source_close(source);
	return error < 0 ? error : 0;
}

static int kind_of(const struct source *source, const AVPacket *packet)
{
	for (int kind = 0; kind < CUT_KINDS; kind++)
		if (packet->stream_index == source->stream[kind])
			return kind;
	return -1;
}

/* AAC in MPEG-TS says in each packet what it is: its profile, rate and channels. What is
 * said once only is damage. */
static bool is_other_sound(struct source *source, const AVPacket *packet)
{
	const uint8_t *data = packet->data;
	unsigned last = source->adts_last;

	if (!is_adts(packet))
		return false;
	source->adts_last = 1u << 16 | (data[2] & ~2u) << 8 | (data[3] & 0xc0);
	if (source->adts == 0)
		source->adts = source->adts_last;
	return source->adts_last != source->adts && source->adts_last == last;
}

/* True if the unit is a piece of a picture. No unit is one by both codecs: the first byte
 * is odd by the one, and even by the other. */
static bool is_slice(enum AVCodecID codec, uint8_t first)
{
	return codec == AV_CODEC_ID_HEVC ? first % 2 == 0 && first >> 1 <= 21
					 : (first & 0x1f) == 1 || (first & 0x1f) == 5;
}

/* MPEG-TS may go on with another codec; libavformat goes on as before. */
static bool is_other_picture(struct source *source, const AVPacket *packet)
{
	const AVCodecParameters *par = source->par[CUT_VIDEO];
	const uint8_t *data = packet->data;

	if ((par->codec_id != AV_CODEC_ID_H264 && par->codec_id != AV_CODEC_ID_HEVC) ||
		(par->extradata_size > 0 && par->extradata[0] == 1))
		return false;
	source->strange++;
	for (int i = 0; i + 3 < packet->size; i++)
		if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1 &&
			is_slice(par->codec_id, data[i + 3])) {
			source->strange = 0;
			break;
		}
	return source->strange >= STRANGE;
}

static bool is_other(struct source *source, enum cut_kind kind, const AVPacket *packet)
{
	if (kind == CUT_VIDEO && is_other_picture(source, packet))
		source->why = "its picture has another codec";
	if (kind == CUT_AUDIO && source->plain && is_other_sound(source, packet))
		source->why = "its sound has another rate, or other channels";
	return source->why;
}

/* True if a stream has come that was not there, in place of none. */
static bool has_come(struct source *source, int64_t now)
{
	const AVFormatContext *format = source->format;
	bool video = source->stream[CUT_VIDEO] >= 0;
	bool sound = source->stream[CUT_AUDIO] >= 0 &&
		now - source->sounded <= source->silence;

	for (unsigned i = source->streams; i < format->nb_streams; i++) {
		enum AVMediaType type = format->streams[i]->codecpar->codec_type;
		if (type == AVMEDIA_TYPE_VIDEO && !video)
			source->why = "a picture has come";
		else if (type == AVMEDIA_TYPE_AUDIO && !sound)
			source->why = "another sound has come";
	}
	return source->why;
}

/* Takes a codec's header that comes with the packet. */
static int take_header(struct source *source, enum cut_kind kind, const AVPacket *packet)
{
	AVCodecParameters *par = source->par[kind];
	size_t size;
	const uint8_t *data =
		av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size);

	if (!data ||
		(size == (size_t)par->extradata_size &&
			memcmp(data, par->extradata, size) == 0))
		return 0;
	if (kind == CUT_AUDIO && par->extradata_size > 0) {
		source->why = "its sound has another header";
		return AVERROR(EAGAIN);
	}
	uint8_t *copy = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!copy)
		return AVERROR(ENOMEM);
	memcpy(copy, data, size);
	av_freep(&par->extradata);
	par->extradata = copy;
	par->extradata_size = (int)size;
	if (kind != CUT_VIDEO)
		return 0;
	source->sets = true;
	return open_parser(source);
}

/* Reads the size of a keyframe. Returns true if it is another than before. */
static bool has_changed(struct source *source, const AVPacket *packet)
{
	AVCodecParameters *par = source->par[CUT_VIDEO];
	uint8_t *out;
	int size;

	if (!source->parser)
		return false;
	av_parser_parse2(source->parser, source->parsed, &out, &size, packet->data,
		packet->size, packet->pts, packet->dts, packet->pos);
	int width = source->parser->width, height = source->parser->height;
	if (width <= 0 || height <= 0)
		return false;
	bool changed =
		source->width > 0 && (width != source->width || height != source->height);
	source->width = par->width = width;
	source->height = par->height = height;
	return changed;
}

/* How long a packet lasts. */
static int64_t lasts(AVCodecParameters *par, const AVPacket *packet)
{
	int samples = packet->duration > 0
		? 0
		: av_get_audio_frame_duration2(par, packet->size);

	if (samples == 0 && par->codec_id == AV_CODEC_ID_AAC)
		samples = AAC_SAMPLES;
	if (packet->duration > 0)
		return packet->duration;
	return samples > 0 && par->sample_rate > 0
		? INT64_C(1000000) * samples / par->sample_rate
		: 1000;
}

/* Gives the packet times: some sources have none for pictures that are sent in another
 * order than they are shown. */
static int give_times(struct source *source, enum cut_kind kind, AVPacket *packet)
{
	const AVStream *stream = source->format->streams[packet->stream_index];
	int64_t last = source->last[kind];

	av_packet_rescale_ts(packet, stream->time_base, microseconds);
	if (packet->dts == AV_NOPTS_VALUE)
		packet->dts = last == CUT_NONE
			? (packet->pts == AV_NOPTS_VALUE ? 0 : packet->pts)
			: last + lasts(source->par[kind], packet);
	if (packet->pts == AV_NOPTS_VALUE)
		packet->pts = packet->dts;
	if (packet->dts > TIME_MAX || packet->dts < -TIME_MAX || packet->pts > TIME_MAX ||
		packet->pts < -TIME_MAX)
		return AVERROR_INVALIDDATA;
	source->last[kind] = packet->dts;
	int64_t step = source->moving == CUT_NONE ? STEP : packet->dts - source->moving;
	if (step >= STEP || step <= -STEP) {
		source->moving = packet->dts;
		source->moved = clock_now();
	}
	return 0;
}

/* True if too much time has passed without what a source must have. */
static bool is_stalled(struct source *source, int64_t now)
{
	bool video = source->stream[CUT_VIDEO] >= 0;

	source->why = NULL;
	if (video && now - source->heard > source->silence)
		source->why = "it sends no picture";
	else if (video && now - source->key > SOURCE_NO_KEY)
		source->why = "no keyframe for a minute";
	else if (now - source->moved > source->silence)
		source->why = "its time stamps stand still";
	return source->why;
}

int source_next(struct source *source, struct source_packet *next)
{
	AVPacket *packet = next->packet;

	for (;;) {
		source->deadline = clock_now() + source->silence;
		int error = read_packet(source, packet);
		if (error < 0)
			return error;
		int64_t now = clock_now();
		int kind = kind_of(source, packet);
		if (is_stalled(source, now) || has_come(source, now) ||
			(kind >= 0 && is_other(source, (enum cut_kind)kind, packet)))
			error = AVERROR(ETIMEDOUT);
		if (error < 0 || kind < 0) {
			av_packet_unref(packet);
			if (error < 0)
				return error;
			continue;
		}
		bool key = packet->flags & AV_PKT_FLAG_KEY;
		if (kind == CUT_VIDEO)
			source->heard = now;
		if (kind == CUT_VIDEO && key)
			source->key = now;
		if (kind == CUT_AUDIO)
			source->sounded = now;
		if (kind == CUT_AUDIO && source->plain) {
			error = av_bsf_send_packet(source->plain, packet);
			if (error >= 0)
				error = av_bsf_receive_packet(source->plain, packet);
			if (error < 0) { /* it is damaged */
				av_packet_unref(packet);
				continue;
			}
		}
		error = give_times(source, (enum cut_kind)kind, packet);
		if (error >= 0)
			error = take_header(source, (enum cut_kind)kind, packet);
		next->cut = (struct cut_packet){.kind = (enum cut_kind)kind,
			.dts = packet->dts,
			.key = key,
			.changed = error >= 0 && kind == CUT_VIDEO && key &&
				has_changed(source, packet)};
		/* The clip's header is the old one: the keyframe has the new sets. */
		if (error >= 0 && source->sets && !next->cut.changed && kind == CUT_VIDEO)
			error = inband_put(packet, source->par[kind]);
		if (error < 0)
			av_packet_unref(packet);
		return error < 0 ? error : 0;
	}
}

void source_sets(struct source *source)
{
	source->sets = false;
}

const char *source_why(const struct source *source, int error)
{
	static char text[AV_ERROR_MAX_STRING_SIZE];

	if (source->why)
		return source->why;
	if (error == AVERROR_EOF)
		return "it has ended";
	if (error == AVERROR_EXIT)
		return clock_now() >= source->deadline ? "it sends nothing"
						       : "interrupted";
	if (error == AVERROR_STREAM_NOT_FOUND)
		return "it has neither picture nor sound";
	return av_make_error_string(text, sizeof text, error);
}

void source_close(struct source *source)
{
	av_parser_close(source->parser);
	source->parser = NULL;
	av_bsf_free(&source->plain);
	for (int i = source->ahead_first; i < source->ahead_count; i++)
		av_packet_free(&source->ahead[i]);
	source->ahead_first = source->ahead_count = 0;
	avcodec_free_context(&source->parsed);
	for (int kind = 0; kind < CUT_KINDS; kind++)
		avcodec_parameters_free(&source->par[kind]);
	avformat_close_input(&source->format);
}
