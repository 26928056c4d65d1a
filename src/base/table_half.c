/* SPDX-License-Identifier: MIT */
/*
 * Invariant: the buckets of a chain are chained in order, and only the last is not BUCKET_CHAINED;
 * a child bit of each entry stands in every bucket above it. Children 0 to half->children - 1 have
 * been handed out; those given back hold no entry and are linked through their first slot.
 */
#include "base/table_half.h"

#include "base/check.h"
#include "base/memory.h"

#define LARGEST_SLAB_SHIFT 6
#define BIG_ARRAY          ((size_t)1 << 17) /* bytes; the allocator maps these, zero by birth */

/* Children come one at a time in a small table, up to a page at a time in a big one. */
static unsigned slab_shift(const struct table_half *half)
{
    int shift = half->exponent - 3;
    return shift < 0 ? 0 : shift > LARGEST_SLAB_SHIFT ? LARGEST_SLAB_SHIFT : (unsigned)shift;
}

static size_t slab_count(const struct table_half *half)
{
    unsigned shift = slab_shift(half);
    return (half->children + ((size_t)1 << shift) - 1) >> shift;
}

struct table_bucket *table_half_child(const struct table_half *half, size_t number)
{
    unsigned shift = slab_shift(half);
    return half->slabs[number >> shift] + (number & (((size_t)1 << shift) - 1));
}

void table_half_init(struct table_half *half, int exponent)
{
    *half = TABLE_HALF_ABSENT;
    half->exponent = (int8_t)exponent;
    size_t size = table_half_bucket_count(half) * sizeof(struct table_bucket);
    if (size < BIG_ARRAY) {
        half->block = memory_allocate_aligned(BUCKET_ALIGNMENT, size);
        half->buckets = half->block;
        for (size_t i = 0; i < table_half_bucket_count(half); i++)
            half->buckets[i].taken = 0;
        return;
    }
    half->block = memory_zeroed(size + BUCKET_ALIGNMENT);
    uintptr_t address = ((uintptr_t)half->block + BUCKET_ALIGNMENT - 1) & ~(BUCKET_ALIGNMENT - 1);
    half->buckets = (struct table_bucket *)address;
}

void table_half_clear(struct table_half *half)
{
    for (size_t i = 0; i < slab_count(half); i++)
        memory_free(half->slabs[i]);
    memory_free(half->slabs);
    memory_free(half->block);
    *half = TABLE_HALF_ABSENT;
}

size_t table_half_memory(const struct table_half *half)
{
    size_t slabs = slab_count(half);
    size_t slab_size = sizeof(struct table_bucket) << slab_shift(half);
    return memory_cost(half->block) + memory_cost(half->slabs) + slabs * slab_size;
}

static struct table_bucket *take_child(struct table_half *half)
{
    struct table_bucket *child = half->free_children;
    if (child) {
        half->free_children = child->entries[0];
        return child;
    }
    size_t slabs = slab_count(half);
    unsigned shift = slab_shift(half);
    if (half->children == slabs << shift) {
        CHECK(half->children < UINT32_MAX >> 1);
        if ((slabs & (slabs - 1)) == 0) /* the array of slabs doubles at powers of two */
            half->slabs = memory_resize(half->slabs, (slabs ? slabs * 2 : 1) * sizeof(void *));
        half->slabs[slabs] =
            memory_allocate_aligned(BUCKET_ALIGNMENT, sizeof(struct table_bucket) << shift);
    }
    child = table_half_child(half, half->children++);
    child->taken = 0;
    return child;
}

void table_half_give_child(struct table_half *half, struct table_bucket *child)
{
    child->taken = 0;
    child->entries[0] = half->free_children;
    half->free_children = child;
}

static void chain_to_new_child(struct table_half *half, struct table_bucket *bucket)
{
    struct table_bucket *child = take_child(half);
    uint8_t byte = bucket->hashes[BUCKET_CHAIN_SLOT];
    bucket_put(child, 0, byte, bucket->entries[BUCKET_CHAIN_SLOT]);
    bucket->entries[BUCKET_CHAIN_SLOT] = child;
    bucket->hashes[BUCKET_CHAIN_SLOT] = bucket_child_bit(byte);
    bucket->taken = (BUCKET_ALL_SLOTS >> 1) | BUCKET_CHAINED;
}

void table_half_insert(struct table_half *half, uint64_t hash, void *entry)
{
    struct table_bucket *bucket = &half->buckets[table_half_index(half, hash)];
    uint8_t byte = bucket_hash_byte(hash);
    unsigned slots;
    while (!(slots = bucket_free(bucket))) {
        if (!bucket_is_chained(bucket))
            chain_to_new_child(half, bucket);
        bucket->hashes[BUCKET_CHAIN_SLOT] |= bucket_child_bit(byte);
        bucket = bucket->entries[BUCKET_CHAIN_SLOT];
    }
    bucket_put(bucket, bucket_first(slots), byte, entry);
    half->count++;
}

/* Gives back the last children of a chain while what they hold fits without them. */
static void chain_shorten(struct table_half *half, struct table_bucket *head)
{
    while (bucket_is_chained(head)) {
        struct table_bucket *parent = head;
        struct table_bucket *last = bucket_child(head);
        for (; bucket_is_chained(last); last = bucket_child(last))
            parent = last;
        unsigned slots = bucket_taken(last);
        if (bucket_slot_count(slots) > 1)
            return;
        parent->taken &= BUCKET_ALL_SLOTS;
        if (slots)
            bucket_put(parent, BUCKET_CHAIN_SLOT, last->hashes[bucket_first(slots)],
                       last->entries[bucket_first(slots)]);
        table_half_give_child(half, last);
    }
}

void table_half_fill(struct table_half *half, struct table_bucket *head, struct bucket_place hole)
{
    struct table_bucket *last = head;
    while (bucket_is_chained(last))
        last = bucket_child(last);
    if (last != hole.bucket && bucket_taken(last)) {
        unsigned slot = bucket_first(bucket_taken(last));
        bucket_put(hole.bucket, hole.slot, last->hashes[slot], last->entries[slot]);
        bucket_take(last, slot);
    }
    chain_shorten(half, head);
}
