/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a node is within the fill it was filled under, except that a replaced element may
 * leave it up to twice as large. A cursor's node is the last that was entered, so its data are
 * there. Any other node is asked for its data by quicklist_node_change alone.
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
           !exceeds(fill, quicklist_node_size(node) + text.size + ENTRY_ESTIMATE,
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

static struct quicklist_node *node_of_text(struct bytes text, int64_t fill)
{
    if (!is_large(text, fill)) {
        unsigned char *pack = listpack_new();
        listpack_append(&pack, text);
        return quicklist_node_of_pack(pack);
    }
    return quicklist_node_of_text(text);
}

/* Puts the elements of `second`, which follows `first`, into `first` if they fit there. Either may
 * be NULL. */
static void try_merge(struct quicklist_chain *chain, struct quicklist_node *first,
                      struct quicklist_node *second, int64_t fill)
{
    if (!first || !second || first->is_plain || second->is_plain ||
        exceeds(fill,
                quicklist_node_size(first) + quicklist_node_size(second) - LISTPACK_EMPTY_SIZE,
                (size_t)first->count + second->count))
        return;
    quicklist_chain_merge(chain, first, second);
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
    list->chain = quicklist_chain_new();
    return &list->head;
}

static void append_node(struct quicklist_chain *chain, struct quicklist_node *node)
{
    quicklist_chain_link(chain, chain->last, node);
}

void quicklist_append_pack(struct value *value, unsigned char *pack)
{
    CHECK(!is_packed(value) && !listpack_is_empty(pack));
    append_node(chain_of(value), quicklist_node_of_pack(pack));
}

bool quicklist_append_folded(struct value *value, struct bytes pack, struct bytes compressed)
{
    struct quicklist_chain *chain = chain_of(value);
    CHECK(!is_packed(value));
    if (chain->nodes < QUICKLIST_PLAIN_NODES ||
        !quicklist_node_is_worth(pack.size, compressed.size))
        return false;
    append_node(chain, quicklist_node_of_folded(pack, compressed));
    return true;
}

void quicklist_append_plain(struct value *value, struct bytes text)
{
    CHECK(!is_packed(value));
    append_node(chain_of(value), quicklist_node_of_text(text));
}

void quicklist_free(struct value *value)
{
    struct quicklist *list = (struct quicklist *)value;
    if (is_packed(value))
        listpack_free(list->pack);
    else
        quicklist_chain_free(list->chain);
    memory_free(list);
}

struct value *quicklist_clone(const struct value *value)
{
    struct quicklist *clone = allocate((enum value_encoding)value->encoding);
    if (is_packed(value))
        clone->pack = listpack_clone(((const struct quicklist *)value)->pack);
    else
        clone->chain = quicklist_chain_clone(chain_of(value));
    return &clone->head;
}

size_t quicklist_memory(const struct value *value, size_t samples)
{
    size_t size = sizeof(struct quicklist);
    if (is_packed(value))
        return size + listpack_memory(((const struct quicklist *)value)->pack);
    return size + quicklist_chain_memory(chain_of(value), samples);
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
    list->chain = quicklist_chain_new();
    list->head.encoding = ENCODING_QUICKLIST;
    if (listpack_is_empty(pack))
        listpack_free(pack);
    else
        append_node(list->chain, quicklist_node_of_pack(pack));
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
    size_t measure = fill >= 0 ? chain->count : quicklist_node_size(chain->first);
    if (measure > limit / parts)
        return;
    unsigned char **data = quicklist_node_change(chain->first);
    list->pack = *data;
    list->head.encoding = ENCODING_LISTPACK;
    *data = NULL;
    quicklist_chain_free(chain);
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
        quicklist_chain_extend(chain, is_head);
        quicklist_chain_link(chain, is_head ? NULL : chain->last, node_of_text(text, fill));
        return;
    }
    if (is_head)
        listpack_prepend(quicklist_node_change(node), text);
    else
        listpack_append(quicklist_node_change(node), text);
    node->count++;
    chain->count++;
}

/* Cursors. */

static inline const unsigned char *pack_of(const struct quicklist_cursor *cursor)
{
    return cursor->node ? cursor->node->data : cursor->list->pack;
}

/* To the first or the last element of `node`; false when it is NULL. */
static bool enter_node(struct quicklist_cursor *cursor, struct quicklist_node *node, bool at_last)
{
    if (!node)
        return false;
    quicklist_chain_enter(cursor->list->chain, node);
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
    quicklist_chain_enter(chain, node);
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
    if (cursor->entry && (cursor->entry = listpack_previous(pack_of(cursor), cursor->entry))) {
        cursor->index--;
        return true;
    }
    return cursor->node && enter_node(cursor, cursor->node->previous, true);
}

