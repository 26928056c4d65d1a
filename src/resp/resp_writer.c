/* SPDX-License-Identifier: MIT */
/*
 * Each open has a frame until its close. The header of an aggregate of unknown size is put in front
 * of its elements at close; an inner one is always whole before the outer one moves it.
 */
#include "resp/resp_writer.h"

#include <string.h>

#include "base/check.h"

/* A type byte, a count, CR and LF. */
#define HEADER_SIZE (1 + NUMBER_INTEGER_SIZE + 2)

struct resp_frame {
    size_t place;     /* where the header of an unsized aggregate goes, in the output */
    size_t elements;  /* written so far */
    char type;        /* the header's first byte */
    bool is_pairs;    /* the header counts two elements as one */
    bool is_unsized;  /* and its header is to be written */
    bool is_muting;   /* an attribute that is left out */
    bool wraps_pairs; /* every two elements get the header of an array of their own */
};

static char *write_header(char *p, char type, uint64_t count)
{
    *p++ = type;
    if (count < 10)
        *p++ = (char)('0' + count);
    else
        p += number_format_unsigned(p, count);
    *p++ = '\r';
    *p++ = '\n';
    return p;
}

static struct resp_writer *writer_of(struct reply *reply)
{
    return (struct resp_writer *)(void *)reply;
}

static struct resp_frame *top_frame(struct resp_writer *writer)
{
    return (struct resp_frame *)(void *)(writer->frames.data + writer->frames.size) - 1;
}

static inline bool is_silent(const struct resp_writer *writer)
{
    return writer->discards || writer->muted;
}

/* False when the value is not to be written; else it counts as an element of what is open. */
static inline bool begin_value(struct resp_writer *writer)
{
    if (is_silent(writer))
        return false;
    if (writer->frames.size) {
        struct resp_frame *frame = top_frame(writer);
        if (frame->wraps_pairs && frame->elements % 2 == 0)
            buffer_append(writer->output, "*2\r\n", 4);
        frame->elements++;
    }
    return true;
}

/* A line: a type byte, text, CR and LF. */
static void append_line(struct buffer *output, char type, struct bytes text)
{
    char *p = buffer_reserve(output, text.size + 3);
    *p++ = type;
    if (text.size)
        memcpy(p, text.data, text.size);
    memcpy(p + text.size, "\r\n", 2);
    output->size += text.size + 3;
}

static void append_bulk(struct buffer *output, struct bytes bytes)
{
    char *start = buffer_reserve(output, bytes.size + HEADER_SIZE + 2);
    char *p = write_header(start, '$', bytes.size);
    if (bytes.size)
        memcpy(p, bytes.data, bytes.size);
    p += bytes.size;
    *p++ = '\r';
    *p++ = '\n';
    output->size += (size_t)(p - start);
}

static void append_header(struct buffer *output, char type, uint64_t count)
{
    char *start = buffer_reserve(output, HEADER_SIZE);
    output->size += (size_t)(write_header(start, type, count) - start);
}

static char header_type(enum reply_kind kind, int protocol)
{
    if (protocol < 3)
        return '*';
    switch (kind) {
    case REPLY_ARRAY:
    case REPLY_PAIRS:
        return '*';
    case REPLY_MAP:
    case REPLY_PAIRED_MAP:
        return '%';
    case REPLY_SET:
        return '~';
    case REPLY_PUSH:
        return '>';
    case REPLY_ATTRIBUTE:
        return '|';
    }
    return '*';
}

static void writer_open(struct reply *reply, enum reply_kind kind, size_t count)
{
    struct resp_writer *writer = writer_of(reply);
    struct resp_frame frame = {.type = header_type(kind, writer->protocol)};
    bool is_written;
    if (kind == REPLY_ATTRIBUTE) {
        /* It says something about the value that follows, and is not a value of its own. */
        frame.is_muting = writer->protocol < 3;
        writer->muted += frame.is_muting;
        is_written = !is_silent(writer);
    } else {
        is_written = begin_value(writer);
    }
    bool is_paired_map = kind == REPLY_PAIRED_MAP;
    bool holds_pairs = kind == REPLY_MAP || kind == REPLY_ATTRIBUTE || kind == REPLY_PAIRS;
    frame.is_pairs = is_paired_map || (holds_pairs && writer->protocol >= 3);
    frame.wraps_pairs = writer->protocol >= 3 ? kind == REPLY_PAIRS : is_paired_map;
    if (is_written && count == REPLY_UNSIZED) {
        frame.is_unsized = true;
        frame.place = writer->output->size;
    } else if (is_written) {
        append_header(writer->output, frame.type,
                      holds_pairs && !frame.is_pairs ? count * 2 : count);
    }
    buffer_append(&writer->frames, &frame, sizeof frame);
}

