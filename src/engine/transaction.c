/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a watch stands in two lists, its session's and its key's; a watched key is in the
 * engine's table exactly while somebody watches it.
 */
#include "engine/transaction.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/dispatch.h"
#include "engine/engine.h"

struct watched_key {
    struct list watchers; /* of struct watch, by_key */
    int db;
    size_t name_size; /* 4 bytes of db index and the key */
    char name[];
};

struct watch {
    struct list_node by_session;
    struct list_node by_key;
    struct session *session;
    struct watched_key *key;
};

static struct bytes name_of_watched(const void *entry)
{
    const struct watched_key *key = entry;
    return bytes_of(key->name, key->name_size);
}
static const struct table_class watched_class = {.key_of = name_of_watched};

void transaction_init_watched(struct table *watched, uint64_t seed)
{
    table_init(watched, &watched_class, seed);
}

/* The name under which a key of a database is watched, built in `name`. */
static struct bytes watched_name(struct buffer *name, int db, struct bytes key)
{
    buffer_append(name, &db, sizeof db);
    buffer_append_bytes(name, key);
    return buffer_bytes(name);
}

void transaction_queue(struct session *session, struct command_state *state,
                       const struct bytes *argv, int argc)
{
    if (session->queue_count == session->queue_capacity) {
        session->queue_capacity = session->queue_capacity ? session->queue_capacity * 2 : 4;
        session->queue =
            memory_resize(session->queue, (size_t)session->queue_capacity * sizeof *session->queue);
    }
    size_t size;
    struct bytes *copy = bytes_copy_all(argv, argc, &size);
    session->queue[session->queue_count++] =
        (struct queued_command){.state = state, .argv = copy, .argc = argc};
    session->queue_bytes += size;
}

static void clear_queue(struct session *session)
{
    for (int i = 0; i < session->queue_count; i++)
        memory_free(session->queue[i].argv);
    memory_free(session->queue);
    session->queue = NULL;
    session->queue_count = 0;
    session->queue_capacity = 0;
    session->queue_bytes = 0;
}

void transaction_discard(struct session *session)
{
    clear_queue(session);
    session->flags &=
        (uint32_t) ~(SESSION_IN_MULTI | SESSION_DIRTY_EXEC | SESSION_DIRTY_CAS | SESSION_IN_EXEC);
    transaction_unwatch_all(session);
}

void transaction_execute(struct session *session, struct reply *reply)
{
    transaction_unwatch_all(session);
    session->flags |= SESSION_IN_EXEC;
    for (int i = 0; i < session->queue_count; i++) {
        struct queued_command *queued = &session->queue[i];
        dispatch_run(session, queued->state, queued->argv, queued->argc, reply);
    }
    transaction_discard(session);
}

static bool is_watching(const struct session *session, const struct watched_key *key)
{
    for (struct list_node *node = session->watches.first; node; node = node->next)
        if (LIST_ENTRY(node, struct watch, by_session)->key == key)
            return true;
    return false;
}

void transaction_watch(struct session *session, struct database *db, struct bytes key)
{
    struct table *watched = &session->engine->watched;
    struct buffer buffer = {0};
    struct bytes name = watched_name(&buffer, db->index, key);
    struct watched_key *found = table_find(watched, name);
    if (!found) {
        found = memory_zeroed(sizeof *found + name.size);
        found->db = db->index;
        found->name_size = name.size;
        memcpy(found->name, name.data, name.size);
        table_insert(watched, found);
    }
    buffer_clear(&buffer);
    if (is_watching(session, found))
        return;
    struct watch *watch = memory_zeroed(sizeof *watch);
    watch->session = session;
    watch->key = found;
    list_append(&session->watches, &watch->by_session);
    list_append(&found->watchers, &watch->by_key);
}

void transaction_unwatch_all(struct session *session)
{
    struct list_node *node;
    while ((node = session->watches.first) != NULL) {
        struct watch *watch = LIST_ENTRY(node, struct watch, by_session);
        struct watched_key *key = watch->key;
        list_remove(&session->watches, &watch->by_session);
        list_remove(&key->watchers, &watch->by_key);
        memory_free(watch);
        if (key->watchers.count == 0) {
            CHECK(table_remove(&session->engine->watched, name_of_watched(key)) == key);
            memory_free(key);
        }
    }
}

static void mark_watchers(struct watched_key *key)
{
    for (struct list_node *node = key->watchers.first; node; node = node->next)
        LIST_ENTRY(node, struct watch, by_key)->session->flags |= SESSION_DIRTY_CAS;
}

void transaction_touch(struct engine *engine, int db, struct bytes key)
{
    if (table_count(&engine->watched) == 0)
        return;
    struct buffer buffer = {0};
    struct watched_key *found = table_find(&engine->watched, watched_name(&buffer, db, key));
    if (found)
        mark_watchers(found);
    buffer_clear(&buffer);
}

void transaction_touch_all(struct engine *engine, struct database *db, struct database *replacement)
{
    if (table_count(&engine->watched) == 0)
        return;
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &engine->watched);
    struct watched_key *watched;
    while ((watched = table_iterator_next(&iterator)) != NULL) {
        struct bytes key =
            bytes_of(watched->name + sizeof watched->db, watched->name_size - sizeof watched->db);
        if (watched->db != db->index)
            continue;
        if (database_find(db, key, ACCESS_PEEK) ||
            (replacement && database_find(replacement, key, ACCESS_PEEK)))
            mark_watchers(watched);
    }
    table_iterator_end(&iterator);
}
