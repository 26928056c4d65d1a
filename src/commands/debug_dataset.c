/* SPDX-License-Identifier: MIT */
/* DEBUG RELOAD and POPULATE. */
#include "base/check.h"
#include "commands/debug.h"
#include "engine/call.h"
#include "engine/dump_limits.h"
#include "engine/engine.h"
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

void debug_dataset_reload(struct call *call)
{
    /* There is no file that lives longer than the command, so that all options come to the same. */
    for (int i = 2; i < call->argc; i++) {
        if (!call_is(call, i, "MERGE") && !call_is(call, i, "NOFLUSH") &&
            !call_is(call, i, "NOSAVE")) {
            reply_error(call->reply, ERROR_DEBUG_RELOAD);
            return;
        }
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
