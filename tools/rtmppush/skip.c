/*
 * The syntax is that of ITU-T H.264, 7.3. A reader takes bits out of a unit, over the
 * bytes that keep start codes out of it; a writer puts them in. Where the data are
 * arithmetically coded (CABAC, 9.3), one context is enough: mb_skip_flag where no
 * neighbour is coded. It is 1 for each macroblock, and end_of_slice_flag follows.
 */
#include "skip.h"

#include <string.h>

#include "media/nal.h"
#include "media/units.h"

#define SIGNED_MAX (1u << 30) /* no encoder writes more, and sums stay within an int */
#define SETS 32 /* sequence parameter sets; of picture parameter sets there are 256 */
#define MACROBLOCKS 139264 /* of a picture, by the highest level */

enum { UNIT_SLICE = 1, UNIT_IDR = 5, UNIT_SEQUENCE = 7, UNIT_PICTURE = 8 };

struct reader {
	const uint8_t *at, *end;
	unsigned zeros; /* bytes of zeros before at */
	unsigned bit; /* of the byte, 0 is the highest */
	bool failed; /* there were no more bits, or too large a number */
};

static unsigned get_bit(struct reader *reader)
{
	if (reader->bit == 0 && reader->zeros >= 2 && reader->at < reader->end &&
		*reader->at == 3) {
		reader->at++;
		reader->zeros = 0;
	}
	if (reader->at >= reader->end) {
		reader->failed = true;
		return 0;
	}
	unsigned value = *reader->at >> (7 - reader->bit) & 1;
	if (++reader->bit == 8) {
		reader->zeros = *reader->at ? 0 : reader->zeros + 1;
		reader->at++;
		reader->bit = 0;
	}
	return value;
}

static unsigned get_bits(struct reader *reader, unsigned count)
{
	unsigned value = 0;

	while (count-- > 0)
		value = value << 1 | get_bit(reader);
	return value;
}

/* An unsigned Exp-Golomb number. */
static unsigned get_number(struct reader *reader)
{
	unsigned zeros = 0;

	while (!get_bit(reader)) {
		if (reader->failed || ++zeros > 31) {
			reader->failed = true;
			return 0;
		}
	}
	return (1u << zeros) - 1 + get_bits(reader, zeros);
}

static int get_signed(struct reader *reader)
{
	unsigned number = get_number(reader);

	if (number > SIGNED_MAX) {
		reader->failed = true;
		return 0;
	}
	return number & 1 ? (int)(number / 2 + 1) : -(int)(number / 2);
}

/* The needed part of a sequence parameter set. */
struct sequence {
	bool known, planes; /* planes: its colour planes are coded apart */
	bool chroma, frames_only, pairs, order_delta;
	unsigned frame_bits, order_type, order_bits, references, macroblocks;
};

/* The needed part of a picture parameter set. */
struct picture {
	bool known, groups; /* groups: it has several slice groups */
	bool arithmetic, bottom_delta, weighted, redundant, deblocking;
	unsigned sequence;
	int qp;
};

static bool has_chroma_format(unsigned profile)
{
	static const uint8_t profiles[] = {
		100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};

	return memchr(profiles, (int)profile, sizeof profiles);
}

static void pass_scaling_list(struct reader *reader, unsigned size)
{
	int last = 8, next = 8;

	for (unsigned i = 0; i < size && !reader->failed; i++) {
		if (next != 0)
			next = (last + get_signed(reader)) & 255;
		last = next ? next : last;
	}
}

static void read_chroma_format(struct reader *reader, struct sequence *sequence)
{
	unsigned format = get_number(reader);

	sequence->planes = format == 3 && get_bit(reader);
	sequence->chroma = format != 0 && !sequence->planes;
	get_number(reader); /* bit depths */
	get_number(reader);
	get_bit(reader); /* lossless */
	if (!get_bit(reader))
		return;
	for (unsigned i = 0; i < (format == 3 ? 12 : 8); i++)
		if (get_bit(reader))
			pass_scaling_list(reader, i < 6 ? 16 : 64);
}

static void read_order(struct reader *reader, struct sequence *sequence)
{
	sequence->order_type = get_number(reader);
	if (sequence->order_type == 0)
		sequence->order_bits = get_number(reader) + 4;
	if (sequence->order_type != 1)
		return;
	sequence->order_delta = !get_bit(reader);
	get_signed(reader);
	get_signed(reader);
	for (unsigned n = get_number(reader); n > 0 && !reader->failed; n--)
		get_signed(reader);
}

