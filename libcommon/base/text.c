#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "..."

/* The length of the valid UTF-8 character at s, stored in *c; 0: there is none. */
static size_t character(const unsigned char *s, size_t len, unsigned long *c)
{
	static const struct {
		unsigned char mask, lead, bytes;
		unsigned long least;
	} forms[] = {
		{0x80, 0x00, 1, 0},
		{0xe0, 0xc0, 2, 0x80},
		{0xf0, 0xe0, 3, 0x800},
		{0xf8, 0xf0, 4, 0x10000},
	};

	for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
		if ((s[0] & forms[f].mask) != forms[f].lead)
			continue;
		if (forms[f].bytes > len)
			return 0;
		*c = s[0] & (unsigned char)~forms[f].mask;
		for (size_t i = 1; i < forms[f].bytes; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
			*c = *c << 6 | (s[i] & 0x3f);
		}
		bool surrogate = *c >= 0xd800 && *c <= 0xdfff;
		if (*c < forms[f].least || surrogate || *c > 0x10ffff)
			return 0;
		return forms[f].bytes;
	}
	return 0;
}

/*
 * Characters that are invisible, or change how others appear: they end a line, change the
 * direction of the text behind them, or hide it.
 */
static bool is_hidden(unsigned long c)
{
	static const struct {
		unsigned long first, last;
	} ranges[] = {{0xad, 0xad}, {0x61c, 0x61c}, {0x115f, 0x1160}, {0x180e, 0x180e},
		{0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
		{0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xfffb}, {0x1d173, 0x1d17a},
		{0xe0000, 0xe007f}};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* The length of the character at s if it is shown unescaped, else 0. */
static size_t printable(const unsigned char *s, size_t len)
{
	unsigned long c;
	size_t bytes = character(s, len, &c);

	return bytes > 0 && c >= 0x20 && (c < 0x7f || c >= 0xa0) && c != '\\' &&
			!is_hidden(c)
		? bytes
		: 0;
}

bool text_has_control(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < ' ' || *c == 0x7f)
			return true;
	return false;
}

bool text_is_utf8(const char *text)
{
	size_t len = strlen(text), bytes;
	unsigned long c;

	for (; len > 0; text += bytes, len -= bytes)
		if ((bytes = character((const unsigned char *)text, len, &c)) == 0)
			return false;
	return true;
}

const char *text_after(const char *text, const char *start)
{
	size_t len = strlen(start);

	return strncmp(text, start, len) == 0 ? text + len : NULL;
}

size_t text_escape(char *out, size_t size, const void *in, size_t len)
{
	const unsigned char *s = in;
	size_t n = 0, cut = 0;

	for (size_t i = 0; i < len;) {
		size_t take = printable(s + i, len - i);
		char hex[4] = {'\\', 'x', "0123456789abcdef"[s[i] >> 4],
			"0123456789abcdef"[s[i] & 15]};
		const void *piece = take ? (const void *)(s + i) : hex;
		size_t put = take ? take : sizeof hex;

		if (n + put >= size) {
			memcpy(out + cut, MARK, sizeof MARK);
			return cut + strlen(MARK);
		}
		memcpy(out + n, piece, put);
		n += put;
		i += take ? take : 1;
		if (n + strlen(MARK) < size)
			cut = n;
	}
	out[n] = '\0';
	return n;
}

int text_decode(char *out, size_t size, const char *in)
{
	size_t n = 0;

	while (*in) {
		unsigned int byte = (unsigned char)*in;
		bool hex = in[0] == '\\' && in[1] == 'x' &&
			isxdigit((unsigned char)in[2]) && isxdigit((unsigned char)in[3]);

		if (hex)
			sscanf(in + 2, "%2x", &byte);
		if (byte == 0 || n + 1 >= size) {
			errno = byte == 0 ? EINVAL : ENAMETOOLONG;
			return -1;
		}
		out[n++] = (char)byte;
		in += hex ? strlen("\\xNN") : 1;
	}
	out[n] = '\0';
	return 0;
}

int text_number(const char *text, long long min, long long max, long long *out)
{
	char *end;

	if (!isdigit((unsigned char)text[text[0] == '-'])) {
		errno = EINVAL;
		return -1;
	}
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (*end) {
		errno = EINVAL;
		return -1;
	}
	if (errno || n < min || n > max) {
		errno = ERANGE;
		return -1;
	}
	*out = n;
	return 0;
}
