/* skip: whatever the bytes, there is an answer, and a picture keeps to its room. */
#include "skip.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
	/* The first byte chooses the format, and which picture. */
	unsigned prefix = len > 0 ? bytes[0] % 5 : 0, n = len > 0 ? bytes[0] : 1;
	uint8_t *out = malloc(SKIP_SIZE);
	struct skip skip;

	if (len > 0 && skip_read(&skip, bytes + 1, len - 1, prefix) &&
		skip_write(&skip, n, prefix, out) <= prefix)
		abort();
	free(out);
	return 0;
}
