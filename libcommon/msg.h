/*
 * msg: what a tool says to people, one line and one write a message, on standard error.
 *
 * A line is "[date time] [LEVEL] [tool] text"; towards the journal it is
 * "<priority>[LEVEL] [tool] text". The finished text is escaped as text.h says, so no
 * name from outside can forge a line, and cut at 4 KiB. A format that ends in ':' gets
 * the text of errno behind it. errno is left as it was.
 *
 * A reader of standard error that has stopped does not stop the tool: a message waits a
 * tenth of a second for room, once, and is lost, as are those that follow until there is
 * room again; then their number is said.
 */
#ifndef STREAMHUB_MSG_H
#define STREAMHUB_MSG_H

enum msg_level { MSG_DEBUG, MSG_INFO, MSG_WARN, MSG_ERROR };

/*
 * Sets the tool's name, and the level from DEBUG=1 or LOG_LEVEL (default INFO). Keeps a
 * descriptor of its own where standard error is a pipe or a terminal (reopen.h); to be
 * called again when standard error is another one by now.
 */
void msg_init(const char *tool);

/* Messages below level are not shown from here on. */
void msg_show(enum msg_level level);

/* Says the message, unless its level is not shown. */
void msg_say(enum msg_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define msg_debug(...) msg_say(MSG_DEBUG, __VA_ARGS__)
#define msg_info(...) msg_say(MSG_INFO, __VA_ARGS__)
#define msg_warn(...) msg_say(MSG_WARN, __VA_ARGS__)
#define msg_error(...) msg_say(MSG_ERROR, __VA_ARGS__)

/* Says the message as an error and exits with code (of sysexits.h, or 1). */
void msg_die(int code, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

#endif
