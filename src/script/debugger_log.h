/* SPDX-License-Identifier: MIT */
/*
 * What the debugger has to say, gathered until the client is sent it: an array of simple strings.
 *
 *     debugger_log_format(&log, "* Stopped at %d", line);
 *     debugger_log_take(&log, &out);           // "*1\r\n+* Stopped at 3\r\n"
 */
#ifndef UNDERSTUDY_SCRIPT_DEBUGGER_LOG_H
#define UNDERSTUDY_SCRIPT_DEBUGGER_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/bytes.h"

/* A script that never stops may call redis.debug for ever: what is beyond this is not kept. */
#define DEBUGGER_LOG_LIMIT ((size_t)16 << 20) /* bytes */

struct debugger_log {
    struct buffer lines; /* owned: encoded */
    int count;
    size_t longest;         /* bytes of a value that are shown; 0 = all */
    bool is_trimming_known; /* the client has been told how to see all */
};

void debugger_log_init(struct debugger_log *log);
void debugger_log_clear(struct debugger_log *log);

/* One line; CR and LF become blanks. */
void debugger_log_line(struct debugger_log *log, struct bytes line);
void debugger_log_format(struct debugger_log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A line that shows a value: cut at `longest`. */
void debugger_log_value(struct debugger_log *log, struct bytes line);

/* How much of a line that shows a value need be made: with more it is cut, or too long to send. */
size_t debugger_log_room(const struct debugger_log *log);

/* Appends the array with all lines to `out`; none are left. */
void debugger_log_take(struct debugger_log *log, struct buffer *out);

#endif
