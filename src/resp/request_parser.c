/* SPDX-License-Identifier: MIT */
/*
 * While a request is partial, argv[0 .. resume_argc) hold offsets into the input in the place of
 * pointers, since the input may move before the next call; on COMPLETE they are turned back. A
 * request that is parsed in one call never pays for this.
 */
#include "resp/request_parser.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

#define UNAUTHENTICATED_ARGUMENTS 10
#define UNAUTHENTICATED_BULK_SIZE 16384
#define FIRST_CAPACITY            8
#define LONGEST_SHORT             99   /* bytes of an argument whose size has two digits */
#define TRUSTED_COUNT             1024 /* room made at once for an announced count */

static enum request_status invalid(struct request *request, const char *error)
{
    snprintf(request->error, sizeof request->error, "Protocol error: %s", error);
    request_abandon(request);
    return REQUEST_INVALID;
}

static enum request_status complete(struct request *request, int argc, size_t consumed)
{
    request->argc = argc;
    request->consumed = consumed;
    request_abandon(request);
    return REQUEST_COMPLETE;
}

static void reserve_arguments(struct request *request, int64_t count)
{
    if (count <= request->capacity)
        return;
    request->argv = memory_resize(request->argv, (size_t)count * sizeof *request->argv);
    request->capacity = (int)count;
}

static void grow_arguments(struct request *request)
{
    int64_t capacity = request->capacity;
    capacity = capacity ? capacity * 2 : FIRST_CAPACITY;
    reserve_arguments(request, capacity < INT_MAX ? capacity : INT_MAX);
}

static void pointers_to_offsets(struct request *request, int from, int to, const char *begin)
{
    for (int i = from; i < to; i++) {
        struct bytes *argument = &request->argv[i];
        argument->data = (const char *)(uintptr_t)(argument->data - begin);
    }
}

static void offsets_to_pointers(struct request *request, int to, const char *begin)
{
    for (int i = 0; i < to; i++) {
        struct bytes *argument = &request->argv[i];
        argument->data = begin + (uintptr_t)argument->data;
    }
}

enum line_status { LINE_WHOLE, LINE_PARTIAL, LINE_TOO_LONG, LINE_NOT_A_NUMBER };

/* Any line at all, in Redis's way: it ends at the first CR, whatever byte stands in LF's place, and
 * a NUL hides the CR behind it. */
static enum line_status read_odd_line(const char *p, const char *end, size_t limit, int64_t *value,
                                      const char **after)
{
    size_t size = (size_t)(end - p);
    size_t window = size > limit ? limit + 1 : size;
    size_t i = 0;
    while (i < window && p[i] != '\r' && p[i] != '\0')
        i++;
    if (i == window || p[i] == '\0')
        return size > limit ? LINE_TOO_LONG : LINE_PARTIAL;
    if (i + 1 == size)
        return LINE_PARTIAL;
    *after = p + i + 2;
    if (i == 0 || !number_parse_integer(bytes_of(p + 1, i - 1), value))
        return LINE_NOT_A_NUMBER;
    return LINE_WHOLE;
}

/* The line at `p`, at least one byte, is a type byte and a number. `after` is set unless the line
 * is partial or too long. */
static enum line_status read_line(char type, const char *p, const char *end, size_t limit,
                                  int64_t *value, const char **after)
{
    const char *q = p + 1;
    const char *stop = end - q > 18 ? q + 18 : end;
    int64_t number = 0;
    for (; q < stop; q++) {
        unsigned digit = (unsigned)(unsigned char)*q - '0';
        if (digit > 9)
            break;
        number = number * 10 + (int64_t)digit;
    }
    bool has_digits = q > p + 1 && (p[1] != '0' || q == p + 2);
    if (*p != type || !has_digits || end - q < 2 || *q != '\r')
        return read_odd_line(p, end, limit, value, after);
    *value = number;
    *after = q + 2;
    return LINE_WHOLE;
}

/* The line at `p` if it is a type byte and one or two digits, as most are, all within the input:
 * the number, and what follows the line in `after`. Otherwise -1. */
static inline int read_short_line(char type, const char *p, const char *end, const char **after)
{
    if (end - p < 5 || *p != type)
        return -1;
    unsigned first = (unsigned)(unsigned char)p[1] - '0';
    unsigned second = (unsigned)(unsigned char)p[2] - '0';
    if (first <= 9 && p[2] == '\r') {
        *after = p + 4;
        return (int)first;
    }
    if (first - 1 > 8 || second > 9 || p[3] != '\r')
        return -1;
    *after = p + 5;
    return (int)(first * 10 + second);
}

