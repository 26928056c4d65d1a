/* SPDX-License-Identifier: MIT */
#include "engine/footprint.h"

#include "base/memory.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "keyspace/snapshot.h"

#define BUCKET_SIZE      64 /* of a table */
#define PEAK_RATIO       1000
#define PEAK_INTERVAL_US 100000.0
#define WALKED_KEYS      10000 /* of a database, at most: they stand for the others */
#define WALKED_SAMPLES   64    /* elements of a value, likewise */

size_t footprint_of_table(const struct database *db)
{
    return table_memory(&db->keys) + table_count(&db->keys) * sizeof(struct entry);
}

static size_t heap_memory(const struct heap *heap)
{
    return heap->capacity * sizeof *heap->nodes;
}

size_t footprint_of_deadlines(const struct database *db)
{
    return heap_memory(&db->deadlines) + heap_memory(&db->field_deadlines) +
           table_memory(&db->expiring_hashes);
}

size_t footprint_key_count(const struct engine *engine)
{
    size_t count = 0;
    for (int i = 0; i < engine->keyspace.count; i++)
        count += database_count(&engine->keyspace.databases[i]);
    return count;
}

/* Keys and values, without the tables. */
static size_t data_of(struct database *db)
{
    size_t seen = 0, bytes = 0;
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &db->keys);
    for (struct entry *entry;
         seen < WALKED_KEYS && (entry = table_iterator_next(&iterator)) != NULL; seen++)
        bytes += entry_memory(entry, WALKED_SAMPLES);
    table_iterator_end(&iterator);
    size_t count = database_count(db);
    return seen < count ? (size_t)((double)bytes / (double)seen * (double)count) : bytes;
}

static size_t clients_of(const struct engine *engine)
{
    size_t bytes = 0;
    for (struct list_node *node = list_first(&engine->sessions); node; node = list_next(node))
        bytes += session_memory(LIST_ENTRY(node, struct session, node));
    return bytes;
}

static struct footprint_scripts scripts_of(const struct engine *engine)
{
    struct footprint_scripts scripts = {0};
    if (engine->measure_scripts)
        engine->measure_scripts(engine, &scripts);
    return scripts;
}

static size_t snapshots_of(const struct engine *engine)
{
    const struct snapshot *nearest = engine->keyspace.nearest_snapshot;
    return nearest ? snapshot_memory_of_all(nearest) : 0;
}

static size_t journal_of(const struct engine *engine)
{
    return engine->journal.output.capacity + engine->journal.unit.capacity;
}

/* What is found by looking. */
static size_t add_up(const struct engine *engine)
{
    struct footprint_scripts scripts = scripts_of(engine);
    size_t bytes = sizeof *engine + engine->command_states_size + table_memory(&engine->commands) +
                   table_memory(&engine->errors) + table_memory(&engine->tracking.keys) +
                   (size_t)engine->keyspace.count * sizeof *engine->keyspace.databases +
                   clients_of(engine) + scripts.texts + snapshots_of(engine) + journal_of(engine);
    for (int i = 0; i < engine->keyspace.count; i++) {
        struct database *db = &engine->keyspace.databases[i];
        if (database_count(db))
            bytes += data_of(db) + table_memory(&db->keys) + footprint_of_deadlines(db);
    }
    return bytes;
}

size_t footprint_used(struct engine *engine)
{
    size_t used;
    if (engine->owns_process) {
        size_t taken = memory_in_use();
        size_t others = pool_idle(engine->keyspace.pool) + scripts_of(engine).states;
        used = taken > others ? taken - others : 0;
    } else {
        used = add_up(engine);
    }
    if (used > engine->stats.peak_memory)
        engine->stats.peak_memory = used;
    return used;
}

void footprint_look_for_peak(struct engine *engine)
{
    uint64_t began = stopwatch_ticks();
    if (began < engine->next_peak_ticks || engine->cron_is_paused)
        return;
    footprint_used(engine);
    uint64_t cost = stopwatch_ticks() - began;
    double tick_us = engine->stopwatch.us_per_tick;
    uint64_t rest = tick_us > 0 ? (uint64_t)(PEAK_INTERVAL_US / tick_us) : 0;
    engine->next_peak_ticks = began + (cost * PEAK_RATIO > rest ? cost * PEAK_RATIO : rest);
}

size_t footprint_apart(struct engine *engine)
{
    size_t leaving = engine->owns_process ? reaper_pending_bytes(&engine->keyspace.reaper) : 0;
    return snapshots_of(engine) + journal_of(engine) + leaving;
}

void footprint_forget_peak(struct engine *engine)
{
    engine->stats.peak_memory = 0;
    footprint_used(engine);
}

void footprint_start(struct engine *engine)
{
    footprint_forget_peak(engine);
    engine->startup_memory = engine->stats.peak_memory;
}

void footprint_own_process(struct engine *engine)
{
    engine->owns_process = true;
    footprint_forget_peak(engine);
    engine->process_startup_memory = engine->stats.peak_memory;
}

void footprint_share_process(struct engine *engine)
{
    bool is_news = engine->owns_process;
    engine->owns_process = false;
    if (is_news) /* a peak that was measured in another way is none */
        footprint_forget_peak(engine);
}

void footprint_measure(struct engine *engine, struct footprint *footprint)
{
    struct footprint_scripts scripts = scripts_of(engine);
    size_t resident = memory_resident();
    *footprint = (struct footprint){
        .used = footprint_used(engine),
        .startup = engine->owns_process ? engine->process_startup_memory : engine->startup_memory,
        .clients = clients_of(engine),
        .scripts = scripts.texts,
        .states = scripts.states,
        .resident = resident,
        .active = resident > scripts.states ? resident - scripts.states : 0,
        .snapshots = snapshots_of(engine),
        .keys = footprint_key_count(engine)};
    footprint->peak = engine->stats.peak_memory;
    footprint->overhead =
        footprint->startup + footprint->clients + footprint->scripts + footprint->journal;
    for (int i = 0; i < engine->keyspace.count; i++) {
        const struct database *db = &engine->keyspace.databases[i];
        if (database_count(db))
            footprint->overhead += footprint_of_table(db) + footprint_of_deadlines(db);
        if (!table_is_rehashing(&db->keys))
            continue;
        footprint->rehashing += table_bucket_count(&db->keys, 0) * BUCKET_SIZE;
        footprint->rehashing_tables++;
    }
    if (footprint->used > footprint->overhead)
        footprint->dataset = footprint->used - footprint->overhead;
}
