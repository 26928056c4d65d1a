/* SPDX-License-Identifier: MIT */
/*
 * Any input gives the same requests however it is cut: all at once, byte by byte, and in pieces
 * whose sizes the input itself chooses. Arguments lie within the input or in `unquoted`.
 *
 * The first byte chooses the limits, the second seeds the sizes of the pieces.
 */
#include "resp/request_parser.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_within(struct bytes part, const char *begin, size_t size)
{
    return part.data >= begin && part.data <= begin + size &&
           part.size <= (size_t)(begin + size - part.data);
}

static void append_request(struct buffer *out, const struct request *request, struct bytes input)
{
    CHECK(request->consumed > 0 && request->consumed <= input.size);
    CHECK(request->argc >= 0 && request->argc <= request->capacity);
    buffer_append(out, &request->argc, sizeof request->argc);
    buffer_append(out, &request->consumed, sizeof request->consumed);
    for (int i = 0; i < request->argc; i++) {
        struct bytes argument = request->argv[i];
        bool is_unquoted = request->unquoted.data &&
                           lies_within(argument, request->unquoted.data, request->unquoted.size);
        CHECK(is_unquoted || lies_within(argument, input.data, request->consumed));
        buffer_append(out, &argument.size, sizeof argument.size);
        buffer_append_bytes(out, argument);
    }
}

static size_t next_step(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 24) % 40 + 1;
}

/* What becomes of the text, in a form that can be compared. `seed` 0: all at once; 1: byte by byte;
 * else by pieces. Each attempt sees the bytes at a new address, with nothing behind them. */
static void parse_all(struct buffer *out, struct bytes text, const struct request_limits *limits,
                      uint32_t seed)
{
    struct request request = {0};
    size_t begin = 0;
    size_t end = seed == 0 ? text.size : 0;
    for (;;) {
        char *copy = memory_copy(text.data + begin, end - begin);
        struct bytes input = bytes_of(copy, end - begin);
        enum request_status status = request_parse(input, limits, &request);
        if (status == REQUEST_COMPLETE) {
            append_request(out, &request, input);
            begin += request.consumed;
        }
        memory_free(copy);
        if (status == REQUEST_COMPLETE)
            continue;
        if (status == REQUEST_INVALID) {
            CHECK(strlen(request.error) < sizeof request.error);
            buffer_append_string(out, request.error);
            break;
        }
        CHECK(request.needed > end - begin);
        if (end == text.size)
            break;
        end += seed == 1 ? 1 : next_step(&seed);
        if (end > text.size)
            end = text.size;
    }
    buffer_append(out, &begin, sizeof begin);
    request_clear(&request);
}

static void split_line(struct bytes line)
{
    struct request request = {0};
    if (request_split_line(line, &request))
        for (int i = 0; i < request.argc; i++) {
            struct bytes argument = request.argv[i];
            CHECK(lies_within(argument, line.data, line.size) ||
                  lies_within(argument, request.unquoted.data, request.unquoted.size));
        }
    request_clear(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct request_limits limits = {
        .bulk_size = data[0] & 1 ? 100 : INT64_MAX,
        .inline_size = data[0] & 2 ? 20 : 65536,
        .is_authenticated = data[0] & 4,
    };
    struct bytes text = bytes_of((const char *)data + 2, size - 2);
    struct buffer whole = {0}, bytewise = {0}, piecewise = {0};
    parse_all(&whole, text, &limits, 0);
    parse_all(&bytewise, text, &limits, 1);
    parse_all(&piecewise, text, &limits, data[1] + 2u);
    CHECK(bytes_equal(buffer_bytes(&whole), buffer_bytes(&bytewise)));
    CHECK(bytes_equal(buffer_bytes(&whole), buffer_bytes(&piecewise)));
    buffer_clear(&whole);
    buffer_clear(&bytewise);
    buffer_clear(&piecewise);
    split_line(text);
    return 0;
}
