/* SPDX-License-Identifier: MIT */
#include "controls/snapshots.h"

#include "base/list.h"
#include "base/memory.h"
#include "controls/virtual_clock.h"
#include "engine/blocking.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "engine/journal_file.h"
#include "keyspace/snapshot.h"

/* One moment. */
struct moment {
    struct list_node node; /* in snapshots->moments */
    struct snapshot *data; /* owned */
    struct config *config; /* owned */
    struct virtual_clock clock;
    struct random random;
    uint64_t seed;
    bool expiry_is_paused;
    int64_t now_us; /* by the engine's clock */
    size_t keys;
    const struct snapshots_part *parts; /* borrowed */
    void *states[SNAPSHOTS_PARTS];      /* owned: one a part */
    size_t name_size;
    char name[];
};

struct snapshots {
    struct list moments;  /* of struct moment, oldest first */
    struct moment *start; /* owned; or NULL */
};

static size_t count_keys(const struct keyspace *keyspace)
{
    size_t count = 0;
    for (int i = 0; i < keyspace->count; i++)
        count += database_count(&keyspace->databases[i]);
    return count;
}

static struct moment *moment_new(struct engine *engine, struct bytes name,
                                 const struct snapshots_part *parts)
{
    struct moment *moment = memory_zeroed(sizeof *moment + name.size);
    moment->data = snapshot_take(&engine->keyspace);
    moment->config = config_copy(engine->config);
    if (engine->virtual_clock)
        moment->clock = *engine->virtual_clock;
    moment->random = engine->random;
    moment->seed = engine->seed;
    moment->expiry_is_paused = engine->keyspace.expiry_is_paused;
    moment->now_us = engine->now_us;
    moment->keys = count_keys(&engine->keyspace);
    moment->parts = parts;
    for (int i = 0; parts[i].save; i++)
        moment->states[i] = parts[i].save(engine);
    moment->name_size = name.size;
    if (name.size)
        memcpy(moment->name, name.data, name.size);
    return moment;
}

static void moment_free(struct moment *moment)
{
    if (!moment)
        return;
    for (int i = 0; moment->parts[i].save; i++)
        moment->parts[i].free(moment->states[i]);
    snapshot_free(moment->data);
    config_free(moment->config);
    memory_free(moment);
}

static struct snapshots *snapshots_of(struct engine *engine)
{
    if (!engine->snapshots)
        engine->snapshots = memory_zeroed(sizeof *engine->snapshots);
    return engine->snapshots;
}

static struct moment *find(const struct engine *engine, struct bytes name)
{
    struct list_node *node = engine->snapshots ? engine->snapshots->moments.first : NULL;
    for (; node; node = node->next) {
        struct moment *moment = LIST_ENTRY(node, struct moment, node);
        if (bytes_equal(bytes_of(moment->name, moment->name_size), name))
            return moment;
    }
    return NULL;
}

void snapshots_save(struct engine *engine, struct bytes name, const struct snapshots_part *parts)
{
    snapshots_delete(engine, name);
    struct moment *moment = moment_new(engine, name, parts);
    list_append(&snapshots_of(engine)->moments, &moment->node);
}

void snapshots_save_start(struct engine *engine, const struct snapshots_part *parts)
{
    struct snapshots *snapshots = snapshots_of(engine);
    moment_free(snapshots->start);
    snapshots->start = moment_new(engine, bytes_of(NULL, 0), parts);
}

static void restore_clock(struct engine *engine, const struct moment *moment)
{
    if (!engine->virtual_clock)
        return;
    *engine->virtual_clock = moment->clock;
    if (!virtual_clock_is_real(&moment->clock))
        virtual_clock_set(engine->virtual_clock, moment->now_us);
}

static void restore_data(struct call *call, const struct moment *moment)
{
    struct engine *engine = call->engine;
    snapshot_restore(moment->data);
    for (int i = 0; moment->parts[i].save; i++)
        moment->parts[i].restore(call, moment->states[i]);
    engine->keyspace.expiry_is_paused = moment->expiry_is_paused;
    engine->now_us = clock_now_us(engine->clock);
    keyspace_set_time(&engine->keyspace, engine->now_us / 1000);
    engine->stats.changes++;
    journal_file_mark_stale(engine);
    engine_deadline_moved(engine);
}

bool snapshots_restore(struct call *call, struct bytes name)
{
    struct engine *engine = call->engine;
    const struct moment *moment = find(engine, name);
    if (!moment)
        return false;
    config_restore(engine->config, moment->config);
    restore_clock(engine, moment);
    restore_data(call, moment);
    engine->random = moment->random;
    engine->seed = moment->seed;
    return true;
}

static void free_moments(struct snapshots *snapshots)
{
    struct list_node *node;
    while ((node = snapshots->moments.first) != NULL) {
        list_remove(&snapshots->moments, node);
        moment_free(LIST_ENTRY(node, struct moment, node));
    }
}

void snapshots_reset(struct call *call)
{
    struct snapshots *snapshots = call->engine->snapshots;
    if (!snapshots)
        return;
    free_moments(snapshots);
    if (snapshots->start)
        restore_data(call, snapshots->start);
}

bool snapshots_delete(struct engine *engine, struct bytes name)
{
    struct moment *moment = find(engine, name);
    if (!moment)
        return false;
    list_remove(&engine->snapshots->moments, &moment->node);
    moment_free(moment);
    return true;
}

static void reply_moment(const struct moment *moment, struct reply *reply)
{
    reply_open(reply, REPLY_MAP, 4);
    reply_bulk_string(reply, "name");
    reply_bulk(reply, bytes_of(moment->name, moment->name_size));
    reply_bulk_string(reply, "time");
    reply_integer(reply, moment->now_us / 1000);
    reply_bulk_string(reply, "keys");
    reply_integer(reply, (int64_t)moment->keys);
    reply_bulk_string(reply, "memory");
    reply_integer(reply, (int64_t)(sizeof *moment + snapshot_memory(moment->data)));
    reply_close(reply);
}

void snapshots_reply_list(struct engine *engine, struct reply *reply)
{
    const struct snapshots *snapshots = engine->snapshots;
    reply_open(reply, REPLY_ARRAY, snapshots ? snapshots->moments.count : 0);
    struct list_node *node = snapshots ? snapshots->moments.first : NULL;
    for (; node; node = node->next)
        reply_moment(LIST_ENTRY(node, struct moment, node), reply);
    reply_close(reply);
}

void snapshots_free_all(struct engine *engine)
{
    if (!engine->snapshots)
        return;
    free_moments(engine->snapshots);
    moment_free(engine->snapshots->start);
    memory_free(engine->snapshots);
    engine->snapshots = NULL;
}