/* The "*3\r\n" line. A count of 0 or less is an empty request: PARTIAL is returned only when the
 * line is, COMPLETE when there is nothing more to read. */
static enum request_status read_count(struct bytes input, const struct request_limits *limits,
                                      struct request *request)
{
    const char *after;
    int64_t count;
    switch (
        read_line('*', input.data, input.data + input.size, limits->inline_size, &count, &after)) {
    case LINE_PARTIAL:
        return REQUEST_PARTIAL;
    case LINE_TOO_LONG:
        return invalid(request, "too big mbulk count string");
    case LINE_NOT_A_NUMBER:
        return invalid(request, "invalid multibulk length");
    case LINE_WHOLE:
        break;
    }
    if (count > INT_MAX)
        return invalid(request, "invalid multibulk length");
    if (count > UNAUTHENTICATED_ARGUMENTS && !limits->is_authenticated)
        return invalid(request, "unauthenticated multibulk length");
    if (count <= 0)
        return complete(request, 0, (size_t)(after - input.data));
    request->resume_offset = (size_t)(after - input.data);
    request->resume_argc = 0;
    request->resume_left = count;
    reserve_arguments(request, count < TRUSTED_COUNT ? count : TRUSTED_COUNT);
    return REQUEST_PARTIAL;
}

static enum request_status invalid_type(struct request *request, char type)
{
    char text[32];
    /* The error is a line of its own. */
    if (type == '\r' || type == '\n')
        type = ' ';
    snprintf(text, sizeof text, "expected '$', got '%c'", type);
    return invalid(request, text);
}

/* A request of few and short arguments that is whole, as most are: the bytes it takes, and argv is
 * filled. 0: it is none, and nothing has happened. */
static size_t parse_small(struct bytes input, const struct request_limits *limits,
                          struct request *request)
{
    const char *end = input.data + input.size;
    const char *p;
    int count = read_short_line('*', input.data, end, &p);
    if (count < 1 || count > FIRST_CAPACITY || limits->bulk_size < LONGEST_SHORT)
        return 0;
    reserve_arguments(request, FIRST_CAPACITY);
    for (int i = 0; i < count; i++) {
        const char *text;
        int size = read_short_line('$', p, end, &text);
        /* Like Redis, the two bytes after a bulk are taken unseen. */
        if (size < 0 || end - text < size + 2)
            return 0;
        request->argv[i] = bytes_of(text, (size_t)size);
        p = text + size + 2;
    }
    request->argc = count;
    return (size_t)(p - input.data);
}

/* The "$3\r\n" line at `p`, of any length; COMPLETE: it is right. */
static enum request_status read_bulk_size(const char *p, const char *end,
                                          const struct request_limits *limits,
                                          struct request *request, int64_t *size,
                                          const char **after)
{
    if (p == end)
        return REQUEST_PARTIAL;
    enum line_status line = read_line('$', p, end, limits->inline_size, size, after);
    if (line == LINE_PARTIAL)
        return REQUEST_PARTIAL;
    if (line == LINE_TOO_LONG)
        return invalid(request, "too big bulk count string");
    if (*p != '$')
        return invalid_type(request, *p);
    if (line == LINE_NOT_A_NUMBER || *size < 0 || *size > limits->bulk_size)
        return invalid(request, "invalid bulk length");
    if (*size > UNAUTHENTICATED_BULK_SIZE && !limits->is_authenticated)
        return invalid(request, "unauthenticated bulk length");
    return REQUEST_COMPLETE;
}

static enum request_status parse_array(struct bytes input, const struct request_limits *limits,
                                       struct request *request)
{
    if (request->resume_offset == 0 && (request->consumed = parse_small(input, limits, request)))
        return REQUEST_COMPLETE;
    if (request->resume_offset == 0) {
        enum request_status status = read_count(input, limits, request);
        if (request->resume_offset == 0)
            return status;
    }
    const char *begin = input.data;
    const char *end = begin + input.size;
    const char *p = begin + request->resume_offset;
    int64_t left = request->resume_left;
    int argc = request->resume_argc;

    for (; left > 0; left--) {
        const char *after;
        int64_t size;
        enum request_status status = read_bulk_size(p, end, limits, request, &size, &after);
        if (status == REQUEST_INVALID)
            return status;
        if (status == REQUEST_PARTIAL)
            break;
        /* Like Redis, the two bytes after a bulk are taken unseen. */
        if ((uint64_t)(end - after) < (uint64_t)size + 2) {
            request->needed = (size_t)(after - begin) + (size_t)size + 2;
            break;
        }
        if (argc == request->capacity)
            grow_arguments(request);
        request->argv[argc++] = bytes_of(after, (size_t)size);
        p = after + size + 2;
    }