static void read_sequence(struct reader *reader, struct sequence sequences[SETS])
{
	struct sequence sequence = {.known = true, .chroma = true};
	unsigned profile = get_bits(reader, 8);

	get_bits(reader, 16); /* constraints and level */
	unsigned id = get_number(reader);
	if (has_chroma_format(profile))
		read_chroma_format(reader, &sequence);
	sequence.frame_bits = get_number(reader) + 4;
	read_order(reader, &sequence);
	sequence.references = get_number(reader);
	get_bit(reader); /* gaps in frame_num */
	unsigned width = get_number(reader) + 1, height = get_number(reader) + 1;
	sequence.frames_only = get_bit(reader);
	sequence.pairs = !sequence.frames_only && get_bit(reader);
	if (!sequence.frames_only)
		height *= 2;
	if (reader->failed || id >= SETS || sequence.frame_bits > 16 ||
		sequence.order_type > 2 || sequence.order_bits > 16 || width == 0 ||
		height == 0 || width > MACROBLOCKS / height)
		return;
	sequence.macroblocks = width * height;
	sequences[id] = sequence;
}

static void read_picture(struct reader *reader, struct picture pictures[256])
{
	struct picture picture = {.known = true};
	unsigned id = get_number(reader);

	picture.sequence = get_number(reader);
	picture.arithmetic = get_bit(reader);
	picture.bottom_delta = get_bit(reader);
	picture.groups = get_number(reader) > 0;
	if (!picture.groups) {
		get_number(reader); /* usual numbers of references */
		get_number(reader);
		picture.weighted = get_bit(reader);
		get_bits(reader, 2);
		picture.qp = 26 + get_signed(reader);
		get_signed(reader); /* other quantizers */
		get_signed(reader);
		picture.deblocking = get_bit(reader);
		get_bit(reader); /* constrained intra prediction */
		picture.redundant = get_bit(reader);
	}
	if (!reader->failed && id < 256 && picture.sequence < SETS)
		pictures[id] = picture;
}

/* Reads the head of a slice of the IDR. */
static bool read_slice(struct skip *skip, struct reader *reader,
	const struct sequence *sequences, const struct picture *pictures)
{
	get_number(reader); /* first macroblock */
	get_number(reader); /* type */
	unsigned id = get_number(reader);
	const struct picture *picture = &pictures[id & 255];
	const struct sequence *sequence = &sequences[picture->sequence];
	if (reader->failed || id > 255 || !picture->known || !sequence->known ||
		picture->groups || sequence->planes || sequence->references == 0)
		return false;
	get_bits(reader, sequence->frame_bits);
	if (!sequence->frames_only && get_bit(reader))
		return false; /* it is a field */
	get_number(reader); /* the IDR's own number */
	unsigned order = get_bits(reader, sequence->order_bits);
	if (sequence->order_type == 0 ? picture->bottom_delta : sequence->order_delta)
		get_signed(reader);
	if (sequence->order_delta && picture->bottom_delta)
		get_signed(reader);
	if (picture->redundant && get_number(reader) > 0)
		return false;
	get_bit(reader); /* earlier pictures need not be shown */
	bool long_term = get_bit(reader);
	*skip = (struct skip){
		.set = id,
		.frame_bits = sequence->frame_bits,
		.order_type = sequence->order_type,
		.order_bits = sequence->order_bits,
		.order = order,
		.order_delta = sequence->order_delta,
		.bottom_delta = picture->bottom_delta,
		.fields = !sequence->frames_only,
		.pairs = sequence->pairs,
		.chroma = sequence->chroma,
		.arithmetic = picture->arithmetic,
		.weighted = picture->weighted,
		.redundant = picture->redundant,
		.deblocking = picture->deblocking,
		.qp = picture->qp,
		.macroblocks = sequence->macroblocks,
	};
	/* One that stays for long would have to be given up by each picture after it. */
	return !reader->failed && !long_term;
}

bool skip_read(struct skip *skip, const uint8_t *data, size_t size, unsigned prefix)
{
	struct units units = {.data = data, .end = data + size, .prefix = prefix};
	struct sequence sequences[SETS] = {0};
	struct picture pictures[256] = {0};

	if (prefix == 1)
		return false; /* a picture may be longer than its length can say */
	while (units_next(&units)) {
		struct reader reader = {
			.at = units.unit + 1, .end = units.unit + units.size};
		switch (*units.unit & 31) {
		case UNIT_SEQUENCE:
			read_sequence(&reader, sequences);
			break;
		case UNIT_PICTURE:
			read_picture(&reader, pictures);
			break;
		case UNIT_IDR:
			return *units.unit >> 5 > 0 &&
				read_slice(skip, &reader, sequences, pictures);
		case UNIT_SLICE:
			return false;
		}
	}
	return false;
}

