/* SPDX-License-Identifier: MIT */
/*
 * Invariant: no node of a chain is empty, node->count is right for each, and chain->count is their
 * sum. A node is within the fill it was filled under, except that a replaced element may leave it
 * up to twice as large.
 */
#include "values/quicklist.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "values/listpack.h"

/* The most a pack may hold when the fill counts elements. */
#define COUNTED_PACK_SIZE ((size_t)8192)
/* What Redis reckons for an entry beyond its text when it asks whether a pack has room. */
#define ENTRY_ESTIMATE 8

/* The fill. */

static size_t largest_size(int64_t fill)
{
    if (fill >= 0)
        return COUNTED_PACK_SIZE;
    return (size_t)4096 << (fill <= -5 ? 4 : -fill - 1);
}

static bool exceeds(int64_t fill, size_t size, size_t count)
{
    size_t largest_count = fill > 0 ? (size_t)fill : fill == 0 ? 1 : SIZE_MAX;
    return size > largest_size(fill) || count > largest_count;
}

static inline bool is_large(struct bytes text, int64_t fill)
{
    return text.size > largest_size(fill);
}

/* `node` may be NULL. */
static bool has_room(const struct quicklist_node *node, struct bytes text, int64_t fill)
{
    return node && !node->is_plain && !is_large(text, fill) &&
           !exceeds(fill, listpack_size(node->data) + text.size + ENTRY_ESTIMATE,
                    (size_t)node->count + 1);
}

/* Nodes. */

static inline bool is_packed(const struct value *value)
{
    return value->encoding == ENCODING_LISTPACK;
}

static inline struct quicklist_chain *chain_of(const struct value *value)
{
    return ((const struct quicklist *)value)->chain;
}

/* Takes `pack`. */
static struct quicklist_node *node_of_pack(unsigned char *pack)
{
    struct quicklist_node *node = memory_zeroed(sizeof *node);
    node->data = pack;
    node->count = (uint32_t)listpack_count(pack);
    return node;
}

static struct quicklist_node *plain_node(struct bytes text)
{
    struct quicklist_node *node = memory_zeroed(sizeof *node);
    node->data = memory_copy(text.data, text.size);
    node->plain_size = text.size;
    node->is_plain = true;
    node->count = 1;
    return node;
}

static struct quicklist_node *node_of_text(struct bytes text, int64_t fill)
{
    if (!is_large(text, fill)) {
        unsigned char *pack = listpack_new();
        listpack_append(&pack, text);
        return node_of_pack(pack);
    }
    return plain_node(text);
}

static void node_free(struct quicklist_node *node)
{
    memory_free(node->data);
    memory_free(node);
}

/* Puts `node` right behind `place`, or first when that is NULL. */
static void link_after(struct quicklist_chain *chain, struct quicklist_node *place,
                       struct quicklist_node *node)
{
    struct quicklist_node *following = place ? place->next : chain->first;
    node->previous = place;
    node->next = following;
    *(place ? &place->next : &chain->first) = node;
    *(following ? &following->previous : &chain->last) = node;
    chain->nodes++;
    chain->count += node->count;
}

static void drop_node(struct quicklist_chain *chain, struct quicklist_node *node)
{
    *(node->previous ? &node->previous->next : &chain->first) = node->next;
    *(node->next ? &node->next->previous : &chain->last) = node->previous;
    chain->nodes--;
    chain->count -= node->count;
    node_free(node);
}

/* Moves the elements from `index` (0 < index < count) on to a node of their own behind this one. */
static void split_node(struct quicklist_chain *chain, struct quicklist_node *node, size_t index)
{
    struct quicklist_node *rest = node_of_pack(listpack_split(&node->data, index));
    chain->count -= rest->count;
    node->count -= rest->count;
    link_after(chain, node, rest);
}

/* Puts the elements of `second`, which follows `first`, into `first` if they fit there. Either may
 * be NULL. */
static void try_merge(struct quicklist_chain *chain, struct quicklist_node *first,
                      struct quicklist_node *second, int64_t fill)
{
    if (!first || !second || first->is_plain || second->is_plain ||
        exceeds(fill,
                listpack_size(first->data) + listpack_size(second->data) - LISTPACK_EMPTY_SIZE,
                (size_t)first->count + second->count))
        return;
    listpack_append_pack(&first->data, second->data);
    first->count += second->count;
    chain->count += second->count;
    drop_node(chain, second);
}

/* Life. */

static struct quicklist *allocate(enum value_encoding encoding)
{
    struct quicklist *list = memory_allocate(sizeof *list);
    value_init(&list->head, VALUE_LIST, encoding);
    return list;
}

