/* SPDX-License-Identifier: MIT */
/*
 * Items ordered by deadline: a four-ary min-heap that tells each item where it stands, so that an
 * item can be moved or removed in O(log n) without a search. Items with equal deadlines leave in
 * the order in which their deadlines were set.
 *
 *     static void moved(void *item, uint32_t slot) { ((struct timer *)item)->slot = slot; }
 *     struct heap heap;
 *     heap_init(&heap, moved);
 *     heap_insert(&heap, deadline_ms, timer);
 *     while (heap_count(&heap) && heap_first(&heap).deadline <= now) ... heap_remove(&heap, 0);
 */
#ifndef UNDERSTUDY_BASE_HEAP_H
#define UNDERSTUDY_BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

#define HEAP_NO_SLOT UINT32_MAX

struct heap_node {
    int64_t deadline; /* in the user's unit */
    uint64_t order;   /* breaks ties: smaller was set earlier */
    void *item;       /* borrowed */
};

struct heap {
    struct heap_node *nodes; /* owned */
    uint32_t count;
    uint32_t capacity;
    uint64_t next_order;
    void (*moved)(void *item, uint32_t slot); /* called with each new slot, not on removal */
};

void heap_init(struct heap *heap, void (*moved)(void *item, uint32_t slot));

/* Frees the heap's memory; items are not told. The heap is then empty and usable. */
void heap_clear(struct heap *heap);

static inline size_t heap_count(const struct heap *heap)
{
    return heap->count;
}

/* The earliest; count must be > 0. */
static inline struct heap_node heap_first(const struct heap *heap)
{
    return heap->nodes[0];
}

static inline int64_t heap_deadline(const struct heap *heap, uint32_t slot)
{
    return heap->nodes[slot].deadline;
}

void heap_insert(struct heap *heap, int64_t deadline, void *item);

/* Gives the item at `slot` a new deadline. */
void heap_move(struct heap *heap, uint32_t slot, int64_t deadline);

/* The item at `slot` has a new address (after a realloc). */
static inline void heap_replace(struct heap *heap, uint32_t slot, void *item)
{
    heap->nodes[slot].item = item;
}

void heap_remove(struct heap *heap, uint32_t slot);

#endif
