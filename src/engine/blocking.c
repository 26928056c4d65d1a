/* SPDX-License-Identifier: MIT */
/*
 * Invariant: serving may add waits and ready keys, never free a blocked command that is being run.
 */
#include "engine/blocking.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/call.h"
#include "engine/dispatch.h"
#include "engine/engine.h"
#include "engine/session.h"

struct blocked {
    struct session *session;
    struct command_state *state; /* NULL: postponed, to be looked up again */
    struct bytes *argv;          /* owned: one allocation for slices and bytes */
    int argc;
    size_t argument_bytes; /* as the client sent them */
    struct list waits;     /* of struct key_membership, by_owner */
    struct list_node postponed;
    uint32_t deadline_slot;
    enum value_type type;
    bool wakes_when_gone;
    bool is_running;        /* it is being run again */
    bool waits_on;          /* and found nothing again */
    struct bytes ready_key; /* the one it is run again for; valid while is_running */
    void (*timed_out)(struct reply *reply);
};

static void deadline_moved(void *item, uint32_t slot)
{
    ((struct blocked *)item)->deadline_slot = slot;
}

void blocking_init(struct blocking *blocking, uint64_t seed)
{
    *blocking = (struct blocking){0};
    key_registry_init(&blocking->keys, seed);
    heap_init(&blocking->deadlines, deadline_moved);
}

void blocking_clear(struct blocking *blocking)
{
    CHECK(heap_count(&blocking->deadlines) == 0);
    key_registry_clear(&blocking->keys);
    heap_clear(&blocking->deadlines);
}

/* --- beginning and ending a wait --- */

static size_t count_bytes(const struct bytes *argv, int argc)
{
    size_t size = 0;
    for (int i = 0; i < argc; i++)
        size += argv[i].size;
    return size;
}

static struct blocked *blocked_new(struct session *session, const struct bytes *argv, int argc)
{
    struct blocked *blocked = memory_zeroed(sizeof *blocked);
    blocked->session = session;
    blocked->argv = bytes_copy_all(argv, argc, NULL);
    blocked->argc = argc;
    blocked->argument_bytes = count_bytes(argv, argc);
    blocked->deadline_slot = HEAP_NO_SLOT;
    CHECK(!session->blocked);
    session->blocked = blocked;
    session->engine->blocking.count++;
    return blocked;
}

/* Out of every list. The session is free to go on; `blocked` is freed. */
static void end_wait(struct blocked *blocked)
{
    struct session *session = blocked->session;
    struct engine *engine = session->engine;
    key_registry_leave_all(&engine->blocking.keys, &blocked->waits);
    if (blocked->deadline_slot != HEAP_NO_SLOT)
        heap_remove(&engine->blocking.deadlines, blocked->deadline_slot);
    engine->blocking.count--;
    if (!blocked->state)
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
    dispatch_end_request(session);
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
    blocked->argument_bytes = count_bytes(call->argv, call->argc);
    blocked->type = request->type;
    blocked->wakes_when_gone = request->wakes_when_gone;
    blocked->timed_out = request->timed_out;
    for (int i = 0; i < request->key_count; i++)
        key_registry_join(&call->engine->blocking.keys, &blocked->waits, blocked, call->db->index,
                          argv[request->first_key + i * request->key_step]);
    if (request->deadline_ms != KEYSPACE_NEVER)
        heap_insert(&call->engine->blocking.deadlines, request->deadline_ms, blocked);
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

void blocking_signal(struct engine *engine, struct database *db, struct bytes key)
{
    struct key_registry *keys = &engine->blocking.keys;
    if (!blocking_has_waiters(&engine->blocking) || engine->is_trial)
        return;
    struct registered_key *found = key_registry_find(keys, db->index, key);
    if (found)
        key_registry_mark(keys, found);
}

static void mark(struct registered_key *key, void *context)
{
    key_registry_mark(context, key);
}

void blocking_signal_all(struct engine *engine, struct database *db)
{
    struct key_registry *keys = &engine->blocking.keys;
    if (blocking_has_waiters(&engine->blocking) && !engine->is_trial)
        key_registry_visit(keys, db->index, mark, keys);
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

/* Everyone who waits for the key at this moment, in order. Serving one ends no wait but its own;
 * with the last wait the key's record goes. */
static void serve_key(struct engine *engine, int db_index, struct bytes name)
{
    struct database *db = &engine->keyspace.databases[db_index];
    struct registered_key *key = key_registry_find(&engine->blocking.keys, db_index, name);
    size_t left = key ? list_count(&key->members) : 0;
    struct list_node *passed = NULL; /* the last one that goes on waiting */
    for (; left > 0 && key; left--) {
        struct list_node *node = passed ? list_next(passed) : list_first(&key->members);
        struct blocked *blocked = LIST_ENTRY(node, struct key_membership, by_key)->owner;
        if (blocked->is_running || !may_be_served(blocked, db, name) || !run_again(blocked, name))
            passed = node;
        else if (!passed) /* else the record is held by who waits on */
            key = key_registry_find(&engine->blocking.keys, db_index, name);
    }
}

void blocking_serve(struct engine *engine)
{
    struct blocking *blocking = &engine->blocking;
    if (list_is_empty(&blocking->keys.marked) || blocking->is_serving)
        return;
    blocking->is_serving = true;
    struct registered_key *key;
    while ((key = key_registry_take_marked(&blocking->keys)) != NULL) {
        struct bytes name = key_registry_name_of(key);
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

size_t blocking_argument_bytes(const struct session *session)
{
    return session->blocked ? session->blocked->argument_bytes : 0;
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

/* The requests were not run: their sessions present them again. A stream does it when its turn
 * comes, with what stands behind. */
static void present_again(struct engine *engine)
{
    struct blocking *blocking = &engine->blocking;
    for (size_t left = blocking->postponed.count; left > 0; left--) {
        struct blocked *blocked = LIST_ENTRY(blocking->postponed.first, struct blocked, postponed);
        struct session *session = blocked->session;
        session->held = (struct queued_command){.argv = blocked->argv, .argc = blocked->argc};
        blocked->argv = NULL;
        end_wait(blocked);
        if (session->transport && session->transport->unblocked)
            session->transport->unblocked(session);
        else
            session_execute_held(session);
    }
}

void blocking_unpause(struct engine *engine)
{
    engine->blocking.pause = PAUSE_NONE;
    present_again(engine);
}

void blocking_resume(struct engine *engine)
{
    struct blocking *blocking = &engine->blocking;
    if (blocking->is_resuming || engine->is_held)
        return;
    blocking->is_resuming = true;
    while (blocking->postponed.count && blocking->pause == PAUSE_NONE)
        present_again(engine);
    blocking->is_resuming = false;
}

void blocking_postpone(struct session *session, const struct bytes *argv, int argc)
{
    struct blocked *blocked = blocked_new(session, argv, argc);
    list_append(&session->engine->blocking.postponed, &blocked->postponed);
}
