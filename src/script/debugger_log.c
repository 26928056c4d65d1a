/* SPDX-License-Identifier: MIT */
#include "script/debugger_log.h"

#define LONGEST_VALUE 256 /* bytes shown, unless the client wants more */

void debugger_log_init(struct debugger_log *log)
{
    *log = (struct debugger_log){.longest = LONGEST_VALUE};
}

void debugger_log_clear(struct debugger_log *log)
{
    buffer_clear(&log->lines);
}

void debugger_log_line(struct debugger_log *log, struct bytes line)
{
    if (log->lines.size > DEBUGGER_LOG_LIMIT)
        return;
    buffer_append_byte(&log->lines, '+');
    size_t start = log->lines.size;
    buffer_append_bytes(&log->lines, line);
    for (char *p = log->lines.data + start; p < log->lines.data + log->lines.size; p++)
        if (*p == '\r' || *p == '\n')
            *p = ' ';
    buffer_append(&log->lines, "\r\n", 2);
    log->count++;
}

void debugger_log_format(struct debugger_log *log, const char *format, ...)
{
    struct buffer line = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_append_arguments(&line, format, arguments);
    va_end(arguments);
    debugger_log_line(log, buffer_bytes(&line));
    buffer_clear(&line);
}

void debugger_log_value(struct debugger_log *log, struct bytes line)
{
    if (!log->longest || line.size <= log->longest) {
        debugger_log_line(log, line);
        return;
    }
    struct buffer cut = {0};
    buffer_append(&cut, line.data, log->longest);
    buffer_append_string(&cut, " ...");
    debugger_log_line(log, buffer_bytes(&cut));
    buffer_clear(&cut);
    if (!log->is_trimming_known)
        debugger_log_format(
            log, "<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming.");
    log->is_trimming_known = true;
}

size_t debugger_log_room(const struct debugger_log *log)
{
    return log->longest ? log->longest : DEBUGGER_LOG_LIMIT;
}

void debugger_log_take(struct debugger_log *log, struct buffer *out)
{
    buffer_append_format(out, "*%d\r\n", log->count);
    buffer_append_bytes(out, buffer_bytes(&log->lines));
    log->lines.size = 0;
    log->count = 0;
}
