/* SPDX-License-Identifier: MIT */
/*
 * What a command answers into. A command says what it answers; whether that becomes RESP2, RESP3 or
 * a Lua value is the affair of the reply's class.
 *
 *     reply_open(reply, REPLY_MAP, 1);
 *     reply_bulk(reply, key);
 *     reply_integer(reply, 42);
 *     reply_close(reply);
 *
 * A command answers exactly one value: a scalar, or one open/close pair with its elements within.
 * The count of a REPLY_MAP, REPLY_PAIRS, REPLY_PAIRED_MAP or REPLY_ATTRIBUTE is of pairs, of the
 * others of elements. A count that is not known yet is REPLY_UNSIZED; the writer fills it in at
 * close. REPLY_PAIRS is a list of pairs, which may repeat, such as members with their scores: RESP3
 * has an array of two elements for each, RESP2 one flat array. REPLY_PAIRED_MAP is a map that RESP2
 * has as such a list, an array of two elements for each (XREAD). The command answers the elements
 * of the pairs one after the other, as those of a map.
 */
#ifndef UNDERSTUDY_REPLY_REPLY_H
#define UNDERSTUDY_REPLY_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

enum reply_kind {
    REPLY_ARRAY,
    REPLY_MAP,
    REPLY_SET,
    REPLY_PUSH,
    REPLY_ATTRIBUTE,
    REPLY_PAIRS,
    REPLY_PAIRED_MAP,
};

#define REPLY_UNSIZED SIZE_MAX

struct reply;

struct reply_class {
    void (*open)(struct reply *reply, enum reply_kind kind, size_t count);
    void (*close)(struct reply *reply);
    void (*null)(struct reply *reply);       /* absent value: "$-1" in RESP2 */
    void (*null_array)(struct reply *reply); /* absent array: "*-1" in RESP2, null in RESP3 */
    void (*boolean)(struct reply *reply, bool value); /* 1 or 0 in RESP2 */
    void (*integer)(struct reply *reply, int64_t value);
    void (*real)(struct reply *reply, double value);         /* bulk in RESP2 */
    void (*decimal)(struct reply *reply, struct bytes text); /* a double by its text: "0.25" */
    void (*big_number)(struct reply *reply, struct bytes digits);
    void (*bulk)(struct reply *reply, struct bytes bytes);
    void (*verbatim)(struct reply *reply, const char format[3], struct bytes text);
    void (*simple)(struct reply *reply, struct bytes text); /* "+OK": no CR or LF within */
    void (*error)(struct reply *reply, struct bytes text); /* "ERR ...": without '-', no CR or LF */
};

/* Embedded as the first member of each kind of reply. */
struct reply {
    const struct reply_class *class;
    uint64_t errors; /* errors answered so far: the dispatcher looks whether a command added one */
    char error_code[32]; /* first word of the last error, terminated; for INFO errorstats */
};

static inline void reply_open(struct reply *reply, enum reply_kind kind, size_t count)
{
    reply->class->open(reply, kind, count);
}
static inline void reply_close(struct reply *reply)
{
    reply->class->close(reply);
}
static inline void reply_null(struct reply *reply)
{
    reply->class->null(reply);
}
static inline void reply_null_array(struct reply *reply)
{
    reply->class->null_array(reply);
}
static inline void reply_boolean(struct reply *reply, bool value)
{
    reply->class->boolean(reply, value);
}
static inline void reply_integer(struct reply *reply, int64_t value)
{
    reply->class->integer(reply, value);
}
static inline void reply_real(struct reply *reply, double value)
{
    reply->class->real(reply, value);
}
static inline void reply_decimal(struct reply *reply, struct bytes text)
{
    reply->class->decimal(reply, text);
}
static inline void reply_big_number(struct reply *reply, struct bytes digits)
{
    reply->class->big_number(reply, digits);
}
static inline void reply_bulk(struct reply *reply, struct bytes bytes)
{
    reply->class->bulk(reply, bytes);
}
static inline void reply_bulk_string(struct reply *reply, const char *string)
{
    reply->class->bulk(reply, bytes_of_string(string));
}
static inline void reply_verbatim(struct reply *reply, const char format[3], struct bytes text)
{
    reply->class->verbatim(reply, format, text);
}
static inline void reply_simple(struct reply *reply, const char *text)
{
    reply->class->simple(reply, bytes_of_string(text));
}
static inline void reply_ok(struct reply *reply)
{
    reply->class->simple(reply, BYTES_LITERAL("OK"));
}

/* An empty array, map or set. */
static inline void reply_empty(struct reply *reply, enum reply_kind kind)
{
    reply->class->open(reply, kind, 0);
    reply->class->close(reply);
}

/* `text` is a whole error with its code, from errors.h. CR and LF become blanks. */
void reply_error(struct reply *reply, const char *text);
void reply_error_bytes(struct reply *reply, struct bytes text);
void reply_error_format(struct reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* An integer in a bulk string. */
void reply_bulk_integer(struct reply *reply, int64_t value);
void reply_bulk_format(struct reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A simple string for each line, as the HELP subcommands answer; `lines` ends with NULL. */
void reply_lines(struct reply *reply, const char *const *lines);

#endif
