/* SPDX-License-Identifier: MIT */
/* Trees of what a server answers, read from RESP3. */
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/number.h"
#include "understudy_private.h"

#define VERBATIM_FORMAT 4 /* "txt:" */

struct input {
    struct bytes text;
    size_t position;
};

/* Up to the next line's end; false: there is none. */
static bool read_line(struct input *input, struct bytes *line)
{
    const char *start = input->text.data + input->position;
    const char *end = memchr(start, '\r', input->text.size - input->position);
    if (!end || end + 1 >= input->text.data + input->text.size)
        return false;
    *line = bytes_of(start, (size_t)(end - start));
    input->position += line->size + 2;
    return true;
}

static void set_text(struct understudy_reply *reply, struct bytes text)
{
    reply->text = memory_allocate(text.size + 1);
    if (text.size)
        memcpy(reply->text, text.data, text.size);
    reply->text[text.size] = '\0';
    reply->size = text.size;
}

static bool read_text(struct input *input, struct bytes length, struct understudy_reply *reply,
                      size_t skipped)
{
    int64_t size;
    if (!number_parse_integer(length, &size))
        return false;
    if (size < 0) {
        reply->type = UNDERSTUDY_NULL;
        return true;
    }
    if ((uint64_t)size + 2 > input->text.size - input->position || (size_t)size < skipped)
        return false;
    const char *start = input->text.data + input->position;
    set_text(reply, bytes_of(start + skipped, (size_t)size - skipped));
    input->position += (size_t)size + 2;
    return true;
}

static bool read_value(struct input *input, struct understudy_reply *reply);

static bool read_elements(struct input *input, struct bytes length, struct understudy_reply *reply)
{
    int64_t count;
    if (!number_parse_integer(length, &count))
        return false;
    if (count < 0) {
        reply->type = UNDERSTUDY_NULL;
        return true;
    }
    if (reply->type == UNDERSTUDY_MAP)
        count *= 2;
    if ((uint64_t)count > input->text.size)
        return false;
    reply->elements = memory_zeroed((size_t)count * sizeof *reply->elements);
    for (; reply->count < (size_t)count; reply->count++) {
        if (!read_value(input, &reply->elements[reply->count])) {
            reply->count++; /* what is half read is cleared with the others */
            return false;
        }
    }
    return true;
}

static double read_double(struct bytes text)
{
    double number = NAN;
    number_parse_double(text, &number);
    return number;
}

static bool read_scalar(char mark, struct bytes line, struct understudy_reply *reply)
{
    int64_t integer = 0;
    switch (mark) {
    case '+':
        reply->type = UNDERSTUDY_STATUS;
        break;
    case '-':
        reply->type = UNDERSTUDY_ERROR;
        break;
    case '(':
        reply->type = UNDERSTUDY_BIG_NUMBER;
        break;
    case ':':
        reply->type = UNDERSTUDY_INTEGER;
        number_parse_integer(line, &integer);
        reply->integer = integer;
        return true;
    case '#':
        reply->type = UNDERSTUDY_BOOLEAN;
        reply->integer = line.size == 1 && *line.data == 't';
        return true;
    case ',':
        reply->type = UNDERSTUDY_DOUBLE;
        reply->number = read_double(line);
        return true;
    case '_':
        return true;
    default:
        return false;
    }
    set_text(reply, line);
    return true;
}

static bool read_value(struct input *input, struct understudy_reply *reply)
{
    struct bytes line;
    struct understudy_reply attribute = {.type = UNDERSTUDY_MAP};
    if (input->position >= input->text.size || !read_line(input, &line) || line.size == 0)
        return false;
    char mark = *line.data;
    line = bytes_of(line.data + 1, line.size - 1);
    switch (mark) {
    case '$':
        reply->type = UNDERSTUDY_BULK;
        return read_text(input, line, reply, 0);
    case '=':
        reply->type = UNDERSTUDY_VERBATIM;
        return read_text(input, line, reply, VERBATIM_FORMAT);
    case '*':
        reply->type = UNDERSTUDY_ARRAY;
        return read_elements(input, line, reply);
    case '%':
        reply->type = UNDERSTUDY_MAP;
        return read_elements(input, line, reply);
    case '~':
        reply->type = UNDERSTUDY_SET;
        return read_elements(input, line, reply);
    case '>':
        reply->type = UNDERSTUDY_PUSH;
        return read_elements(input, line, reply);
    case '|': { /* about the value behind it, for those who ask */
        bool is_whole = read_elements(input, line, &attribute);
        struct understudy_reply *copy = memory_copy(&attribute, sizeof attribute);
        understudy_reply_free(copy);
        return is_whole && read_value(input, reply);
    }
    default:
        return read_scalar(mark, line, reply);
    }
}

