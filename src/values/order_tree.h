/* SPDX-License-Identifier: MIT */
/*
 * A counted B+ tree: elements in order of their scores, those of one score in an order of the
 * user's, each reachable by score or by rank in O(log n), neighbours at once. It is what a big
 * sorted set is ordered by.
 *
 *     struct order_tree tree;
 *     order_tree_init(&tree, compare);
 *     order_tree_insert_scored(&tree, 1.5, element);
 *     struct order_position at = order_tree_seek(&tree, 10);     // the eleventh
 *     for (; order_position_element(at); at = order_position_next(at)) ...
 *     order_tree_clear(&tree);
 *
 * Elements are pointers that the user owns. The tree keeps the scores itself, so that a search
 * seldom has to look at an element. No score is NaN; 0 and -0 are the same.
 */
#ifndef UNDERSTUDY_VALUES_ORDER_TREE_H
#define UNDERSTUDY_VALUES_ORDER_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct order_node;
struct order_leaf;

struct order_tree {
    struct order_node *root; /* owned; NULL when empty */
    /* The order of elements whose scores are equal: negative, 0 or positive; 0 only for the same
     * element. */
    int (*compare)(const void *a, const void *b);
    size_t count;
};

/* A place in the tree; valid until the tree changes. */
struct order_position {
    struct order_leaf *leaf; /* NULL: beyond either end */
    size_t index;
};

void order_tree_init(struct order_tree *tree, int (*compare)(const void *a, const void *b));

/* Frees the nodes; elements are not touched. The tree is then empty and usable. */
void order_tree_clear(struct order_tree *tree);

/* An element that is not in the tree. */
void order_tree_insert_scored(struct order_tree *tree, double score, void *element);

/* An element that is in the tree with this score. */
void order_tree_remove_scored(struct order_tree *tree, double score, const void *element);

/* Gives an element that is in the tree another score. */
void order_tree_move(struct order_tree *tree, double score, double new_score, void *element);

/* How many elements come before this one, which is in the tree with this score. */
size_t order_tree_rank_scored(const struct order_tree *tree, double score, const void *element);

/* The same for a tree without scores. */
static inline void order_tree_insert(struct order_tree *tree, void *element)
{
    order_tree_insert_scored(tree, 0, element);
}
static inline void order_tree_remove(struct order_tree *tree, const void *element)
{
    order_tree_remove_scored(tree, 0, element);
}

/* The element with `rank` elements before it; beyond the end: no element. */
struct order_position order_tree_seek(const struct order_tree *tree, size_t rank);

/* How many elements have a score less than `score`, or equal when `inclusive`. */
size_t order_tree_count_below(const struct order_tree *tree, double score, bool inclusive);

/* How many elements come before `bound`: those for which `is_before` holds, which must be true for
 * a first part of the order and false for the rest. */
size_t order_tree_count_before(const struct order_tree *tree,
                               bool (*is_before)(const void *element, const void *bound),
                               const void *bound);

/* NULL beyond either end. */
void *order_position_element(struct order_position position);
/* The score of the element, which must be there. */
double order_position_score(struct order_position position);
struct order_position order_position_next(struct order_position position);
struct order_position order_position_previous(struct order_position position);

/* Asks the processor for the elements that follow in this direction soon. */
void order_position_prefetch(struct order_position position, bool is_reverse);

/* Bytes of the nodes. */
size_t order_tree_memory(const struct order_tree *tree);

/* CHECKs order, counts, links and fill of every node: for tests. */
void order_tree_check(const struct order_tree *tree);

#endif
