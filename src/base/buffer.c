/* SPDX-License-Identifier: MIT */
/* Invariant: size <= capacity, and data holds capacity bytes. */
#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>

#include "base/check.h"
#include "base/memory.h"

#define SMALLEST_CAPACITY 64

void buffer_grow(struct buffer *buffer, size_t extra)
{
    CHECK(extra <= SIZE_MAX / 2 - buffer->size);
    size_t needed = buffer->size + extra;
    size_t capacity = buffer->capacity + buffer->capacity / 2;
    if (capacity < SMALLEST_CAPACITY)
        capacity = SMALLEST_CAPACITY;
    if (capacity < needed)
        capacity = needed;
    buffer->data = memory_resize(buffer->data, capacity);
    buffer->capacity = capacity;
}

void buffer_clear(struct buffer *buffer)
{
    memory_free(buffer->data);
    *buffer = (struct buffer){0};
}

void buffer_consume(struct buffer *buffer, size_t count)
{
    CHECK(count <= buffer->size);
    buffer->size -= count;
    if (buffer->size && count)
        memmove(buffer->data, buffer->data + count, buffer->size);
}

void buffer_append_arguments(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    char *place = buffer_reserve(buffer, SMALLEST_CAPACITY);
    int length = vsnprintf(place, SMALLEST_CAPACITY, format, arguments);
    CHECK(length >= 0);
    if ((size_t)length >= SMALLEST_CAPACITY) {
        place = buffer_reserve(buffer, (size_t)length + 1);
        vsnprintf(place, (size_t)length + 1, format, again);
    }
    va_end(again);
    buffer->size += (size_t)length;
}

void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_append_arguments(buffer, format, arguments);
    va_end(arguments);
}

void buffer_append_quoted(struct buffer *buffer, struct bytes bytes)
{
    buffer_append_byte(buffer, '"');
    for (size_t i = 0; i < bytes.size; i++) {
        char c = bytes.data[i];
        switch (c) {
        case '\\':
        case '"':
            buffer_append_byte(buffer, '\\');
            buffer_append_byte(buffer, c);
            break;
        case '\n':
            buffer_append_string(buffer, "\\n");
            break;
        case '\r':
            buffer_append_string(buffer, "\\r");
            break;
        case '\t':
            buffer_append_string(buffer, "\\t");
            break;
        case '\a':
            buffer_append_string(buffer, "\\a");
            break;
        case '\b':
            buffer_append_string(buffer, "\\b");
            break;
        default:
            if (c >= ' ' && c <= '~')
                buffer_append_byte(buffer, c);
            else
                buffer_append_format(buffer, "\\x%02x", (unsigned char)c);
        }
    }
    buffer_append_byte(buffer, '"');
}
