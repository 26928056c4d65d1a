/* SPDX-License-Identifier: MIT */
#include "engine/dump_limits.h"

struct hash_limits dump_limits_of_hashes(const struct engine *engine, const struct database *db)
{
    return (struct hash_limits){
        .entries = (size_t)config_integer(engine->config, CONFIG_HASH_MAX_LISTPACK_ENTRIES),
        .text = (size_t)config_integer(engine->config, CONFIG_HASH_MAX_LISTPACK_VALUE),
        .seed = db->keys.seed,
        .pool = db->keyspace->pool,
    };
}

struct set_limits dump_limits_of_sets(const struct engine *engine, const struct database *db)
{
    const struct config *config = engine->config;
    bool has_listpacks = engine_emulates(engine, 7, 2);
    return (struct set_limits){
        .integers = (size_t)config_integer(config, CONFIG_SET_MAX_INTSET_ENTRIES),
        .entries =
            has_listpacks ? (size_t)config_integer(config, CONFIG_SET_MAX_LISTPACK_ENTRIES) : 0,
        .text = (size_t)config_integer(config, CONFIG_SET_MAX_LISTPACK_VALUE),
        .seed = db->keys.seed,
    };
}

struct sorted_set_limits dump_limits_of_sorted_sets(const struct engine *engine,
                                                    const struct database *db)
{
    return (struct sorted_set_limits){
        .entries = (size_t)config_integer(engine->config, CONFIG_ZSET_MAX_LISTPACK_ENTRIES),
        .text = (size_t)config_integer(engine->config, CONFIG_ZSET_MAX_LISTPACK_VALUE),
        .seed = db->keys.seed,
        .style = engine_emulates(engine, 7, 2) ? NUMBER_DOUBLE_SHORTEST : NUMBER_DOUBLE_17,
    };
}

struct dump_limits dump_limits_of(const struct engine *engine, const struct database *db)
{
    return (struct dump_limits){
        .hash = dump_limits_of_hashes(engine, db),
        .list_fill = config_integer(engine->config, CONFIG_LIST_MAX_LISTPACK_SIZE),
        .set = dump_limits_of_sets(engine, db),
        .sorted_set = dump_limits_of_sorted_sets(engine, db),
    };
}

int dump_limits_rdb_version(const struct engine *engine)
{
    if (engine_emulates(engine, 7, 4))
        return 12;
    if (engine_emulates(engine, 7, 2))
        return 11;
    return engine_emulates(engine, 7, 0) ? 10 : 9;
}