struct bytes quicklist_get(const struct quicklist_cursor *cursor, char digits[NUMBER_INTEGER_SIZE])
{
    if (!cursor->entry)
        return quicklist_node_bytes(cursor->node);
    return listpack_get(cursor->entry, digits);
}

bool quicklist_keeps_texts(const struct value *value)
{
    return is_packed(value) || !quicklist_chain_has_folded(chain_of(value));
}

bool quicklist_equals(const struct quicklist_cursor *cursor, struct bytes text)
{
    if (cursor->entry)
        return listpack_equals(cursor->entry, text);
    return bytes_equal(quicklist_node_bytes(cursor->node), text);
}

/* Changes through a cursor. */

/* How many nodes an insertion can leave plain, from the one before the cursor's on. */
#define NODES_TOUCHED 6

/* A new element that stands before the one at `index` of `node`, or at the node's end. */
static void insert_in_chain(struct quicklist_chain *chain, struct quicklist_node *node,
                            size_t index, struct bytes text, int64_t fill)
{
    if (has_room(node, text, fill)) {
        unsigned char **pack = quicklist_node_change(node);
        listpack_insert_before(pack, listpack_seek(*pack, (int64_t)index), text);
        node->count++;
        chain->count++;
        return;
    }
    bool splits = index > 0 && index < node->count;
    if (splits)
        quicklist_chain_split(chain, node, index);
    struct quicklist_node *before = index == 0 ? node->previous : node;
    struct quicklist_node *after = index == 0 ? node : node->next;
    struct quicklist_node *start = node->previous ? node->previous : node;
    if (has_room(before, text, fill)) {
        listpack_append(quicklist_node_change(before), text);
        before->count++;
        chain->count++;
    } else if (index >= node->count && has_room(after, text, fill)) {
        listpack_prepend(quicklist_node_change(after), text);
        after->count++;
        chain->count++;
    } else {
        quicklist_chain_link(chain, before, node_of_text(text, fill));
    }
    if (splits) {
        try_merge(chain, after, after->next, fill);
        try_merge(chain, node->previous, node, fill);
    }
    quicklist_chain_fold(chain, start, NODES_TOUCHED);
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
        quicklist_chain_split(chain, node, index + 1);
    quicklist_chain_link(chain, node, replacement);
    if (node->count == 1) {
        quicklist_chain_drop(chain, node);
        return;
    }
    listpack_delete_range(quicklist_node_change(node), -1, 1);
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
        struct quicklist_node *previous = node->previous;
        struct quicklist_node *replacement = node_of_text(text, fill);
        replace_by_node(chain, node, cursor->index, replacement);
        try_merge(chain, replacement, replacement->next, fill);
        try_merge(chain, replacement->previous, replacement, fill);
        quicklist_chain_fold(chain, previous ? previous : chain->first, NODES_TOUCHED);
        return;
    }
    listpack_replace(quicklist_node_change(node), cursor->entry, text);
    if (node->count > 1 && listpack_size(node->data) > 2 * largest_size(fill)) {
        quicklist_chain_split(chain, node, node->count / 2);
        quicklist_chain_fold(chain, node, 2);
    }
}

/* Takes the cursor's element out of its node, which keeps others, or out of the pack; returns what
 * follows there, or NULL. */
static unsigned char *delete_entry(struct quicklist_cursor *cursor)
{
    struct quicklist_node *node = cursor->node;
    if (!node)
        return listpack_delete(&cursor->list->pack, cursor->entry, 1);
    node->count--;
    cursor->list->chain->count--;
    return listpack_delete(quicklist_node_change(node), cursor->entry, 1);
}

bool quicklist_remove_forward(struct quicklist_cursor *cursor)
{
    struct quicklist_node *node = cursor->node, *next = node ? node->next : NULL;
    if (node && node->count == 1) {
        quicklist_chain_drop(cursor->list->chain, node);
        return enter_node(cursor, next, false);
    }
    cursor->entry = delete_entry(cursor);
    return cursor->entry || enter_node(cursor, next, false);
}

bool quicklist_remove_backward(struct quicklist_cursor *cursor)
{
    struct quicklist_node *node = cursor->node, *previous = node ? node->previous : NULL;
    if (node && node->count == 1) {
        quicklist_chain_drop(cursor->list->chain, node);
        return enter_node(cursor, previous, true);
    }
    unsigned char *following = delete_entry(cursor);
    if (cursor->index > 0) {
        const unsigned char *pack = pack_of(cursor);
        cursor->index--;
        cursor->entry = following ? listpack_previous(pack, following) : listpack_last(pack);
        return true;
    }
    return enter_node(cursor, previous, true);
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
            quicklist_chain_drop(chain, node);
        } else {
            listpack_delete_range(quicklist_node_change(node), (int64_t)start, here);
            node->count -= (uint32_t)here;
            chain->count -= here;
        }
        start = 0;
    }
}
