/* SPDX-License-Identifier: MIT */
/*
 * Invariants: a tracked key has at least one session id, in ascending order, each once; ids of
 * sessions that are gone or track no more stay until the key changes, as in Redis. A prefix has at
 * least one member. A membership stands in two lists, its tracker's and its prefix's.
 */
#include "engine/tracking.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"

#define INVALIDATE_PUSH ">2\r\n$10\r\ninvalidate\r\n"
/* As a message, for a client that speaks RESP2. */
#define INVALIDATE_MESSAGE ">3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
#define ALL_KEYS           INT64_C(-1) /* in tracker->pending: a flush, instead of a key's size */

struct tracked_key {
    uint64_t *ids; /* owned */
    uint32_t count;
    uint32_t capacity;
    size_t size;
    char name[];
};

struct changed_key {
    uint64_t changer; /* id of the session that changed it last; 0 = none */
    size_t size;
    char name[];
};

static struct bytes name_of_tracked(const void *entry)
{
    const struct tracked_key *key = entry;
    return bytes_of(key->name, key->size);
}
static const struct table_class tracked_class = {.key_of = name_of_tracked};

static struct bytes name_of_changed(const void *entry)
{
    const struct changed_key *key = entry;
    return bytes_of(key->name, key->size);
}
static const struct table_class changed_class = {.key_of = name_of_changed};

static struct bytes id_of_tracker(const void *entry)
{
    const struct tracker *tracker = entry;
    return bytes_of((const char *)&tracker->session_id, sizeof tracker->session_id);
}
static const struct table_class tracker_class = {.key_of = id_of_tracker};

static void free_tracked(void *entry, void *context)
{
    struct tracked_key *key = entry;
    (void)context;
    memory_free(key->ids);
    memory_free(key);
}

static void free_changed(void *entry, void *context)
{
    (void)context;
    memory_free(entry);
}

void tracking_init(struct tracking *tracking, uint64_t seed)
{
    *tracking = (struct tracking){0};
    table_init(&tracking->keys, &tracked_class, seed);
    table_init(&tracking->trackers, &tracker_class, seed);
}

void tracking_clear(struct tracking *tracking)
{
    CHECK(table_count(&tracking->trackers) == 0 && list_is_empty(&tracking->prefixes));
    table_clear(&tracking->keys, free_tracked, NULL);
    table_clear(&tracking->trackers, NULL, NULL);
}

/* --- on and off --- */

static struct bytes name_of_prefix(const struct tracking_prefix *prefix)
{
    return bytes_of(prefix->name, prefix->size);
}

bool tracking_prefixes_overlap(struct bytes a, struct bytes b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    return size == 0 || memcmp(a.data, b.data, size) == 0;
}

static struct tracking_prefix *find_or_add_prefix(struct engine *engine, struct bytes name)
{
    struct list *prefixes = &engine->tracking.prefixes;
    struct list_node *before = NULL;
    for (struct list_node *node = prefixes->first; node; node = node->next) {
        struct tracking_prefix *found = LIST_ENTRY(node, struct tracking_prefix, node);
        int order = bytes_compare(name_of_prefix(found), name);
        if (order == 0)
            return found;
        if (order > 0)
            break;
        before = node;
    }
    struct tracking_prefix *prefix = memory_zeroed(sizeof *prefix + name.size);
    prefix->size = name.size;
    if (name.size)
        memcpy(prefix->name, name.data, name.size);
    table_init(&prefix->changed, &changed_class, engine->tracking.keys.seed);
    list_insert_after(prefixes, before, &prefix->node);
    return prefix;
}

static void join_prefix(struct tracker *tracker, struct bytes name)
{
    struct tracking_prefix *prefix = find_or_add_prefix(tracker->session->engine, name);
    struct list_node *before = NULL;
    for (struct list_node *node = tracker->memberships.first; node; node = node->next) {
        const struct tracking_membership *other =
            LIST_ENTRY(node, struct tracking_membership, by_tracker);
        if (other->prefix == prefix)
            return;
        if (bytes_compare(name_of_prefix(other->prefix), name) > 0)
            break;
        before = node;
    }
    struct tracking_membership *membership = memory_zeroed(sizeof *membership);
    membership->tracker = tracker;
    membership->prefix = prefix;
    list_insert_after(&tracker->memberships, before, &membership->by_tracker);
    list_append(&prefix->members, &membership->by_prefix);
}

