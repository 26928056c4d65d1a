/* SPDX-License-Identifier: MIT */
/* The fields of a hash by chance or step by step: HRANDFIELD, HSCAN. */
#include "base/buffer.h"
#include "commands/scan_options.h"
#include "engine/call.h"
#include "reply/errors.h"
#include "values/hash.h"

struct pair_reply {
    struct reply *reply;
    bool has_values;
};

static void reply_pair(const struct hash_pair *pair, void *context)
{
    const struct pair_reply *to = context;
    reply_bulk(to->reply, pair->field);
    if (to->has_values)
        reply_bulk(to->reply, pair->value);
}

/* `count` fields that may repeat, for a negative count of HRANDFIELD. */
static void reply_any_fields(struct call *call, const struct value *hash, uint64_t count,
                             struct pair_reply *to)
{
    struct hash_pair pair;
    reply_open(call->reply, to->has_values ? REPLY_PAIRS : REPLY_ARRAY, count);
    for (uint64_t i = 0; i < count; i++) {
        hash_random(hash, call->db->keyspace->random, &pair);
        reply_pair(&pair, to);
    }
    reply_close(call->reply);
}

static void reply_different_fields(struct call *call, const struct value *hash, uint64_t count,
                                   struct pair_reply *to)
{
    size_t available = hash_count(hash);
    if (count > available)
        count = available;
    reply_open(call->reply, to->has_values ? REPLY_PAIRS : REPLY_ARRAY, count);
    hash_sample(hash, call->db->keyspace->random, count, reply_pair, to);
    reply_close(call->reply);
}

static void reply_one_field(struct call *call)
{
    struct entry *entry;
    if (!call_find(call, call->argv[1], VALUE_HASH, ACCESS_READ, &entry))
        return;
    if (!entry) {
        reply_null(call->reply);
        return;
    }
    struct hash_pair pair;
    hash_random(entry_value(entry), call->db->keyspace->random, &pair);
    reply_bulk(call->reply, pair.field);
}

static void hash_scan_hrandfield(struct call *call)
{
    if (call->argc == 2) {
        reply_one_field(call);
        return;
    }
    int64_t count;
    if (!call_integer(call, 2, &count, NULL))
        return;
    if (count == INT64_MIN) {
        reply_error(call->reply, ERROR_OUT_OF_LONG_RANGE);
        return;
    }
    if (call->argc > 4 || (call->argc == 4 && !call_is(call, 3, "WITHVALUES"))) {
        call_syntax_error(call);
        return;
    }
    struct pair_reply to = {.reply = call->reply, .has_values = call->argc == 4};
    if (to.has_values && (count < -INT64_MAX / 2 || count > INT64_MAX / 2)) {
        reply_error(call->reply, ERROR_OUT_OF_RANGE);
        return;
    }
    struct entry *entry;
    if (!call_find(call, call->argv[1], VALUE_HASH, ACCESS_READ, &entry))
        return;
    if (!entry || count == 0)
        reply_empty(call->reply, REPLY_ARRAY);
    else if (count < 0)
        reply_any_fields(call, entry_value(entry), (uint64_t)-count, &to);
    else
        reply_different_fields(call, entry_value(entry), (uint64_t)count, &to);
}

struct scanned {
    const struct scan_options *options;
    int64_t visited;
    struct buffer pairs; /* of struct bytes: fields, each with its value */
};

static void collect(const struct hash_pair *pair, void *context)
{
    struct scanned *scanned = context;
    scanned->visited++;
    if (!scan_matches(scanned->options, pair->field))
        return;
    buffer_append(&scanned->pairs, &pair->field, sizeof pair->field);
    if (!scanned->options->without_values)
        buffer_append(&scanned->pairs, &pair->value, sizeof pair->value);
}

/* A packed hash is answered whole, whatever COUNT says. */
static void scan_packed(struct call *call, const struct value *hash,
                        const struct scan_options *options)
{
    struct pair_reply to = {.reply = call->reply, .has_values = !options->without_values};
    struct hash_iterator iterator;
    struct hash_pair pair;
    scan_open_reply(call, 0, REPLY_UNSIZED);
    hash_iterator_begin(&iterator, hash);
    while (hash_iterator_next(&iterator, &pair))
        if (scan_matches(options, pair.field))
            reply_pair(&pair, &to);
    hash_iterator_end(&iterator);
    reply_close(call->reply);
    reply_close(call->reply);
}

static void scan_table(struct call *call, const struct value *hash,
                       const struct scan_options *options)
{
    struct scanned scanned = {.options = options};
    uint64_t cursor = options->cursor;
    int64_t steps = scan_step_limit(options);
    do {
        cursor = hash_scan(hash, cursor, collect, &scanned);
    } while (cursor && --steps > 0 && scanned.visited < options->count);

    size_t count = scanned.pairs.size / sizeof(struct bytes);
    const struct bytes *texts = (const struct bytes *)(const void *)scanned.pairs.data;
    scan_open_reply(call, cursor, count);
    for (size_t i = 0; i < count; i++)
        reply_bulk(call->reply, texts[i]);
    reply_close(call->reply);
    reply_close(call->reply);
    buffer_clear(&scanned.pairs);
}

static void hash_scan_hscan(struct call *call)
{
    struct scan_options options;
    struct entry *entry;
    if (!scan_parse_cursor(call, 2, &options) ||
        !call_find(call, call->argv[1], VALUE_HASH, ACCESS_READ, &entry))
        return;
    if (!entry)
        scan_reply_empty(call);
    else if (!scan_parse_options(call, 3, &options))
        return;
    else if (entry_value(entry)->encoding != ENCODING_HASHTABLE)
        scan_packed(call, entry_value(entry), &options);
    else
        scan_table(call, entry_value(entry), &options);
}

static const struct command_argument hrandfield_options_arguments[] = {
    {.name = "count", .type = ARGUMENT_INTEGER},
    {.name = "withvalues",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "WITHVALUES",
     .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument hrandfield_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "options",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = hrandfield_options_arguments},
    {0},
};

static const struct command_argument hscan_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "cursor", .type = ARGUMENT_INTEGER},
    {.name = "pattern", .type = ARGUMENT_PATTERN, .token = "MATCH", .flags = ARGUMENT_OPTIONAL},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {.name = "novalues",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "NOVALUES",
     .flags = ARGUMENT_OPTIONAL,
     .since = "7.4.0"},
    {0},
};

const struct command hash_scan_commands[] = {
    {.name = "HRANDFIELD",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_HASH,
     .since = "6.2.0",
     .group = "hash",
     .summary = "Answers one or several fields of a hash chosen by chance.",
     .complexity = "O(N) for N fields answered",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = hrandfield_arguments,
     .run = hash_scan_hrandfield},
    {.name = "HSCAN",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_HASH,
     .since = "2.8.0",
     .group = "hash",
     .summary = "Walks the fields of a hash in steps.",
     .complexity = "O(1) a call, O(N) for a whole walk over N fields",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = hscan_arguments,
     .run = hash_scan_hscan},
    {0},
};