struct understudy_reply *understudy_reply_read(struct bytes encoded, size_t *used)
{
    struct input input = {.text = encoded};
    struct understudy_reply *reply = memory_zeroed(sizeof *reply);
    if (!read_value(&input, reply)) {
        understudy_reply_free(reply);
        return NULL;
    }
    *used = input.position;
    return reply;
}

static void clear(struct understudy_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++)
        clear(&reply->elements[i]);
    memory_free(reply->elements);
    memory_free(reply->text);
}

void understudy_reply_free(struct understudy_reply *reply)
{
    if (!reply)
        return;
    clear(reply);
    memory_free(reply);
}

const struct understudy_reply *understudy_reply_get(const struct understudy_reply *map,
                                                    const char *name)
{
    if (!map || map->type != UNDERSTUDY_MAP)
        return NULL;
    for (size_t i = 0; i + 1 < map->count; i += 2) {
        const struct understudy_reply *key = &map->elements[i];
        if (key->text && strcmp(key->text, name) == 0)
            return &map->elements[i + 1];
    }
    return NULL;
}

/* --- print --- */

static void print(const struct understudy_reply *reply, size_t indent, struct buffer *out);

static void indent_by(struct buffer *out, size_t columns)
{
    for (size_t i = 0; i < columns; i++)
        buffer_append_byte(out, ' ');
}

/* Each line after the first is indented by `indent`, and the numbers stand below one another. */
static void print_elements(const struct understudy_reply *reply, size_t indent, struct buffer *out)
{
    bool is_map = reply->type == UNDERSTUDY_MAP;
    size_t lines = is_map ? reply->count / 2 : reply->count;
    char mark = is_map ? '#' : reply->type == UNDERSTUDY_SET ? '~' : ')';
    int width = 1;
    for (size_t rest = lines; rest >= 10; rest /= 10)
        width++;
    for (size_t i = 0; i < lines; i++) {
        if (i)
            indent_by(out, indent);
        buffer_append_format(out, "%*zu%c ", width, i + 1, mark);
        size_t inner = indent + (size_t)width + 2;
        if (is_map) {
            print(&reply->elements[2 * i], inner, out);
            buffer_append_string(out, " => ");
            print(&reply->elements[2 * i + 1], inner + 4, out);
        } else {
            print(&reply->elements[i], inner, out);
        }
        if (i + 1 < lines)
            buffer_append_byte(out, '\n');
    }
}

static void print(const struct understudy_reply *reply, size_t indent, struct buffer *out)
{
    char digits[NUMBER_DOUBLE_SIZE];
    switch (reply->type) {
    case UNDERSTUDY_NULL:
        buffer_append_string(out, "(nil)");
        break;
    case UNDERSTUDY_STATUS:
    case UNDERSTUDY_VERBATIM:
    case UNDERSTUDY_BIG_NUMBER:
        buffer_append(out, reply->text, reply->size);
        break;
    case UNDERSTUDY_ERROR:
        buffer_append_string(out, "(error) ");
        buffer_append(out, reply->text, reply->size);
        break;
    case UNDERSTUDY_BULK:
        buffer_append_quoted(out, bytes_of(reply->text, reply->size));
        break;
    case UNDERSTUDY_INTEGER:
        buffer_append_format(out, "(integer) %lld", reply->integer);
        break;
    case UNDERSTUDY_BOOLEAN:
        buffer_append_string(out, reply->integer ? "(true)" : "(false)");
        break;
    case UNDERSTUDY_DOUBLE:
        buffer_append_string(out, "(double) ");
        buffer_append(out, digits,
                      number_format_double(digits, reply->number, NUMBER_DOUBLE_SHORTEST));
        break;
    case UNDERSTUDY_ARRAY:
    case UNDERSTUDY_MAP:
    case UNDERSTUDY_SET:
    case UNDERSTUDY_PUSH:
        if (reply->count)
            print_elements(reply, indent, out);
        else
            buffer_append_string(out, reply->type == UNDERSTUDY_MAP   ? "(empty hash)"
                                      : reply->type == UNDERSTUDY_SET ? "(empty set)"
                                                                      : "(empty array)");
        break;
    }
}

char *understudy_reply_print(const struct understudy_reply *reply)
{
    struct buffer out = {0};
    print(reply, 0, &out);
    buffer_append_byte(&out, '\0');
    return out.data;
}
