/* SPDX-License-Identifier: MIT */
/* The elements of a sorted set by chance or step by step: ZRANDMEMBER, ZSCAN. */
#include "base/buffer.h"
#include "commands/scan_options.h"
#include "commands/sorted_set_limits.h"
#include "engine/call.h"
#include "reply/errors.h"

struct element_reply {
    struct reply *reply;
    bool has_scores;
};

static void reply_element(const struct sorted_set_element *element, void *context)
{
    const struct element_reply *to = context;
    reply_bulk(to->reply, element->member);
    if (to->has_scores)
        reply_real(to->reply, element->score);
}

/* `count` elements that may repeat, for a negative count. */
static void reply_any(struct call *call, const struct value *set, uint64_t count,
                      struct element_reply *to)
{
    struct sorted_set_element element;
    for (uint64_t i = 0; i < count; i++) {
        sorted_set_random(set, call->db->keyspace->random, &element);
        reply_element(&element, to);
    }
}

/* Redis lists a whole set downwards. */
static void reply_all(const struct value *set, struct element_reply *to)
{
    struct sorted_set_element element;
    struct sorted_set_range range = sorted_set_range_open(set, sorted_set_count(set) - 1, true);
    while (sorted_set_range_next(&range, &element))
        reply_element(&element, to);
}

static void reply_several(struct call *call, const struct value *set, int64_t count,
                          struct element_reply *to)
{
    size_t available = sorted_set_count(set);
    uint64_t size = count < 0 ? (uint64_t)-count : (uint64_t)count;
    if (count >= 0 && size > available)
        size = available;
    reply_open(call->reply, to->has_scores ? REPLY_PAIRS : REPLY_ARRAY, size);
    if (count < 0)
        reply_any(call, set, size, to);
    else if (size == available)
        reply_all(set, to);
    else
        sorted_set_sample(set, call->db->keyspace->random, size, reply_element, to);
    reply_close(call->reply);
}

static void reply_one(struct call *call)
{
    struct entry *entry;
    if (!call_find(call, call->argv[1], VALUE_SORTED_SET, ACCESS_READ, &entry))
        return;
    if (!entry) {
        reply_null(call->reply);
        return;
    }
    struct sorted_set_element element;
    sorted_set_random(entry_value(entry), call->db->keyspace->random, &element);
    reply_bulk(call->reply, element.member);
}

static void sorted_set_scan_zrandmember(struct call *call)
{
    struct entry *entry;
    int64_t count;
    if (call->argc == 2) {
        reply_one(call);
        return;
    }
    if (!call_integer(call, 2, &count, NULL))
        return;
    if (count == INT64_MIN) {
        reply_error(call->reply, ERROR_OUT_OF_LONG_RANGE);
        return;
    }
    if (call->argc > 4 || (call->argc == 4 && !call_is(call, 3, "WITHSCORES"))) {
        call_syntax_error(call);
        return;
    }
    struct element_reply to = {.reply = call->reply, .has_scores = call->argc == 4};
    if (to.has_scores && (count < -INT64_MAX / 2 || count > INT64_MAX / 2)) {
        reply_error(call->reply, ERROR_OUT_OF_RANGE);
        return;
    }
    if (!call_find(call, call->argv[1], VALUE_SORTED_SET, ACCESS_READ, &entry))
        return;
    if (!entry || count == 0)
        reply_empty(call->reply, REPLY_ARRAY);
    else
        reply_several(call, entry_value(entry), count, &to);
}

/* --- ZSCAN --- */

struct found {
    struct bytes member; /* of the set */
    double score;
};

struct scanned {
    const struct scan_options *options;
    int64_t visited;
    struct buffer found; /* of struct found */
};

static void collect(const struct sorted_set_element *element, void *context)
{
    struct scanned *scanned = context;
    scanned->visited++;
    struct found found = {.member = element->member, .score = element->score};
    if (scan_matches(scanned->options, element->member))
        buffer_append(&scanned->found, &found, sizeof found);
}

static void scan_index(struct call *call, const struct value *set,
                       const struct scan_options *options)
{
    struct scanned scanned = {.options = options};
    int64_t steps = scan_step_limit(options);
    uint64_t cursor = options->cursor;
    do {
        cursor = sorted_set_scan(set, cursor, collect, &scanned);
    } while (cursor && --steps > 0 && scanned.visited < options->count);

    size_t count = scanned.found.size / sizeof(struct found);
    scan_open_reply(call, cursor, count * 2);
    for (size_t i = 0; i < count; i++) {
        struct found found;
        memcpy(&found, scanned.found.data + i * sizeof found, sizeof found);
        reply_bulk(call->reply, found.member);
        /* In 17 digits, whatever the version. */
        char text[NUMBER_DOUBLE_SIZE];
        size_t size = number_format_double(text, found.score, NUMBER_DOUBLE_17);
        reply_bulk(call->reply, bytes_of(text, size));
    }
    reply_close(call->reply);
    reply_close(call->reply);
    buffer_clear(&scanned.found);
}

/* A packed set is answered whole, whatever COUNT says, its scores as the pack has them. */
static void scan_packed(struct call *call, const struct value *set,
                        const struct scan_options *options)
{
    struct sorted_set_limits limits = sorted_set_limits_of(call);
    struct sorted_set_element element;
    struct sorted_set_range range = sorted_set_range_open(set, 0, false);
    scan_open_reply(call, 0, REPLY_UNSIZED);
    while (sorted_set_range_next(&range, &element)) {
        if (!scan_matches(options, element.member))
            continue;
        char text[NUMBER_DOUBLE_SIZE];
        size_t size = sorted_set_format_packed(text, element.score, limits.style);
        reply_bulk(call->reply, element.member);
        reply_bulk(call->reply, bytes_of(text, size));
    }
    reply_close(call->reply);
    reply_close(call->reply);
}

static void sorted_set_scan_zscan(struct call *call)
{
    struct scan_options options;
    struct entry *entry;
    if (!scan_parse_cursor(call, 2, &options) ||
        !call_find(call, call->argv[1], VALUE_SORTED_SET, ACCESS_READ, &entry))
        return;
    if (!entry)
        scan_reply_empty(call);
    else if (!scan_parse_options(call, 3, &options))
        return;
    else if (entry_value(entry)->encoding == ENCODING_SKIPLIST)
        scan_index(call, entry_value(entry), &options);
    else
        scan_packed(call, entry_value(entry), &options);
}

static const struct command_argument zrandmember_arguments_options[] = {
    {.name = "count", .type = ARGUMENT_INTEGER},
    {.name = "withscores",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "WITHSCORES",
     .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument zrandmember_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "options",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = zrandmember_arguments_options},
    {0},
};

static const struct command_argument zscan_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "cursor", .type = ARGUMENT_INTEGER},
    {.name = "pattern", .type = ARGUMENT_PATTERN, .token = "MATCH", .flags = ARGUMENT_OPTIONAL},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {0},
};

const struct command sorted_set_scan_commands[] = {
    {.name = "ZRANDMEMBER",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SORTED_SET,
     .since = "6.2.0",
     .group = "sorted-set",
     .summary = "Answers elements of a sorted set chosen by chance.",
     .complexity = "O(N) for N elements asked for",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = zrandmember_arguments,
     .run = sorted_set_scan_zrandmember},
    {.name = "ZSCAN",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SORTED_SET,
     .since = "2.8.0",
     .group = "sorted-set",
     .summary = "Walks the elements of a sorted set in steps.",
     .complexity = "O(1) a call, O(N) for a whole walk over N elements",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = zscan_arguments,
     .run = sorted_set_scan_zscan},
    {0},
};
