/* SPDX-License-Identifier: MIT */
#include "worlds.h"

#include <stdio.h>
#include <string.h>

#include "base/list.h"
#include "base/memory.h"
#include "base/table.h"
#include "commands/registry.h"
#include "controls/controls.h"
#include "controls/snapshots.h"
#include "controls/virtual_clock.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "net/loop.h"
#include "script/interpreter.h"

#define USER_PREFIX  "world:"
#define LONGEST_NAME 128

struct world {
    struct list_node node; /* in worlds->all */
    struct worlds *worlds; /* borrowed */
    struct engine *engine; /* owned */
    struct virtual_clock clock;
    bool is_kept;
    bool is_dropped; /* its clients are being dropped: nobody finds it any more */
    size_t name_size;
    char name[];
};

struct worlds {
    struct engine *base;  /* borrowed */
    struct loop *loop;    /* borrowed */
    struct keyspace data; /* what a world begins with */
    struct random random; /* of data */
    bool has_data;
    struct list all;      /* of struct world, oldest first */
    struct table by_name; /* the same but those that are dropped */
};

static struct bytes name_of(const void *entry)
{
    const struct world *world = entry;
    return bytes_of(world->name, world->name_size);
}
static const struct table_class world_class = {.key_of = name_of};

/* --- what a world's engine asks of its host: what the first one's does, of itself --- */

static const struct engine_host *host_of(const struct world *world)
{
    return &world->worlds->base->host;
}

static void busy_turn(void *context)
{
    struct world *world = context;
    loop_run_busy(world->worlds->loop);
}

static void deadline_moved(void *context)
{
    struct world *world = context;
    loop_deadline_moved(world->worlds->loop, world->engine);
}

static void write_log(void *context, int level, const char *line)
{
    struct world *world = context;
    if (host_of(world)->log)
        host_of(world)->log(host_of(world)->context, level, line);
}

static enum engine_exchange_result exchange(void *context, const struct engine_exchange *exchange,
                                            struct buffer *answer)
{
    struct world *world = context;
    return host_of(world)->exchange(host_of(world)->context, exchange, answer);
}

static bool converse(void *context, struct session *session, struct bytes output,
                     struct buffer *input, bool waits)
{
    struct world *world = context;
    return loop_converse(world->worlds->loop, session, output, input, waits);
}

static bool log_in(void *context, struct session *session, struct bytes user)
{
    struct world *world = context;
    return worlds_log_in(world->worlds, session, user);
}

static void list_worlds(void *context, struct reply *reply)
{
    struct world *world = context;
    worlds_reply_list(world->worlds, reply);
}

static bool drop_world(void *context, struct bytes name)
{
    struct world *world = context;
    return worlds_drop(world->worlds, name);
}

static bool keep_world(void *context, const struct bytes *name)
{
    struct world *world = context;
    if (name)
        worlds_keep(world->worlds, *name);
    else
        world->is_kept = true;
    return true;
}

/* Its clients go when no command runs; it goes after them. Who asked from within is answered,
 * unless by SHUTDOWN. A script that is running ends. */
static void drop(struct world *world)
{
    struct engine *engine = world->engine;
    bool is_silent = engine->is_stopping;
    if (!world->is_dropped)
        table_remove(&world->worlds->by_name, name_of(world));
    world->is_dropped = true;
    engine->is_stopping = true;
    for (struct list_node *node = engine->sessions.first; node; node = node->next) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        session_close(session, session == engine->current && !is_silent);
    }
}

/* SHUTDOWN ends this world alone. */
static void stop(void *context)
{
    drop(context);
}

static bool config_changed(void *context, enum config_id id, char *error, size_t size)
{
    struct world *world = context;
    if (loop_is_about_listening(id)) {
        snprintf(error, size, "a world listens where its server does");
        return false;
    }
    if (id == CONFIG_APPENDONLY && config_integer(world->engine->config, id)) {
        snprintf(error, size, "a world has no append-only file");
        return false;
    }
    engine_config_changed(world->engine, id);
    controls_config_changed(world->engine->controls, id);
    return true;
}

/* --- life --- */

struct worlds *worlds_new(struct engine *base, struct loop *loop)
{
    struct worlds *worlds = memory_zeroed(sizeof *worlds);
    const struct keyspace *from = &base->keyspace;
    worlds->base = base;
    worlds->loop = loop;
    random_seed(&worlds->random, base->seed);
    table_init(&worlds->by_name, &world_class, base->seed);
    keyspace_init(&worlds->data, from->count, from->databases[0].keys.seed, &worlds->random);
    for (int i = 0; i < from->count; i++)
        worlds->has_data |= database_count(&from->databases[i]) > 0;
    if (worlds->has_data)
        keyspace_copy(&worlds->data, from);
    return worlds;
}

static uint64_t choose_seed(const struct config *config)
{
    uint64_t seed = (uint64_t)config_integer(config, CONFIG_SEED);
    return seed ? seed : random_system_seed();
}

