/* SPDX-License-Identifier: MIT */
/*
 * The hash table that serves the keyspace, sets, hashes and sorted-set members.
 *
 * It stores entries: pointers to structs of the user's own, each of which holds its key. The table
 * never owns or frees an entry.
 *
 *     static struct bytes field_key(const void *entry) { ... }
 *     static const struct table_class field_class = {.key_of = field_key};
 *
 *     struct table table;
 *     table_init(&table, &field_class, seed);
 *     if (!table_find(&table, key)) table_insert(&table, new_field(key, value));
 *
 * Buckets are one cache line: seven slots with a byte of hash each, chained when full. It grows and
 * shrinks by itself, moving a bucket at a time during insertions, removals and finds, so that no
 * call pays for a whole rehash. Keys are hashed with XXH3 under the table's seed.
 */
#ifndef UNDERSTUDY_BASE_TABLE_H
#define UNDERSTUDY_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/random.h"

struct table_class {
    /* The entry's key; valid while the entry is. */
    struct bytes (*key_of)(const void *entry);
};

struct table_bucket;

/* One array of buckets with the children that full buckets chain to. Private to table.c. */
struct table_half {
    struct table_bucket *buckets;       /* within `block`, on a cache line's edge; NULL = absent */
    void *block;                        /* owned */
    struct table_bucket **slabs;        /* owned: arrays of children, all of one size */
    struct table_bucket *free_children; /* linked through their first slot */
    size_t count;                       /* entries */
    uint32_t children;                  /* taken from the slabs so far, free ones included */
    int8_t exponent;                    /* bucket count is 1 << exponent; -1 = absent */
};

struct table {
    const struct table_class *class;
    uint64_t seed;
    struct table_half halves[2]; /* [1] is the target while rehashing */
    size_t rehash_index;         /* next bucket of [0] to move; meaningful while rehashing */
    uint16_t pauses;             /* rehashing and resizing rest while > 0 */
};

/* Where a key that is not in the table would go; valid until the table is used otherwise. */
struct table_position {
    uint64_t hash;
};

/* Walks every entry once. See table_iterator_next. */
struct table_iterator {
    struct table *table;
    struct table_bucket *bucket; /* current bucket, may be a child */
    size_t index;                /* bucket index within the half */
    int half;
    int slot;
};

void table_init(struct table *table, const struct table_class *class, uint64_t seed);

/* Frees the table's own memory, first giving each entry to `free_entry` (may be NULL). The table is
 * then empty and usable. */
void table_clear(struct table *table, void (*free_entry)(void *entry, void *context),
                 void *context);

static inline size_t table_count(const struct table *table)
{
    return table->halves[0].count + table->halves[1].count;
}

/* The entry, or NULL. May move one bucket of a rehash in progress. */
void *table_find(struct table *table, struct bytes key);

/* The place that holds the entry's pointer, or NULL: for replacing an entry by another with the
 * same key (after a realloc). Valid until the table's next call. */
void **table_find_slot(struct table *table, struct bytes key);

/* Adds an entry whose key is not in the table. */
void table_insert(struct table *table, void *entry);

/* Find and insert for the price of one hash: returns the entry, or NULL and fills `position` for
 * table_insert_at, which must be the next call on the table. */
void *table_find_or_position(struct table *table, struct bytes key,
                             struct table_position *position);
void table_insert_at(struct table *table, struct table_position position, void *entry);

/* Takes the entry out and returns it, or NULL. */
void *table_remove(struct table *table, struct bytes key);

/* A uniformly chosen entry, whatever bucket it shares; NULL when empty. */
void *table_random(struct table *table, struct random *random);

/* Calls `visit` for the entries of one step of a scan; returns the next cursor, 0 when done. Every
 * entry present from the first call to the last is visited at least once, whatever insertions,
 * removals and resizes happen in between. `visit` must not change the table. */
uint64_t table_scan(struct table *table, uint64_t cursor, void (*visit)(void *entry, void *context),
                    void *context);

/* An iteration pauses rehashing from begin to end. Between two nexts the entry last returned may be
 * removed (with table_remove) or replaced; nothing else may change. End is required, also after
 * next returned NULL. */
void table_iterator_begin(struct table_iterator *iterator, struct table *table);
void *table_iterator_next(struct table_iterator *iterator);
void table_iterator_end(struct table_iterator *iterator);

/* Room for `count` entries without a resize on the way. Does nothing while paused. */
void table_reserve(struct table *table, size_t count);

/* Does up to `buckets` steps of a rehash in progress; true while there is more that can be done now
 * (so false while paused). */
bool table_rehash(struct table *table, size_t buckets);
static inline bool table_is_rehashing(const struct table *table)
{
    return table->halves[1].exponent >= 0;
}

/* While paused, finds move nothing and the table does not resize (it chains instead). Nests. */
void table_pause(struct table *table);
void table_resume(struct table *table);

/* Bytes of the table's own memory, entries not included. */
size_t table_memory(const struct table *table);

/* Bucket count of a half (0 or 1), 0 when absent: for DEBUG HTSTATS. */
size_t table_bucket_count(const struct table *table, int half);

/* Adds to lengths[n] the number of buckets of a half that hold n entries, their children counted
 * in; those of `limit - 1` and more together in the last. Returns the most entries that one holds.
 */
size_t table_chain_lengths(const struct table *table, int half, size_t *lengths, size_t limit);

#endif
