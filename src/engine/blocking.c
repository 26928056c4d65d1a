/* SPDX-License-Identifier: MIT */
/*
 * Invariants: a wait stands in two lists, its blocked command's and its key's; a blocked key is in
 * the table exactly while somebody waits for it, and in the list of ready keys exactly while
 * is_ready. Serving may add waits and ready keys, never free a blocked command that is being run.
 */
#include "engine/blocking.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/call.h"
#include "engine/dispatch.h"
#include "engine/engine.h"
#include "engine/session.h"

struct blocked_key {
    struct list waits; /* of struct wait, by_key: first come, first served */
    struct list_node ready;
    bool is_ready;
    int db;
    size_t name_size; /* 4 bytes of db index and the key */
    char name[];
};

struct wait {
    struct list_node by_blocked;
    struct list_node by_key;
    struct blocked *blocked;
    struct blocked_key *key;
};

struct blocked {
    struct session *session;
    struct command_state *state; /* NULL: postponed, to be looked up again */
    struct bytes *argv;          /* owned: one allocation for slices and bytes */
    int argc;
    struct list waits; /* of struct wait, by_blocked */
    struct list_node postponed;
    uint32_t deadline_slot;
    enum value_type type;
    bool wakes_when_gone;
    bool is_running;        /* it is being run again */
    bool waits_on;          /* and found nothing again */
    struct bytes ready_key; /* the one it is run again for; valid while is_running */
    void (*timed_out)(struct reply *reply);
};

static struct bytes name_of_key(const void *entry)
{
    const struct blocked_key *key = entry;
    return bytes_of(key->name, key->name_size);
}
static const struct table_class key_class = {.key_of = name_of_key};

static void deadline_moved(void *item, uint32_t slot)
{
    ((struct blocked *)item)->deadline_slot = slot;
}

void blocking_init(struct blocking *blocking, uint64_t seed)
{
    *blocking = (struct blocking){0};
    table_init(&blocking->keys, &key_class, seed);
    heap_init(&blocking->deadlines, deadline_moved);
}

void blocking_clear(struct blocking *blocking)
{
    CHECK(table_count(&blocking->keys) == 0 && heap_count(&blocking->deadlines) == 0);
    table_clear(&blocking->keys, NULL, NULL);
    heap_clear(&blocking->deadlines);
}

/* --- beginning and ending a wait --- */

/* The key's record; made if `adds`, else NULL when nobody waits for it. */
static struct blocked_key *find_key(struct engine *engine, int db, struct bytes key, bool adds)
{
    struct table *keys = &engine->blocking.keys;
    struct buffer name = {0};
    buffer_append(&name, &db, sizeof db);
    buffer_append_bytes(&name, key);
    struct blocked_key *found = table_find(keys, buffer_bytes(&name));
    if (!found && adds) {
        found = memory_zeroed(sizeof *found + name.size);
        found->db = db;
        found->name_size = name.size;
        memcpy(found->name, name.data, name.size);
        table_insert(keys, found);
    }
    buffer_clear(&name);
    return found;
}

static void forget_key_if_unused(struct engine *engine, struct blocked_key *key)
{
    if (key->waits.count)
        return;
    if (key->is_ready)
        list_remove(&engine->blocking.ready, &key->ready);
    CHECK(table_remove(&engine->blocking.keys, name_of_key(key)) == key);
    memory_free(key);
}

static bool waits_for(const struct blocked *blocked, const struct blocked_key *key)
{
    for (struct list_node *node = blocked->waits.first; node; node = node->next)
        if (LIST_ENTRY(node, struct wait, by_blocked)->key == key)
            return true;
    return false;
}

static void add_wait(struct blocked *blocked, struct engine *engine, int db, struct bytes name)
{
    struct blocked_key *key = find_key(engine, db, name, true);
    if (waits_for(blocked, key))
        return;
    struct wait *wait = memory_zeroed(sizeof *wait);
    wait->blocked = blocked;
    wait->key = key;
    list_append(&blocked->waits, &wait->by_blocked);
    list_append(&key->waits, &wait->by_key);
}

static struct blocked *blocked_new(struct session *session, const struct bytes *argv, int argc)
{
    struct blocked *blocked = memory_zeroed(sizeof *blocked);
    blocked->session = session;
    blocked->argv = bytes_copy_all(argv, argc, NULL);
    blocked->argc = argc;
    blocked->deadline_slot = HEAP_NO_SLOT;
    CHECK(!session->blocked);
    session->blocked = blocked;
    return blocked;
}

