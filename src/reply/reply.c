/* SPDX-License-Identifier: MIT */
#include "reply/reply.h"

#include <stdarg.h>

#include "base/buffer.h"
#include "base/number.h"

static void remember_code(struct reply *reply, struct bytes text)
{
    size_t size = 0;
    while (size < text.size && text.data[size] != ' ' && size < sizeof reply->error_code - 1)
        size++;
    memcpy(reply->error_code, text.data, size);
    reply->error_code[size] = '\0';
    reply->errors++;
}

void reply_error_bytes(struct reply *reply, struct bytes text)
{
    /* Redis trims line ends at the end of the text and blanks those within it. */
    while (text.size && (text.data[text.size - 1] == '\r' || text.data[text.size - 1] == '\n'))
        text.size--;
    remember_code(reply, text);
    if (!memchr(text.data, '\r', text.size) && !memchr(text.data, '\n', text.size)) {
        reply->class->error(reply, text);
        return;
    }
    struct buffer line = {0};
    buffer_append_bytes(&line, text);
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] == '\r' || line.data[i] == '\n')
            line.data[i] = ' ';
    reply->class->error(reply, buffer_bytes(&line));
    buffer_clear(&line);
}

void reply_error(struct reply *reply, const char *text)
{
    reply_error_bytes(reply, bytes_of_string(text));
}

void reply_error_format(struct reply *reply, const char *format, ...)
{
    struct buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_append_arguments(&text, format, arguments);
    va_end(arguments);
    reply_error_bytes(reply, buffer_bytes(&text));
    buffer_clear(&text);
}

void reply_bulk_integer(struct reply *reply, int64_t value)
{
    char digits[NUMBER_INTEGER_SIZE];
    reply_bulk(reply, bytes_of(digits, number_format_integer(digits, value)));
}

void reply_bulk_format(struct reply *reply, const char *format, ...)
{
    struct buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_append_arguments(&text, format, arguments);
    va_end(arguments);
    reply_bulk(reply, buffer_bytes(&text));
    buffer_clear(&text);
}

void reply_lines(struct reply *reply, const char *const *lines)
{
    size_t count = 0;
    while (lines[count])
        count++;
    reply_open(reply, REPLY_ARRAY, count);
    for (size_t i = 0; i < count; i++)
        reply_simple(reply, lines[i]);
    reply_close(reply);
}
