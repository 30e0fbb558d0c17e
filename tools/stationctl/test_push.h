/*
 * test_push: pushes a short test pattern, which is built in, to the server of a station,
 * and looks at its live source.
 */
#ifndef STREAMHUB_TEST_PUSH_H
#define STREAMHUB_TEST_PUSH_H

/*
 * Has rtmppush play it to the address url, once, and waits for the end; the far side's
 * answer is what rtmppush says. Returns 0 when all of it was acknowledged, or a code of
 * sysexits.h.
 */
int test_push(const char *id, const char *url);

/*
 * Has segcut look at the source at the address url, and prints what it says, or that it
 * failed, behind the ID. Returns 0 or a code of sysexits.h.
 */
int test_source(const char *id, const char *url);

#endif
