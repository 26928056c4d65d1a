/* SPDX-License-Identifier: MIT */
/*
 * Invariants: every leaf is at the same depth and none is empty; an inner node knows of each child
 * how many elements stand below it and which is the least of them, with its score. A search
 * compares scores, which stand side by side in the nodes, and touches an element only to break a
 * tie. Leaves are linked in order.
 *
 * A node is merged with a neighbour when both fit into one, which is checked for a node that has
 * fallen below a quarter: a removal never leads straight to the next split.
 */
#include "values/order_tree.h"

#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

#define LEAF_CAPACITY  60
#define INNER_CAPACITY 64

struct order_node {
    uint16_t used;
    bool is_leaf;
};

struct order_leaf {
    struct order_node head;
    struct order_leaf *previous;
    struct order_leaf *next;
    double scores[LEAF_CAPACITY];
    void *elements[LEAF_CAPACITY];
};

struct order_inner {
    struct order_node head;
    double scores[INNER_CAPACITY]; /* of the least elements */
    struct order_node *children[INNER_CAPACITY];
    void *least[INNER_CAPACITY];   /* the first element below each child */
    size_t counts[INNER_CAPACITY]; /* elements below each child */
};

/* What a search looks for. */
struct target {
    double score;
    const void *element;
};

static struct order_leaf *as_leaf(struct order_node *node)
{
    return (struct order_leaf *)(void *)node;
}

static struct order_inner *as_inner(struct order_node *node)
{
    return (struct order_inner *)(void *)node;
}

static struct order_leaf *leaf_new(void)
{
    struct order_leaf *leaf = memory_allocate(sizeof *leaf);
    leaf->head = (struct order_node){.is_leaf = true};
    leaf->previous = leaf->next = NULL;
    return leaf;
}

static struct order_inner *inner_new(void)
{
    struct order_inner *inner = memory_allocate(sizeof *inner);
    inner->head = (struct order_node){.is_leaf = false};
    return inner;
}

static size_t count_of(struct order_node *node)
{
    if (node->is_leaf)
        return node->used;
    size_t count = 0;
    for (size_t i = 0; i < node->used; i++)
        count += as_inner(node)->counts[i];
    return count;
}

static void refresh_least(struct order_inner *inner, size_t index)
{
    struct order_node *child = inner->children[index];
    if (child->is_leaf) {
        inner->scores[index] = as_leaf(child)->scores[0];
        inner->least[index] = as_leaf(child)->elements[0];
    } else {
        inner->scores[index] = as_inner(child)->scores[0];
        inner->least[index] = as_inner(child)->least[0];
    }
}

static void refresh(struct order_inner *inner, size_t index)
{
    inner->counts[index] = count_of(inner->children[index]);
    refresh_least(inner, index);
}

void order_tree_init(struct order_tree *tree, int (*compare)(const void *a, const void *b))
{
    *tree = (struct order_tree){.compare = compare};
}

static void node_free(struct order_node *node)
{
    if (!node->is_leaf)
        for (size_t i = 0; i < node->used; i++)
            node_free(as_inner(node)->children[i]);
    memory_free(node);
}

void order_tree_clear(struct order_tree *tree)
{
    if (tree->root)
        node_free(tree->root);
    tree->root = NULL;
    tree->count = 0;
}

/* The first index in [low, high) whose element does not come before the target; equal ones do not.
 */
