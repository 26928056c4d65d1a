/* SPDX-License-Identifier: MIT */
/*
 * Invariant: no node is empty, node->count is right for each, and chain->count is their sum. No
 * node but chain->open has both data and folded bytes.
 */
#include "values/quicklist_chain.h"

#include "base/memory.h"

#define PLAIN_NODES ((size_t)QUICKLIST_PLAIN_NODES)

/* Folding. */

/* Whether the node is one of those that stay plain. */
static bool is_near_end(const struct quicklist_chain *chain, const struct quicklist_node *node)
{
    if (chain->nodes <= 2 * PLAIN_NODES)
        return true;
    const struct quicklist_node *before = node->previous, *behind = node->next;
    for (size_t i = 1; i < PLAIN_NODES && before && behind; i++) {
        before = before->previous;
        behind = behind->next;
    }
    return !before || !behind;
}

/* Folds the open node again, or leaves it plain if it has come near an end. */
static void close_open(struct quicklist_chain *chain)
{
    struct quicklist_node *node = chain->open;
    chain->open = NULL;
    if (!is_near_end(chain, node))
        quicklist_node_fold(node);
    else if (node->folded)
        quicklist_node_unfold(node);
}

void quicklist_chain_turn(struct quicklist_chain *chain, struct quicklist_node *node)
{
    if (chain->open)
        close_open(chain);
    if (node->data)
        return;
    quicklist_node_open(node);
    chain->open = node;
}

void quicklist_chain_fold(struct quicklist_chain *chain, struct quicklist_node *node, size_t nodes)
{
    for (; node && nodes > 0; node = node->next, nodes--)
        if (node != chain->open && node->data && !node->resists && !is_near_end(chain, node))
            quicklist_node_fold(node);
}

/* Folds the node at so many from an end, 0 being that. */
static void fold_behind(struct quicklist_chain *chain, bool is_first, size_t distance)
{
    struct quicklist_node *node = is_first ? chain->first : chain->last;
    for (size_t i = 0; i < distance; i++)
        node = is_first ? node->next : node->previous;
    if (node == chain->open)
        chain->open = NULL;
    quicklist_node_fold(node);
}

void quicklist_chain_extend(struct quicklist_chain *chain, bool at_first)
{
    if (chain->nodes >= 2 * PLAIN_NODES)
        fold_behind(chain, at_first, PLAIN_NODES - 1);
}

bool quicklist_chain_has_folded(const struct quicklist_chain *chain)
{
    const struct quicklist_node *node = chain->first;
    while (node && !node->folded)
        node = node->next;
    return node != NULL;
}

/* Order. */

void quicklist_chain_link(struct quicklist_chain *chain, struct quicklist_node *place,
                          struct quicklist_node *node)
{
    struct quicklist_node *following = place ? place->next : chain->first;
    node->previous = place;
    node->next = following;
    *(place ? &place->next : &chain->first) = node;
    *(following ? &following->previous : &chain->last) = node;
    chain->nodes++;
    chain->count += node->count;
    if ((!place || !following) && chain->nodes > 2 * PLAIN_NODES)
        fold_behind(chain, !place, PLAIN_NODES);
}

void quicklist_chain_drop(struct quicklist_chain *chain, struct quicklist_node *node)
{
    if (node == chain->open)
        chain->open = NULL;
    *(node->previous ? &node->previous->next : &chain->first) = node->next;
    *(node->next ? &node->next->previous : &chain->last) = node->previous;
    chain->nodes--;
    chain->count -= node->count;
    quicklist_node_free(node);
}

void quicklist_chain_split(struct quicklist_chain *chain, struct quicklist_node *node, size_t index)
{
    struct quicklist_node *rest = quicklist_node_split(node, index);
    chain->count -= rest->count;
    quicklist_chain_link(chain, node, rest);
}

void quicklist_chain_merge(struct quicklist_chain *chain, struct quicklist_node *first,
                           struct quicklist_node *second)
{
    quicklist_node_open(second);
    listpack_append_pack(quicklist_node_change(first), second->data);
    first->count += second->count;
    chain->count += second->count;
    quicklist_chain_drop(chain, second);
}

/* Life. */

struct quicklist_chain *quicklist_chain_new(void)
{
    return memory_zeroed(sizeof(struct quicklist_chain));
}

struct quicklist_chain *quicklist_chain_clone(const struct quicklist_chain *chain)
{
    struct quicklist_chain *clone = quicklist_chain_new();
    for (const struct quicklist_node *node = chain->first; node; node = node->next)
        quicklist_chain_link(clone, clone->last, quicklist_node_clone(node));
    return clone;
}

void quicklist_chain_free(struct quicklist_chain *chain)
{
    for (struct quicklist_node *node = chain->first, *next; node; node = next) {
        next = node->next;
        quicklist_node_free(node);
    }
    memory_free(chain);
}

/* Bytes of a node on an average of `samples` (0: all), which begin at `node`. */
static double memory_of_one(const struct quicklist_node *node, size_t samples, bool backwards)
{
    size_t seen = 0, bytes = 0;
    for (; node && (samples == 0 || seen < samples); seen++) {
        bytes += quicklist_node_memory(node);
        node = backwards ? node->previous : node->next;
    }
    return seen ? (double)bytes / (double)seen : 0;
}

/* The same from both sides of what is folded: what a list takes on changes with time, and how far
 * it folds does, too. */
static double memory_of_folded(const struct quicklist_chain *chain, size_t samples)
{
    const struct quicklist_node *first = chain->first, *last = chain->last;
    for (size_t i = 0; i < PLAIN_NODES; i++) {
        first = first->next;
        last = last->previous;
    }
    return (memory_of_one(first, samples, false) + memory_of_one(last, samples, true)) / 2;
}

size_t quicklist_chain_memory(const struct quicklist_chain *chain, size_t samples)
{
    size_t plain = 2 * PLAIN_NODES;
    double nodes = (double)chain->nodes;
    if (samples == 0 || chain->nodes <= plain)
        return sizeof *chain + (size_t)(memory_of_one(chain->first, samples, false) * nodes);
    if (samples > chain->nodes - plain)
        samples = chain->nodes - plain;
    /* The nodes of an end do not stand for those between. */
    size_t few = samples < PLAIN_NODES ? samples : PLAIN_NODES;
    return sizeof *chain + (size_t)(memory_of_one(chain->first, few, false) * (double)plain +
                                    memory_of_folded(chain, samples) * (nodes - (double)plain));
}