static void leave_prefixes(struct tracker *tracker)
{
    struct list_node *node;
    while ((node = tracker->memberships.first) != NULL) {
        struct tracking_membership *membership =
            LIST_ENTRY(node, struct tracking_membership, by_tracker);
        struct tracking_prefix *prefix = membership->prefix;
        list_remove(&tracker->memberships, &membership->by_tracker);
        list_remove(&prefix->members, &membership->by_prefix);
        memory_free(membership);
        if (list_is_empty(&prefix->members)) {
            table_clear(&prefix->changed, free_changed, NULL);
            list_remove(&tracker->session->engine->tracking.prefixes, &prefix->node);
            memory_free(prefix);
        }
    }
}

static struct tracker *tracker_new(struct session *session)
{
    struct tracker *tracker = memory_zeroed(sizeof *tracker);
    tracker->session = session;
    tracker->session_id = session->id;
    table_insert(&session->engine->tracking.trackers, tracker);
    return tracker;
}

void tracking_switch_on(struct session *session, const struct tracking_options *options)
{
    if (!session->tracker)
        session->tracker = tracker_new(session);
    struct tracker *tracker = session->tracker;
    if (!(tracker->flags & TRACKING_ON))
        session->engine->tracking.clients++;
    tracker->flags = TRACKING_ON | options->flags | (tracker->flags & TRACKING_CACHING);
    tracker->redirect = options->redirect;
    if (!(options->flags & TRACKING_BROADCASTS))
        return;
    if (options->prefix_count == 0)
        join_prefix(tracker, bytes_of(NULL, 0));
    for (size_t i = 0; i < options->prefix_count; i++)
        join_prefix(tracker, options->prefixes[i]);
}

void tracking_switch_off(struct session *session)
{
    struct tracker *tracker = session->tracker;
    if (!tracker || !(tracker->flags & TRACKING_ON))
        return;
    leave_prefixes(tracker);
    tracker->flags = 0;
    session->engine->tracking.clients--;
}

void tracking_forget(struct session *session)
{
    struct tracker *tracker = session->tracker;
    if (!tracker)
        return;
    tracking_switch_off(session);
    CHECK(table_remove(&session->engine->tracking.trackers, id_of_tracker(tracker)) == tracker);
    buffer_clear(&tracker->pending);
    memory_free(tracker);
    session->tracker = NULL;
}

/* --- remembering what was read --- */

static void add_id(struct tracking *tracking, struct tracked_key *key, uint64_t id)
{
    uint32_t place = key->count;
    while (place > 0 && key->ids[place - 1] > id)
        place--;
    if (place > 0 && key->ids[place - 1] == id)
        return;
    if (key->count == key->capacity) {
        key->capacity = key->capacity ? key->capacity * 2 : 1;
        key->ids = memory_resize(key->ids, key->capacity * sizeof *key->ids);
    }
    memmove(key->ids + place + 1, key->ids + place, (key->count - place) * sizeof *key->ids);
    key->ids[place] = id;
    key->count++;
    tracking->items++;
}

static void remember_key(struct tracking *tracking, struct bytes name, uint64_t id)
{
    struct table_position position;
    struct tracked_key *key = table_find_or_position(&tracking->keys, name, &position);
    if (!key) {
        key = memory_zeroed(sizeof *key + name.size);
        key->size = name.size;
        if (name.size)
            memcpy(key->name, name.data, name.size);
        table_insert_at(&tracking->keys, position, key);
    }
    add_id(tracking, key, id);
}

void tracking_remember(const struct call *call, const struct call *caller)
{
    const struct session *session = caller ? caller->session : call->session;
    const struct tracker *tracker = session->tracker;
    if (!tracker || (tracker->flags & (TRACKING_ON | TRACKING_BROADCASTS)) != TRACKING_ON)
        return;
    bool is_given = tracker->flags & TRACKING_CACHING;
    if ((tracker->flags & TRACKING_OPT_IN && !is_given) ||
        (tracker->flags & TRACKING_OPT_OUT && is_given))
        return;
    /* Before 7.2 a read that has waited reads no second time. */
    if (call_is_run_again(call) && !call_emulates(call, 7, 2))
        return;
    /* Before 7.2 the keys that a script declares count, not those that it reads. */
    if (caller && !call_emulates(call, 7, 2))
        call = caller;
    struct key_references found = {0};
    if (command_find_keys(call->command, call->argv, call->argc, &found))
        for (size_t i = 0; i < found.count; i++)
            remember_key(&call->engine->tracking, call->argv[found.keys[i].position], session->id);
    memory_free(found.keys);
}

