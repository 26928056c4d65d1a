/* SPDX-License-Identifier: MIT */
/* Invariant: a record is in the table and in its slot's list, or nowhere. */
#include "keyspace/slot_index.h"

#include <string.h>

#include "base/check.h"
#include "base/hash_slot.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/table.h"

struct record {
    struct list_node node; /* in its slot's list */
    uint32_t key_size;
    char key[];
};

struct slot_index {
    struct table records; /* of struct record, owned */
    struct list slots[HASH_SLOTS];
};

static struct bytes key_of_record(const void *entry)
{
    const struct record *record = entry;
    return bytes_of(record->key, record->key_size);
}

static const struct table_class record_class = {.key_of = key_of_record};

static void free_record(void *record, void *context)
{
    (void)context;
    memory_free(record);
}

struct slot_index *slot_index_new(uint64_t seed)
{
    struct slot_index *index = memory_zeroed(sizeof *index);
    table_init(&index->records, &record_class, seed);
    return index;
}

void slot_index_free(struct slot_index *index)
{
    if (!index)
        return;
    table_clear(&index->records, free_record, NULL);
    memory_free(index);
}

void slot_index_add(struct slot_index *index, struct bytes key)
{
    struct record *record = memory_zeroed(sizeof *record + key.size);
    record->key_size = (uint32_t)key.size;
    if (key.size)
        memcpy(record->key, key.data, key.size);
    table_insert(&index->records, record);
    list_prepend(&index->slots[hash_slot_of(key)], &record->node);
}

void slot_index_remove(struct slot_index *index, struct bytes key)
{
    struct record *record = table_remove(&index->records, key);
    CHECK(record);
    list_remove(&index->slots[hash_slot_of(key)], &record->node);
    memory_free(record);
}

void slot_index_clear(struct slot_index *index)
{
    table_clear(&index->records, free_record, NULL);
    memset(index->slots, 0, sizeof index->slots);
}

size_t slot_index_count(const struct slot_index *index, int slot)
{
    return list_count(&index->slots[slot]);
}

void slot_index_visit(const struct slot_index *index, int slot, size_t limit,
                      void (*visit)(struct bytes key, void *context), void *context)
{
    const struct list_node *node = list_first(&index->slots[slot]);
    for (; node && limit > 0; node = list_next(node), limit--)
        visit(key_of_record(LIST_ENTRY(node, struct record, node)), context);
}