static void writer_close(struct reply *reply)
{
    struct resp_writer *writer = writer_of(reply);
    CHECK(writer->frames.size > 0);
    struct resp_frame frame = *top_frame(writer);
    writer->frames.size -= sizeof frame;
    writer->muted -= frame.is_muting;
    if (!frame.is_unsized)
        return;
    char header[HEADER_SIZE];
    size_t count = frame.is_pairs ? frame.elements / 2 : frame.elements;
    size_t size = (size_t)(write_header(header, frame.type, count) - header);
    struct buffer *output = writer->output;
    CHECK(frame.place <= output->size);
    buffer_reserve(output, size);
    char *place = output->data + frame.place;
    memmove(place + size, place, output->size - frame.place);
    memcpy(place, header, size);
    output->size += size;
}

static void writer_null(struct reply *reply)
{
    struct resp_writer *writer = writer_of(reply);
    if (!begin_value(writer))
        return;
    if (writer->protocol >= 3)
        buffer_append(writer->output, "_\r\n", 3);
    else
        buffer_append(writer->output, "$-1\r\n", 5);
}

static void writer_null_array(struct reply *reply)
{
    struct resp_writer *writer = writer_of(reply);
    if (!begin_value(writer))
        return;
    if (writer->protocol >= 3)
        buffer_append(writer->output, "_\r\n", 3);
    else
        buffer_append(writer->output, "*-1\r\n", 5);
}

static void writer_boolean(struct reply *reply, bool value)
{
    struct resp_writer *writer = writer_of(reply);
    if (!begin_value(writer))
        return;
    if (writer->protocol >= 3)
        buffer_append(writer->output, value ? "#t\r\n" : "#f\r\n", 4);
    else
        buffer_append(writer->output, value ? ":1\r\n" : ":0\r\n", 4);
}

static void writer_integer(struct reply *reply, int64_t value)
{
    struct resp_writer *writer = writer_of(reply);
    if (!begin_value(writer))
        return;
    if (value >= 0) {
        append_header(writer->output, ':', (uint64_t)value);
        return;
    }
    char digits[NUMBER_INTEGER_SIZE];
    append_line(writer->output, ':', bytes_of(digits, number_format_integer(digits, value)));
}

static void writer_real(struct reply *reply, double value)
{
    struct resp_writer *writer = writer_of(reply);
    if (!begin_value(writer))
        return;
    char text[NUMBER_DOUBLE_SIZE];
    size_t size = number_format_double(text, value, writer->double_style);
    if (writer->protocol >= 3)
        append_line(writer->output, ',', bytes_of(text, size));
    else
        append_bulk(writer->output, bytes_of(text, size));
}

static void writer_decimal(struct reply *reply, struct bytes text)
{
    struct resp_writer *writer = writer_of(reply);
    if (!begin_value(writer))
        return;
    if (writer->protocol >= 3)
        append_line(writer->output, ',', text);
    else
        append_bulk(writer->output, text);
}

static void writer_big_number(struct reply *reply, struct bytes digits)
{
    struct resp_writer *writer = writer_of(reply);
    if (!begin_value(writer))
        return;
    if (writer->protocol >= 3)
        append_line(writer->output, '(', digits);
    else
        append_bulk(writer->output, digits);
}

static void writer_bulk(struct reply *reply, struct bytes bytes)
{
    struct resp_writer *writer = writer_of(reply);
    if (begin_value(writer))
        append_bulk(writer->output, bytes);
}

static void writer_verbatim(struct reply *reply, const char format[3], struct bytes text)
{
    struct resp_writer *writer = writer_of(reply);
    if (!begin_value(writer))
        return;
    if (writer->protocol < 3) {
        append_bulk(writer->output, text);
        return;
    }
    append_header(writer->output, '=', text.size + 4);
    buffer_append(writer->output, format, 3);
    append_line(writer->output, ':', text);
}

static void writer_simple(struct reply *reply, struct bytes text)
{
    struct resp_writer *writer = writer_of(reply);
    if (begin_value(writer))
        append_line(writer->output, '+', text);
}

static void writer_error(struct reply *reply, struct bytes text)
{
    struct resp_writer *writer = writer_of(reply);
    if (begin_value(writer))
        append_line(writer->output, '-', text);
}

static const struct reply_class writer_class = {
    .open = writer_open,
    .close = writer_close,
    .null = writer_null,
    .null_array = writer_null_array,
    .boolean = writer_boolean,
    .integer = writer_integer,
    .real = writer_real,
    .decimal = writer_decimal,
    .big_number = writer_big_number,
    .bulk = writer_bulk,
    .verbatim = writer_verbatim,
    .simple = writer_simple,
    .error = writer_error,
};

void resp_writer_init(struct resp_writer *writer, struct buffer *output, int protocol,
                      enum number_double_style double_style)
{
    *writer = (struct resp_writer){
        .reply = {.class = &writer_class},
        .output = output,
        .protocol = protocol,
        .double_style = double_style,
    };
}

void resp_writer_clear(struct resp_writer *writer)
{
    buffer_clear(&writer->frames);
}

void resp_writer_raw(struct resp_writer *writer, struct bytes encoded)
{
    if (begin_value(writer))
        buffer_append_bytes(writer->output, encoded);
}