static size_t search(const struct order_tree *tree, const double *scores, void *const *elements,
                     size_t low, size_t high, struct target target)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_before = scores[middle] != target.score
                             ? scores[middle] < target.score
                             : tree->compare(elements[middle], target.element) < 0;
        if (is_before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The child below which the element is or belongs: the last whose least is not greater. */
static size_t child_for(const struct order_tree *tree, const struct order_inner *inner,
                        struct target target)
{
    size_t used = inner->head.used;
    size_t index = search(tree, inner->scores, inner->least, 1, used, target);
    bool is_least = index < used && inner->scores[index] == target.score &&
                    tree->compare(inner->least[index], target.element) == 0;
    return is_least ? index : index - 1;
}

/* Elements of the leaf that come before this one. */
static size_t place_in_leaf(const struct order_tree *tree, const struct order_leaf *leaf,
                            struct target target)
{
    return search(tree, leaf->scores, leaf->elements, 0, leaf->head.used, target);
}

/* --- insertion --- */

/* Moves what stands from `from` on into a new leaf to the right. */
static struct order_leaf *leaf_split(struct order_leaf *leaf, size_t from)
{
    struct order_leaf *right = leaf_new();
    size_t moved = leaf->head.used - from;
    memcpy(right->scores, leaf->scores + from, moved * sizeof(double));
    memcpy(right->elements, leaf->elements + from, moved * sizeof(void *));
    right->head.used = (uint16_t)moved;
    leaf->head.used = (uint16_t)from;
    right->next = leaf->next;
    right->previous = leaf;
    if (right->next)
        right->next->previous = right;
    leaf->next = right;
    return right;
}

static void leaf_put(struct order_leaf *leaf, size_t place, double score, void *element)
{
    size_t after = leaf->head.used - place;
    memmove(leaf->scores + place + 1, leaf->scores + place, after * sizeof(double));
    memmove(leaf->elements + place + 1, leaf->elements + place, after * sizeof(void *));
    leaf->scores[place] = score;
    leaf->elements[place] = element;
    leaf->head.used++;
}

/* The new right neighbour, or NULL when the leaf had room. */
static struct order_node *leaf_insert(const struct order_tree *tree, struct order_leaf *leaf,
                                      double score, void *element)
{
    size_t place = place_in_leaf(tree, leaf, (struct target){score, element});
    if (leaf->head.used < LEAF_CAPACITY) {
        leaf_put(leaf, place, score, element);
        return NULL;
    }
    /* Ascending insertion fills leaves whole; any other splits in the middle. */
    bool is_appending = place == LEAF_CAPACITY && !leaf->next;
    struct order_leaf *right = leaf_split(leaf, is_appending ? LEAF_CAPACITY : LEAF_CAPACITY / 2);
    if (place > leaf->head.used || is_appending)
        leaf_put(right, place - leaf->head.used, score, element);
    else
        leaf_put(leaf, place, score, element);
    return &right->head;
}

static void inner_shift(struct order_inner *inner, size_t to, size_t from, size_t count)
{
    memmove(inner->scores + to, inner->scores + from, count * sizeof(double));
    memmove(inner->children + to, inner->children + from, count * sizeof(void *));
    memmove(inner->least + to, inner->least + from, count * sizeof(void *));
    memmove(inner->counts + to, inner->counts + from, count * sizeof(size_t));
}

static void inner_put(struct order_inner *inner, size_t place, struct order_node *child)
{
    inner_shift(inner, place + 1, place, inner->head.used - place);
    inner->children[place] = child;
    inner->head.used++;
    refresh(inner, place);
}

/* `count` children of another node behind those that are there. */
static void inner_append(struct order_inner *inner, const struct order_inner *from, size_t start,
                         size_t count)
{
    size_t used = inner->head.used;
    memcpy(inner->scores + used, from->scores + start, count * sizeof(double));
    memcpy(inner->children + used, from->children + start, count * sizeof(void *));
    memcpy(inner->least + used, from->least + start, count * sizeof(void *));
    memcpy(inner->counts + used, from->counts + start, count * sizeof(size_t));
    inner->head.used = (uint16_t)(used + count);
}

static struct order_inner *inner_split(struct order_inner *inner, size_t from)
{
    struct order_inner *right = inner_new();
    inner_append(right, inner, from, inner->head.used - from);
    inner->head.used = (uint16_t)from;
    return right;
}

static struct order_node *node_insert(const struct order_tree *tree, struct order_node *node,
                                      double score, void *element)
{
    if (node->is_leaf)
        return leaf_insert(tree, as_leaf(node), score, element);
    struct order_inner *inner = as_inner(node);
    size_t index = child_for(tree, inner, (struct target){score, element});
    struct order_node *added = node_insert(tree, inner->children[index], score, element);
    if (!added) {
        inner->counts[index]++;
        refresh_least(inner, index);
        return NULL;
    }
    refresh(inner, index);
    size_t place = index + 1;
    if (inner->head.used < INNER_CAPACITY) {
        inner_put(inner, place, added);
        return NULL;
    }
    bool is_appending = place == INNER_CAPACITY;
    struct order_inner *right =
        inner_split(inner, is_appending ? INNER_CAPACITY - 1 : INNER_CAPACITY / 2);
    if (place > inner->head.used)
        inner_put(right, place - inner->head.used, added);
    else
        inner_put(inner, place, added);
    return &right->head;
}

void order_tree_insert_scored(struct order_tree *tree, double score, void *element)
{
    tree->count++;
    if (!tree->root) {
        struct order_leaf *leaf = leaf_new();
        leaf_put(leaf, 0, score, element);
        tree->root = &leaf->head;
        return;
    }
    struct order_node *added = node_insert(tree, tree->root, score, element);
    if (!added)
        return;
    struct order_inner *root = inner_new();
    inner_put(root, 0, tree->root);
    inner_put(root, 1, added);
    tree->root = &root->head;
}

/* --- removal --- */

static void inner_take(struct order_inner *inner, size_t place)
{
    inner_shift(inner, place, place + 1, inner->head.used - place - 1);
    inner->head.used--;
}

static void leaf_take(struct order_leaf *leaf, size_t place)
{
    size_t after = leaf->head.used - place - 1;
    memmove(leaf->scores + place, leaf->scores + place + 1, after * sizeof(double));
    memmove(leaf->elements + place, leaf->elements + place + 1, after * sizeof(void *));
    leaf->head.used--;
}

static void leaf_unlink(struct order_leaf *leaf)
{
    if (leaf->previous)
        leaf->previous->next = leaf->next;
    if (leaf->next)
        leaf->next->previous = leaf->previous;
}

static size_t capacity_of(const struct order_node *node)
{
    return node->is_leaf ? LEAF_CAPACITY : INNER_CAPACITY;
}

/* All of `right` behind what `left` has; `right` is freed. */
static void node_merge(struct order_node *left, struct order_node *right)
{
    if (left->is_leaf) {
        struct order_leaf *from = as_leaf(right);
        struct order_leaf *to = as_leaf(left);
        memcpy(to->scores + left->used, from->scores, right->used * sizeof(double));
        memcpy(to->elements + left->used, from->elements, right->used * sizeof(void *));
        left->used = (uint16_t)(left->used + right->used);
        leaf_unlink(from);
    } else {
        inner_append(as_inner(left), as_inner(right), 0, right->used);
    }
    memory_free(right);
}

/* Joins the children at `left` and `left + 1` if they fit into one. */
static bool merge_children(struct order_inner *inner, size_t left)
{
    struct order_node *a = inner->children[left];
    struct order_node *b = inner->children[left + 1];
    if ((size_t)a->used + b->used > capacity_of(a))
        return false;
    node_merge(a, b);
    inner_take(inner, left + 1);
    refresh(inner, left);
    return true;
}

static void node_remove(const struct order_tree *tree, struct order_node *node,
                        struct target target)
{
    if (node->is_leaf) {
        struct order_leaf *leaf = as_leaf(node);
        size_t place = place_in_leaf(tree, leaf, target);
        CHECK(place < leaf->head.used && tree->compare(leaf->elements[place], target.element) == 0);
        leaf_take(leaf, place);
        return;
    }
    struct order_inner *inner = as_inner(node);
    size_t index = child_for(tree, inner, target);
    struct order_node *child = inner->children[index];
    node_remove(tree, child, target);
    if (child->used == 0) {
        if (child->is_leaf)
            leaf_unlink(as_leaf(child));
        memory_free(child);
        inner_take(inner, index);
        return;
    }
    inner->counts[index]--;
    refresh_least(inner, index);
    if (child->used >= capacity_of(child) / 4)
        return;
    if (index + 1 < inner->head.used && merge_children(inner, index))
        return;
    if (index > 0)
        merge_children(inner, index - 1);
}

void order_tree_remove_scored(struct order_tree *tree, double score, const void *element)
{
    CHECK(tree->root);
    node_remove(tree, tree->root, (struct target){score, element});
    tree->count--;
    if (tree->root->used == 0) {
        memory_free(tree->root);
        tree->root = NULL;
        return;
    }
    while (!tree->root->is_leaf && tree->root->used == 1) {
        struct order_node *child = as_inner(tree->root)->children[0];
        memory_free(tree->root);
        tree->root = child;
    }
}

/* --- search --- */

/* Whether the element at `place` of the leaf surely stays there with this score. */
static bool stays_at(const struct order_leaf *leaf, size_t place, double score)
{
    return place > 0 && place + 1 < leaf->head.used && leaf->scores[place - 1] < score &&
           score < leaf->scores[place + 1];
}

void order_tree_move(struct order_tree *tree, double score, double new_score, void *element)
{
    struct target target = {score, element};
    struct order_node *node = tree->root;
    while (!node->is_leaf)
        node = as_inner(node)->children[child_for(tree, as_inner(node), target)];
    struct order_leaf *leaf = as_leaf(node);
    size_t place = place_in_leaf(tree, leaf, target);
    /* A small change keeps the element between its neighbours. */
    if (stays_at(leaf, place, new_score)) {
        leaf->scores[place] = new_score;
        return;
    }
    order_tree_remove_scored(tree, score, element);
    order_tree_insert_scored(tree, new_score, element);
}

size_t order_tree_rank_scored(const struct order_tree *tree, double score, const void *element)
{
    struct target target = {score, element};
    size_t rank = 0;
    struct order_node *node = tree->root;
    while (!node->is_leaf) {
        struct order_inner *inner = as_inner(node);
        size_t index = child_for(tree, inner, target);
        for (size_t i = 0; i < index; i++)
            rank += inner->counts[i];
        node = inner->children[index];
    }
    return rank + place_in_leaf(tree, as_leaf(node), target);
}

struct order_position order_tree_seek(const struct order_tree *tree, size_t rank)
{
    if (rank >= tree->count)
        return (struct order_position){0};
    struct order_node *node = tree->root;
    while (!node->is_leaf) {
        struct order_inner *inner = as_inner(node);
        size_t index = 0;
        while (rank >= inner->counts[index])
            rank -= inner->counts[index++];
        node = inner->children[index];
    }
    return (struct order_position){as_leaf(node), rank};
}

/* Of the scores in [low, high), the first that is not below. */
static size_t search_score(const double *scores, size_t low, size_t high, double score,
                           bool inclusive)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (inclusive ? scores[middle] <= score : scores[middle] < score)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t order_tree_count_below(const struct order_tree *tree, double score, bool inclusive)
{
    size_t below = 0;
    struct order_node *node = tree->root;
    if (!node)
        return 0;
    while (!node->is_leaf) {
        struct order_inner *inner = as_inner(node);
        /* The last child whose least is below, or the first. */
        size_t index = search_score(inner->scores, 1, node->used, score, inclusive) - 1;
        for (size_t i = 0; i < index; i++)
            below += inner->counts[i];
        node = inner->children[index];
    }
    return below + search_score(as_leaf(node)->scores, 0, node->used, score, inclusive);
}

/* The same for a property of the elements. */
static size_t search_bound(void *const *elements, size_t low, size_t high,
                           bool (*is_before)(const void *element, const void *bound),
                           const void *bound)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(elements[middle], bound))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t order_tree_count_before(const struct order_tree *tree,
                               bool (*is_before)(const void *element, const void *bound),
                               const void *bound)
{
    size_t before = 0;
    struct order_node *node = tree->root;
    if (!node)
        return 0;
    while (!node->is_leaf) {
        struct order_inner *inner = as_inner(node);
        size_t index = search_bound(inner->least, 1, node->used, is_before, bound) - 1;
        for (size_t i = 0; i < index; i++)
            before += inner->counts[i];
        node = inner->children[index];
    }
    return before + search_bound(as_leaf(node)->elements, 0, node->used, is_before, bound);
}

