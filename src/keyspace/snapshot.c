/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a snapshot's state is that of its `toward` (the live keyspace, for the one that has
 * none, which is keyspace->nearest_snapshot) with its difference applied. Only one snapshot is next
 * to the live keyspace, so that a change is noted once.
 *
 * A difference names contents by their store, not by the database in which they happen to be: that
 * is in `order`, and SWAPDB changes nothing else.
 */
#include "keyspace/snapshot.h"

#include "base/check.h"
#include "base/list.h"
#include "base/memory.h"
#include "keyspace/field_deadlines.h"
#include "keyspace/keyspace_private.h"
#include "keyspace/slot_index.h"

/* A key that differs: its state in the snapshot. */
struct record {
    struct entry *entry; /* owned; without a value: the key is absent */
    int64_t deadline_ms;
};

/* How the contents of one store differ. */
struct store_difference {
    struct table records;  /* of struct record, owned; none if is_whole */
    struct database whole; /* owned contents, in no keyspace; meaningful if is_whole */
    bool is_whole;
};

struct difference {
    struct store_difference *stores; /* owned array, one a database; NULL: no key differs */
    int *order; /* owned array: the store in each database; NULL: as the neighbour's */
};

struct snapshot {
    struct keyspace *keyspace; /* borrowed */
    struct snapshot *toward; /* borrowed: its neighbour on the way to the live keyspace, or NULL */
    struct list behind;      /* of struct snapshot: those whose `toward` this is */
    struct list_node node;   /* in toward->behind */
    struct difference difference;
    bool is_freed; /* its owner wants it no more, but several are behind it */
};

static struct bytes key_of_record(const void *entry)
{
    return entry_key(((const struct record *)entry)->entry);
}
static const struct table_class record_class = {.key_of = key_of_record};

static void free_record(void *entry, void *context)
{
    struct record *record = entry;
    (void)context;
    entry_free(record->entry);
    memory_free(record);
}

static void free_entry(void *entry, void *context)
{
    (void)context;
    entry_free(entry);
}

static void clear_contents(struct database *db)
{
    heap_clear(&db->deadlines);
    field_deadlines_clear(db);
    table_clear(&db->keys, free_entry, NULL);
    slot_index_free(db->slots);
    db->slots = NULL;
}

/* --- differences --- */

static void clear_store(struct store_difference *store)
{
    table_clear(&store->records, free_record, NULL);
    if (store->is_whole)
        clear_contents(&store->whole);
}

static void clear_difference(struct keyspace *keyspace, struct difference *difference)
{
    for (int i = 0; difference->stores && i < keyspace->count; i++)
        clear_store(&difference->stores[i]);
    memory_free(difference->stores);
    memory_free(difference->order);
    *difference = (struct difference){0};
}

/* The difference of one store, to be added to. */
static struct store_difference *store_of(struct keyspace *keyspace, struct difference *difference,
                                         int store)
{
    if (!difference->stores) {
        size_t size = (size_t)keyspace->count * sizeof *difference->stores;
        difference->stores = memory_zeroed(size);
        for (int i = 0; i < keyspace->count; i++)
            table_init(&difference->stores[i].records, &record_class,
                       keyspace->databases[i].keys.seed);
    }
    return &difference->stores[store];
}

static struct database *database_with(struct keyspace *keyspace, int store)
{
    for (int i = 0; i < keyspace->count; i++)
        if (keyspace->databases[i].store == store)
            return &keyspace->databases[i];
    CHECK(false);
}

/* Whether two entries of a key have the very same value: one object, or equal embedded ones. */
static bool has_same_value(const struct entry *a, const struct entry *b)
{
    const struct value *first = entry_value(a), *second = entry_value(b);
    if (a->flags & b->flags & ENTRY_EMBEDDED)
        return first->embedded_size == second->embedded_size &&
               memcmp(first, second, VALUE_EMBEDDED_HEAD + first->embedded_size) == 0;
    return first == second;
}

/* The record's state and the database's change places. Whether a client can tell: a key that was
 * only read is noted for its access time. */
static bool exchange_record(struct database *db, struct record *record)
{
    struct entry *wanted = record->entry;
    struct entry *found = table_find(&db->keys, entry_key(wanted));
    int64_t deadline_ms = record->deadline_ms;
    if (found) {
        record->deadline_ms = database_deadline(db, found);
        database_detach(db, entry_key(found));
    }
    if (!entry_has_value(wanted)) {
        if (!found)
            return false;
        record->entry = found;
        entry_free(wanted);
        return true;
    }
    record->entry = found ? found : entry_new_without_value(entry_key(wanted));
    database_attach(db, wanted, deadline_ms);
    return !found || record->deadline_ms != deadline_ms || !has_same_value(found, wanted);
}

