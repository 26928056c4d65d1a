/* SPDX-License-Identifier: MIT */
/*
 * A doubly linked list whose links stand inside the items: no allocation, removal without a search.
 *
 *     struct waiter { struct list_node node; ... };
 *     list_append(&queue, &waiter->node);
 *     for (struct list_node *node = list_first(&queue); node; node = list_next(node))
 *         serve(LIST_ENTRY(node, struct waiter, node));
 *
 * All zero is a valid empty list, and a valid node that is in no list. A node is in one list at
 * most; the list never owns its items.
 */
#ifndef UNDERSTUDY_BASE_LIST_H
#define UNDERSTUDY_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
    struct list_node *previous, *next; /* borrowed; NULL at the ends */
};

struct list {
    struct list_node *first, *last; /* borrowed; NULL when empty */
    size_t count;
};

/* The item of type `type` whose field `member` is the node `node` (not NULL). */
#define LIST_ENTRY(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void list_init(struct list *list)
{
    *list = (struct list){0};
}

static inline struct list_node *list_first(const struct list *list)
{
    return list->first;
}

static inline struct list_node *list_last(const struct list *list)
{
    return list->last;
}

static inline struct list_node *list_next(const struct list_node *node)
{
    return node->next;
}

static inline struct list_node *list_previous(const struct list_node *node)
{
    return node->previous;
}

static inline size_t list_count(const struct list *list)
{
    return list->count;
}

static inline bool list_is_empty(const struct list *list)
{
    return list->count == 0;
}

/* Whether `node` is in `list`; a node of another list must not be asked about. */
static inline bool list_contains(const struct list *list, const struct list_node *node)
{
    return node->previous || node->next || list->first == node;
}

/* `node` comes right after `place`, which is in the list; NULL puts it first. */
static inline void list_insert_after(struct list *list, struct list_node *place,
                                     struct list_node *node)
{
    struct list_node *following = place ? place->next : list->first;
    node->previous = place;
    node->next = following;
    if (place)
        place->next = node;
    else
        list->first = node;
    if (following)
        following->previous = node;
    else
        list->last = node;
    list->count++;
}

static inline void list_append(struct list *list, struct list_node *node)
{
    list_insert_after(list, list->last, node);
}

static inline void list_prepend(struct list *list, struct list_node *node)
{
    list_insert_after(list, NULL, node);
}

/* `node` must be in the list. Its links are cleared: take list_next first when iterating. */
static inline void list_remove(struct list *list, struct list_node *node)
{
    if (node->previous)
        node->previous->next = node->next;
    else
        list->first = node->next;
    if (node->next)
        node->next->previous = node->previous;
    else
        list->last = node->previous;
    *node = (struct list_node){0};
    list->count--;
}

/* For lists of what has something to do: `node` is in the list, or out of it, whatever it was. */
static inline void list_mark(struct list *list, struct list_node *node)
{
    if (!list_contains(list, node))
        list_append(list, node);
}

static inline void list_unmark(struct list *list, struct list_node *node)
{
    if (list_contains(list, node))
        list_remove(list, node);
}

#endif
