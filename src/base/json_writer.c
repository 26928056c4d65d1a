/* SPDX-License-Identifier: MIT */
#include "base/json_writer.h"

#include <math.h>

static void begin_value(struct json_writer *json)
{
    if (json->needs_comma)
        buffer_append_byte(&json->out, ',');
    json->needs_comma = true;
}

void json_writer_open(struct json_writer *json, char bracket)
{
    begin_value(json);
    buffer_append_byte(&json->out, bracket);
    json->needs_comma = false;
}

void json_writer_close(struct json_writer *json, char bracket)
{
    buffer_append_byte(&json->out, bracket);
    json->needs_comma = true;
}

/* How many bytes the character takes that `text` begins with; 0 when it is not UTF-8. */
static size_t character_size(struct bytes text)
{
    const unsigned char *byte = (const void *)text.data;
    size_t size = byte[0] < 0x80   ? 1
                  : byte[0] < 0xc2 ? 0
                  : byte[0] < 0xe0 ? 2
                  : byte[0] < 0xf0 ? 3
                                   : 4;
    if (size == 0 || size > text.size || byte[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    bool is_overlong = (byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xf0 && byte[1] < 0x90);
    bool is_outside = (byte[0] == 0xed && byte[1] > 0x9f) || (byte[0] == 0xf4 && byte[1] > 0x8f);
    return is_overlong || is_outside ? 0 : size;
}

static void append_escaped(struct buffer *out, char c)
{
    const char *plain = "\"\\\n\r\t";
    const char *letters = "\"\\nrt";
    const char *found = c ? strchr(plain, c) : NULL;
    if (found)
        buffer_append_format(out, "\\%c", letters[found - plain]);
    else if ((unsigned char)c < ' ' || c == '<' || c == 0x7f)
        buffer_append_format(out, "\\u%04x", (unsigned)(unsigned char)c);
    else
        buffer_append_byte(out, c);
}

static void append_quoted(struct buffer *out, struct bytes text)
{
    buffer_append_byte(out, '"');
    while (text.size) {
        size_t size = character_size(text);
        if (size > 1)
            buffer_append(out, text.data, size);
        else if (size == 1)
            append_escaped(out, *text.data);
        else
            buffer_append_format(out, "\\\\x%02x", (unsigned)(unsigned char)*text.data);
        size += size == 0;
        text = bytes_of(text.data + size, text.size - size);
    }
    buffer_append_byte(out, '"');
}

void json_writer_name(struct json_writer *json, const char *name)
{
    begin_value(json);
    append_quoted(&json->out, bytes_of_string(name));
    buffer_append_byte(&json->out, ':');
    json->needs_comma = false;
}

void json_writer_text(struct json_writer *json, struct bytes text)
{
    begin_value(json);
    append_quoted(&json->out, text);
}

void json_writer_integer(struct json_writer *json, int64_t value)
{
    begin_value(json);
    buffer_append_format(&json->out, "%lld", (long long)value);
}

void json_writer_decimal(struct json_writer *json, double value)
{
    if (!isfinite(value)) {
        json_writer_null(json);
        return;
    }
    begin_value(json);
    /* In thousandths, as an embedding program's locale may have another point. */
    long long thousandths = llround(fabs(value) * 1000);
    buffer_append_format(&json->out, "%s%lld.%03lld", value < 0 && thousandths ? "-" : "",
                         thousandths / 1000, thousandths % 1000);
}

void json_writer_boolean(struct json_writer *json, bool value)
{
    begin_value(json);
    buffer_append_string(&json->out, value ? "true" : "false");
}

void json_writer_null(struct json_writer *json)
{
    begin_value(json);
    buffer_append_string(&json->out, "null");
}

void json_writer_member_text(struct json_writer *json, const char *name, struct bytes text)
{
    json_writer_name(json, name);
    json_writer_text(json, text);
}

void json_writer_member_string(struct json_writer *json, const char *name, const char *text)
{
    json_writer_member_text(json, name, bytes_of_string(text));
}

void json_writer_member_integer(struct json_writer *json, const char *name, int64_t value)
{
    json_writer_name(json, name);
    json_writer_integer(json, value);
}

void json_writer_member_decimal(struct json_writer *json, const char *name, double value)
{
    json_writer_name(json, name);
    json_writer_decimal(json, value);
}

void json_writer_member_boolean(struct json_writer *json, const char *name, bool value)
{
    json_writer_name(json, name);
    json_writer_boolean(json, value);
}