/* Out of every list. The session is free to go on; `blocked` is freed. */
static void end_wait(struct blocked *blocked)
{
    struct session *session = blocked->session;
    struct engine *engine = session->engine;
    struct list_node *node;
    while ((node = blocked->waits.first) != NULL) {
        struct wait *wait = LIST_ENTRY(node, struct wait, by_blocked);
        list_remove(&blocked->waits, &wait->by_blocked);
        list_remove(&wait->key->waits, &wait->by_key);
        forget_key_if_unused(engine, wait->key);
        memory_free(wait);
    }
    if (blocked->deadline_slot != HEAP_NO_SLOT)
        heap_remove(&engine->blocking.deadlines, blocked->deadline_slot);
    if (blocked->state)
        engine->blocking.count--;
    else
        list_remove(&engine->blocking.postponed, &blocked->postponed);
    session->blocked = NULL;
    memory_free(blocked->argv);
    memory_free(blocked);
}

bool blocking_is_waiting(const struct session *session)
{
    const struct blocked *blocked = session->blocked;
    return blocked && (!blocked->is_running || blocked->waits_on);
}

static void go_on(struct session *session)
{
    if (!session->transport)
        return;
    session->transport->output_ready(session);
    if (session->transport->unblocked)
        session->transport->unblocked(session);
}

bool call_block(struct call *call, const struct block_request *request)
{
    struct session *session = call->session;
    if (session->flags & (SESSION_SCRIPT | SESSION_IN_EXEC))
        return false;
    if (session->blocked) {
        CHECK(session->blocked->is_running);
        session->blocked->waits_on = true;
        return true;
    }
    const struct bytes *argv = request->argv ? request->argv : call->argv;
    struct blocked *blocked = blocked_new(session, argv, call->argc);
    blocked->state = call->state;
    blocked->type = request->type;
    blocked->wakes_when_gone = request->wakes_when_gone;
    blocked->timed_out = request->timed_out;
    for (int i = 0; i < request->key_count; i++)
        add_wait(blocked, call->engine, call->db->index,
                 argv[request->first_key + i * request->key_step]);
    if (request->deadline_ms != KEYSPACE_NEVER)
        heap_insert(&call->engine->blocking.deadlines, request->deadline_ms, blocked);
    call->engine->blocking.count++;
    return true;
}

bool call_is_run_again(const struct call *call)
{
    return call->session->blocked && call->session->blocked->is_running;
}

bool call_may_serve(const struct call *call, struct bytes key)
{
    const struct blocked *blocked = call->session->blocked;
    return !call_is_run_again(call) || call_emulates(call, 7, 2) ||
           bytes_equal(blocked->ready_key, key);
}

/* --- serving --- */

static void mark_ready(struct engine *engine, struct blocked_key *key)
{
    if (key->is_ready)
        return;
    key->is_ready = true;
    list_append(&engine->blocking.ready, &key->ready);
}

void blocking_signal(struct engine *engine, struct database *db, struct bytes key)
{
    if (!blocking_has_waiters(&engine->blocking))
        return;
    struct blocked_key *found = find_key(engine, db->index, key, false);
    if (found)
        mark_ready(engine, found);
}

void blocking_signal_all(struct engine *engine, struct database *db)
{
    if (!blocking_has_waiters(&engine->blocking))
        return;
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &engine->blocking.keys);
    struct blocked_key *key;
    while ((key = table_iterator_next(&iterator)) != NULL)
        if (key->db == db->index)
            mark_ready(engine, key);
    table_iterator_end(&iterator);
}

/* Runs the blocked command again. True when it answered, and its wait is over. */
static bool run_again(struct blocked *blocked, struct bytes ready_key)
{
    struct session *session = blocked->session;
    blocked->is_running = true;
    blocked->waits_on = false;
    blocked->ready_key = ready_key;
    dispatch_run(session, blocked->state, blocked->argv, blocked->argc, &session->writer.reply);
    blocked->is_running = false;
    if (blocked->waits_on)
        return false;
    end_wait(blocked);
    go_on(session);
    return true;
}

/* Whether a look at the key can help this one. */
static bool may_be_served(const struct blocked *blocked, struct database *db, struct bytes name)
{
    const struct entry *entry = database_find(db, name, ACCESS_PEEK);
    if (entry && entry_type(entry) == blocked->type)
        return true;
    return blocked->wakes_when_gone;
}

/* Everyone who waits for the key at this moment, in order. Serving one may end the wait of another,
 * and with the last wait the key's record goes; so each step looks at the list anew. */