struct value *quicklist_new(void)
{
    struct quicklist *list = allocate(ENCODING_LISTPACK);
    list->pack = listpack_new();
    return &list->head;
}

struct value *quicklist_new_chain(void)
{
    struct quicklist *list = allocate(ENCODING_QUICKLIST);
    list->chain = memory_zeroed(sizeof *list->chain);
    return &list->head;
}

static void append_node(struct quicklist_chain *chain, struct quicklist_node *node)
{
    link_after(chain, chain->last, node);
}

void quicklist_append_pack(struct value *value, unsigned char *pack)
{
    CHECK(!is_packed(value) && !listpack_is_empty(pack));
    append_node(chain_of(value), node_of_pack(pack));
}

void quicklist_append_plain(struct value *value, struct bytes text)
{
    CHECK(!is_packed(value));
    append_node(chain_of(value), plain_node(text));
}

static void chain_free(struct quicklist_chain *chain)
{
    for (struct quicklist_node *node = chain->first, *next; node; node = next) {
        next = node->next;
        node_free(node);
    }
    memory_free(chain);
}

void quicklist_free(struct value *value)
{
    struct quicklist *list = (struct quicklist *)value;
    if (is_packed(value))
        listpack_free(list->pack);
    else
        chain_free(list->chain);
    memory_free(list);
}

struct value *quicklist_clone(const struct value *value)
{
    if (is_packed(value)) {
        struct quicklist *clone = allocate(ENCODING_LISTPACK);
        clone->pack = listpack_clone(((const struct quicklist *)value)->pack);
        return &clone->head;
    }
    struct value *clone = quicklist_new_chain();
    for (const struct quicklist_node *node = chain_of(value)->first; node; node = node->next) {
        if (node->is_plain)
            quicklist_append_plain(clone, bytes_of((const char *)node->data, node->plain_size));
        else
            quicklist_append_pack(clone, listpack_clone(node->data));
    }
    return clone;
}

size_t quicklist_memory(const struct value *value, size_t samples)
{
    size_t size = sizeof(struct quicklist);
    if (is_packed(value))
        return size + listpack_memory(((const struct quicklist *)value)->pack);
    const struct quicklist_chain *chain = chain_of(value);
    size_t seen = 0, bytes = 0;
    for (const struct quicklist_node *node = chain->first; node && (samples == 0 || seen < samples);
         node = node->next, seen++)
        bytes += memory_cost((void *)(uintptr_t)node) + memory_cost(node->data);
    if (seen)
        bytes = (size_t)((double)bytes / (double)seen * (double)chain->nodes);
    return size + sizeof *chain + bytes;
}

/* The whole. */

size_t quicklist_count(const struct value *value)
{
    return is_packed(value) ? listpack_count(((const struct quicklist *)value)->pack)
                            : chain_of(value)->count;
}

void quicklist_prepare(struct value *value, const struct bytes *texts, size_t count, int64_t fill)
{
    if (!is_packed(value))
        return;
    struct quicklist *list = (struct quicklist *)value;
    size_t size = listpack_size(list->pack);
    for (size_t i = 0; i < count; i++)
        size += texts[i].size;
    if (!exceeds(fill, size, listpack_count(list->pack) + count))
        return;
    unsigned char *pack = list->pack;
    list->chain = memory_zeroed(sizeof *list->chain);
    list->head.encoding = ENCODING_QUICKLIST;
    if (listpack_is_empty(pack))
        listpack_free(pack);
    else
        append_node(list->chain, node_of_pack(pack));
}

void quicklist_settle(struct value *value, int64_t fill, bool is_shrinking)
{
    if (is_packed(value))
        return;
    struct quicklist *list = (struct quicklist *)value;
    struct quicklist_chain *chain = list->chain;
    if (chain->nodes != 1 || chain->first->is_plain)
        return;
    /* Redis looks at the count alone, or at the size alone. */
    size_t parts = is_shrinking ? 2 : 1;
    size_t limit = fill > 0 ? (size_t)fill : fill == 0 ? 1 : largest_size(fill);
    size_t measure = fill >= 0 ? chain->count : listpack_size(chain->first->data);
    if (measure > limit / parts)
        return;
    list->pack = chain->first->data;
    list->head.encoding = ENCODING_LISTPACK;
    memory_free(chain->first);
    memory_free(chain);
}

