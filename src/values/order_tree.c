/* SPDX-License-Identifier: MIT */
/*
 * Invariants: every leaf is at the same depth and none is empty; an inner node knows of each child how
 * many elements stand below it and which is the least of them, so that a search touches no element but
 * those it compares with. Leaves are linked in order.
 *
 * A node is merged with a neighbour when both fit into one, which is checked for a node that has fallen
 * below a quarter: a removal never leads straight to the next split.
 */
#include "values/order_tree.h"

#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

#define LEAF_CAPACITY  62
#define INNER_CAPACITY 32

struct order_node {
    uint16_t used;
    bool is_leaf;
};

struct order_leaf {
    struct order_node head;
    struct order_leaf *previous;
    struct order_leaf *next;
    void *elements[LEAF_CAPACITY];
};

struct order_inner {
    struct order_node head;
    struct order_node *children[INNER_CAPACITY];
    size_t counts[INNER_CAPACITY]; /* elements below each child */
    void *least[INNER_CAPACITY];   /* the first of them */
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

static void *least_of(struct order_node *node)
{
    return node->is_leaf ? as_leaf(node)->elements[0] : as_inner(node)->least[0];
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

static void refresh(struct order_inner *inner, size_t index)
{
    inner->counts[index] = count_of(inner->children[index]);
    inner->least[index] = least_of(inner->children[index]);
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

/* The child below which the element is or belongs: the last whose least is not greater. */
static size_t child_for(const struct order_tree *tree, const struct order_inner *inner,
                        const void *element)
{
    size_t low = 1;
    size_t high = inner->head.used;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tree->compare(inner->least[middle], element) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

/* Elements of the leaf that come before this one. */
static size_t place_in_leaf(const struct order_tree *tree, const struct order_leaf *leaf,
                            const void *element)
{
    size_t low = 0;
    size_t high = leaf->head.used;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tree->compare(leaf->elements[middle], element) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* --- insertion --- */

/* Moves what stands from `from` on into a new leaf to the right. */
static struct order_leaf *leaf_split(struct order_leaf *leaf, size_t from)
{
    struct order_leaf *right = leaf_new();
    right->head.used = (uint16_t)(leaf->head.used - from);
    memcpy(right->elements, leaf->elements + from, right->head.used * sizeof(void *));
    leaf->head.used = (uint16_t)from;
    right->next = leaf->next;
    right->previous = leaf;
    if (right->next)
        right->next->previous = right;
    leaf->next = right;
    return right;
}

static void leaf_put(struct order_leaf *leaf, size_t place, void *element)
{
    memmove(leaf->elements + place + 1, leaf->elements + place,
            (leaf->head.used - place) * sizeof(void *));
    leaf->elements[place] = element;
    leaf->head.used++;
}

/* The new right neighbour, or NULL when the leaf had room. */
static struct order_node *leaf_insert(const struct order_tree *tree, struct order_leaf *leaf,
                                      void *element)
{
    size_t place = place_in_leaf(tree, leaf, element);
    if (leaf->head.used < LEAF_CAPACITY) {
        leaf_put(leaf, place, element);
        return NULL;
    }
    /* Ascending insertion fills leaves whole; any other splits in the middle. */
    bool is_appending = place == LEAF_CAPACITY && !leaf->next;
    struct order_leaf *right = leaf_split(leaf, is_appending ? LEAF_CAPACITY : LEAF_CAPACITY / 2);
    if (place > leaf->head.used || is_appending)
        leaf_put(right, place - leaf->head.used, element);
    else
        leaf_put(leaf, place, element);
    return &right->head;
}

static void inner_put(struct order_inner *inner, size_t place, struct order_node *child)
{
    size_t after = inner->head.used - place;
    memmove(inner->children + place + 1, inner->children + place, after * sizeof(void *));
    memmove(inner->counts + place + 1, inner->counts + place, after * sizeof(size_t));
    memmove(inner->least + place + 1, inner->least + place, after * sizeof(void *));
    inner->children[place] = child;
    inner->head.used++;
    refresh(inner, place);
}

static struct order_inner *inner_split(struct order_inner *inner, size_t from)
{
    struct order_inner *right = inner_new();
    size_t moved = inner->head.used - from;
    memcpy(right->children, inner->children + from, moved * sizeof(void *));
    memcpy(right->counts, inner->counts + from, moved * sizeof(size_t));
    memcpy(right->least, inner->least + from, moved * sizeof(void *));
    right->head.used = (uint16_t)moved;
    inner->head.used = (uint16_t)from;
    return right;
}

static struct order_node *node_insert(const struct order_tree *tree, struct order_node *node,
                                      void *element)
{
    if (node->is_leaf)
        return leaf_insert(tree, as_leaf(node), element);
    struct order_inner *inner = as_inner(node);
    size_t index = child_for(tree, inner, element);
    struct order_node *added = node_insert(tree, inner->children[index], element);
    if (!added) {
        inner->counts[index]++;
        inner->least[index] = least_of(inner->children[index]);
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

void order_tree_insert(struct order_tree *tree, void *element)
{
    tree->count++;
    if (!tree->root) {
        struct order_leaf *leaf = leaf_new();
        leaf_put(leaf, 0, element);
        tree->root = &leaf->head;
        return;
    }
    struct order_node *added = node_insert(tree, tree->root, element);
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
    size_t after = inner->head.used - place - 1;
    memmove(inner->children + place, inner->children + place + 1, after * sizeof(void *));
    memmove(inner->counts + place, inner->counts + place + 1, after * sizeof(size_t));
    memmove(inner->least + place, inner->least + place + 1, after * sizeof(void *));
    inner->head.used--;
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
        struct order_leaf *leaf = as_leaf(right);
        memcpy(as_leaf(left)->elements + left->used, leaf->elements,
               right->used * sizeof(void *));
        leaf_unlink(leaf);
    } else {
        struct order_inner *from = as_inner(right);
        struct order_inner *to = as_inner(left);
        memcpy(to->children + left->used, from->children, right->used * sizeof(void *));
        memcpy(to->counts + left->used, from->counts, right->used * sizeof(size_t));
        memcpy(to->least + left->used, from->least, right->used * sizeof(void *));
    }
    left->used = (uint16_t)(left->used + right->used);
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
                        const void *element)
{
    if (node->is_leaf) {
        struct order_leaf *leaf = as_leaf(node);
        size_t place = place_in_leaf(tree, leaf, element);
        CHECK(place < leaf->head.used && tree->compare(leaf->elements[place], element) == 0);
        leaf->head.used--;
        memmove(leaf->elements + place, leaf->elements + place + 1,
                (leaf->head.used - place) * sizeof(void *));
        return;
    }
    struct order_inner *inner = as_inner(node);
    size_t index = child_for(tree, inner, element);
    struct order_node *child = inner->children[index];
    node_remove(tree, child, element);
    if (child->used == 0) {
        if (child->is_leaf)
            leaf_unlink(as_leaf(child));
        memory_free(child);
        inner_take(inner, index);
        return;
    }
    inner->counts[index]--;
    inner->least[index] = least_of(child);
    if (child->used >= capacity_of(child) / 4)
        return;
    if (index + 1 < inner->head.used && merge_children(inner, index))
        return;
    if (index > 0)
        merge_children(inner, index - 1);
}

void order_tree_remove(struct order_tree *tree, const void *element)
{
    CHECK(tree->root);
    node_remove(tree, tree->root, element);
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

size_t order_tree_rank(const struct order_tree *tree, const void *element)
{
    size_t rank = 0;
    struct order_node *node = tree->root;
    while (!node->is_leaf) {
        struct order_inner *inner = as_inner(node);
        size_t index = child_for(tree, inner, element);
        for (size_t i = 0; i < index; i++)
            rank += inner->counts[i];
        node = inner->children[index];
    }
    return rank + place_in_leaf(tree, as_leaf(node), element);
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

size_t order_tree_count_before(const struct order_tree *tree,
                               bool (*is_before)(const void *element, const void *bound),
                               const void *bound)
{
    size_t before = 0;
    struct order_node *node = tree->root;
    while (node && !node->is_leaf) {
        struct order_inner *inner = as_inner(node);
        size_t index = 0; /* the last child whose least comes before the bound, or the first */
        while (index + 1 < node->used && is_before(inner->least[index + 1], bound))
            before += inner->counts[index++];
        node = inner->children[index];
    }
    if (!node)
        return 0;
    size_t low = 0;
    size_t high = node->used;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(as_leaf(node)->elements[middle], bound))
            low = middle + 1;
        else
            high = middle;
    }
    return before + low;
}

void *order_position_element(struct order_position position)
{
    return position.leaf ? position.leaf->elements[position.index] : NULL;
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
            CHECK(tree->compare((*last)->elements[(*last)->head.used - 1], leaf->elements[0]) < 0);
        for (size_t i = 1; i < node->used; i++)
            CHECK(tree->compare(leaf->elements[i - 1], leaf->elements[i]) < 0);
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
        CHECK(inner->least[i] == least_of(inner->children[i]));
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
