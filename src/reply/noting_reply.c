/* SPDX-License-Identifier: MIT */
#include "reply/noting_reply.h"

static struct noting_reply *noting_of(struct reply *reply)
{
    return (struct noting_reply *)(void *)reply;
}

/* The first value is the answer; what follows are its elements. */
static struct reply *note(struct reply *reply, enum noted_kind kind)
{
    struct noting_reply *noting = noting_of(reply);
    if (noting->kind == NOTED_NONE)
        noting->kind = kind;
    return noting->inner;
}

static void noting_open(struct reply *reply, enum reply_kind kind, size_t count)
{
    static const enum noted_kind kinds[] = {
        [REPLY_ARRAY] = NOTED_ARRAY, [REPLY_MAP] = NOTED_MAP,     [REPLY_SET] = NOTED_SET,
        [REPLY_PUSH] = NOTED_PUSH,   [REPLY_PAIRS] = NOTED_ARRAY, [REPLY_PAIRED_MAP] = NOTED_MAP};
    if (kind == REPLY_ATTRIBUTE)
        reply_open(noting_of(reply)->inner, kind, count);
    else
        reply_open(note(reply, kinds[kind]), kind, count);
}

static void noting_close(struct reply *reply)
{
    reply_close(noting_of(reply)->inner);
}

static void noting_null(struct reply *reply)
{
    reply_null(note(reply, NOTED_NULL));
}

static void noting_null_array(struct reply *reply)
{
    reply_null_array(note(reply, NOTED_NULL));
}

static void noting_boolean(struct reply *reply, bool value)
{
    reply_boolean(note(reply, NOTED_BOOLEAN), value);
}

static void noting_integer(struct reply *reply, int64_t value)
{
    reply_integer(note(reply, NOTED_INTEGER), value);
}

static void noting_real(struct reply *reply, double value)
{
    reply_real(note(reply, NOTED_DOUBLE), value);
}

static void noting_decimal(struct reply *reply, struct bytes text)
{
    reply_decimal(note(reply, NOTED_DOUBLE), text);
}

static void noting_big_number(struct reply *reply, struct bytes digits)
{
    reply_big_number(note(reply, NOTED_BIG_NUMBER), digits);
}

static void noting_bulk(struct reply *reply, struct bytes bytes)
{
    reply_bulk(note(reply, NOTED_BULK), bytes);
}

static void noting_verbatim(struct reply *reply, const char format[3], struct bytes text)
{
    reply_verbatim(note(reply, NOTED_VERBATIM), format, text);
}

static void noting_simple(struct reply *reply, struct bytes text)
{
    struct reply *inner = note(reply, NOTED_SIMPLE);
    inner->class->simple(inner, text);
}

static void noting_error(struct reply *reply, struct bytes text)
{
    struct noting_reply *noting = noting_of(reply);
    if (noting->kind == NOTED_NONE)
        buffer_append_bytes(&noting->error, text);
    reply_error_bytes(note(reply, NOTED_ERROR), text);
}

static const struct reply_class noting_class = {
    .open = noting_open,
    .close = noting_close,
    .null = noting_null,
    .null_array = noting_null_array,
    .boolean = noting_boolean,
    .integer = noting_integer,
    .real = noting_real,
    .decimal = noting_decimal,
    .big_number = noting_big_number,
    .bulk = noting_bulk,
    .verbatim = noting_verbatim,
    .simple = noting_simple,
    .error = noting_error,
};

void noting_reply_begin(struct noting_reply *noting, struct reply *inner)
{
    noting->reply = (struct reply){.class = &noting_class};
    noting->inner = inner;
    noting->kind = NOTED_NONE;
    noting->error.size = 0;
}

void noting_reply_clear(struct noting_reply *noting)
{
    buffer_clear(&noting->error);
    noting->kind = NOTED_NONE;
}

const char *noting_reply_kind_name(enum noted_kind kind)
{
    static const char *const names[] = {
        [NOTED_NONE] = "none",         [NOTED_SIMPLE] = "simple",
        [NOTED_ERROR] = "error",       [NOTED_INTEGER] = "integer",
        [NOTED_BULK] = "bulk",         [NOTED_NULL] = "null",
        [NOTED_ARRAY] = "array",       [NOTED_MAP] = "map",
        [NOTED_SET] = "set",           [NOTED_PUSH] = "push",
        [NOTED_DOUBLE] = "double",     [NOTED_BOOLEAN] = "boolean",
        [NOTED_OTHER] = "other",       [NOTED_BIG_NUMBER] = "big-number",
        [NOTED_VERBATIM] = "verbatim",
    };
    return names[kind];
}

enum noted_kind noting_reply_kind_of(struct bytes encoded, struct bytes *error)
{
    *error = bytes_of(NULL, 0);
    if (encoded.size == 0)
        return NOTED_NONE;
    bool is_negative = encoded.size > 1 && encoded.data[1] == '-';
    switch (encoded.data[0]) {
    case '+':
        return NOTED_SIMPLE;
    case '-': {
        const char *end = memchr(encoded.data, '\r', encoded.size);
        size_t size = end ? (size_t)(end - encoded.data) : encoded.size;
        *error = bytes_of(encoded.data + 1, size - 1);
        return NOTED_ERROR;
    }
    case ':':
        return NOTED_INTEGER;
    case '$':
        return is_negative ? NOTED_NULL : NOTED_BULK;
    case '*':
        return is_negative ? NOTED_NULL : NOTED_ARRAY;
    case '_':
        return NOTED_NULL;
    case '%':
        return NOTED_MAP;
    case '~':
        return NOTED_SET;
    case '>':
        return NOTED_PUSH;
    case ',':
        return NOTED_DOUBLE;
    case '#':
        return NOTED_BOOLEAN;
    case '(':
        return NOTED_BIG_NUMBER;
    case '=':
        return NOTED_VERBATIM;
    default:
        return NOTED_OTHER;
    }
}