void *order_position_element(struct order_position position)
{
    return position.leaf ? position.leaf->elements[position.index] : NULL;
}

double order_position_score(struct order_position position)
{
    return position.leaf->scores[position.index];
}

struct order_position order_position_next(struct order_position position)
{
    if (position.index + 1 < position.leaf->head.used)
        return (struct order_position){position.leaf, position.index + 1};
    return (struct order_position){position.leaf->next, 0};
}

struct order_position order_position_previous(struct order_position position)
{
    if (position.index > 0)
        return (struct order_position){position.leaf, position.index - 1};
    struct order_leaf *leaf = position.leaf->previous;
    return (struct order_position){leaf, leaf ? leaf->head.used - 1U : 0};
}

void order_position_prefetch(struct order_position position, bool is_reverse)
{
    const struct order_leaf *leaf = position.leaf;
    const size_t distance = 6;
    if (!leaf)
        return;
    if (is_reverse ? position.index >= distance : position.index + distance < leaf->head.used)
        __builtin_prefetch(
            leaf->elements[is_reverse ? position.index - distance : position.index + distance]);
}

static size_t node_memory(struct order_node *node)
{
    if (node->is_leaf)
        return sizeof(struct order_leaf);
    size_t size = sizeof(struct order_inner);
    for (size_t i = 0; i < node->used; i++)
        size += node_memory(as_inner(node)->children[i]);
    return size;
}