/* The bytes have room for what is written: a picture is short. */
struct writer {
	uint8_t *out;
	size_t size;
	unsigned zeros; /* bytes of zeros at the end */
	unsigned byte, bits; /* the bits of a byte to come */
};

static void put_bit(struct writer *writer, unsigned bit)
{
	writer->byte = writer->byte << 1 | bit;
	if (++writer->bits < 8)
		return;
	if (writer->zeros >= 2 && writer->byte <= 3) {
		writer->out[writer->size++] = 3;
		writer->zeros = 0;
	}
	writer->out[writer->size++] = (uint8_t)writer->byte;
	writer->zeros = writer->byte ? 0 : writer->zeros + 1;
	writer->byte = writer->bits = 0;
}

static void put_bits(struct writer *writer, unsigned value, unsigned count)
{
	while (count-- > 0)
		put_bit(writer, value >> count & 1);
}

static void put_number(struct writer *writer, unsigned number)
{
	unsigned bits = 0;

	while ((number + 1) >> (bits + 1))
		bits++;
	put_bits(writer, 0, bits);
	put_bits(writer, number + 1, bits + 1);
}

/* Fills the byte, with a 1 first. */
static void put_end(struct writer *writer)
{
	put_bit(writer, 1);
	while (writer->bits > 0)
		put_bit(writer, 0);
}

/* Tables 9-44 and 9-45: by the state, the range of the less probable symbol, and the
 * state after it. */
static const uint8_t ranges[64][4] = {{128, 176, 208, 240}, {128, 167, 197, 227},
	{128, 158, 187, 216}, {123, 150, 178, 205}, {116, 142, 169, 195},
	{111, 135, 160, 185}, {105, 128, 152, 175}, {100, 122, 144, 166},
	{95, 116, 137, 158}, {90, 110, 130, 150}, {85, 104, 123, 142}, {81, 99, 117, 135},
	{77, 94, 111, 128}, {73, 89, 105, 122}, {69, 85, 100, 116}, {66, 80, 95, 110},
	{62, 76, 90, 104}, {59, 72, 86, 99}, {56, 69, 81, 94}, {53, 65, 77, 89},
	{51, 62, 73, 85}, {48, 59, 69, 80}, {46, 56, 66, 76}, {43, 53, 63, 72},
	{41, 50, 59, 69}, {39, 48, 56, 65}, {37, 45, 54, 62}, {35, 43, 51, 59},
	{33, 41, 48, 56}, {32, 39, 46, 53}, {30, 37, 43, 50}, {29, 35, 41, 48},
	{27, 33, 39, 45}, {26, 31, 37, 43}, {24, 30, 35, 41}, {23, 28, 33, 39},
	{22, 27, 32, 37}, {21, 26, 30, 35}, {20, 24, 29, 33}, {19, 23, 27, 31},
	{18, 22, 26, 30}, {17, 21, 25, 28}, {16, 20, 23, 27}, {15, 19, 22, 25},
	{14, 18, 21, 24}, {14, 17, 20, 23}, {13, 16, 19, 22}, {12, 15, 18, 21},
	{12, 14, 17, 20}, {11, 14, 16, 19}, {11, 13, 15, 18}, {10, 12, 15, 17},
	{10, 12, 14, 16}, {9, 11, 13, 15}, {9, 11, 12, 14}, {8, 10, 12, 14},
	{8, 9, 11, 13}, {7, 9, 11, 12}, {7, 9, 10, 12}, {7, 8, 10, 11}, {6, 8, 9, 11},
	{6, 7, 9, 10}, {6, 7, 8, 9}, {2, 2, 2, 2}};
static const uint8_t states[64] = {0, 0, 1, 2, 2, 4, 4, 5, 6, 7, 8, 9, 9, 11, 11, 12, 13,
	13, 15, 15, 16, 16, 18, 18, 19, 19, 21, 21, 22, 22, 23, 24, 24, 25, 26, 26, 27,
	27, 28, 29, 29, 30, 30, 30, 31, 32, 32, 33, 33, 33, 34, 34, 35, 35, 35, 36, 36,
	36, 37, 37, 37, 38, 38, 63};

struct coder {
	struct writer *writer;
	unsigned low, range;
	unsigned waiting; /* bits that depend on the next one */
	bool begun; /* the first bit is none */
	unsigned state, likely; /* of the one context: the more probable symbol */
};

