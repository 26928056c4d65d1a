/* SPDX-License-Identifier: MIT */
#include "script/debugger_reply.h"

#include "base/check.h"
#include "script/debugger_request.h"

/* --- answering twice --- */

static struct debugger_reply *noted_of(struct reply *reply)
{
    return (struct debugger_reply *)(void *)reply;
}

/* Both are told by their classes: errors are counted in the reply that the command sees. */
#define BOTH(reply, method, ...)                                                                   \
    do {                                                                                           \
        struct debugger_reply *noted_ = noted_of(reply);                                           \
        noted_->first->class->method(noted_->first __VA_OPT__(, ) __VA_ARGS__);                    \
        noted_->noted.reply.class->method(&noted_->noted.reply __VA_OPT__(, ) __VA_ARGS__);        \
    } while (0)

static void debugger_reply_open(struct reply *reply, enum reply_kind kind, size_t count)
{
    BOTH(reply, open, kind, count);
}

static void debugger_reply_close(struct reply *reply)
{
    BOTH(reply, close);
}

static void debugger_reply_null(struct reply *reply)
{
    BOTH(reply, null);
}

static void debugger_reply_null_array(struct reply *reply)
{
    BOTH(reply, null_array);
}

static void debugger_reply_boolean(struct reply *reply, bool value)
{
    BOTH(reply, boolean, value);
}

static void debugger_reply_integer(struct reply *reply, int64_t value)
{
    BOTH(reply, integer, value);
}

static void debugger_reply_real(struct reply *reply, double value)
{
    BOTH(reply, real, value);
}

static void debugger_reply_decimal(struct reply *reply, struct bytes text)
{
    BOTH(reply, decimal, text);
}

static void debugger_reply_big_number(struct reply *reply, struct bytes digits)
{
    BOTH(reply, big_number, digits);
}

static void debugger_reply_bulk(struct reply *reply, struct bytes bytes)
{
    BOTH(reply, bulk, bytes);
}

static void debugger_reply_verbatim(struct reply *reply, const char format[3], struct bytes text)
{
    BOTH(reply, verbatim, format, text);
}

static void debugger_reply_simple(struct reply *reply, struct bytes text)
{
    BOTH(reply, simple, text);
}

static void debugger_reply_error(struct reply *reply, struct bytes text)
{
    BOTH(reply, error, text);
}

static const struct reply_class debugger_reply_class = {
    .open = debugger_reply_open,
    .close = debugger_reply_close,
    .null = debugger_reply_null,
    .null_array = debugger_reply_null_array,
    .boolean = debugger_reply_boolean,
    .integer = debugger_reply_integer,
    .real = debugger_reply_real,
    .decimal = debugger_reply_decimal,
    .big_number = debugger_reply_big_number,
    .bulk = debugger_reply_bulk,
    .verbatim = debugger_reply_verbatim,
    .simple = debugger_reply_simple,
    .error = debugger_reply_error,
};

struct reply *debugger_reply_begin(struct debugger_reply *noted, struct reply *first, int protocol,
                                   enum number_double_style style)
{
    *noted = (struct debugger_reply){.reply = {.class = &debugger_reply_class}, .first = first};
    resp_writer_init(&noted->noted, &noted->encoded, protocol, style);
    return &noted->reply;
}

struct bytes debugger_reply_end(struct debugger_reply *noted)
{
    return buffer_bytes(&noted->encoded);
}

void debugger_reply_clear(struct debugger_reply *noted)
{
    resp_writer_clear(&noted->noted);
    buffer_clear(&noted->encoded);
}

/* --- showing --- */

static struct bytes take(struct bytes *encoded, size_t size)
{
    CHECK(size <= encoded->size);
    struct bytes taken = bytes_of(encoded->data, size);
    encoded->data += size;
    encoded->size -= size;
    return taken;
}

static struct bytes take_line(struct bytes *encoded)
{
    const char *end = memchr(encoded->data, '\r', encoded->size);
    CHECK(end);
    struct bytes line = take(encoded, (size_t)(end - encoded->data));
    take(encoded, 2);
    return line;
}

static void show(struct bytes *encoded, struct buffer *out);

/* `pair` stands between the elements of a pair; NULL when there are no pairs. */
static void show_all(struct bytes *encoded, struct buffer *out, int count, const char *pair)
{
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        show(encoded, out);
        if (pair) {
            buffer_append_string(out, pair);
            show(encoded, out);
        }
    }
}

static void show_aggregate(struct bytes *encoded, struct buffer *out, char type, int count)
{
    switch (type) {
    case '~':
        buffer_append_string(out, "~(");
        show_all(encoded, out, count, NULL);
        buffer_append_byte(out, ')');
        break;
    case '%':
        buffer_append_byte(out, '{');
        show_all(encoded, out, count, " => ");
        buffer_append_byte(out, '}');
        break;
    default:
        buffer_append_byte(out, '[');
        show_all(encoded, out, count, NULL);
        buffer_append_byte(out, ']');
        break;
    }
}

static void show_bulk(struct bytes *encoded, struct buffer *out, int size)
{
    if (size < 0) {
        buffer_append_string(out, "NULL");
        return;
    }
    buffer_append_quoted(out, take(encoded, (size_t)size));
    take(encoded, 2);
}

/* Takes one value from the front. Redis shows nothing for types that it does not know here: big
 * numbers and verbatim strings. */
static void show(struct bytes *encoded, struct buffer *out)
{
    struct bytes line = take_line(encoded);
    struct bytes rest = bytes_of(line.data + 1, line.size - 1);
    int number = number_leading_integer(rest);
    switch (*line.data) {
    case ':':
        buffer_append_bytes(out, rest);
        break;
    case '+':
    case '-':
        buffer_append_quoted(out, line);
        break;
    case '$':
        show_bulk(encoded, out, number);
        break;
    case '_':
        buffer_append_string(out, "(null)");
        break;
    case '#':
        buffer_append_string(out, bytes_equal_string(rest, "t") ? "#true" : "#false");
        break;
    case ',':
        buffer_append_string(out, "(double) ");
        buffer_append_bytes(out, rest);
        break;
    case '=':
        take(encoded, (size_t)number + 2);
        break;
    case '*':
    case '~':
    case '%':
        if (number < 0)
            buffer_append_string(out, "NULL");
        else
            show_aggregate(encoded, out, *line.data, number);
        break;
    default:
        break;
    }
}

void debugger_reply_show(struct bytes encoded, struct buffer *out)
{
    show(&encoded, out);
}
