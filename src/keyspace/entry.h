/* SPDX-License-Identifier: MIT */
/*
 * A key with its value: one allocation that holds the key's bytes and, for short strings and small
 * hashes, the value too. An entry never changes its key; operations that need it larger return its
 * new address.
 *
 *     struct bytes key = entry_key(entry);
 *     struct value *value = entry_value(entry);
 */
#ifndef UNDERSTUDY_KEYSPACE_ENTRY_H
#define UNDERSTUDY_KEYSPACE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/pool.h"
#include "values/dense_pack.h"
#include "values/value.h"

#define ENTRY_EMBEDDED      1U /* the value's bytes are in the tail; else the tail holds a pointer */
#define ENTRY_FIELDS_EXPIRE 2U /* a hash that field_deadlines.c knows */
#define ENTRY_POOLED        4U /* a piece of a pool */
#define ENTRY_ACCESS_MASK   ((1U << 24) - 1)

struct entry {
    uint32_t key_size;
    uint32_t access : 24; /* LRU: seconds modulo 2^24; LFU: 16 bits of minutes, 8 bits of counter */
    uint32_t flags : 8;
    uint32_t deadline_slot; /* in the database's heap of deadlines; HEAP_NO_SLOT = never expires */
    char tail[];            /* key, padding to 4 bytes, then the value or a pointer to it */
};

static inline size_t entry_value_offset(size_t key_size)
{
    return (key_size + 3) & ~(size_t)3;
}

static inline struct bytes entry_key(const struct entry *entry)
{
    return bytes_of(entry->tail, entry->key_size);
}

/* Borrowed: valid until the key is changed, or embedded and the entry moves. Retain it to keep it.
 */
static inline struct value *entry_value(const struct entry *entry)
{
    char *place = (char *)entry->tail + entry_value_offset(entry->key_size);
    if (entry->flags & ENTRY_EMBEDDED)
        return (struct value *)(void *)place;
    struct value *value;
    memcpy(&value, place, sizeof value);
    return value;
}

static inline enum value_type entry_type(const struct entry *entry)
{
    return (enum value_type)entry_value(entry)->type;
}

/* An entry for a short string or an integer, within itself if it fits; `key` and `text` are copied.
 * It is a piece of the pool, which may be NULL. */
struct entry *entry_new_string(struct pool *pool, struct bytes key, struct bytes text);

/* Takes the reference to `value` (a heap value), which it may embed. */
struct entry *entry_new(struct pool *pool, struct bytes key, struct value *value);

/* An entry for a small hash, within itself. */
struct entry *entry_new_small(struct pool *pool, struct bytes key, const struct dense_pack *small);

/* Another entry with the same key, access and value: shared if it is on the heap, copied if
 * embedded. It has no deadline. */
struct entry *entry_copy(struct pool *pool, const struct entry *entry);

/* An entry that has no value and may only be freed or given one: it stands for a key. */
struct entry *entry_new_without_value(struct bytes key);

static inline bool entry_has_value(const struct entry *entry)
{
    return entry_value(entry) != NULL;
}

/* The entry with another value, deadline slot and access kept, perhaps at another address. The old
 * value is released. entry_replace_value takes `value`. */
struct entry *entry_replace_string(struct entry *entry, struct bytes text);
struct entry *entry_replace_value(struct entry *entry, struct value *value);
/* Takes `value` in the place of one that is on the heap, or was taken: the entry does not move. */
void entry_exchange_value(struct entry *entry, struct value *value);

struct entry *entry_replace_small(struct entry *entry, const struct dense_pack *small);
/* Whether it would stay where it is. */
bool entry_stays_with_small(const struct entry *entry, const struct dense_pack *small);

/* A value on the heap in the place of one there, or of one that was taken; takes `value`. The entry
 * does not move, even if it has more room than it needs. */
void entry_exchange_value(struct entry *entry, struct value *value);

/* An integer in place of the value: no allocation when the value was embedded. */
struct entry *entry_replace_integer(struct entry *entry, int64_t integer);

/* An embedded value that is no string, moved to the heap to be changed there; the entry does not
 * move. entry_embed is the way back. */
struct value *entry_thaw(struct entry *entry);

/* Whether the value is on the heap and had better be in the entry, and whether the entry will then
 * stay where it is. */
bool entry_can_embed(const struct entry *entry, bool *stays);
/* For one that can: perhaps at another address. */
struct entry *entry_embed(struct entry *entry);

/* Takes the value out of the entry without releasing it (a heap copy if embedded). The entry then
 * holds no value and may only be freed or given a new value. */
struct value *entry_take_value(struct entry *entry);

/* Releases the value and frees. */
void entry_free(struct entry *entry);

/* Bytes of the entry itself, with what is embedded. */
size_t entry_size(const struct entry *entry);

/* Bytes of entry and value, estimated over `samples` elements (0 = all). */
size_t entry_memory(const struct entry *entry, size_t samples);

#endif
