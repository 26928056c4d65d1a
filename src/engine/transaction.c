/* SPDX-License-Identifier: MIT */
#include "engine/transaction.h"

#include "base/memory.h"
#include "engine/dispatch.h"
#include "engine/engine.h"
#include "reply/errors.h"

void transaction_queue(struct session *session, struct command_state *state,
                       const struct bytes *argv, int argc)
{
    if (session->flags & (SESSION_DIRTY_EXEC | SESSION_DIRTY_CAS))
        return; /* it will not run: what for should it be kept? */
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

/* The rights that a command had when it was queued may be gone. */
static const char *find_loss(enum acl_verdict verdict)
{
    if (verdict == ACL_DENIED_KEY)
        return ERROR_NOPERM_SINCE_MULTI_KEY;
    return verdict == ACL_DENIED_CHANNEL ? ERROR_NOPERM_SINCE_MULTI_CHANNEL
                                         : ERROR_NOPERM_SINCE_MULTI_COMMAND;
}

static bool is_permitted(struct session *session, const struct queued_command *queued,
                         struct reply *reply)
{
    if (session->user->is_unrestricted)
        return true;
    const struct acl_request request = {.state = queued->state,
                                        .argv = queued->argv,
                                        .argc = queued->argc,
                                        .context = ACL_LOG_MULTI};
    enum acl_verdict verdict = acl_judge(session, &request);
    if (verdict != ACL_ALLOWED)
        reply_error_format(reply, ERROR_NOPERM_SINCE_MULTI, find_loss(verdict));
    return verdict == ACL_ALLOWED;
}

void transaction_execute(struct session *session, struct reply *reply)
{
    transaction_unwatch_all(session);
    session->flags |= SESSION_IN_EXEC;
    for (int i = 0; i < session->queue_count; i++) {
        struct queued_command *queued = &session->queue[i];
        if (is_permitted(session, queued, reply))
            dispatch_run(session, queued->state, queued->argv, queued->argc, reply);
    }
    transaction_discard(session);
}

enum presence { ABSENT, OVERDUE, PRESENT };

static enum presence presence_of(struct database *db, struct bytes key)
{
    const struct entry *entry = db ? database_find(db, key, ACCESS_PEEK) : NULL;
    if (!entry)
        return ABSENT;
    return database_is_overdue(db, entry) ? OVERDUE : PRESENT;
}

void transaction_watch(struct session *session, struct database *db, struct bytes key)
{
    struct key_membership *watch =
        key_registry_join(&session->engine->watched, &session->watches, session, db->index, key);
    if (watch)
        watch->is_void = presence_of(db, key) == OVERDUE;
}

void transaction_unwatch_all(struct session *session)
{
    key_registry_leave_all(&session->engine->watched, &session->watches);
}

bool transaction_has_overdue_watch(const struct session *session)
{
    struct keyspace *keyspace = &session->engine->keyspace;
    struct list_node *node = keyspace->expiry_is_paused ? list_first(&session->watches) : NULL;
    for (; node; node = list_next(node)) {
        const struct key_membership *watch = LIST_ENTRY(node, struct key_membership, by_owner);
        if (!watch->is_void && presence_of(&keyspace->databases[watch->key->db],
                                           key_registry_name_of(watch->key)) == OVERDUE)
            return true;
    }
    return false;
}

/* The key went from `old` to `new`. A key that was overdue when it was watched counts as absent:
 * that it goes, or stays overdue, is no change; the same holds for an absent one that comes
 * overdue. */
static void mark_watchers(struct registered_key *key, enum presence old, enum presence new)
{
    for (struct list_node *node = list_first(&key->members); node; node = list_next(node)) {
        struct key_membership *watch = LIST_ENTRY(node, struct key_membership, by_key);
        if (new != PRESENT && (watch->is_void || (old == ABSENT && new == OVERDUE)))
            watch->is_void = new == OVERDUE;
        else
            ((struct session *)watch->owner)->flags |= SESSION_DIRTY_CAS;
    }
}

void transaction_touch(struct engine *engine, int db, struct bytes key)
{
    if (key_registry_count(&engine->watched) == 0 || engine->is_trial)
        return;
    struct registered_key *found = key_registry_find(&engine->watched, db, key);
    if (!found)
        return;
    bool is_there = database_find(&engine->keyspace.databases[db], key, ACCESS_PEEK);
    mark_watchers(found, PRESENT, is_there ? PRESENT : ABSENT);
}

struct touched {
    struct database *db;
    struct database *replacement; /* or NULL */
};

static void touch_if_there(struct registered_key *key, void *context)
{
    const struct touched *touched = context;
    enum presence old = presence_of(touched->db, key_registry_name_of(key));
    enum presence new = presence_of(touched->replacement, key_registry_name_of(key));
    if (old != ABSENT || new != ABSENT)
        mark_watchers(key, old, new);
}

void transaction_touch_all(struct engine *engine, struct database *db, struct database *replacement)
{
    struct touched touched = {.db = db, .replacement = replacement};
    if (key_registry_count(&engine->watched) && !engine->is_trial)
        key_registry_visit(&engine->watched, db->index, touch_if_there, &touched);
}