static void code_out(struct coder *coder, unsigned bit)
{
	if (coder->begun)
		put_bit(coder->writer, bit);
	coder->begun = true;
	for (; coder->waiting > 0; coder->waiting--)
		put_bit(coder->writer, !bit);
}

static void code_renorm(struct coder *coder)
{
	for (; coder->range < 256; coder->range <<= 1, coder->low <<= 1) {
		if (coder->low < 256) {
			code_out(coder, 0);
		} else if (coder->low >= 512) {
			coder->low -= 512;
			code_out(coder, 1);
		} else {
			coder->low -= 256;
			coder->waiting++;
		}
	}
}

/* A skipped macroblock. */
static void code_skip(struct coder *coder)
{
	unsigned less = ranges[coder->state][coder->range >> 6 & 3];

	coder->range -= less;
	if (coder->likely) {
		if (coder->state < 62)
			coder->state++;
	} else {
		coder->low += coder->range;
		coder->range = less;
		if (coder->state == 0)
			coder->likely = 1;
		coder->state = states[coder->state];
	}
	code_renorm(coder);
}

/* Codes end_of_slice_flag. */
static void code_end(struct coder *coder, bool ends)
{
	coder->range -= 2;
	if (!ends) {
		code_renorm(coder);
		return;
	}
	coder->low += coder->range;
	coder->range = 2;
	code_renorm(coder);
	code_out(coder, coder->low >> 9 & 1);
	/* The last of them is the 1 that ends the unit. */
	put_bits(coder->writer, (coder->low >> 7 & 3) | 1, 2);
}

static void put_arithmetic(struct writer *writer, const struct skip *skip)
{
	struct coder coder = {.writer = writer, .range = 510};
	int qp = skip->qp < 0 ? 0 : skip->qp > 51 ? 51 : skip->qp;
	int before = (23 * qp >> 4) + 33; /* table 9-13, cabac_init_idc 0, context 11 */

	before = before > 126 ? 126 : before;
	coder.likely = before > 63;
	coder.state = (unsigned)(before > 63 ? before - 64 : 63 - before);
	while (writer->bits > 0)
		put_bit(writer, 1);
	for (unsigned n = 1; n <= skip->macroblocks; n++) {
		code_skip(&coder);
		if (!skip->pairs || n % 2 == 0)
			code_end(&coder, n == skip->macroblocks);
	}
	while (writer->bits > 0)
		put_bit(writer, 0);
}

static void put_head(struct writer *writer, const struct skip *skip, unsigned n)
{
	put_number(writer, 0); /* first macroblock */
	put_number(writer, 5); /* P, all slices of the picture */
	put_number(writer, skip->set);
	put_bits(writer, n, skip->frame_bits);
	if (skip->fields)
		put_bit(writer, 0);
	if (skip->order_type == 0)
		put_bits(writer, skip->order + 2 * n, skip->order_bits);
	if (skip->order_type == 0 ? skip->bottom_delta : skip->order_delta)
		put_number(writer, 0);
	if (skip->order_delta && skip->bottom_delta)
		put_number(writer, 0);
	if (skip->redundant)
		put_number(writer, 0);
	put_bit(writer, 1); /* of references */
	put_number(writer, 0); /* there is one, the picture before */
	put_bit(writer, 0); /* in the usual place */
	if (skip->weighted) {
		put_number(writer, 0);
		if (skip->chroma)
			put_number(writer, 0);
		put_bits(writer, 0, skip->chroma ? 2 : 1);
	}
	put_bit(writer, 0); /* the oldest reference goes */
	if (skip->arithmetic)
		put_number(writer, 0);
	put_number(writer, 0); /* quantizer */
	if (skip->deblocking)
		put_number(writer, 1); /* off */
}

size_t skip_write(
	const struct skip *skip, unsigned n, unsigned prefix, uint8_t out[SKIP_SIZE])
{
	unsigned before = prefix == NAL_ANNEX_B ? 4 : prefix;
	struct writer writer = {.out = out + before};

	put_bits(&writer, 2 << 5 | UNIT_SLICE, 8);
	put_head(&writer, skip, n);
	if (skip->arithmetic) {
		put_arithmetic(&writer, skip);
	} else {
		put_number(&writer, skip->macroblocks);
		put_end(&writer);
	}
	for (unsigned i = 0; i < before; i++)
		out[i] = prefix == NAL_ANNEX_B
			? i == 3
			: (uint8_t)(writer.size >> 8 * (before - 1 - i));
	return before + writer.size;
}
