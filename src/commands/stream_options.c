/* SPDX-License-Identifier: MIT */
#include "commands/stream_options.h"

#include "commands/stream_ids.h"
#include "engine/session.h"
#include "reply/errors.h"

/* Without LIMIT an approximate trim takes so many blocks, or entries, at a time. */
#define DEFAULT_LIMIT_BLOCKS  100
#define DEFAULT_LIMIT_ENTRIES 10000
#define HIGHEST_DEFAULT_LIMIT 1000000

static bool refuse(struct call *call, const char *error)
{
    reply_error(call->reply, error);
    return false;
}

/* MAXLEN or MINID at argv[*index], with what follows; `*index` comes to stand at the last of it. */
static bool parse_strategy(struct call *call, int *index, struct stream_trim *trim)
{
    bool is_length = call_is(call, *index, "MAXLEN");
    if (trim->strategy != STREAM_TRIM_NONE)
        return refuse(call, ERROR_TRIM_STRATEGIES);
    struct bytes sign = call->argv[*index + 1];
    bool has_operand = *index + 2 < call->argc;
    trim->is_approximate = has_operand && bytes_equal_string(sign, "~");
    if (trim->is_approximate || (has_operand && bytes_equal_string(sign, "=")))
        ++*index;
    ++*index;
    if (is_length) {
        int64_t length;
        if (!call_integer(call, *index, &length, NULL))
            return false;
        if (length < 0)
            return refuse(call, ERROR_TRIM_MAXLEN);
        trim->length = (uint64_t)length;
    } else if (!stream_ids_parse(call, *index, &trim->lowest)) {
        return false;
    }
    trim->strategy = is_length ? STREAM_TRIM_LENGTH : STREAM_TRIM_ID;
    return true;
}

static bool parse_limit(struct call *call, int index, struct stream_trim *trim)
{
    int64_t limit;
    if (!call_integer(call, index, &limit, NULL))
        return false;
    if (limit < 0)
        return refuse(call, ERROR_TRIM_LIMIT);
    trim->limit = (uint64_t)limit;
    return true;
}

static uint64_t default_limit(const struct call *call)
{
    int64_t limit;
    int64_t entries = call_config(call, CONFIG_STREAM_NODE_MAX_ENTRIES);
    if (__builtin_mul_overflow(entries, DEFAULT_LIMIT_BLOCKS, &limit) || limit <= 0)
        return entries > 0 ? HIGHEST_DEFAULT_LIMIT : DEFAULT_LIMIT_ENTRIES;
    return (uint64_t)(limit < HIGHEST_DEFAULT_LIMIT ? limit : HIGHEST_DEFAULT_LIMIT);
}

/* Whether the options go together. */
static bool check_options(struct call *call, bool is_add, bool has_limit, struct stream_trim *trim)
{
    if (trim->limit && trim->strategy == STREAM_TRIM_NONE)
        return refuse(call, ERROR_TRIM_LIMIT_ALONE);
    if (!is_add && trim->strategy == STREAM_TRIM_NONE)
        return refuse(call, ERROR_XTRIM_STRATEGY);
    /* In an append-only file, as Redis writes it, the limit still stands where "~" became "=". */
    if (call->session->flags & SESSION_LOADS)
        trim->limit = 0;
    else if (has_limit && !trim->is_approximate)
        return refuse(call, ERROR_TRIM_LIMIT_EXACT);
    else if (!has_limit && trim->is_approximate)
        trim->limit = default_limit(call);
    return true;
}

bool stream_options_parse(struct call *call, bool is_add, struct stream_options *options)
{
    *options = (struct stream_options){.has_sequence = true};
    bool has_limit = false;
    int i = 2;
    for (; i < call->argc; i++) {
        bool has_more = i + 1 < call->argc;
        if (is_add && bytes_equal_string(call->argv[i], "*"))
            break;
        if (has_more && (call_is(call, i, "MAXLEN") || call_is(call, i, "MINID"))) {
            if (!parse_strategy(call, &i, &options->trim))
                return false;
            options->trim_index = i;
        } else if (has_more && call_is(call, i, "LIMIT")) {
            if (!parse_limit(call, ++i, &options->trim))
                return false;
            has_limit = true;
        } else if (is_add && call_is(call, i, "NOMKSTREAM")) {
            options->needs_stream = true;
        } else if (is_add) {
            if (!stream_ids_parse_new(call, i, &options->id, &options->has_sequence))
                return false;
            options->has_id = true;
            break;
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    options->next = i + 1;
    return check_options(call, is_add, has_limit, &options->trim);
}
