/* SPDX-License-Identifier: MIT */
/* INFO's sections about the data: how many keys, and how big. */
#include "commands/info_fields.h"
#include "engine/engine.h"
#include "values/hash.h"
#include "values/quicklist.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/string.h"

/* Mean time to live of the keys that have one, in ms. */
static int64_t mean_ttl(const struct call *call, const struct database *db)
{
    uint32_t count = (uint32_t)heap_count(&db->deadlines);
    double sum = 0;
    for (uint32_t slot = 0; slot < count; slot++)
        sum += (double)(heap_deadline(&db->deadlines, slot) - call->now_ms);
    return count ? (int64_t)(sum / count) : 0;
}

void info_keys_append(struct call *call, struct buffer *out)
{
    for (int i = 0; i < call->engine->keyspace.count; i++) {
        const struct database *db = keyspace_database(&call->engine->keyspace, i);
        if (database_count(db) == 0)
            continue;
        buffer_append_format(out, "db%d:keys=%zu,expires=%zu,avg_ttl=%lld", i, database_count(db),
                             database_deadline_count(db), (long long)mean_ttl(call, db));
        if (call_emulates(call, 7, 4))
            buffer_append_format(out, ",subexpiry=%zu", database_expiring_hash_count(db));
        buffer_append(out, "\r\n", 2);
    }
}

/* --- keysizes: for each type how many keys have so many elements, in steps that double --- */

#define SIZE_STEPS 48 /* none, one, two or three, four to seven ... */

struct sizes {
    uint64_t counts[VALUE_TYPE_COUNT][SIZE_STEPS];
};

static size_t size_of(const struct value *value)
{
    switch ((enum value_type)value->type) {
    case VALUE_STRING:
        return string_size(value);
    case VALUE_LIST:
        return quicklist_count(value);
    case VALUE_SET:
        return set_count(value);
    case VALUE_SORTED_SET:
        return sorted_set_count(value);
    case VALUE_HASH:
        return hash_count(value);
    default:
        return 0;
    }
}

static size_t step_of(size_t size)
{
    size_t step = size ? (size_t)(64 - __builtin_clzll(size)) : 0;
    return step < SIZE_STEPS ? step : SIZE_STEPS - 1;
}

static void count_sizes(const struct database *db, struct sizes *sizes)
{
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &((struct database *)db)->keys);
    for (const struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;) {
        const struct value *value = entry_value(entry);
        sizes->counts[value->type][step_of(size_of(value))]++;
    }
    table_iterator_end(&iterator);
}

/* "512=3", "1K=1". */
static void append_step(struct buffer *out, size_t step, uint64_t count)
{
    static const char *const units[] = {"", "K", "M", "G", "T"};
    uint64_t size = step ? UINT64_C(1) << (step - 1) : 0;
    int unit = 0;
    for (; size >= 1024 && unit < 4; unit++)
        size /= 1024;
    buffer_append_format(out, "%llu%s=%llu", (unsigned long long)size, units[unit],
                         (unsigned long long)count);
}

static void append_type(struct buffer *out, int db, const char *name,
                        const uint64_t counts[SIZE_STEPS])
{
    bool is_first = true;
    for (size_t step = 0; step < SIZE_STEPS; step++) {
        if (!counts[step])
            continue;
        if (is_first)
            buffer_append_format(out, "db%d_distrib_%s:", db, name);
        else
            buffer_append_byte(out, ',');
        append_step(out, step, counts[step]);
        is_first = false;
    }
    if (!is_first)
        buffer_append(out, "\r\n", 2);
}

void info_keys_append_sizes(struct call *call, struct buffer *out)
{
    static const struct {
        enum value_type type;
        const char *name;
    } types[] = {{VALUE_STRING, "strings_sizes"},
                 {VALUE_LIST, "lists_items"},
                 {VALUE_SET, "sets_items"},
                 {VALUE_SORTED_SET, "zsets_items"},
                 {VALUE_HASH, "hashes_items"}};
    for (int i = 0; i < call->engine->keyspace.count; i++) {
        const struct database *db = keyspace_database(&call->engine->keyspace, i);
        struct sizes sizes = {0};
        if (database_count(db) == 0)
            continue;
        count_sizes(db, &sizes);
        for (size_t j = 0; j < sizeof types / sizeof *types; j++)
            append_type(out, i, types[j].name, sizes.counts[types[j].type]);
    }
}
