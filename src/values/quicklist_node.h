/* SPDX-License-Identifier: MIT */
/*
 * A link of a list's chain: a listpack with some elements, or one large element as plain bytes.
 *
 * What a node holds can be folded: compressed by LZF, in memory. A node is then in one of three
 * states:
 *
 *     plain       data                 as it was made, or after a change
 *     folded      folded               takes less, and can't be read
 *     open        data and folded      may be read; closing it again costs nothing
 *
 *     struct quicklist_node *node = quicklist_node_of_pack(pack);
 *     quicklist_node_fold(node);                            // folded, if that saves enough
 *     quicklist_node_open(node);                            // node->data may be read
 *     listpack_append(quicklist_node_change(node), text);   // plain; the size may have changed
 *     node->count++;
 *
 * Which nodes are folded, and when, the chain decides: see quicklist_chain.h.
 */
#ifndef UNDERSTUDY_VALUES_QUICKLIST_NODE_H
#define UNDERSTUDY_VALUES_QUICKLIST_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "values/listpack.h"

struct quicklist_node {
    struct quicklist_node *previous, *next; /* NULL at the ends */
    unsigned char *data;   /* owned: a listpack that isn't empty, or the bytes of one element; NULL
                              while the node is folded */
    unsigned char *folded; /* owned: the same compressed; NULL in a plain node */
    size_t whole_size;     /* bytes of data: kept of one element, and while there is `folded` */
    uint32_t folded_size;  /* bytes */
    uint32_t count;        /* elements */
    uint8_t columns;       /* bytes of each entry, whose columns were folded; 0: the pack itself */
    bool is_plain;         /* one element, no listpack */
    bool resists;          /* folding saved too little, and nothing was changed since */
};

/* Takes `pack`. */
struct quicklist_node *quicklist_node_of_pack(unsigned char *pack);

/* A folded node for a pack that isn't empty; copies `compressed`, which LZF made of it. */
struct quicklist_node *quicklist_node_of_folded(struct bytes pack, struct bytes compressed);

/* Copies `text`. */
struct quicklist_node *quicklist_node_of_text(struct bytes text);

/* A copy outside of any chain; of an open node it is folded. */
struct quicklist_node *quicklist_node_clone(const struct quicklist_node *node);

void quicklist_node_free(struct quicklist_node *node);

/* Bytes of the pack or the element, folded or not. */
static inline size_t quicklist_node_size(const struct quicklist_node *node)
{
    return node->is_plain || node->folded ? node->whole_size : listpack_size(node->data);
}

/* Bytes of memory. */
size_t quicklist_node_memory(const struct quicklist_node *node);

/* The pack or the element as bytes: not of a folded node. Valid until it changes or closes. */
static inline struct bytes quicklist_node_bytes(const struct quicklist_node *node)
{
    return bytes_of((const char *)node->data, quicklist_node_size(node));
}

/* What LZF made of that. Empty of a plain node, and if it was made of columns. */
static inline struct bytes quicklist_node_folded_bytes(const struct quicklist_node *node)
{
    if (!node->folded || node->columns)
        return bytes_of(NULL, 0);
    return bytes_of((const char *)node->folded, node->folded_size);
}

/* Whether bytes are to be folded that take so much less then: an eighth of them or more. */
bool quicklist_node_is_worth(size_t size, size_t folded_size);

/* Folds a plain node if it is worth it, or closes an open one. */
void quicklist_node_fold(struct quicklist_node *node);

/* Makes a folded node an open one. */
void quicklist_node_open(struct quicklist_node *node);

/* Makes a folded or an open node a plain one. */
void quicklist_node_unfold(struct quicklist_node *node);

/* Makes the node a plain one, whose pack may be changed. */
static inline unsigned char **quicklist_node_change(struct quicklist_node *node)
{
    if (node->folded)
        quicklist_node_unfold(node);
    node->resists = false;
    return &node->data;
}

/* Moves the elements from `index` (0 < index < count) on to a new node, which is returned. */
struct quicklist_node *quicklist_node_split(struct quicklist_node *node, size_t index);

#endif
