/* SPDX-License-Identifier: MIT */
/*
 * JSON as it is written, one value after another; commas stand where they belong.
 *
 *     struct json_writer json = {0};
 *     json_writer_open(&json, '{');
 *     json_writer_name(&json, "keys");
 *     json_writer_open(&json, '[');
 *     json_writer_text(&json, key);
 *     json_writer_close(&json, ']');
 *     json_writer_close(&json, '}');
 *     ... json.out ...                         // {"keys":["k"]}
 *     buffer_clear(&json.out);
 *
 * What it writes is ASCII where JSON asks for it, and may stand within a script element of an HTML
 * page: '<' is escaped.
 */
#ifndef UNDERSTUDY_BASE_JSON_WRITER_H
#define UNDERSTUDY_BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* All zero is the beginning of a text. */
struct json_writer {
    struct buffer out; /* owned */
    bool needs_comma;
};

/* '{' or '[', and what closes it. */
void json_writer_open(struct json_writer *json, char bracket);
void json_writer_close(struct json_writer *json, char bracket);

/* Of the value that comes next. */
void json_writer_name(struct json_writer *json, const char *name);

/* Bytes that are not UTF-8 are shown as \xff is, with a backslash. */
void json_writer_text(struct json_writer *json, struct bytes text);
void json_writer_integer(struct json_writer *json, int64_t value);
/* Three digits behind the point; what is no number is null. */
void json_writer_decimal(struct json_writer *json, double value);
void json_writer_boolean(struct json_writer *json, bool value);
void json_writer_null(struct json_writer *json);

/* Name and value. */
void json_writer_member_text(struct json_writer *json, const char *name, struct bytes text);
void json_writer_member_string(struct json_writer *json, const char *name, const char *text);
void json_writer_member_integer(struct json_writer *json, const char *name, int64_t value);
void json_writer_member_decimal(struct json_writer *json, const char *name, double value);
void json_writer_member_boolean(struct json_writer *json, const char *name, bool value);

#endif
