/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a node has data or folded bytes, or both, and then they say the same. How many bytes
 * lzf_compress makes of a pack is up to chance: it looks for repetitions by a table that it does
 * not clear, so that it may find one more or one less. What they unfold to is not.
 */
#include "values/quicklist_node.h"

#include <lzf.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

/* Bytes of a node that may be folded: with fewer there is nothing to win, and with more it would
 * take a while to read one element. */
#ifdef QUICKLIST_STRESS
#define FOLDED_LEAST ((size_t)LISTPACK_EMPTY_SIZE + 1)
#else
#define FOLDED_LEAST ((size_t)256)
#endif
#define FOLDED_MOST ((size_t)64 * 1024)

/* Entries that have all the same size, as numbers have, are folded by columns: the first bytes of
 * all, then the second ones, and so on. What numbers share then stands in a row, where LZF finds
 * it; in five bytes there is nothing else for it to find. */
#define FEWEST_ROWS  4
#define MOST_COLUMNS 64
#define HEADER_SIZE  ((size_t)LISTPACK_EMPTY_SIZE - 1) /* before the entries; behind is one byte */

struct quicklist_node *quicklist_node_of_pack(unsigned char *pack)
{
    struct quicklist_node *node = memory_zeroed(sizeof *node);
    node->data = pack;
    node->count = (uint32_t)listpack_count(pack);
    return node;
}

static void set_folded(struct quicklist_node *node, const void *folded, size_t folded_size,
                       size_t whole_size)
{
    node->folded = memory_copy(folded, folded_size);
    node->folded_size = (uint32_t)folded_size;
    node->whole_size = whole_size;
}

struct quicklist_node *quicklist_node_of_folded(struct bytes pack, struct bytes compressed)
{
    struct quicklist_node *node = memory_zeroed(sizeof *node);
    node->count = (uint32_t)listpack_count((const unsigned char *)pack.data);
    set_folded(node, compressed.data, compressed.size, pack.size);
    return node;
}

struct quicklist_node *quicklist_node_of_text(struct bytes text)
{
    struct quicklist_node *node = memory_zeroed(sizeof *node);
    node->data = memory_copy(text.data, text.size);
    node->whole_size = text.size;
    node->is_plain = true;
    node->count = 1;
    return node;
}

struct quicklist_node *quicklist_node_clone(const struct quicklist_node *node)
{
    struct quicklist_node *clone = memory_copy(node, sizeof *node);
    clone->previous = clone->next = NULL;
    clone->data = NULL;
    if (node->folded)
        clone->folded = memory_copy(node->folded, node->folded_size);
    else if (node->is_plain)
        clone->data = memory_copy(node->data, node->whole_size);
    else
        clone->data = listpack_clone(node->data);
    return clone;
}

static void free_data(struct quicklist_node *node)
{
    if (node->is_plain)
        memory_free(node->data);
    else
        listpack_free(node->data);
    node->data = NULL;
}

static void free_folded(struct quicklist_node *node)
{
    memory_free(node->folded);
    node->folded = NULL;
    node->columns = 0;
}

void quicklist_node_free(struct quicklist_node *node)
{
    free_data(node);
    free_folded(node);
    memory_free(node);
}

size_t quicklist_node_memory(const struct quicklist_node *node)
{
    return memory_cost((void *)(uintptr_t)node) + memory_cost(node->data) +
           memory_cost(node->folded);
}

static size_t most_folded(size_t size)
{
    return size < FOLDED_LEAST || size > FOLDED_MOST ? 0 : size - size / 8;
}

bool quicklist_node_is_worth(size_t size, size_t folded_size)
{
    return folded_size > 0 && folded_size <= most_folded(size);
}

/* Bytes of an entry, if by their sum all may have the same; otherwise 0. If they have not, what is
 * taken for columns is none, and will not be worth it. */
static uint8_t column_count(const struct quicklist_node *node, size_t size)
{
    if (node->is_plain || node->count < FEWEST_ROWS)
        return 0;
    size_t entries = size - LISTPACK_EMPTY_SIZE;
    size_t columns = entries / node->count;
    return entries % node->count == 0 && columns <= MOST_COLUMNS ? (uint8_t)columns : 0;
}

/* Between a pack's bytes and the same by columns; what stands around the entries stays. */
static void to_columns(const struct quicklist_node *node, unsigned char *out, size_t size)
{
    const unsigned char *in = node->data + HEADER_SIZE;
    memcpy(out, node->data, HEADER_SIZE);
    unsigned char *place = out + HEADER_SIZE;
    for (size_t column = 0; column < node->columns; column++)
        for (size_t row = 0; row < node->count; row++)
            *place++ = in[row * node->columns + column];
    out[size - 1] = node->data[size - 1];
}

static void from_columns(const struct quicklist_node *node, const unsigned char *in, size_t size)
{
    unsigned char *out = node->data + HEADER_SIZE;
    memcpy(node->data, in, HEADER_SIZE);
    const unsigned char *place = in + HEADER_SIZE;
    for (size_t column = 0; column < node->columns; column++)
        for (size_t row = 0; row < node->count; row++)
            out[row * node->columns + column] = *place++;
    node->data[size - 1] = in[size - 1];
}

static unsigned compress_columns(const struct quicklist_node *node, size_t size,
                                 unsigned char *place, unsigned room)
{
    unsigned char *bytes = memory_allocate(size);
    to_columns(node, bytes, size);
    unsigned folded_size = lzf_compress(bytes, (unsigned)size, place, room);
    memory_free(bytes);
    return folded_size;
}

/* Compresses in the way that saves more; false if that is too little. */
static bool compress(struct quicklist_node *node)
{
    size_t size = quicklist_node_size(node);
    unsigned room = (unsigned)most_folded(size);
    if (room == 0)
        return false;
    unsigned char *places = memory_allocate(2 * (size_t)room), *place = places;
    node->columns = column_count(node, size);
    unsigned folded_size = node->columns ? compress_columns(node, size, place, room) : 0;
    if (folded_size == 0 || folded_size > size / 2) {
        unsigned less = folded_size ? folded_size - 1 : room;
        unsigned straight = lzf_compress(node->data, (unsigned)size, places + room, less);
        if (straight) {
            folded_size = straight;
            place = places + room;
            node->columns = 0;
        }
    }
    if (folded_size) {
        set_folded(node, place, folded_size, size);
        free_data(node);
    } else {
        node->columns = 0;
    }
    memory_free(places);
    return folded_size > 0;
}

void quicklist_node_fold(struct quicklist_node *node)
{
    if (node->folded)
        free_data(node);
    else if (!node->resists)
        node->resists = !compress(node);
}

void quicklist_node_open(struct quicklist_node *node)
{
    if (node->data)
        return;
    unsigned char *entries;
    size_t size = node->whole_size;
    node->data = node->is_plain
                     ? memory_allocate(size)
                     : listpack_with_room(size - LISTPACK_EMPTY_SIZE, node->count, &entries);
    unsigned char *place = node->columns ? memory_allocate(size) : node->data;
    unsigned whole = lzf_decompress(node->folded, node->folded_size, place, (unsigned)size);
    CHECK(whole == size);
    if (node->columns) {
        from_columns(node, place, size);
        memory_free(place);
    }
}

void quicklist_node_unfold(struct quicklist_node *node)
{
    quicklist_node_open(node);
    free_folded(node);
}

struct quicklist_node *quicklist_node_split(struct quicklist_node *node, size_t index)
{
    struct quicklist_node *rest =
        quicklist_node_of_pack(listpack_split(quicklist_node_change(node), index));
    node->count -= rest->count;
    return rest;
}
