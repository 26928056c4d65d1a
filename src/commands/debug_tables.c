/* SPDX-License-Identifier: MIT */
/*
 * DEBUG HTSTATS and HTSTATS-KEY. The words are Redis's, the tables are ours: a chain is a bucket of
 * seven slots with those that it overflows into, and the deadlines stand in a heap, which is told
 * as a table without collisions.
 */
#include "commands/debug.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "reply/errors.h"
#include "values/hash.h"
#include "values/set.h"
#include "values/sorted_set.h"

#define LONGEST_CHAIN 50

struct chains {
    size_t buckets;
    size_t entries;
    size_t longest;
    size_t lengths[LONGEST_CHAIN]; /* buckets by their number of entries */
};

static double share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

static void append_chains(struct buffer *out, const struct chains *chains, int number,
                          bool is_detailed)
{
    buffer_append_format(out, "Hash table %d stats (%s):\n", number,
                         number == 0 ? "main hash table" : "rehashing target");
    if (chains->entries == 0) {
        buffer_append_string(out, "No stats available for empty dictionaries\n");
        return;
    }
    buffer_append_format(out, " table size: %zu\n number of elements: %zu\n", chains->buckets,
                         chains->entries);
    if (!is_detailed)
        return;
    size_t used = chains->buckets - chains->lengths[0];
    double average = share(chains->entries, used);
    buffer_append_format(out,
                         " different slots: %zu\n max chain length: %zu\n"
                         " avg chain length (counted): %.02f\n"
                         " avg chain length (computed): %.02f\n Chain length distribution:\n",
                         used, chains->longest, average, average);
    for (size_t i = 0; i < LONGEST_CHAIN; i++)
        if (chains->lengths[i])
            buffer_append_format(out, "   %s%zu: %zu (%.02f%%)\n",
                                 i == LONGEST_CHAIN - 1 ? ">= " : "", i, chains->lengths[i],
                                 100 * share(chains->lengths[i], chains->buckets));
}

static void append_table(struct buffer *out, const struct table *table, bool is_detailed)
{
    for (int half = 0; half < 1 + table_is_rehashing(table); half++) {
        struct chains chains = {.buckets = table_bucket_count(table, half),
                                .entries = table->halves[half].count};
        chains.longest = table_chain_lengths(table, half, chains.lengths, LONGEST_CHAIN);
        append_chains(out, &chains, half, is_detailed);
    }
}

static void append_heap(struct buffer *out, const struct heap *heap, bool is_detailed)
{
    struct chains chains = {.buckets = heap->capacity, .entries = heap_count(heap), .longest = 1};
    chains.lengths[0] = chains.buckets - chains.entries;
    chains.lengths[1] = chains.entries;
    append_chains(out, &chains, 0, is_detailed);
}

/* Whether all there is to tell is wanted. 7.2 tells the half unless "full" is asked for, which it
 * came with. False: the option is wrong, and the error was answered. */
static bool parse_detail(struct call *call, bool *is_detailed)
{
    bool has_short_form = call_emulates(call, 7, 2);
    *is_detailed = !has_short_form || (call->argc == 4 && call_is(call, 3, "full"));
    if (call->argc == 3 || has_short_form)
        return true;
    reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]), "DEBUG");
    return false;
}

static void reply_stats(struct call *call, struct buffer *text)
{
    reply_verbatim(call->reply, "txt", buffer_bytes(text));
    buffer_clear(text);
}

void debug_tables_of_database(struct call *call)
{
    bool is_detailed;
    int64_t number;
    if (!parse_detail(call, &is_detailed) || !call_integer(call, 2, &number, NULL))
        return;
    struct database *db = keyspace_database(&call->engine->keyspace, number);
    if (!db) {
        reply_error(call->reply, ERROR_DEBUG_DATABASE);
        return;
    }
    struct buffer text = {0};
    buffer_append_string(&text, "[Dictionary HT]\n");
    append_table(&text, &db->keys, is_detailed);
    buffer_append_string(&text, "[Expires HT]\n");
    append_heap(&text, &db->deadlines, is_detailed);
    reply_stats(call, &text);
}

/* NULL when the value is kept in no table. */
static const struct table *table_of(const struct value *value)
{
    if (value->encoding != ENCODING_HASHTABLE && value->encoding != ENCODING_SKIPLIST)
        return NULL;
    switch (value->type) {
    case VALUE_HASH:
        return &((const struct hash *)(const void *)value)->fields->table;
    case VALUE_SET:
        return ((const struct set *)(const void *)value)->members;
    case VALUE_SORTED_SET:
        return sorted_set_table(value);
    default:
        return NULL;
    }
}

void debug_tables_of_key(struct call *call)
{
    bool is_detailed;
    if (!parse_detail(call, &is_detailed))
        return;
    const struct entry *entry = database_find(call->db, call->argv[2], ACCESS_PEEK);
    const struct table *table = entry ? table_of(entry_value(entry)) : NULL;
    if (!entry) {
        reply_error(call->reply, ERROR_NO_SUCH_KEY);
    } else if (!table) {
        reply_error(call->reply, ERROR_DEBUG_NO_TABLE);
    } else {
        struct buffer text = {0};
        append_table(&text, table, is_detailed);
        reply_stats(call, &text);
    }
}
