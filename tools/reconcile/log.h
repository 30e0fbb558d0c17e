/*
 * log: messages that name the part of reconcile that they come from, in place of the
 * tool.
 */
#ifndef STREAMHUB_LOG_H
#define STREAMHUB_LOG_H

#include "base/msg.h"

#define LOG_INIT "INIT"
#define LOG_BOOT "BOOT"
#define LOG_SSE "SSE"
#define LOG_RECONCILE "RECONCILE"
#define LOG_STREAM "STREAM"
#define LOG_PID "PID"
#define LOG_HEALTH "HEALTH"

#define log_say(part, ...) (msg_part(LOG_##part), msg_say(__VA_ARGS__))
#define log_info(part, ...) log_say(part, MSG_INFO, __VA_ARGS__)
#define log_warn(part, ...) log_say(part, MSG_WARN, __VA_ARGS__)
#define log_error(part, ...) log_say(part, MSG_ERROR, __VA_ARGS__)

#endif
