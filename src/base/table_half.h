/* SPDX-License-Identifier: MIT */
/*
 * Private to table.c: one array of buckets of the hash table, and the children that its full
 * buckets chain to. A table has one, and a second one while it rehashes.
 *
 *     struct table_half half;
 *     table_half_init(&half, 4);
 *     table_half_insert(&half, hash, entry);
 *     struct table_bucket *head = &half.buckets[table_half_index(&half, hash)];
 *
 * Children come from slabs that belong to the half, and go with it. They are numbered, so that
 * table_random can pick one.
 */
#ifndef UNDERSTUDY_BASE_TABLE_HALF_H
#define UNDERSTUDY_BASE_TABLE_HALF_H

#include "base/bucket.h"
#include "base/table.h"

#define TABLE_HALF_ABSENT ((struct table_half){.exponent = -1})

/* An empty half of 1 << exponent buckets; a big one does not touch its memory yet. */
void table_half_init(struct table_half *half, int exponent);

/* Frees buckets and children, not the entries; the half is then absent. */
void table_half_clear(struct table_half *half);

static inline size_t table_half_bucket_count(const struct table_half *half)
{
    return half->exponent < 0 ? 0 : (size_t)1 << half->exponent;
}

/* The bucket in which this hash begins; the half is not absent. */
static inline size_t table_half_index(const struct table_half *half, uint64_t hash)
{
    return (size_t)hash & (((size_t)1 << half->exponent) - 1);
}

/* The child with a number below half->children; free ones hold no entry. */
struct table_bucket *table_half_child(const struct table_half *half, size_t number);

void table_half_insert(struct table_half *half, uint64_t hash, void *entry);

/* Fills a hole that a removal left in the chain that begins at `head`, from the chain's end, and
 * gives back the children that it no longer needs. */
void table_half_fill(struct table_half *half, struct table_bucket *head, struct bucket_place hole);

/* Gives back a child to which no bucket chains any more. */
void table_half_give_child(struct table_half *half, struct table_bucket *child);

/* Bytes, entries not included. */
size_t table_half_memory(const struct table_half *half);

#endif
