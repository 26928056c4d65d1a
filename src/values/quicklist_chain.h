/* SPDX-License-Identifier: MIT */
/*
 * The nodes of a list in order, and which of them are folded.
 *
 * Most of a long list is seldom looked at: what happens, happens at its ends. So the nodes at both
 * ends stay plain, QUICKLIST_PLAIN_NODES of them at each, and those between are folded: with
 * repetitive texts they take a third of the memory. A node is folded when another is linked at an
 * end and it thereby comes to stand so far from it. What stands at an end and is folded all the
 * same, because others were taken away or as it was restored so, is plain from its first use on. Of
 * what is folded, one node of a chain is open at a time: whoever enters the next closes it. If it
 * was changed meanwhile, it is folded anew.
 *
 *     for (struct quicklist_node *node = chain->first; node; node = node->next)
 *         quicklist_chain_enter(chain, node);   // node->data may be read, until the next is
 * entered
 *
 * None of that can be seen from outside: no reply hangs on it.
 */
#ifndef UNDERSTUDY_VALUES_QUICKLIST_CHAIN_H
#define UNDERSTUDY_VALUES_QUICKLIST_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "values/quicklist_node.h"

/* At each end. A stress build folds all but the outermost. */
#ifdef QUICKLIST_STRESS
#define QUICKLIST_PLAIN_NODES 1
#else
#define QUICKLIST_PLAIN_NODES 16
#endif

struct quicklist_chain {
    struct quicklist_node *first, *last; /* owned */
    struct quicklist_node *open;         /* was folded when it was entered; NULL: there is none */
    size_t count;                        /* elements in all */
    size_t nodes;
};

/* Empty. */
struct quicklist_chain *quicklist_chain_new(void);

/* A copy, folded where this one is. */
struct quicklist_chain *quicklist_chain_clone(const struct quicklist_chain *chain);

void quicklist_chain_free(struct quicklist_chain *chain);

/* Bytes of memory; estimated from so many nodes, or 0: from all. */
size_t quicklist_chain_memory(const struct quicklist_chain *chain, size_t samples);

/* For quicklist_chain_enter. */
void quicklist_chain_turn(struct quicklist_chain *chain, struct quicklist_node *node);

/* Makes node->data readable, until another node is entered or one is linked; closes the node that
 * was entered before. */
static inline void quicklist_chain_enter(struct quicklist_chain *chain, struct quicklist_node *node)
{
    if (chain->open != node && (chain->open || !node->data))
        quicklist_chain_turn(chain, node);
}

/* Folds what will stand far enough from an end with the node that is about to be linked there.
 * quicklist_chain_link does so, too; but when it is done before that node takes its first bytes,
 * the folded ones come to lie without gaps: the node then grows in what those were unfolded. */
void quicklist_chain_extend(struct quicklist_chain *chain, bool at_first);

/* Whether any node is folded or open. */
bool quicklist_chain_has_folded(const struct quicklist_chain *chain);

/* Puts `node` right behind `place`, or first when that is NULL. Takes it. */
void quicklist_chain_link(struct quicklist_chain *chain, struct quicklist_node *place,
                          struct quicklist_node *node);

/* Takes it out and frees it. */
void quicklist_chain_drop(struct quicklist_chain *chain, struct quicklist_node *node);

/* Moves the elements from `index` (0 < index < count) on to a node of their own behind this one. */
void quicklist_chain_split(struct quicklist_chain *chain, struct quicklist_node *node,
                           size_t index);

/* Moves the elements of `second`, which follows `first`, into that, and drops it. Both are packs.
 */
void quicklist_chain_merge(struct quicklist_chain *chain, struct quicklist_node *first,
                           struct quicklist_node *second);

/* Folds what a change left plain of the nodes from `node` on, so many of them. */
void quicklist_chain_fold(struct quicklist_chain *chain, struct quicklist_node *node, size_t nodes);

#endif
