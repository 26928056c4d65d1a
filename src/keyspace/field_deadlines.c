/* SPDX-License-Identifier: MIT */
/*
 * Invariant: an entry has ENTRY_FIELDS_EXPIRE exactly when there is a record of its key, and the
 * record's deadline is that of the hash's first field.
 */
#include "keyspace/field_deadlines.h"

#include <string.h>

#include "base/memory.h"

/* A hash with fields that expire. */
struct record {
    uint32_t slot; /* in the heap */
    uint32_t key_size;
    char key[];
};

static struct bytes key_of_record(const void *entry)
{
    const struct record *record = entry;
    return bytes_of(record->key, record->key_size);
}

static const struct table_class record_class = {.key_of = key_of_record};

static void record_moved(void *item, uint32_t slot)
{
    ((struct record *)item)->slot = slot;
}

static void free_record(void *record, void *context)
{
    (void)context;
    memory_free(record);
}

void field_deadlines_init(struct database *db, uint64_t seed)
{
    table_init(&db->expiring_hashes, &record_class, seed);
    heap_init(&db->field_deadlines, record_moved);
}

void field_deadlines_clear(struct database *db)
{
    heap_clear(&db->field_deadlines);
    table_clear(&db->expiring_hashes, free_record, NULL);
}

static void forget(struct database *db, struct entry *entry)
{
    struct record *record = table_remove(&db->expiring_hashes, entry_key(entry));
    heap_remove(&db->field_deadlines, record->slot);
    memory_free(record);
    entry->flags &= (uint8_t)~ENTRY_FIELDS_EXPIRE;
}

static void add(struct database *db, struct entry *entry, int64_t deadline_ms)
{
    struct bytes key = entry_key(entry);
    struct record *record = memory_allocate(sizeof *record + key.size);
    record->key_size = (uint32_t)key.size;
    if (key.size)
        memcpy(record->key, key.data, key.size);
    table_insert(&db->expiring_hashes, record);
    heap_insert(&db->field_deadlines, deadline_ms, record);
    entry->flags |= ENTRY_FIELDS_EXPIRE;
}

void field_deadlines_update(struct database *db, struct entry *entry, int64_t deadline_ms)
{
    bool is_known = entry->flags & ENTRY_FIELDS_EXPIRE;
    if (deadline_ms == HASH_NO_DEADLINE) {
        if (is_known)
            forget(db, entry);
        return;
    }
    if (is_known) {
        const struct record *record = table_find(&db->expiring_hashes, entry_key(entry));
        if (heap_deadline(&db->field_deadlines, record->slot) != deadline_ms)
            heap_move(&db->field_deadlines, record->slot, deadline_ms);
    } else {
        add(db, entry, deadline_ms);
    }
    if (deadline_ms < db->keyspace->earliest)
        db->keyspace->earliest = deadline_ms;
}

int64_t field_deadlines_first(const struct database *db, struct bytes *key)
{
    if (heap_count(&db->field_deadlines) == 0)
        return KEYSPACE_NEVER;
    struct heap_node first = heap_first(&db->field_deadlines);
    *key = key_of_record(first.item);
    return first.deadline;
}