size_t order_tree_memory(const struct order_tree *tree)
{
    return tree->root ? node_memory(tree->root) : 0;
}

/* --- checks --- */

static void check_order(const struct order_tree *tree, struct target a, struct target b)
{
    CHECK(a.score < b.score || (a.score == b.score && tree->compare(a.element, b.element) < 0));
}

static struct target leaf_target(const struct order_leaf *leaf, size_t index)
{
    return (struct target){leaf->scores[index], leaf->elements[index]};
}

/* Depth of the leaves below; `last` is the leaf before this node. */
static size_t node_check(const struct order_tree *tree, struct order_node *node,
                         struct order_leaf **last)
{
    CHECK(node->used > 0 && node->used <= capacity_of(node));
    if (node->is_leaf) {
        struct order_leaf *leaf = as_leaf(node);
        CHECK(leaf->previous == *last);
        CHECK(!*last || (*last)->next == leaf);
        if (*last)
            check_order(tree, leaf_target(*last, (*last)->head.used - 1U), leaf_target(leaf, 0));
        for (size_t i = 1; i < node->used; i++)
            check_order(tree, leaf_target(leaf, i - 1), leaf_target(leaf, i));
        *last = leaf;
        return 1;
    }
    struct order_inner *inner = as_inner(node);
    size_t depth = 0;
    for (size_t i = 0; i < node->used; i++) {
        size_t below = node_check(tree, inner->children[i], last);
        CHECK(i == 0 || below == depth);
        depth = below;
        CHECK(inner->counts[i] == count_of(inner->children[i]));
        double score = inner->scores[i];
        const void *least = inner->least[i];
        refresh_least(inner, i);
        CHECK(score == inner->scores[i] && least == inner->least[i]);
    }
    return depth + 1;
}

void order_tree_check(const struct order_tree *tree)
{
    struct order_leaf *last = NULL;
    if (tree->root)
        node_check(tree, tree->root, &last);
    CHECK(!last || !last->next);
    CHECK(tree->count == (tree->root ? count_of(tree->root) : 0));
}