/* --- telling --- */

/* `value` is the encoded second part of the message: an array of keys, or null. */
static void tell(struct tracker *tracker, struct bytes value)
{
    struct session *target = tracker->session;
    struct engine *engine = target->engine;
    struct buffer message = {0};
    if (tracker->redirect) {
        target = engine_find_session(engine, tracker->redirect);
        if (!target) {
            tracker->flags |= TRACKING_BROKEN;
            buffer_append_format(&message, ">2\r\n$21\r\ntracking-redir-broken\r\n:%llu\r\n",
                                 (unsigned long long)tracker->redirect);
            if (tracker->session->writer.protocol >= 3)
                session_push(tracker->session, buffer_bytes(&message));
            buffer_clear(&message);
            return;
        }
    }
    /* RESP2 has no messages between replies, but in the subscribed state. */
    bool is_push = target->writer.protocol >= 3;
    if (!is_push && !(tracker->redirect && target->subscriptions))
        return;
    buffer_append_string(&message, is_push ? INVALIDATE_PUSH : INVALIDATE_MESSAGE);
    buffer_append_bytes(&message, value);
    session_push(target, buffer_bytes(&message));
    buffer_clear(&message);
}

static void append_bulk(struct buffer *out, struct bytes key)
{
    buffer_append_format(out, "$%zu\r\n", key.size);
    buffer_append_bytes(out, key);
    buffer_append_string(out, "\r\n");
}

static void tell_key(struct tracker *tracker, struct bytes key)
{
    struct buffer value = {0};
    buffer_append_string(&value, "*1\r\n");
    append_bulk(&value, key);
    tell(tracker, buffer_bytes(&value));
    buffer_clear(&value);
}

/* The null is in the words of the one who tracks, even if another is told. */
static void tell_all_keys(struct tracker *tracker)
{
    tell(tracker, tracker->session->writer.protocol >= 3 ? BYTES_LITERAL("_\r\n")
                                                         : BYTES_LITERAL("$-1\r\n"));
}

/* A command's own changes are told when it has answered. */
static void put_off(struct tracker *tracker, struct bytes key, bool is_all)
{
    int64_t size = is_all ? ALL_KEYS : (int64_t)key.size;
    buffer_append(&tracker->pending, &size, sizeof size);
    buffer_append_bytes(&tracker->pending, key);
}

void tracking_tell_pending(struct session *session)
{
    struct tracker *tracker = session->tracker;
    struct buffer pending = tracker->pending;
    tracker->pending = (struct buffer){0};
    for (size_t at = 0; at < pending.size;) {
        int64_t size;
        memcpy(&size, pending.data + at, sizeof size);
        at += sizeof size;
        if (size == ALL_KEYS) {
            tell_all_keys(tracker);
            continue;
        }
        tell_key(tracker, bytes_of(pending.data + at, (size_t)size));
        at += (size_t)size;
    }
    buffer_clear(&pending);
}

/* --- changes --- */

/* A table's entries in the order of `compare`, which gets pointers to two: an owned array. */
static void **sort_entries(struct table *table, int (*compare)(const void *, const void *),
                           size_t *count)
{
    *count = table_count(table);
    void **entries = memory_allocate(*count * sizeof *entries);
    struct table_iterator iterator;
    table_iterator_begin(&iterator, table);
    for (size_t i = 0; i < *count; i++)
        entries[i] = table_iterator_next(&iterator);
    table_iterator_end(&iterator);
    qsort(entries, *count, sizeof *entries, compare);
    return entries;
}

static void note_for_broadcast(struct tracking_prefix *prefix, const struct session *changer,
                               struct bytes name)
{
    if (name.size < prefix->size || (prefix->size && memcmp(name.data, prefix->name, prefix->size)))
        return;
    struct table_position position;
    struct changed_key *key = table_find_or_position(&prefix->changed, name, &position);
    if (!key) {
        key = memory_allocate(sizeof *key + name.size);
        key->size = name.size;
        if (name.size)
            memcpy(key->name, name.data, name.size);
        table_insert_at(&prefix->changed, position, key);
    }
    key->changer = changer ? changer->id : 0;
}

