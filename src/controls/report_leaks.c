/* SPDX-License-Identifier: MIT */
/*
 * What a run leaves behind. A key is a lock if the command that gave it its value was to set it
 * only if it was absent; that is remembered until another command sets or deletes it, and means
 * nothing once the key has gone.
 */
#include <string.h>

#include "base/memory.h"
#include "controls/report_private.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "values/value.h"

#define LOCKS_BEFORE_SWEEP 10000

static struct bytes key_of(const void *entry)
{
    const struct report_key *key = entry;
    return bytes_of(key->data, key->size);
}
static const struct table_class key_class = {.key_of = key_of};

static void append_place(struct buffer *place, const struct database *db, struct bytes key)
{
    buffer_append(place, &db->index, sizeof db->index);
    buffer_append_bytes(place, key);
}

static struct report_key *find_key(struct table *table, const struct database *db, struct bytes key)
{
    struct buffer place = {0};
    if (table_count(table) == 0)
        return NULL;
    append_place(&place, db, key);
    struct report_key *found = table_find(table, buffer_bytes(&place));
    buffer_clear(&place);
    return found;
}

static struct report_key *add_key(struct table *table, const struct database *db, struct bytes key)
{
    struct buffer place = {0};
    append_place(&place, db, key);
    struct report_key *added = memory_zeroed(sizeof *added + place.size);
    added->size = place.size;
    memcpy(added->data, place.data, place.size);
    table_insert(table, added);
    buffer_clear(&place);
    return added;
}

static void free_key(void *entry, void *context)
{
    (void)context;
    memory_free(entry);
}

void report_leaks_init(struct report *report)
{
    struct keyspace *keyspace = &report->engine->keyspace;
    table_init(&report->initial, &key_class, 0);
    table_init(&report->locks, &key_class, 0);
    for (int i = 0; i < keyspace->count; i++) {
        struct table_iterator iterator;
        const struct entry *entry;
        table_iterator_begin(&iterator, &keyspace->databases[i].keys);
        while ((entry = table_iterator_next(&iterator)) != NULL)
            add_key(&report->initial, &keyspace->databases[i], entry_key(entry));
        table_iterator_end(&iterator);
    }
}

void report_leaks_clear(struct report *report)
{
    struct list_node *node;
    table_clear(&report->initial, free_key, NULL);
    table_clear(&report->locks, free_key, NULL);
    while ((node = list_first(&report->unfinished)) != NULL) {
        struct report_unfinished *one = LIST_ENTRY(node, struct report_unfinished, node);
        list_remove(&report->unfinished, node);
        memory_free(one->name);
        memory_free(one);
    }
}

/* --- locks --- */

static void forget_lock(struct report *report, const struct database *db, struct bytes key)
{
    struct report_key *lock = find_key(&report->locks, db, key);
    if (lock)
        memory_free(table_remove(&report->locks, key_of(lock)));
}

/* Those that expired are nobody's any more. */
static void sweep_locks(struct report *report)
{
    struct table_iterator iterator;
    struct report_key *lock;
    table_iterator_begin(&iterator, &report->locks);
    while ((lock = table_iterator_next(&iterator)) != NULL) {
        int db;
        memcpy(&db, lock->data, sizeof db);
        struct bytes key = bytes_of(lock->data + sizeof db, lock->size - sizeof db);
        if (!table_find(&report->engine->keyspace.databases[db].keys, key))
            memory_free(table_remove(&report->locks, key_of(lock)));
    }
    table_iterator_end(&iterator);
}

static bool is_to_be_new(const struct call *call)
{
    if (strcmp(call->state->name, "setnx") == 0)
        return true;
    for (int i = 3; i < call->argc; i++)
        if (call_is(call, i, "NX"))
            return strcmp(call->state->name, "set") == 0;
    return false;
}

void report_leaks_note_set(struct report *report, const struct call *call, struct bytes key)
{
    forget_lock(report, call->db, key);
    if (!is_to_be_new(call))
        return;
    size_t count = table_count(&report->locks);
    if (count >= LOCKS_BEFORE_SWEEP && count % LOCKS_BEFORE_SWEEP == 0)
        sweep_locks(report);
    struct report_key *lock = add_key(&report->locks, call->db, key);
    const struct session *client = report->engine->current;
    lock->client_id = client ? client->id : 0;
    lock->at_us = clock_monotonic_us() - report->began_us;
}

void report_leaks_note_deleted(struct report *report, const struct call *call, struct bytes key)
{
    forget_lock(report, call->db, key);
}

/* --- clients --- */

/* To hang up while subscribed is how many clients end a subscription; only what lasts to the end is
 * told. */
static const char *unfinished_state(const struct session *session)
{
    if (session->flags & SESSION_IN_MULTI)
        return "MULTI";
    if (session->blocked && blocking_is_held(session))
        return "held";
    if (session->blocked)
        return "blocked";
    return session->subscriptions && session->engine->is_stopping ? "subscribed" : NULL;
}

void report_leaks_note_leaving(struct report *report, const struct session *session)
{
    const char *state = unfinished_state(session);
    if (!state)
        return;
    report->unfinished_count++;
    if (list_count(&report->unfinished) == REPORT_LEAKS_LISTED)
        return;
    struct report_unfinished *one = memory_zeroed(sizeof *one);
    one->id = session->id;
    one->state = state;
    one->command = session->last_command ? session->last_command->name : "";
    one->was_there_to_the_end = session->engine->is_stopping;
    if (session->name)
        one->name = bytes_to_string(bytes_of_string(session->name));
    if (session->transport && session->transport->describe) {
        struct session_stream stream = {0};
        session->transport->describe(session, &stream);
        memcpy(one->address, stream.address, sizeof one->address);
    }
    list_append(&report->unfinished, &one->node);
}

/* --- keys --- */

static void visit_database(struct report *report, struct database *db, bool wants_locks,
                           void (*visit)(void *context, const struct report_leaked_key *leaked),
                           void *context)
{
    struct table_iterator iterator;
    const struct entry *entry;
    table_iterator_begin(&iterator, &db->keys);
    while ((entry = table_iterator_next(&iterator)) != NULL) {
        struct bytes key = entry_key(entry);
        int64_t deadline = database_deadline(db, entry);
        const struct report_key *lock = find_key(&report->locks, db, key);
        if ((lock != NULL) != wants_locks || find_key(&report->initial, db, key) ||
            (!lock && deadline != KEYSPACE_NEVER) || database_is_overdue(db, entry))
            continue;
        struct report_leaked_key leaked = {
            .db = db->index,
            .key = key,
            .type = value_type_name(entry_type(entry)),
            .ttl_ms = deadline == KEYSPACE_NEVER ? -1 : deadline - report->engine->now_us / 1000,
            .lock = lock};
        visit(context, &leaked);
    }
    table_iterator_end(&iterator);
}

void report_leaks_visit(struct report *report,
                        void (*visit)(void *context, const struct report_leaked_key *leaked),
                        void *context)
{
    struct keyspace *keyspace = &report->engine->keyspace;
    engine_tick(report->engine);
    for (int i = 0; i < keyspace->count; i++)
        visit_database(report, &keyspace->databases[i], true, visit, context);
    for (int i = 0; i < keyspace->count; i++)
        visit_database(report, &keyspace->databases[i], false, visit, context);
}
