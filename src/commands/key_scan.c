/* SPDX-License-Identifier: MIT */
/* Finding keys by name, step by step or by chance: KEYS, SCAN, RANDOMKEY. */
#include "base/buffer.h"
#include "base/glob.h"
#include "commands/scan_options.h"
#include "engine/call.h"
#include "engine/engine.h"

static void key_scan_keys(struct call *call)
{
    struct table_iterator iterator;
    /* "*" takes the empty key too, which as a pattern among others it would not. */
    bool takes_all = bytes_equal_string(call->argv[1], "*");
    bool has_overdue = call->engine->keyspace.expiry_is_paused;
    reply_open(call->reply, REPLY_ARRAY,
               takes_all && !has_overdue ? database_count(call->db) : REPLY_UNSIZED);
    table_iterator_begin(&iterator, &call->db->keys);
    for (const struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;)
        if ((takes_all || glob_matches(call->argv[1], entry_key(entry))) &&
            !database_is_overdue(call->db, entry))
            reply_bulk(call->reply, entry_key(entry));
    table_iterator_end(&iterator);
    reply_close(call->reply);
}

static void key_scan_randomkey(struct call *call)
{
    const struct entry *entry;
    do
        entry = database_random(call->db);
    while (entry && database_expire_overdue(call->db, entry_key(entry)));
    if (entry)
        reply_bulk(call->reply, entry_key(entry));
    else
        reply_null(call->reply);
}

struct scan {
    struct scan_options options;
    int64_t visited;
    struct buffer found; /* of struct entry *: those that match */
};

static bool is_wanted(const struct scan_options *options, const struct entry *entry)
{
    if (options->type.data &&
        !bytes_equal_ignoring_case(options->type, value_type_name(entry_type(entry))))
        return false;
    return scan_matches(options, entry_key(entry));
}

static void visit(void *entry, void *context)
{
    struct scan *scan = context;
    scan->visited++;
    if (is_wanted(&scan->options, entry))
        buffer_append(&scan->found, &entry, sizeof entry);
}

/* Overdue keys go, from the database and from what was found. */
static void expire_found(struct database *db, struct buffer *found)
{
    struct entry **entries = (struct entry **)(void *)found->data;
    size_t count = found->size / sizeof *entries, kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!database_expire_overdue(db, entry_key(entries[i])))
            entries[kept++] = entries[i];
    found->size = kept * sizeof *entries;
}

static void key_scan_scan(struct call *call)
{
    struct scan scan = {0};
    if (!scan_parse_cursor(call, 1, &scan.options) || !scan_parse_options(call, 2, &scan.options))
        return;
    int64_t steps = scan_step_limit(&scan.options);
    uint64_t cursor = scan.options.cursor;
    do {
        cursor = table_scan(&call->db->keys, cursor, visit, &scan);
    } while (cursor && --steps > 0 && scan.visited < scan.options.count);

    if (call->engine->keyspace.expiry_is_paused)
        expire_found(call->db, &scan.found);
    size_t count = scan.found.size / sizeof(struct entry *);
    scan_open_reply(call, cursor, count);
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry;
        memcpy(&entry, scan.found.data + i * sizeof entry, sizeof entry);
        reply_bulk(call->reply, entry_key(entry));
    }
    reply_close(call->reply);
    reply_close(call->reply);
    buffer_clear(&scan.found);
}

static const struct command_argument keys_arguments[] = {
    {.name = "pattern", .type = ARGUMENT_PATTERN},
    {0},
};

static const struct command_argument scan_arguments[] = {
    {.name = "cursor", .type = ARGUMENT_INTEGER},
    {.name = "pattern", .type = ARGUMENT_PATTERN, .token = "MATCH", .flags = ARGUMENT_OPTIONAL},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {.name = "type",
     .type = ARGUMENT_STRING,
     .token = "TYPE",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.0.0"},
    {0},
};

const struct command key_scan_commands[] = {
    {.name = "KEYS",
     .arity = 2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Lists all keys that match a pattern.",
     .complexity = "O(N) for N keys in the database",
     .tips =
         (const char *const[]){"request_policy:all_shards", "nondeterministic_output_order", NULL},
     .arguments = keys_arguments,
     .run = key_scan_keys},
    {.name = "SCAN",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_KEYSPACE,
     .since = "2.8.0",
     .group = "generic",
     .summary = "Walks the keys of the database in steps.",
     .complexity = "O(1) a call, O(N) for a whole walk over N keys",
     .tips = (const char *const[]){"nondeterministic_output", "request_policy:special", NULL},
     .arguments = scan_arguments,
     .run = key_scan_scan},
    {.name = "RANDOMKEY",
     .arity = 1,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Answers the name of a key chosen by chance.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"request_policy:all_shards", "nondeterministic_output", NULL},
     .run = key_scan_randomkey},
    {0},
};
