/* SPDX-License-Identifier: MIT */
/* Invariant: no node leaves before its parent; the children of slot s are 4s + 1 to 4s + 4. */
#include "base/heap.h"

#include <stdbool.h>

#include "base/check.h"
#include "base/memory.h"

#define ARITY             4
#define SMALLEST_CAPACITY 16

static bool leaves_before(const struct heap_node *a, const struct heap_node *b)
{
    return a->deadline < b->deadline || (a->deadline == b->deadline && a->order < b->order);
}

static void place(struct heap *heap, uint32_t slot, struct heap_node node)
{
    heap->nodes[slot] = node;
    heap->moved(node.item, slot);
}

/* The two sifts move the hole at `slot` to where `node` may stand, and return that slot. */
static uint32_t sift_up(struct heap *heap, uint32_t slot, const struct heap_node *node)
{
    while (slot > 0) {
        uint32_t parent = (slot - 1) / ARITY;
        if (!leaves_before(node, &heap->nodes[parent]))
            break;
        place(heap, slot, heap->nodes[parent]);
        slot = parent;
    }
    return slot;
}

static uint32_t sift_down(struct heap *heap, uint32_t slot, const struct heap_node *node)
{
    for (;;) {
        uint64_t child = (uint64_t)slot * ARITY + 1;
        if (child >= heap->count)
            return slot;
        uint64_t end = child + ARITY < heap->count ? child + ARITY : heap->count;
        uint64_t first = child;
        while (++child < end)
            if (leaves_before(&heap->nodes[child], &heap->nodes[first]))
                first = child;
        if (!leaves_before(&heap->nodes[first], node))
            return slot;
        place(heap, slot, heap->nodes[first]);
        slot = (uint32_t)first;
    }
}

static uint32_t sift(struct heap *heap, uint32_t slot, const struct heap_node *node)
{
    uint32_t up = sift_up(heap, slot, node);
    return up != slot ? up : sift_down(heap, slot, node);
}

static void set_capacity(struct heap *heap, uint32_t capacity)
{
    heap->nodes = memory_resize(heap->nodes, capacity * sizeof *heap->nodes);
    heap->capacity = capacity;
}

void heap_init(struct heap *heap, void (*moved)(void *item, uint32_t slot))
{
    *heap = (struct heap){.moved = moved};
}

void heap_clear(struct heap *heap)
{
    memory_free(heap->nodes);
    heap_init(heap, heap->moved);
}

void heap_insert(struct heap *heap, int64_t deadline, void *item)
{
    if (heap->count == heap->capacity) {
        CHECK(heap->capacity < HEAP_NO_SLOT / 2);
        set_capacity(heap, heap->capacity ? heap->capacity * 2 : SMALLEST_CAPACITY);
    }
    struct heap_node node = {.deadline = deadline, .order = heap->next_order++, .item = item};
    place(heap, sift_up(heap, heap->count++, &node), node);
}

void heap_move(struct heap *heap, uint32_t slot, int64_t deadline)
{
    CHECK(slot < heap->count);
    struct heap_node node = heap->nodes[slot];
    node.deadline = deadline;
    node.order = heap->next_order++;
    uint32_t target = sift(heap, slot, &node);
    heap->nodes[target] = node;
    if (target != slot)
        heap->moved(node.item, target);
}

void heap_remove(struct heap *heap, uint32_t slot)
{
    CHECK(slot < heap->count);
    struct heap_node last = heap->nodes[--heap->count];
    if (slot < heap->count)
        place(heap, sift(heap, slot, &last), last);
    if (heap->count < heap->capacity / 4 && heap->capacity > SMALLEST_CAPACITY)
        set_capacity(heap, heap->capacity / 2);
}