/* Tells the listener of what changed, if `is_told`. */
static void exchange_records(struct database *db, struct table *records, bool is_told)
{
    const struct keyspace_listener *listener = &db->keyspace->listener;
    struct table_iterator iterator;
    table_iterator_begin(&iterator, records);
    for (struct record *record; (record = table_iterator_next(&iterator)) != NULL;) {
        bool is_changed = exchange_record(db, record);
        if (is_changed && is_told && listener->restored)
            listener->restored(listener->context, db, entry_key(record->entry));
    }
    table_iterator_end(&iterator);
}

static void exchange_order(struct keyspace *keyspace, int *order)
{
    const struct keyspace_listener *listener = &keyspace->listener;
    int *former = memory_allocate((size_t)keyspace->count * sizeof *former);
    for (int i = 0; i < keyspace->count; i++)
        former[i] = keyspace->databases[i].store;
    for (int i = 0; i < keyspace->count; i++) {
        struct database *db = &keyspace->databases[i];
        struct database *other = database_with(keyspace, order[i]);
        if (db != other)
            database_exchange(db, other);
    }
    for (int i = 0; i < keyspace->count && listener->replaced; i++) {
        struct database *db = &keyspace->databases[i];
        if (db->store != former[i])
            listener->replaced(listener->context, db, database_with(keyspace, former[i]));
    }
    memcpy(order, former, (size_t)keyspace->count * sizeof *former);
    memory_free(former);
}

/* The live keyspace gets what the difference says, and the difference becomes what leads back. */
static void exchange(struct keyspace *keyspace, struct difference *difference)
{
    const struct keyspace_listener *listener = &keyspace->listener;
    if (difference->order)
        exchange_order(keyspace, difference->order);
    for (int i = 0; difference->stores && i < keyspace->count; i++) {
        struct store_difference *store = &difference->stores[i];
        struct database *db = database_with(keyspace, i);
        if (store->is_whole) {
            store->whole.store = i;
            database_exchange(db, &store->whole);
            if (listener->replaced)
                listener->replaced(listener->context, db, &store->whole);
        } else if (table_count(&store->records)) {
            exchange_records(db, &store->records, true);
        }
    }
}

/* `near` is the difference of a neighbour that `far` stands behind: `far` alone is to lead to where
 * both did. Takes what it needs of `near`. */
static void merge_store(struct store_difference *far, struct store_difference *near)
{
    if (far->is_whole)
        return;
    if (near->is_whole) {
        exchange_records(&near->whole, &far->records, false);
        table_clear(&far->records, free_record, NULL);
        far->whole = near->whole;
        far->is_whole = true;
        near->is_whole = false;
        return;
    }
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &near->records);
    for (struct record *record; (record = table_iterator_next(&iterator)) != NULL;) {
        struct table_position position;
        struct bytes key = entry_key(record->entry);
        if (table_find_or_position(&far->records, key, &position))
            continue;
        table_remove(&near->records, key);
        table_insert_at(&far->records, position, record);
    }
    table_iterator_end(&iterator);
}

static void merge(struct keyspace *keyspace, struct difference *far, struct difference *near)
{
    if (near->stores && !far->stores) {
        far->stores = near->stores;
        near->stores = NULL;
    }
    for (int i = 0; near->stores && i < keyspace->count; i++)
        merge_store(&far->stores[i], &near->stores[i]);
    if (near->order && !far->order) {
        far->order = near->order;
        near->order = NULL;
    }
}

/* --- the tree --- */

static void stand_behind(struct snapshot *snapshot, struct snapshot *toward)
{
    snapshot->toward = toward;
    if (toward)
        list_append(&toward->behind, &snapshot->node);
    else
        snapshot->keyspace->nearest_snapshot = snapshot;
}

static void leave(struct snapshot *snapshot)
{
    if (snapshot->toward)
        list_remove(&snapshot->toward->behind, &snapshot->node);
    else
        snapshot->keyspace->nearest_snapshot = NULL;
}

/* One that its owner has freed goes as soon as at most one stands behind it, which then leads
 * further itself. Returns the one that this may concern next, or NULL. */
static struct snapshot *settle(struct snapshot *snapshot)
{
    if (!snapshot->is_freed || snapshot->behind.count > 1)
        return NULL;
    struct snapshot *toward = snapshot->toward;
    leave(snapshot);
    if (snapshot->behind.count == 1) {
        struct snapshot *only = LIST_ENTRY(snapshot->behind.first, struct snapshot, node);
        merge(snapshot->keyspace, &only->difference, &snapshot->difference);
        leave(only);
        stand_behind(only, toward);
        toward = NULL; /* it has as many behind it as before */
    }
    clear_difference(snapshot->keyspace, &snapshot->difference);
    memory_free(snapshot);
    return toward;
}

struct snapshot *snapshot_take(struct keyspace *keyspace)
{
    struct snapshot *snapshot = memory_zeroed(sizeof *snapshot);
    struct snapshot *former = keyspace->nearest_snapshot;
    snapshot->keyspace = keyspace;
    stand_behind(snapshot, NULL);
    if (former)
        stand_behind(former, snapshot);
    return snapshot;
}