static void make_engine(struct world *world)
{
    struct worlds *worlds = world->worlds;
    struct config *config = config_copy(worlds->base->config_at_start);
    config_set_string(config, CONFIG_SAVE, ""); /* the base's files are not a world's to write */
    config_set_integer(config, CONFIG_APPENDONLY, 0);
    config_set_string(config, CONFIG_ACLFILE, "");
    virtual_clock_init(&world->clock);
    virtual_clock_start(&world->clock, bytes_of_string(config_string(config, CONFIG_CLOCK)));
    const struct engine_options options = {.families = command_families,
                                           .like = worlds->base,
                                           .clock = &world->clock.clock,
                                           .config = config,
                                           .seed = choose_seed(config),
                                           .host = {.context = world,
                                                    .busy_turn = busy_turn,
                                                    .stop = stop,
                                                    .deadline_moved = deadline_moved,
                                                    .log = write_log,
                                                    .exchange = exchange,
                                                    .converse = converse,
                                                    .log_in = log_in,
                                                    .list_worlds = list_worlds,
                                                    .drop_world = drop_world,
                                                    .keep_world = keep_world}};
    world->engine = engine_new(&options);
    world->engine->journal.facts.is_forbidden = true;
    acl_start_like(world->engine, worlds->base);
    world->engine->virtual_clock = &world->clock;
    world->engine->interpreter = interpreter_new(world->engine);
    world->engine->controls = controls_new(world->engine);
    config_set_listener(config, (struct config_listener){world, config_changed});
    if (worlds->has_data)
        keyspace_copy(&world->engine->keyspace, &worlds->data);
}

static struct world *world_new(struct worlds *worlds, struct bytes name)
{
    struct world *world = memory_zeroed(sizeof *world + name.size);
    world->worlds = worlds;
    world->name_size = name.size;
    memcpy(world->name, name.data, name.size);
    make_engine(world);
    footprint_share_process(worlds->base);
    list_append(&worlds->all, &world->node);
    table_insert(&worlds->by_name, world);
    loop_attach(worlds->loop, world->engine);
    return world;
}

static void world_free(struct world *world)
{
    controls_free(world->engine->controls);
    snapshots_free_all(world->engine);
    interpreter_free(world->engine->interpreter);
    engine_free(world->engine);
    list_remove(&world->worlds->all, &world->node);
    if (!world->is_dropped)
        table_remove(&world->worlds->by_name, name_of(world));
    memory_free(world);
}

void worlds_free(struct worlds *worlds)
{
    if (!worlds)
        return;
    struct list_node *node;
    while ((node = list_first(&worlds->all)) != NULL)
        world_free(LIST_ENTRY(node, struct world, node));
    table_clear(&worlds->by_name, NULL, NULL);
    keyspace_clear(&worlds->data);
    memory_free(worlds);
}

void worlds_sweep(struct worlds *worlds)
{
    struct list_node *next;
    for (struct list_node *node = list_first(&worlds->all); node; node = next) {
        struct world *world = LIST_ENTRY(node, struct world, node);
        next = list_next(node);
        if (!list_is_empty(&world->engine->sessions) || (world->is_kept && !world->is_dropped))
            continue;
        loop_detach(worlds->loop, world->engine);
        world_free(world);
    }
}

/* --- by name --- */

static struct world *find_or_make(struct worlds *worlds, struct bytes name)
{
    struct world *world = table_find(&worlds->by_name, name);
    return world ? world : world_new(worlds, name);
}

bool worlds_log_in(struct worlds *worlds, struct session *session, struct bytes user)
{
    const size_t prefix = sizeof USER_PREFIX - 1;
    if (user.size <= prefix || user.size > prefix + LONGEST_NAME ||
        memcmp(user.data, USER_PREFIX, prefix) != 0)
        return false;
    struct bytes name = bytes_of(user.data + prefix, user.size - prefix);
    struct world *world = find_or_make(worlds, name);
    session_move(session, world->engine);
    loop_look_for_deserted(worlds->loop); /* it may have been the last one where it was */
    return true;
}

static size_t count_keys(const struct keyspace *keyspace)
{
    size_t count = 0;
    for (int i = 0; i < keyspace->count; i++)
        count += database_count(&keyspace->databases[i]);
    return count;
}

void worlds_reply_list(const struct worlds *worlds, struct reply *reply)
{
    size_t count = 0;
    struct list_node *node;
    for (node = list_first(&worlds->all); node; node = list_next(node))
        count += !LIST_ENTRY(node, struct world, node)->is_dropped;
    reply_open(reply, REPLY_ARRAY, count);
    for (node = list_first(&worlds->all); node; node = list_next(node)) {
        const struct world *world = LIST_ENTRY(node, struct world, node);
        if (world->is_dropped)
            continue;
        reply_open(reply, REPLY_MAP, 4);
        reply_bulk_string(reply, "name");
        reply_bulk(reply, name_of(world));
        reply_bulk_string(reply, "clients");
        reply_integer(reply, (int64_t)list_count(&world->engine->sessions));
        reply_bulk_string(reply, "keys");
        reply_integer(reply, (int64_t)count_keys(&world->engine->keyspace));
        reply_bulk_string(reply, "kept");
        reply_boolean(reply, world->is_kept);
        reply_close(reply);
    }
    reply_close(reply);
}

bool worlds_drop(struct worlds *worlds, struct bytes name)
{
    struct world *world = table_find(&worlds->by_name, name);
    if (!world)
        return false;
    drop(world);
    loop_look_for_deserted(worlds->loop);
    return true;
}

void worlds_keep(struct worlds *worlds, struct bytes name)
{
    find_or_make(worlds, name)->is_kept = true;
}