static void serve_key(struct engine *engine, int db_index, struct bytes name)
{
    struct database *db = &engine->keyspace.databases[db_index];
    struct blocked_key *key = find_key(engine, db_index, name, false);
    size_t looked_at = key ? key->waits.count : 0;
    size_t passed = 0; /* waits at the front that go on waiting */
    for (; looked_at > 0 && key && passed < key->waits.count; looked_at--) {
        struct list_node *node = key->waits.first;
        for (size_t i = 0; i < passed; i++)
            node = node->next;
        struct blocked *blocked = LIST_ENTRY(node, struct wait, by_key)->blocked;
        if (blocked->is_running || !may_be_served(blocked, db, name) || !run_again(blocked, name))
            passed++;
        /* A key that is gone serves nobody else, but those who want to know of that. */
        key = find_key(engine, db_index, name, false);
    }
}

void blocking_serve(struct engine *engine)
{
    struct blocking *blocking = &engine->blocking;
    if (!blocking->ready.count || blocking->is_serving)
        return;
    blocking->is_serving = true;
    struct list_node *node;
    while ((node = blocking->ready.first) != NULL) {
        struct blocked_key *key = LIST_ENTRY(node, struct blocked_key, ready);
        list_remove(&blocking->ready, node);
        key->is_ready = false;
        struct bytes name = bytes_of(key->name + sizeof key->db, key->name_size - sizeof key->db);
        char *copy = memory_copy(name.data, name.size);
        serve_key(engine, key->db, bytes_of(copy, name.size));
        memory_free(copy);
    }
    blocking->is_serving = false;
}

/* --- time --- */

int64_t blocking_next_deadline(const struct blocking *blocking)
{
    int64_t next = KEYSPACE_NEVER;
    if (heap_count(&blocking->deadlines))
        next = heap_first(&blocking->deadlines).deadline;
    if (blocking->pause != PAUSE_NONE && blocking->pause_ends_ms < next)
        next = blocking->pause_ends_ms;
    return next;
}

static void end_with(struct blocked *blocked, const char *error)
{
    struct session *session = blocked->session;
    struct reply *reply = &session->writer.reply;
    void (*timed_out)(struct reply *) = blocked->timed_out;
    blocked->state->calls++;
    end_wait(blocked);
    if (error) {
        reply_error(reply, error);
        engine_count_error(session->engine, reply->error_code);
    } else {
        timed_out(reply);
    }
    go_on(session);
}

void blocking_expire(struct engine *engine)
{
    struct blocking *blocking = &engine->blocking;
    int64_t now_ms = engine->now_us / 1000;
    while (heap_count(&blocking->deadlines) && heap_first(&blocking->deadlines).deadline <= now_ms)
        end_with(heap_first(&blocking->deadlines).item, NULL);
    if (blocking->pause != PAUSE_NONE && blocking->pause_ends_ms <= now_ms)
        blocking_unpause(engine);
}

bool blocking_unblock(struct session *session, const char *error)
{
    if (!session->blocked || !session->blocked->state)
        return false;
    end_with(session->blocked, error);
    return true;
}

void blocking_cancel(struct session *session)
{
    if (session->blocked)
        end_wait(session->blocked);
}

/* --- pause --- */

void blocking_pause(struct engine *engine, enum blocking_pause pause, int64_t ends_ms)
{
    struct blocking *blocking = &engine->blocking;
    if (blocking->pause == PAUSE_NONE || ends_ms > blocking->pause_ends_ms)
        blocking->pause_ends_ms = ends_ms;
    if (pause > blocking->pause)
        blocking->pause = pause;
}

void blocking_unpause(struct engine *engine)
{
    struct blocking *blocking = &engine->blocking;
    blocking->pause = PAUSE_NONE;
    /* The requests were not run: their sessions present them again, each in its own turn. */
    for (size_t left = blocking->postponed.count; left > 0; left--) {
        struct blocked *blocked = LIST_ENTRY(blocking->postponed.first, struct blocked, postponed);
        struct session *session = blocked->session;
        struct bytes *argv = blocked->argv;
        int argc = blocked->argc;
        blocked->argv = NULL;
        end_wait(blocked);
        session_execute(session, argv, argc);
        memory_free(argv);
        go_on(session);
    }
}

void blocking_postpone(struct session *session, const struct bytes *argv, int argc)
{
    struct blocked *blocked = blocked_new(session, argv, argc);
    list_append(&session->engine->blocking.postponed, &blocked->postponed);
}