    if (left > 0) {
        pointers_to_offsets(request, request->resume_argc, argc, begin);
        request->resume_offset = (size_t)(p - begin);
        request->resume_argc = argc;
        request->resume_left = left;
        return REQUEST_PARTIAL;
    }
    offsets_to_pointers(request, request->resume_argc, begin);
    return complete(request, argc, (size_t)(p - begin));
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Blanks between arguments include \v and \f, but those do not end a bare word. */
static bool ends_word(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static char escaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'b':
        return '\b';
    case 'a':
        return '\a';
    default:
        return c;
    }
}

/* One unit of the text between quotes: writes its byte, returns what follows. */
static const char *unquote_one(const char *p, const char *end, char quote, char *out)
{
    ptrdiff_t left = end - p;
    if (*p != '\\' || left < 2) {
        *out = *p;
        return p + 1;
    }
    if (quote == '\'') {
        bool is_quote = p[1] == '\'';
        *out = is_quote ? '\'' : '\\';
        return p + 1 + is_quote;
    }
    if (p[1] == 'x' && left >= 4 && hex_value(p[2]) >= 0 && hex_value(p[3]) >= 0) {
        *out = (char)(hex_value(p[2]) << 4 | hex_value(p[3]));
        return p + 4;
    }
    *out = escaped(p[1]);
    return p + 2;
}

/* A quoted string ends the argument; bare text may stand before it. `out` has room for the line. On
 * unbalanced quotes NULL, else what follows. */
static const char *unquote(const char *p, const char *end, char **out)
{
    char quote = *p++;
    while (p < end && *p != quote)
        p = unquote_one(p, end, quote, (*out)++);
    if (p == end)
        return NULL;
    p++;
    return p == end || is_blank(*p) ? p : NULL;
}

bool request_split_line(struct bytes line, struct request *request)
{
    request->argc = 0;
    request->unquoted.size = 0;
    if (line.size == 0)
        return true;
    const char *nul = memchr(line.data, '\0', line.size);
    const char *end = nul ? nul : line.data + line.size;
    const char *p = line.data;
    for (;;) {
        while (p < end && is_blank(*p))
            p++;
        if (p == end)
            return true;
        const char *word = p;
        while (p < end && !ends_word(*p) && *p != '"' && *p != '\'')
            p++;
        struct bytes argument = bytes_of(word, (size_t)(p - word));
        if (p < end && (*p == '"' || *p == '\'')) {
            /* Made large enough at the first use: what stands there already must not move. */
            if (request->unquoted.size == 0)
                buffer_reserve(&request->unquoted, line.size);
            char *start = request->unquoted.data + request->unquoted.size;
            memcpy(start, word, argument.size);
            char *out = start + argument.size;
            p = unquote(p, end, &out);
            if (!p)
                return false;
            argument = bytes_of(start, (size_t)(out - start));
            request->unquoted.size += argument.size;
        }
        if (request->argc == request->capacity)
            grow_arguments(request);
        request->argv[request->argc++] = argument;
    }
}

static enum request_status parse_inline(struct bytes input, const struct request_limits *limits,
                                        struct request *request)
{
    size_t limit = limits->inline_size;
    size_t window = input.size > limit ? limit + 1 : input.size;
    size_t i = request->resume_offset;
    while (i < window && input.data[i] != '\n' && input.data[i] != '\0')
        i++;
    if (i >= window || input.data[i] == '\0') {
        if (input.size > limit)
            return invalid(request, "too big inline request");
        request->resume_offset = i;
        return REQUEST_PARTIAL;
    }
    size_t size = i;
    if (size && input.data[size - 1] == '\r')
        size--;
    if (!request_split_line(bytes_of(input.data, size), request))
        return invalid(request, "unbalanced quotes in request");
    return complete(request, request->argc, i + 1);
}

enum request_status request_parse(struct bytes input, const struct request_limits *limits,
                                  struct request *request)
{
    request->needed = input.size + 1;
    if (input.size == 0)
        return REQUEST_PARTIAL;
    if (input.data[0] == '*')
        return parse_array(input, limits, request);
    return parse_inline(input, limits, request);
}

void request_abandon(struct request *request)
{
    request->resume_offset = 0;
    request->resume_argc = 0;
}

void request_clear(struct request *request)
{
    memory_free(request->argv);
    buffer_clear(&request->unquoted);
    *request = (struct request){0};
}
