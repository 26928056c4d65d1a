/* SPDX-License-Identifier: MIT */
/*
 * Follows the source as Lua's lexer does, as far as it takes to know what is a string, a comment or
 * neither. What the lexer refuses for another reason stays as it is.
 */
#include "script/long_brackets.h"

#include <string.h>

struct scan {
    struct bytes source;
    size_t at;
    size_t copied; /* bytes of the source that are in `out` */
    struct buffer *out;
};

static char byte_at(const struct scan *scan, size_t at)
{
    return at < scan->source.size ? scan->source.data[at] : '\0';
}

/* Where `word` is next found, or the source's end. */
static size_t find(const struct scan *scan, size_t from, struct bytes word)
{
    const struct bytes *source = &scan->source;
    while (source->size - from >= word.size) {
        const char *start = source->data + from;
        const char *found = memchr(start, word.data[0], source->size - from - word.size + 1);
        if (!found)
            break;
        if (memcmp(found, word.data, word.size) == 0)
            return (size_t)(found - source->data);
        from = (size_t)(found - source->data) + 1;
    }
    return source->size;
}

/* The equals signs of the long bracket that opens at `at`; -1: none does. */
static ptrdiff_t level_of(const struct scan *scan, size_t at)
{
    size_t end = at + 1;
    while (byte_at(scan, end) == '=')
        end++;
    if (byte_at(scan, at) != '[' || byte_at(scan, end) != '[')
        return -1;
    return (ptrdiff_t)(end - at - 1);
}

static void skip_short_string(struct scan *scan)
{
    char quote = scan->source.data[scan->at++];
    while (scan->at < scan->source.size) {
        char byte = scan->source.data[scan->at++];
        if (byte == '\\')
            scan->at++;
        else if (byte == quote || byte == '\n' || byte == '\r')
            return;
    }
}

static size_t longest_run_of_equals(struct bytes text)
{
    size_t longest = 0;
    size_t run = 0;
    for (size_t i = 0; i < text.size; i++) {
        run = text.data[i] == '=' ? run + 1 : 0;
        if (run > longest)
            longest = run;
    }
    return longest;
}

static void append_bracket(struct buffer *out, char bracket, size_t level)
{
    buffer_append_byte(out, bracket);
    memset(buffer_reserve(out, level), '=', level);
    out->size += level;
    buffer_append_byte(out, bracket);
}

/* [[ opens at the place. */
static void unnest(struct scan *scan)
{
    size_t start = scan->at + 2;
    size_t end = find(scan, start, BYTES_LITERAL("]]"));
    bool is_closed = end < scan->source.size;
    struct bytes content = bytes_of(scan->source.data + start, end - start);
    if (find(scan, start, BYTES_LITERAL("[[")) < end) {
        size_t level = longest_run_of_equals(content) + 1;
        buffer_append(scan->out, scan->source.data + scan->copied, scan->at - scan->copied);
        append_bracket(scan->out, '[', level);
        buffer_append_bytes(scan->out, content);
        if (is_closed)
            append_bracket(scan->out, ']', level);
        scan->copied = is_closed ? end + 2 : end;
    }
    scan->at = is_closed ? end + 2 : end;
}

static void skip_long(struct scan *scan, size_t level)
{
    struct buffer closing = {0};
    append_bracket(&closing, ']', level);
    scan->at = find(scan, scan->at + level + 2, buffer_bytes(&closing));
    if (scan->at < scan->source.size)
        scan->at += closing.size;
    buffer_clear(&closing);
}

/* True: a long bracket opened at the place, and was passed. */
static bool pass_long(struct scan *scan)
{
    ptrdiff_t level = level_of(scan, scan->at);
    if (level == 0)
        unnest(scan);
    else if (level > 0)
        skip_long(scan, (size_t)level);
    return level >= 0;
}

static void skip_comment(struct scan *scan)
{
    scan->at += 2;
    if (pass_long(scan))
        return;
    while (scan->at < scan->source.size && byte_at(scan, scan->at) != '\n' &&
           byte_at(scan, scan->at) != '\r')
        scan->at++;
}

static bool has_two_openings(struct bytes source)
{
    struct scan scan = {.source = source};
    size_t first = source.size ? find(&scan, 0, BYTES_LITERAL("[[")) : 0;
    return first < source.size && find(&scan, first + 1, BYTES_LITERAL("[[")) < source.size;
}

bool long_brackets_unnest(struct bytes source, struct buffer *out)
{
    if (!has_two_openings(source))
        return false;
    struct scan scan = {.source = source, .out = out};
    while (scan.at < source.size) {
        char byte = source.data[scan.at];
        if (byte == '"' || byte == '\'')
            skip_short_string(&scan);
        else if (byte == '-' && byte_at(&scan, scan.at + 1) == '-')
            skip_comment(&scan);
        else if (byte != '[' || !pass_long(&scan))
            scan.at++;
    }
    if (scan.copied == 0)
        return false;
    buffer_append(out, source.data + scan.copied, source.size - scan.copied);
    return true;
}
