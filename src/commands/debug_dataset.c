/* SPDX-License-Identifier: MIT */
/* DEBUG RELOAD, LOADAOF and POPULATE. */
#include "base/check.h"
#include "base/memory.h"
#include "commands/debug.h"
#include "engine/call.h"
#include "engine/dump_limits.h"
#include "engine/engine.h"
#include "engine/journal_file.h"
#include "engine/persistence_file.h"
#include "engine/transaction.h"
#include "reply/errors.h"
#include "values/string.h"

/* --- RELOAD --- */

struct reload {
    struct call *call;
    struct dump_limits limits;
    int rdb_version;
    bool compresses;
    bool keeps_access; /* an RDB file has the access times if the eviction policy needs them */
    struct buffer payload;
};

/* What was written and read again takes the value's place. */
static void reload_entry(struct reload *reload, struct database *db, struct entry *entry)
{
    char digits[NUMBER_INTEGER_SIZE];
    reload->payload.size = 0;
    if (!dump_value(&reload->payload, entry_value(entry), reload->rdb_version, reload->compresses))
        return;
    struct value *value = dump_restore(buffer_bytes(&reload->payload), &reload->limits);
    CHECK(value);
    if (value->type == VALUE_STRING) {
        entry = database_replace_string(db, entry, string_bytes(value, digits));
        value_release(value);
    } else {
        entry = database_replace(db, entry, value);
    }
    if (!reload->keeps_access)
        database_set_idle_seconds(db, entry, 0);
}

/* The file has keys that are past their time, but none is read from it. */
static void reload_database(struct reload *reload, struct database *db)
{
    struct table_iterator iterator;
    struct buffer key = {0};
    transaction_touch_all(reload->call->engine, db, NULL);
    table_iterator_begin(&iterator, &db->keys);
    for (struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;) {
        if (database_deadline(db, entry) > reload->call->now_ms) {
            reload_entry(reload, db, entry);
            continue;
        }
        key.size = 0;
        buffer_append_bytes(&key, entry_key(entry));
        database_delete(db, buffer_bytes(&key));
    }
    table_iterator_end(&iterator);
    buffer_clear(&key);
}

/* Whether maxmemory-policy looks at when or how often keys are used. */
static bool policy_needs_access(const struct call *call)
{
    struct buffer policy = {0};
    config_format(call->engine->config, CONFIG_MAXMEMORY_POLICY, &policy);
    buffer_append_byte(&policy, '\0');
    bool needs = strstr(policy.data, "lru") || strstr(policy.data, "lfu");
    buffer_clear(&policy);
    return needs;
}

struct reload_options {
    bool keeps_file; /* NOSAVE: the file that is there is loaded */
    bool keeps_data; /* NOFLUSH */
    bool merges;     /* MERGE: keys of the file take the place of those that are there */
};

static bool parse_reload(struct call *call, struct reload_options *options)
{
    for (int i = 2; i < call->argc; i++) {
        if (call_is(call, i, "MERGE")) {
            options->merges = true;
        } else if (call_is(call, i, "NOFLUSH")) {
            options->keeps_data = true;
        } else if (call_is(call, i, "NOSAVE")) {
            options->keeps_file = true;
        } else {
            reply_error(call->reply, ERROR_DEBUG_RELOAD);
            return false;
        }
    }
    return true;
}

static void load_dump(struct call *call, const struct reload_options *options)
{
    struct engine *engine = call->engine;
    struct buffer problem = {0};
    char *path = persistence_file_path(engine);
    if (!options->keeps_data)
        persistence_empty(engine);
    journal_file_mark_stale(engine);
    if (persistence_file_load(engine, path, options->merges ? PERSISTENCE_MERGE : PERSISTENCE_START,
                              &problem)) {
        engine->stats.changes = 0;
        reply_ok(call->reply);
    } else {
        engine_log(engine, 3, "%.*s", BYTES_PRINT(buffer_bytes(&problem)));
        reply_error(call->reply, ERROR_DEBUG_RELOAD_FILE);
    }
    memory_free(path);
    buffer_clear(&problem);
}

void debug_dataset_load_append_only(struct call *call)
{
    struct buffer problem = {0};
    if (journal_file_reload(call->engine, &problem)) {
        engine_log(call->engine, 2, "Append Only File loaded by DEBUG LOADAOF");
        reply_ok(call->reply);
    } else {
        engine_log(call->engine, 3, "%.*s", BYTES_PRINT(buffer_bytes(&problem)));
        reply_error(call->reply, ERROR_APPEND_ONLY_LOAD);
    }
    buffer_clear(&problem);
}

static bool has_keys(struct keyspace *keyspace)
{
    for (int i = 0; i < keyspace->count; i++)
        if (database_count(keyspace_database(keyspace, i)))
            return true;
    return false;
}

/* Unless there is a file that is to be kept, none is written: each value is written and read by
 * itself, which comes to the same. */
void debug_dataset_reload(struct call *call)
{
    struct reload_options options = {0};
    if (!parse_reload(call, &options))
        return;
    if (options.keeps_file) {
        load_dump(call, &options);
        return;
    }
    if (options.keeps_data && !options.merges && has_keys(&call->engine->keyspace)) {
        reply_error(call->reply, ERROR_DEBUG_RELOAD_FILE); /* every key is there twice */
        return;
    }
    struct keyspace *keyspace = &call->engine->keyspace;
    struct reload reload = {.call = call,
                            .limits = dump_limits_of(call->engine, call->db),
                            .rdb_version = dump_limits_rdb_version(call->engine),
                            .compresses = call_config(call, CONFIG_RDBCOMPRESSION) != 0,
                            .keeps_access = policy_needs_access(call)};
    for (int i = 0; i < keyspace->count; i++)
        reload_database(&reload, keyspace_database(keyspace, i));
    buffer_clear(&reload.payload);
    call->engine->stats.changes = 0;
    reply_ok(call->reply);
}

/* --- POPULATE --- */

/* "value:7", cut or filled up with zeros to a size if there is one. */
static void make_value(struct buffer *text, int64_t number, int64_t size)
{
    text->size = 0;
    buffer_append_format(text, "value:%lld", (long long)number);
    if (size == 0)
        return;
    size_t wanted = (size_t)size;
    if (wanted > text->size) {
        size_t missing = wanted - text->size;
        memset(buffer_reserve(text, missing), 0, missing);
    }
    text->size = wanted;
}

void debug_dataset_populate(struct call *call)
{
    int64_t count, size = 0;
    if (!call_integer_between(call, 2, 0, INT64_MAX, &count, ERROR_NOT_POSITIVE) ||
        (call->argc == 5 &&
         !call_integer_between(call, 4, 0, INT64_MAX, &size, ERROR_NOT_POSITIVE)))
        return;
    struct bytes prefix = call->argc > 3 ? call->argv[3] : BYTES_LITERAL("key");
    struct buffer key = {0}, text = {0};
    for (int64_t i = 0; i < count; i++) {
        key.size = 0;
        buffer_append_bytes(&key, prefix);
        buffer_append_format(&key, ":%lld", (long long)i);
        if (database_find(call->db, buffer_bytes(&key), ACCESS_WRITE))
            continue;
        make_value(&text, i, size);
        database_add_string(call->db, buffer_bytes(&key), buffer_bytes(&text));
        call_touch(call, call->db, buffer_bytes(&key));
    }
    buffer_clear(&key);
    buffer_clear(&text);
    reply_ok(call->reply);
}
