/* SPDX-License-Identifier: MIT */
/*
 * A growing run of bytes that owns its memory. Embedded by value; all zero is a valid empty buffer.
 *
 *     struct buffer out = {0};
 *     buffer_append(&out, "+OK\r\n", 5);
 *     buffer_append_format(&out, ":%d\r\n", n);
 *     buffer_clear(&out);
 */
#ifndef UNDERSTUDY_BASE_BUFFER_H
#define UNDERSTUDY_BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "base/bytes.h"

struct buffer {
    char *data; /* owned; NULL while nothing was ever stored */
    size_t size;
    size_t capacity;
};

/* Makes room for `extra` more bytes after size, growing by halves. Invalidates pointers into data.
 */
void buffer_grow(struct buffer *buffer, size_t extra);

/* Frees the memory; the buffer is empty and usable afterwards. */
void buffer_clear(struct buffer *buffer);

/* Drops the first `count` bytes, moving the rest to the front. */
void buffer_consume(struct buffer *buffer, size_t count);

/* printf into the buffer; no size limit. */
void buffer_append_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_append_arguments(struct buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Like redis-cli prints: a quoted string with \n, \xff and the like. */
void buffer_append_quoted(struct buffer *buffer, struct bytes bytes);

/* Room for `extra` bytes: the place to write them. The caller adds to size what it wrote. */
static inline char *buffer_reserve(struct buffer *buffer, size_t extra)
{
    if (buffer->capacity - buffer->size < extra)
        buffer_grow(buffer, extra);
    return buffer->data + buffer->size;
}

static inline void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (size == 0)
        return;
    memcpy(buffer_reserve(buffer, size), data, size);
    buffer->size += size;
}

static inline void buffer_append_bytes(struct buffer *buffer, struct bytes bytes)
{
    buffer_append(buffer, bytes.data, bytes.size);
}

static inline void buffer_append_string(struct buffer *buffer, const char *string)
{
    buffer_append(buffer, string, strlen(string));
}

static inline void buffer_append_byte(struct buffer *buffer, char byte)
{
    *buffer_reserve(buffer, 1) = byte;
    buffer->size++;
}

/* Valid until the buffer changes. */
static inline struct bytes buffer_bytes(const struct buffer *buffer)
{
    return bytes_of(buffer->data, buffer->size);
}

#endif
