/* SPDX-License-Identifier: MIT */
/* Finding keys by name, step by step or by chance: KEYS, SCAN, RANDOMKEY. */
#include "base/buffer.h"
#include "base/glob.h"
#include "base/number.h"
#include "engine/call.h"
#include "reply/errors.h"

static void key_scan_keys(struct call *call)
{
    struct table_iterator iterator;
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    table_iterator_begin(&iterator, &call->db->keys);
    for (const struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;)
        if (glob_matches(call->argv[1], entry_key(entry)))
            reply_bulk(call->reply, entry_key(entry));
    table_iterator_end(&iterator);
    reply_close(call->reply);
}

static void key_scan_randomkey(struct call *call)
{
    const struct entry *entry = database_random(call->db);
    if (entry)
        reply_bulk(call->reply, entry_key(entry));
    else
        reply_null(call->reply);
}

struct scan {
    uint64_t cursor;
    int64_t count;        /* COUNT: keys to look at in one call, about */
    struct bytes pattern; /* MATCH; size 0 and data NULL: every key */
    struct bytes type;    /* TYPE; likewise */
    int64_t visited;
    struct buffer found; /* of struct entry *: those that match */
};

/* Before 7.2 a cursor is what strtoul takes, which is more than digits: "", "+1" and "-1" too. */
static bool parse_cursor(struct call *call, struct bytes text, uint64_t *cursor)
{
    if (call_emulates(call, 7, 2))
        return number_parse_unsigned(text, cursor);
    size_t start = text.size && (text.data[0] == '-' || text.data[0] == '+') ? 1 : 0;
    if (text.size == 0) {
        *cursor = 0;
        return true;
    }
    while (start + 1 < text.size && text.data[start] == '0')
        start++;
    if (!number_parse_unsigned(bytes_of(text.data + start, text.size - start), cursor))
        return false;
    if (text.data[0] == '-')
        *cursor = 0 - *cursor;
    return true;
}

static bool parse_options(struct call *call, struct scan *scan)
{
    for (int i = 2; i < call->argc; i += 2) {
        bool has_value = i + 1 < call->argc;
        if (has_value && call_is(call, i, "COUNT")) {
            if (!call_integer(call, i + 1, &scan->count, NULL))
                return false;
            if (scan->count < 1) {
                call_syntax_error(call);
                return false;
            }
        } else if (has_value && call_is(call, i, "MATCH")) {
            scan->pattern = call->argv[i + 1];
            if (bytes_equal_string(scan->pattern, "*"))
                scan->pattern = bytes_of(NULL, 0);
        } else if (has_value && call_is(call, i, "TYPE")) {
            scan->type = call->argv[i + 1];
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

static void visit(void *item, void *context)
{
    struct scan *scan = context;
    struct entry *entry = item;
    scan->visited++;
    if (scan->type.data &&
        !bytes_equal_ignoring_case(scan->type, value_type_name(entry_type(entry))))
        return;
    if (scan->pattern.data && !glob_matches(scan->pattern, entry_key(entry)))
        return;
    buffer_append(&scan->found, &entry, sizeof entry);
}

static void key_scan_scan(struct call *call)
{
    struct scan scan = {.count = 10};
    if (!parse_cursor(call, call->argv[1], &scan.cursor)) {
        reply_error(call->reply, ERROR_CURSOR);
        return;
    }
    if (!parse_options(call, &scan))
        return;

    /* A sparse table may hold many empty buckets: an end is put to the search for a full one. */
    int64_t steps = scan.count < INT64_MAX / 10 ? scan.count * 10 : INT64_MAX;
    do {
        scan.cursor = table_scan(&call->db->keys, scan.cursor, visit, &scan);
    } while (scan.cursor && --steps > 0 && scan.visited < scan.count);

    size_t count = scan.found.size / sizeof(struct entry *);
    reply_open(call->reply, REPLY_ARRAY, 2);
    char cursor[NUMBER_INTEGER_SIZE];
    reply_bulk(call->reply, bytes_of(cursor, number_format_unsigned(cursor, scan.cursor)));
    reply_open(call->reply, REPLY_ARRAY, count);
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