void quicklist_push(struct value *value, enum quicklist_end end, struct bytes text, int64_t fill)
{
    bool is_head = end == QUICKLIST_HEAD;
    if (is_packed(value)) {
        unsigned char **pack = &((struct quicklist *)value)->pack;
        if (is_head)
            listpack_prepend(pack, text);
        else
            listpack_append(pack, text);
        return;
    }
    struct quicklist_chain *chain = chain_of(value);
    struct quicklist_node *node = is_head ? chain->first : chain->last;
    if (!has_room(node, text, fill)) {
        link_after(chain, is_head ? NULL : chain->last, node_of_text(text, fill));
        return;
    }
    if (is_head)
        listpack_prepend(&node->data, text);
    else
        listpack_append(&node->data, text);
    node->count++;
    chain->count++;
}

/* Cursors. */

static inline unsigned char **pack_of(struct quicklist_cursor *cursor)
{
    return cursor->node ? &cursor->node->data : &cursor->list->pack;
}

/* To the first or the last element of `node`; false when it is NULL. */
static bool enter_node(struct quicklist_cursor *cursor, struct quicklist_node *node, bool at_last)
{
    if (!node)
        return false;
    cursor->node = node;
    cursor->index = at_last ? node->count - 1 : 0;
    cursor->entry = node->is_plain ? NULL
                    : at_last      ? listpack_last(node->data)
                                   : listpack_first(node->data);
    return true;
}

static bool seek_in_chain(struct quicklist_cursor *cursor, int64_t index)
{
    struct quicklist_chain *chain = cursor->list->chain;
    if (index < 0)
        index += (int64_t)chain->count;
    if (index < 0 || (size_t)index >= chain->count)
        return false;
    size_t left = (size_t)index;
    struct quicklist_node *node;
    if (left < chain->count / 2) {
        for (node = chain->first; left >= node->count; node = node->next)
            left -= node->count;
    } else {
        size_t start = chain->count - chain->last->count;
        for (node = chain->last; left < start; start -= node->count)
            node = node->previous;
        left -= start;
    }
    cursor->node = node;
    cursor->index = left;
    cursor->entry = node->is_plain ? NULL : listpack_seek(node->data, (int64_t)left);
    return true;
}

bool quicklist_seek(struct quicklist_cursor *cursor, const struct value *value, int64_t index)
{
    *cursor = (struct quicklist_cursor){.list = (struct quicklist *)(uintptr_t)value};
    if (!is_packed(value))
        return seek_in_chain(cursor, index);
    cursor->entry = listpack_seek(cursor->list->pack, index);
    if (cursor->entry)
        cursor->index = index < 0 ? (size_t)((int64_t)listpack_count(cursor->list->pack) + index)
                                  : (size_t)index;
    return cursor->entry != NULL;
}

bool quicklist_next(struct quicklist_cursor *cursor)
{
    if (cursor->entry && (cursor->entry = listpack_next(cursor->entry))) {
        cursor->index++;
        return true;
    }
    return cursor->node && enter_node(cursor, cursor->node->next, false);
}

bool quicklist_previous(struct quicklist_cursor *cursor)
{
    if (cursor->entry && (cursor->entry = listpack_previous(*pack_of(cursor), cursor->entry))) {
        cursor->index--;
        return true;
    }
    return cursor->node && enter_node(cursor, cursor->node->previous, true);
}

struct bytes quicklist_get(const struct quicklist_cursor *cursor, char digits[NUMBER_INTEGER_SIZE])
{
    if (!cursor->entry)
        return bytes_of((const char *)cursor->node->data, cursor->node->plain_size);
    return listpack_get(cursor->entry, digits);
}

bool quicklist_equals(const struct quicklist_cursor *cursor, struct bytes text)
{
    if (cursor->entry)
        return listpack_equals(cursor->entry, text);
    return bytes_equal(bytes_of((const char *)cursor->node->data, cursor->node->plain_size), text);
}

/* Changes through a cursor. */

/* A new element that stands before the one at `index` of `node`, or at the node's end. */
static void insert_in_chain(struct quicklist_chain *chain, struct quicklist_node *node,
                            size_t index, struct bytes text, int64_t fill)
{
    bool splits = false;
    if (!has_room(node, text, fill) && index > 0 && index < node->count) {
        split_node(chain, node, index);
        splits = true;
    }
    struct quicklist_node *before = index == 0 ? node->previous : node;
    struct quicklist_node *after = index == 0 ? node : node->next;
    if (!splits && has_room(node, text, fill)) {
        listpack_insert_before(&node->data, listpack_seek(node->data, (int64_t)index), text);
        node->count++;
        chain->count++;
    } else if (has_room(before, text, fill)) {
        listpack_append(&before->data, text);
        before->count++;
        chain->count++;
    } else if (index >= node->count && has_room(after, text, fill)) {
        listpack_prepend(&after->data, text);
        after->count++;
        chain->count++;
    } else {
        link_after(chain, before, node_of_text(text, fill));
    }
    if (splits) {
        try_merge(chain, after, after->next, fill);
        try_merge(chain, node->previous, node, fill);
    }
}

