/* SPDX-License-Identifier: MIT */
/*
 * Invariant: serving may add waits and ready keys, never free a blocked command that is being run.
 */
#include "engine/blocking.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/admission.h"
#include "engine/call.h"
#include "engine/dispatch.h"
#include "engine/engine.h"
#include "engine/observer.h"
#include "engine/session.h"

#define NO_DATABASE (-1) /* of a key that is a topic */

struct blocked {
    struct session *session;
    struct command_state *state; /* NULL: held, to be looked up again */
    struct bytes *argv;          /* owned: one allocation for slices and bytes; NULL: the reply is
                                    held */
    int argc;
    size_t argument_bytes; /* as the client sent them */
    struct list waits;     /* of struct key_membership, by_owner */
    struct list *holder;   /* borrowed: of whoever holds it */
    struct list_node held;
    struct buffer reply; /* owned: held */
    uint32_t deadline_slot;
    uint32_t real_deadline_slot;
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

static void real_deadline_moved(void *item, uint32_t slot)
{
    ((struct blocked *)item)->real_deadline_slot = slot;
}

void blocking_init(struct blocking *blocking, uint64_t seed)
{
    *blocking = (struct blocking){0};
    key_registry_init(&blocking->keys, seed);
    heap_init(&blocking->deadlines, deadline_moved);
    heap_init(&blocking->real_deadlines, real_deadline_moved);
}

void blocking_clear(struct blocking *blocking)
{
    CHECK(heap_count(&blocking->deadlines) == 0);
    key_registry_clear(&blocking->keys);
    heap_clear(&blocking->deadlines);
    heap_clear(&blocking->real_deadlines);
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
    blocked->argv = argc ? bytes_copy_all(argv, argc, NULL) : NULL;
    blocked->argc = argc;
    blocked->argument_bytes = count_bytes(argv, argc);
    blocked->deadline_slot = HEAP_NO_SLOT;
    blocked->real_deadline_slot = HEAP_NO_SLOT;
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
    if (blocked->real_deadline_slot != HEAP_NO_SLOT)
        heap_remove(&engine->blocking.real_deadlines, blocked->real_deadline_slot);
    engine->blocking.count--;
    if (!blocked->state)
        list_remove(blocked->holder, &blocked->held);
    session->blocked = NULL;
    buffer_clear(&blocked->reply);
    memory_free(blocked->argv);
    memory_free(blocked);
}

bool blocking_is_waiting(const struct session *session)
{
    const struct blocked *blocked = session->blocked;
    return blocked && (!blocked->is_running || blocked->waits_on);
}

static void wake_stream(struct session *session)
{
    if (!session->transport)
        return;
    session->transport->output_ready(session);
    if (session->transport->unblocked)
        session->transport->unblocked(session);
}

static void go_on(struct session *session)
{
    dispatch_end_request(session);
    wake_stream(session);
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
    if (request->topic.size)
        key_registry_join(&call->engine->blocking.keys, &blocked->waits, blocked, NO_DATABASE,
                          request->topic);
    if (request->real_timeout_ms)
        heap_insert(&call->engine->blocking.real_deadlines,
                    clock_monotonic_us() / 1000 + request->real_timeout_ms, blocked);
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

void blocking_signal_topic(struct engine *engine, struct bytes topic)
{
    struct key_registry *keys = &engine->blocking.keys;
    struct registered_key *found = key_registry_find(keys, NO_DATABASE, topic);
    if (found)
        key_registry_mark(keys, found);
}

void blocking_signal_all(struct engine *engine, struct database *db)
{
    struct key_registry *keys = &engine->blocking.keys;
    if (blocking_has_waiters(&engine->blocking) && !engine->is_trial)
        key_registry_visit(keys, db->index, mark, keys);
}

/* Those that watch commands see the end of one that answered because its time was up. */
static void tell_observers(struct blocked *blocked, size_t reply_start)
{
    struct session *session = blocked->session;
    struct engine *engine = session->engine;
    if (list_is_empty(&engine->observers))
        return;
    struct call call = {.engine = engine,
                        .session = session,
                        .db = &engine->keyspace.databases[session->db],
                        .command = blocked->state->command,
                        .state = blocked->state,
                        .argv = blocked->argv,
                        .argc = blocked->argc,
                        .reply = &session->writer.reply,
                        .now_ms = engine->now_us / 1000,
                        .now_us = engine->now_us,
                        .reply_start = reply_start};
    session->blocked = NULL; /* it has answered */
    observer_after(&call, 0);
    CHECK(!session->blocked);
    session->blocked = blocked;
}

static void end_with(struct blocked *blocked, const char *error)
{
    struct session *session = blocked->session;
    struct reply *reply = &session->writer.reply;
    size_t reply_start = session->output.size;
    uint64_t errors = reply->errors;
    blocked->state->calls++;
    if (error)
        reply_error(reply, error);
    else
        blocked->timed_out(reply);
    if (reply->errors != errors)
        engine_count_error(session->engine, reply->error_code);
    tell_observers(blocked, reply_start);
    end_wait(blocked);
    go_on(session);
}

/* Runs the blocked command again. True when it answered, and its wait is over. */
static bool run_again(struct blocked *blocked, struct bytes ready_key)
{
    struct session *session = blocked->session;
    struct buffer denial = {0};
    if (!admission_may_run_again(session, blocked->state, blocked->argv, blocked->argc, &denial)) {
        end_with(blocked, denial.data);
        buffer_clear(&denial);
        return true;
    }
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
    const struct entry *entry = db ? database_find(db, name, ACCESS_PEEK) : NULL;
    if (!db || (entry && entry_type(entry) == blocked->type))
        return true;
    return blocked->wakes_when_gone;
}

/* Everyone who waits for the key at this moment, in order. Serving one ends no wait but its own;
 * with the last wait the key's record goes. */
static void serve_key(struct engine *engine, int db_index, struct bytes name)
{
    struct database *db = db_index == NO_DATABASE ? NULL : &engine->keyspace.databases[db_index];
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

int64_t blocking_next_real_deadline(const struct blocking *blocking)
{
    const struct heap *deadlines = &blocking->real_deadlines;
    return heap_count(deadlines) ? heap_first(deadlines).deadline : KEYSPACE_NEVER;
}

/* The request is presented again, or the reply comes. One that is to be closed has nothing more to
 * say, and hears nothing. */
static void release_held(struct session *session)
{
    struct blocked *blocked = session->blocked;
    CHECK(blocking_is_held(session));
    struct bytes *argv = blocked->argv;
    int argc = blocked->argc;
    struct buffer reply = blocked->reply;
    bool is_closing = session->flags & (SESSION_CLOSE_NOW | SESSION_CLOSE_AFTER_REPLY);
    blocked->argv = NULL;
    blocked->reply = (struct buffer){0};
    end_wait(blocked);
    buffer_append_bytes(&session->output, buffer_bytes(&reply));
    if (argv && !is_closing)
        session_execute(session, argv, argc);
    else
        dispatch_end_request(session);
    if (!session->blocked)
        session->passed = (struct session_passed){0};
    buffer_clear(&reply);
    memory_free(argv);
    wake_stream(session);
}

void blocking_expire(struct engine *engine)
{
    struct blocking *blocking = &engine->blocking;
    int64_t now_ms = engine->now_us / 1000;
    if (blocking->is_expiring) /* a request that is let go looks at the time as well */
        return;
    blocking->is_expiring = true;
    while (heap_count(&blocking->deadlines) &&
           heap_first(&blocking->deadlines).deadline <= now_ms) {
        struct blocked *blocked = heap_first(&blocking->deadlines).item;
        if (blocked->state)
            end_with(blocked, NULL);
        else
            release_held(blocked->session);
    }
    while (heap_count(&blocking->real_deadlines) &&
           heap_first(&blocking->real_deadlines).deadline <= clock_monotonic_us() / 1000)
        end_with(heap_first(&blocking->real_deadlines).item, NULL);
    blocking->is_expiring = false;
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

struct review {
    struct engine *engine;
    const char *(*find_error)(const struct engine *engine, const struct acl_request *request);
    struct blocked *found; /* one whose wait is to end */
    const char *error;     /* with this */
};

static void review_key(struct registered_key *key, void *context)
{
    struct review *review = context;
    struct list_node *node = list_first(&key->members);
    for (; node && !review->error; node = list_next(node)) {
        struct blocked *blocked = LIST_ENTRY(node, struct key_membership, by_key)->owner;
        const struct acl_request request = {
            .state = blocked->state, .argv = blocked->argv, .argc = blocked->argc};
        if (blocked->is_running)
            continue;
        review->found = blocked;
        review->error = review->find_error(review->engine, &request);
    }
}

void blocking_review(struct engine *engine,
                     const char *(*find_error)(const struct engine *engine,
                                               const struct acl_request *request))
{
    struct review review;
    do {
        review = (struct review){.engine = engine, .find_error = find_error};
        key_registry_visit(&engine->blocking.keys, 0, review_key, &review);
        if (review.error)
            end_with(review.found, review.error);
    } while (review.error);
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
        struct blocked *blocked = LIST_ENTRY(blocking->postponed.first, struct blocked, held);
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

/* --- holding --- */

static void hold(struct blocked *blocked, struct list *holder, int64_t deadline_ms)
{
    blocked->holder = holder;
    list_append(holder, &blocked->held);
    if (deadline_ms != KEYSPACE_NEVER)
        heap_insert(&blocked->session->engine->blocking.deadlines, deadline_ms, blocked);
}

void blocking_hold(struct session *session, const struct bytes *argv, int argc, struct list *holder,
                   int64_t deadline_ms)
{
    hold(blocked_new(session, argv, argc), holder, deadline_ms);
}

void blocking_hold_reply(struct session *session, size_t start, struct list *holder,
                         int64_t deadline_ms)
{
    struct blocked *blocked = blocked_new(session, NULL, 0);
    struct buffer *output = &session->output;
    buffer_append(&blocked->reply, output->data + start, output->size - start);
    output->size = start;
    hold(blocked, holder, deadline_ms);
}

bool blocking_is_held(const struct session *session)
{
    return session->blocked && !session->blocked->state;
}

static struct session *session_of_held(struct list_node *node)
{
    return LIST_ENTRY(node, struct blocked, held)->session;
}

struct session *blocking_first_held(const struct list *holder)
{
    return list_is_empty(holder) ? NULL : session_of_held(list_first(holder));
}

void blocking_list_held(const struct list *holder, struct buffer *ids)
{
    for (struct list_node *node = list_first(holder); node; node = list_next(node)) {
        uint64_t id = session_of_held(node)->id;
        buffer_append(ids, &id, sizeof id);
    }
}

void blocking_release_all(struct list *holder)
{
    for (size_t left = list_count(holder); left > 0 && !list_is_empty(holder); left--)
        release_held(blocking_first_held(holder));
}