/* The root moves from the live keyspace's neighbour to one that stands behind it. */
static void step_to(struct snapshot *snapshot)
{
    struct snapshot *former = snapshot->toward;
    CHECK(!former->toward);
    exchange(snapshot->keyspace, &snapshot->difference);
    former->difference = snapshot->difference;
    snapshot->difference = (struct difference){0};
    leave(snapshot);
    stand_behind(snapshot, NULL);
    stand_behind(former, snapshot);
}

void snapshot_restore(struct snapshot *snapshot)
{
    struct keyspace *keyspace = snapshot->keyspace;
    struct snapshot *nearest = keyspace->nearest_snapshot;
    keyspace->growth_is_vague = true;
    exchange(keyspace, &nearest->difference);
    clear_difference(keyspace, &nearest->difference);
    /* From the root to the snapshot: each time the one on the way that is next to the root. */
    while (snapshot->toward) {
        struct snapshot *step = snapshot;
        while (step->toward->toward)
            step = step->toward;
        step_to(step);
    }
    for (struct snapshot *passed = nearest; passed;) {
        struct snapshot *next = passed->toward;
        settle(passed);
        passed = next;
    }
    keyspace_find_earliest(keyspace);
}

void snapshot_free(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    snapshot->is_freed = true;
    while (snapshot)
        snapshot = settle(snapshot);
}

/* A value that the keyspace, or another snapshot, has as well costs nothing. */
static size_t memory_of_own(const struct entry *entry)
{
    bool is_shared = !(entry->flags & ENTRY_EMBEDDED) && entry_has_value(entry) &&
                     value_is_shared(entry_value(entry));
    return is_shared || !entry_has_value(entry) ? entry_size(entry) : entry_memory(entry, 1);
}

size_t snapshot_memory(const struct snapshot *snapshot)
{
    size_t size = sizeof *snapshot;
    const struct difference *difference = &snapshot->difference;
    for (int i = 0; difference->stores && i < snapshot->keyspace->count; i++) {
        struct store_difference *store = &difference->stores[i];
        struct table *table = store->is_whole ? &store->whole.keys : &store->records;
        struct table_iterator iterator;
        size += sizeof *store + table_memory(table);
        table_iterator_begin(&iterator, table);
        for (void *item; (item = table_iterator_next(&iterator)) != NULL;) {
            const struct record *record = item;
            size += store->is_whole ? memory_of_own(item)
                                    : sizeof *record + memory_of_own(record->entry);
        }
        table_iterator_end(&iterator);
    }
    return size;
}

size_t snapshot_memory_of_all(const struct snapshot *nearest)
{
    size_t size = snapshot_memory(nearest);
    struct list_node *node = list_first(&nearest->behind);
    for (; node; node = list_next(node))
        size += snapshot_memory_of_all(LIST_ENTRY(node, struct snapshot, node));
    return size;
}

/* --- noting --- */

/* Where to note the key; NULL if it needs no note. */
static struct table *records_without(struct database *db, struct bytes key,
                                     struct table_position *position)
{
    struct keyspace *keyspace = db->keyspace;
    struct store_difference *store =
        store_of(keyspace, &keyspace->nearest_snapshot->difference, db->store);
    if (store->is_whole || table_find_or_position(&store->records, key, position))
        return NULL;
    return &store->records;
}

static void add_record(struct table *records, struct table_position position, struct entry *entry,
                       int64_t deadline_ms)
{
    struct record *record = memory_allocate(sizeof *record);
    *record = (struct record){.entry = entry, .deadline_ms = deadline_ms};
    table_insert_at(records, position, record);
}

void snapshot_note(struct database *db, const struct entry *entry)
{
    struct table_position position;
    struct table *records = records_without(db, entry_key(entry), &position);
    if (records)
        add_record(records, position, entry_copy(db->keyspace->pool, entry),
                   database_deadline(db, entry));
}

void snapshot_note_absent(struct database *db, struct bytes key)
{
    struct table_position position;
    struct table *records = records_without(db, key, &position);
    if (records)
        add_record(records, position, entry_new_without_value(key), KEYSPACE_NEVER);
}

/* What changed is brought back first, so that the snapshot has the contents as they were. */
void snapshot_note_flush(struct database *db)
{
    struct keyspace *keyspace = db->keyspace;
    struct store_difference *store =
        store_of(keyspace, &keyspace->nearest_snapshot->difference, db->store);
    if (store->is_whole)
        return;
    exchange_records(db, &store->records, false);
    table_clear(&store->records, free_record, NULL);
    database_init(&store->whole, keyspace, db->index, db->keys.seed);
    store->whole.store = db->store;
    database_exchange(db, &store->whole);
    store->is_whole = true;
}

void snapshot_note_order(struct keyspace *keyspace)
{
    struct difference *difference = &keyspace->nearest_snapshot->difference;
    if (difference->order)
        return;
    difference->order = memory_allocate((size_t)keyspace->count * sizeof *difference->order);
    for (int i = 0; i < keyspace->count; i++)
        difference->order[i] = keyspace->databases[i].store;
}
