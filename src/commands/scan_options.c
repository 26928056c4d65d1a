/* SPDX-License-Identifier: MIT */
#include "commands/scan_options.h"

#include <string.h>

#include "base/glob.h"
#include "base/number.h"
#include "reply/errors.h"

/* Before 7.2 a cursor is what strtoul takes, which is more than digits: "", "+1" and "-1" too, and
 * nothing after a NUL. */
static bool parse_loosely(struct bytes text, uint64_t *cursor)
{
    const char *nul = text.size ? memchr(text.data, '\0', text.size) : NULL;
    if (nul)
        text.size = (size_t)(nul - text.data);
    if (text.size == 0) {
        *cursor = 0;
        return true;
    }
    bool is_negative = text.data[0] == '-';
    size_t start = is_negative || text.data[0] == '+' ? 1 : 0;
    while (start + 1 < text.size && text.data[start] == '0')
        start++;
    if (!number_parse_unsigned(bytes_of(text.data + start, text.size - start), cursor))
        return false;
    if (is_negative)
        *cursor = 0 - *cursor;
    return true;
}

bool scan_parse_cursor(struct call *call, int index, struct scan_options *scan)
{
    *scan = (struct scan_options){.count = 10};
    struct bytes text = call->argv[index];
    bool is_strict = call_emulates(call, 7, 2);
    if (is_strict ? number_parse_unsigned(text, &scan->cursor) : parse_loosely(text, &scan->cursor))
        return true;
    reply_error(call->reply, ERROR_CURSOR);
    return false;
}

static bool is_called(const struct call *call, const char *name)
{
    return bytes_equal_string(bytes_of_string(call->command->name), name);
}

bool scan_parse_options(struct call *call, int index, struct scan_options *scan)
{
    while (index < call->argc) {
        bool has_value = index + 1 < call->argc;
        if (has_value && call_is(call, index, "COUNT")) {
            if (!call_integer(call, index + 1, &scan->count, NULL))
                return false;
            if (scan->count < 1) {
                call_syntax_error(call);
                return false;
            }
            index += 2;
        } else if (has_value && call_is(call, index, "MATCH")) {
            struct bytes pattern = call->argv[index + 1];
            bool takes_all = bytes_equal_string(pattern, "*");
            scan->pattern = takes_all ? bytes_of(NULL, 0) : pattern;
            index += 2;
        } else if (has_value && call_is(call, index, "TYPE") && is_called(call, "SCAN")) {
            scan->type = call->argv[index + 1];
            index += 2;
        } else if (call_is(call, index, "NOVALUES") && call_emulates(call, 7, 4) &&
                   is_called(call, "HSCAN")) {
            scan->without_values = true;
            index++;
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

bool scan_matches(const struct scan_options *scan, struct bytes name)
{
    return !scan->pattern.data || glob_matches(scan->pattern, name);
}

int64_t scan_step_limit(const struct scan_options *scan)
{
    return scan->count < INT64_MAX / 10 ? scan->count * 10 : INT64_MAX;
}

void scan_open_reply(struct call *call, uint64_t cursor, size_t count)
{
    char digits[NUMBER_INTEGER_SIZE];
    reply_open(call->reply, REPLY_ARRAY, 2);
    reply_bulk(call->reply, bytes_of(digits, number_format_unsigned(digits, cursor)));
    reply_open(call->reply, REPLY_ARRAY, count);
}

void scan_reply_empty(struct call *call)
{
    scan_open_reply(call, 0, 0);
    reply_close(call->reply);
    reply_close(call->reply);
}