static void tell_readers(struct engine *engine, struct tracked_key *key)
{
    for (uint32_t i = 0; i < key->count; i++) {
        struct bytes id = bytes_of((const char *)&key->ids[i], sizeof key->ids[i]);
        struct tracker *tracker = table_find(&engine->tracking.trackers, id);
        if (!tracker || (tracker->flags & (TRACKING_ON | TRACKING_BROADCASTS)) != TRACKING_ON)
            continue;
        bool is_own = tracker->session == engine->current;
        if (is_own && tracker->flags & TRACKING_NO_LOOP)
            continue;
        if (is_own)
            put_off(tracker, name_of_tracked(key), false);
        else
            tell_key(tracker, name_of_tracked(key));
    }
    engine->tracking.items -= key->count;
    free_tracked(key, NULL);
}

void tracking_invalidate(struct engine *engine, const struct session *changer, struct bytes key)
{
    struct tracking *tracking = &engine->tracking;
    if (engine->is_trial)
        return;
    for (struct list_node *node = tracking->prefixes.first; node; node = node->next)
        note_for_broadcast(LIST_ENTRY(node, struct tracking_prefix, node), changer, key);
    struct tracked_key *tracked = table_remove(&tracking->keys, key);
    if (tracked)
        tell_readers(engine, tracked);
}

static int compare_trackers(const void *a, const void *b)
{
    uint64_t one = ((const struct tracker *)*(void *const *)a)->session_id;
    uint64_t other = ((const struct tracker *)*(void *const *)b)->session_id;
    return (one > other) - (one < other);
}

void tracking_invalidate_all(struct engine *engine)
{
    struct tracking *tracking = &engine->tracking;
    size_t count;
    if (engine->is_trial)
        return;
    void **trackers = sort_entries(&tracking->trackers, compare_trackers, &count);
    for (size_t i = 0; i < count; i++) {
        struct tracker *tracker = trackers[i];
        if (!(tracker->flags & TRACKING_ON))
            continue;
        if (tracker->session == engine->current)
            put_off(tracker, bytes_of(NULL, 0), true);
        else
            tell_all_keys(tracker);
    }
    memory_free(trackers);
    table_clear(&tracking->keys, free_tracked, NULL);
    tracking->items = 0;
}

void tracking_keep_limit(struct engine *engine)
{
    struct tracking *tracking = &engine->tracking;
    size_t limit = (size_t)config_integer(engine->config, CONFIG_TRACKING_TABLE_MAX_KEYS);
    while (limit && table_count(&tracking->keys) > limit) {
        struct tracked_key *key = table_random(&tracking->keys, &engine->random);
        CHECK(table_remove(&tracking->keys, name_of_tracked(key)) == key);
        tell_readers(engine, key);
    }
}

/* --- broadcasting --- */

static int compare_changed(const void *a, const void *b)
{
    return bytes_compare(name_of_changed(*(void *const *)a), name_of_changed(*(void *const *)b));
}

/* The keys that `except` (0 = none) did not change. False when there is none. */
static bool encode_changed(void *const *keys, size_t count, uint64_t except, struct buffer *out)
{
    struct buffer list = {0};
    size_t told = 0;
    for (size_t i = 0; i < count; i++) {
        const struct changed_key *key = keys[i];
        if (except && key->changer == except)
            continue;
        append_bulk(&list, name_of_changed(key));
        told++;
    }
    out->size = 0;
    buffer_append_format(out, "*%zu\r\n", told);
    buffer_append_bytes(out, buffer_bytes(&list));
    buffer_clear(&list);
    return told > 0;
}

static void broadcast_prefix(struct tracking_prefix *prefix)
{
    size_t count;
    void **keys = sort_entries(&prefix->changed, compare_changed, &count);
    table_clear(&prefix->changed, NULL, NULL);
    struct buffer all = {0}, others = {0};
    encode_changed(keys, count, 0, &all);
    for (struct list_node *node = prefix->members.first; node; node = node->next) {
        struct tracker *tracker = LIST_ENTRY(node, struct tracking_membership, by_prefix)->tracker;
        if (!(tracker->flags & TRACKING_NO_LOOP))
            tell(tracker, buffer_bytes(&all));
        else if (encode_changed(keys, count, tracker->session_id, &others))
            tell(tracker, buffer_bytes(&others));
    }
    buffer_clear(&all);
    buffer_clear(&others);
    for (size_t i = 0; i < count; i++)
        memory_free(keys[i]);
    memory_free(keys);
}

void tracking_broadcast(struct engine *engine)
{
    for (struct list_node *node = engine->tracking.prefixes.first; node; node = node->next) {
        struct tracking_prefix *prefix = LIST_ENTRY(node, struct tracking_prefix, node);
        if (table_count(&prefix->changed))
            broadcast_prefix(prefix);
    }
}