static void insert_at(struct quicklist_cursor *cursor, size_t index, struct bytes text,
                      int64_t fill)
{
    if (cursor->node) {
        insert_in_chain(cursor->list->chain, cursor->node, index, text, fill);
        return;
    }
    unsigned char **pack = &cursor->list->pack;
    listpack_insert_before(pack, listpack_seek(*pack, (int64_t)index), text);
}

void quicklist_insert_before(struct quicklist_cursor *cursor, struct bytes text, int64_t fill)
{
    insert_at(cursor, cursor->index, text, fill);
}

void quicklist_insert_after(struct quicklist_cursor *cursor, struct bytes text, int64_t fill)
{
    insert_at(cursor, cursor->index + 1, text, fill);
}

/* The element at `index` of `node` gives way to a node of its own. */
static void replace_by_node(struct quicklist_chain *chain, struct quicklist_node *node,
                            size_t index, struct quicklist_node *replacement)
{
    if (index + 1 < node->count)
        split_node(chain, node, index + 1);
    link_after(chain, node, replacement);
    if (node->count == 1) {
        drop_node(chain, node);
        return;
    }
    listpack_delete_range(&node->data, -1, 1);
    node->count--;
    chain->count--;
}

void quicklist_replace(struct quicklist_cursor *cursor, struct bytes text, int64_t fill)
{
    struct quicklist_node *node = cursor->node;
    if (!node) {
        listpack_replace(&cursor->list->pack, cursor->entry, text);
        return;
    }
    struct quicklist_chain *chain = cursor->list->chain;
    if (node->is_plain || is_large(text, fill)) {
        struct quicklist_node *replacement = node_of_text(text, fill);
        replace_by_node(chain, node, cursor->index, replacement);
        try_merge(chain, replacement, replacement->next, fill);
        try_merge(chain, replacement->previous, replacement, fill);
        return;
    }
    listpack_replace(&node->data, cursor->entry, text);
    if (node->count > 1 && listpack_size(node->data) > 2 * largest_size(fill))
        split_node(chain, node, node->count / 2);
}

bool quicklist_remove_forward(struct quicklist_cursor *cursor)
{
    struct quicklist_node *node = cursor->node;
    if (node && node->count == 1) {
        bool has_next = enter_node(cursor, node->next, false);
        drop_node(cursor->list->chain, node);
        return has_next;
    }
    cursor->entry = listpack_delete(pack_of(cursor), cursor->entry, 1);
    if (!node)
        return cursor->entry != NULL;
    node->count--;
    cursor->list->chain->count--;
    return cursor->entry || enter_node(cursor, node->next, false);
}

bool quicklist_remove_backward(struct quicklist_cursor *cursor)
{
    struct quicklist_node *node = cursor->node;
    if (node && node->count == 1) {
        bool has_previous = enter_node(cursor, node->previous, true);
        drop_node(cursor->list->chain, node);
        return has_previous;
    }
    unsigned char **pack = pack_of(cursor);
    unsigned char *following = listpack_delete(pack, cursor->entry, 1);
    if (node) {
        node->count--;
        cursor->list->chain->count--;
    }
    if (cursor->index > 0) {
        cursor->index--;
        cursor->entry = following ? listpack_previous(*pack, following) : listpack_last(*pack);
        return true;
    }
    return node && enter_node(cursor, node->previous, true);
}

void quicklist_delete_range(struct value *value, int64_t index, size_t count)
{
    struct quicklist_cursor cursor;
    if (!quicklist_seek(&cursor, value, index))
        return;
    if (is_packed(value)) {
        listpack_delete(&((struct quicklist *)value)->pack, cursor.entry, count);
        return;
    }
    struct quicklist_chain *chain = chain_of(value);
    size_t start = cursor.index;
    for (struct quicklist_node *node = cursor.node, *next; node && count > 0; node = next) {
        next = node->next;
        size_t here = node->count - start;
        if (here > count)
            here = count;
        count -= here;
        if (here == node->count) {
            drop_node(chain, node);
        } else {
            listpack_delete_range(&node->data, (int64_t)start, here);
            node->count -= (uint32_t)here;
            chain->count -= here;
        }
        start = 0;
    }
}
