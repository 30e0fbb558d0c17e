/*
 * openh264: decodes a file of H.264 with start codes, each picture in one slice, by a
 * decoder that shares nothing with FFmpeg. Prints how many pictures came out and how many
 * units it refused; exits 1 if it refused any.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

static const unsigned char *find_code(const unsigned char *at, const unsigned char *end)
{
	for (; end - at >= 3; at++)
		if (!at[0] && !at[1] && at[2] == 1)
			return at;
	return end;
}

static unsigned char *read_all(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	size_t room = 1 << 26;
	unsigned char *data = malloc(room);

	if (!file || !data) {
		perror(path);
		exit(66);
	}
	*size = fread(data, 1, room, file);
	fclose(file);
	return data;
}

static unsigned pictures, refused;
static ISVCDecoder *decoder;

/* At a change of size the decoder would drop the pictures that it still holds back. */
static void flush(void)
{
	int left = 0;

	(*decoder)->GetOption(
		decoder, DECODER_OPTION_NUM_OF_FRAMES_REMAINING_IN_BUFFER, &left);
	for (; left > 0; left--) {
		unsigned char *planes[3] = {0};
		SBufferInfo info = {0};

		refused += (*decoder)->FlushFrame(decoder, planes, &info) != dsErrorFree;
		pictures += info.iBufferStatus == 1;
	}
}

static void decode(const unsigned char *unit, int size)
{
	unsigned char *planes[3] = {0};
	SBufferInfo info = {0};

	if (size > 3 && (unit[3] & 31) == 7)
		flush();
	refused += (*decoder)->DecodeFrameNoDelay(decoder, unit, size, planes, &info) !=
		dsErrorFree;
	pictures += info.iBufferStatus == 1;
}

int main(int argc, char **argv)
{
	SDecodingParam param = {
		.sVideoProperty = {sizeof(SVideoProperty), VIDEO_BITSTREAM_AVC},
		.eEcActiveIdc = ERROR_CON_DISABLE};
	size_t size;

	if (argc != 2 || WelsCreateDecoder(&decoder) != 0 ||
		(*decoder)->Initialize(decoder, &param) != 0)
		return 64;
	unsigned char *data = read_all(argv[1], &size);
	const unsigned char *end = data + size;
	for (const unsigned char *at = find_code(data, end); at < end;) {
		const unsigned char *next = end - at > 3 ? find_code(at + 3, end) : end;
		decode(at, (int)(next - at));
		at = next;
	}
	flush();
	(*decoder)->Uninitialize(decoder);
	WelsDestroyDecoder(decoder);
	free(data);
	printf("pictures %u refused %u\n", pictures, refused);
	return refused > 0;
}
