/* SPDX-License-Identifier: MIT */
/* What Redis reads as a number here is what strtoull does, where it is not a plain integer: "+5",
 * "007" and " 7" are good ids. */
#include "commands/stream_ids.h"

#include "base/memory.h"
#include "base/number.h"
#include "reply/errors.h"

#define TEXT_LIMIT 127 /* bytes of an id's text */

static bool is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool read_loose_number(struct bytes text, uint64_t *number)
{
    size_t at = 0;
    while (at < text.size && is_blank(text.data[at]))
        at++;
    bool is_negative = at < text.size && text.data[at] == '-';
    at += is_negative || (at < text.size && text.data[at] == '+');
    if (at == text.size)
        return false;
    *number = 0;
    for (; at < text.size; at++) {
        unsigned digit = (unsigned char)text.data[at] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, digit, number))
            return false;
    }
    if (is_negative)
        *number = 0 - *number;
    return true;
}

static bool read_number(struct bytes text, uint64_t *number)
{
    int64_t integer;
    if (!number_parse_integer(text, &integer))
        return read_loose_number(text, number);
    *number = (uint64_t)integer;
    return integer >= 0;
}

/* `has_sequence` is NULL where the server is not to choose one. */
static bool read_id(struct bytes text, uint64_t missing_sequence, struct stream_id *id,
                    bool *has_sequence)
{
    if (text.size > TEXT_LIMIT)
        return false;
    text.size = text.size ? strnlen(text.data, text.size) : 0;
    const char *dash = text.size ? memchr(text.data, '-', text.size) : NULL;
    struct bytes ms = text;
    if (dash)
        ms.size = (size_t)(dash - text.data);
    if (!read_number(ms, &id->ms))
        return false;
    id->sequence = missing_sequence;
    if (!dash)
        return true;
    struct bytes sequence = bytes_of(dash + 1, text.size - ms.size - 1);
    if (has_sequence && bytes_equal_string(sequence, "*")) {
        *has_sequence = false;
        id->sequence = 0;
        return true;
    }
    return read_number(sequence, &id->sequence);
}

/* "-" or "+". */
static bool read_end(struct bytes text, struct stream_id *id)
{
    bool is_lowest = bytes_equal_string(text, "-");
    if (!is_lowest && !bytes_equal_string(text, "+"))
        return false;
    *id = is_lowest ? STREAM_ID_LOWEST : STREAM_ID_HIGHEST;
    return true;
}

static bool refuse(struct call *call)
{
    reply_error(call->reply, ERROR_STREAM_ID);
    return false;
}

bool stream_ids_read(struct bytes text, struct stream_id *id)
{
    return read_id(text, 0, id, NULL);
}

bool stream_ids_parse(struct call *call, int index, struct stream_id *id)
{
    return stream_ids_read(call->argv[index], id) || refuse(call);
}

bool stream_ids_parse_loosely(struct call *call, int index, struct stream_id *id)
{
    return read_end(call->argv[index], id) || stream_ids_parse(call, index, id);
}

bool stream_ids_parse_new(struct call *call, int index, struct stream_id *id, bool *has_sequence)
{
    *has_sequence = true;
    bool may_lack = call_emulates(call, 7, 0);
    return read_id(call->argv[index], 0, id, may_lack ? has_sequence : NULL) || refuse(call);
}

struct stream_id *stream_ids_parse_rest(struct call *call, int first)
{
    struct stream_id *ids = memory_allocate((size_t)(call->argc - first) * sizeof *ids);
    for (int i = first; i < call->argc; i++) {
        if (!stream_ids_parse(call, i, &ids[i - first])) {
            memory_free(ids);
            return NULL;
        }
    }
    return ids;
}

/* True: `*is_exclusive` says whether the end itself is left out. */
static bool parse_bound(struct call *call, int index, uint64_t missing_sequence,
                        struct stream_id *id, bool *is_exclusive)
{
    struct bytes text = call->argv[index];
    *is_exclusive = text.size > 1 && text.data[0] == '(';
    if (*is_exclusive)
        text = bytes_of(text.data + 1, text.size - 1);
    else if (read_end(text, id))
        return true;
    return read_id(text, missing_sequence, id, NULL) || refuse(call);
}

bool stream_ids_parse_start(struct call *call, int index, struct stream_id *start)
{
    bool is_exclusive;
    if (!parse_bound(call, index, 0, start, &is_exclusive))
        return false;
    if (!is_exclusive || stream_id_increment(start))
        return true;
    reply_error(call->reply, ERROR_STREAM_START);
    return false;
}

bool stream_ids_parse_end(struct call *call, int index, struct stream_id *end)
{
    bool is_exclusive;
    if (!parse_bound(call, index, UINT64_MAX, end, &is_exclusive))
        return false;
    if (!is_exclusive || stream_id_decrement(end))
        return true;
    reply_error(call->reply, ERROR_STREAM_END);
    return false;
}
