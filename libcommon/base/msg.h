/*
 * msg: messages for people on standard error. Each message is one line and one write.
 *
 * A line is "[date time] [LEVEL] [tool] text", in the journal
 * "<priority>[LEVEL] [tool] text". The text is escaped as text.h says, so that no name
 * from outside can forge a line, and cut at 4 KiB. A format that ends in ':' is followed
 * by the text of errno. errno is left as it was.
 *
 * A reader of standard error that has stopped does not stop the tool: the first message
 * without room waits a tenth of a second and is then lost. Further messages are lost at
 * once, until there is room again; then a message says how many were lost.
 */
#ifndef STREAMHUB_MSG_H
#define STREAMHUB_MSG_H

enum msg_level { MSG_DEBUG, MSG_INFO, MSG_WARN, MSG_ERROR };

/*
 * Sets the tool's name, and the level from DEBUG=1 or LOG_LEVEL (default INFO). Where
 * standard error is a pipe or a terminal it is opened once more (reopen.h). Call again
 * after standard error was replaced.
 */
void msg_init(const char *tool);

/* From now on messages are those of this part of the tool: the third bracket. */
void msg_part(const char *name);

/* From now on messages below level are not shown. */
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
