/* SPDX-License-Identifier: MIT */
/*
 * The dense pack: the entries of a listpack without all that is only needed to change it, or to go
 * backwards, or to know where it ends: head, end byte and back lengths, two bytes of each field of
 * a hash and seven more. Small hashes lie so in their keyspace entries, which keep the size.
 *
 *     size_t size = dense_pack_size(pack);
 *     dense_pack_write(place, pack);
 *     struct bytes dense = bytes_of(place, size);
 *     const unsigned char *field = dense_pack_find(dense, name, 1);
 *     struct bytes value = listpack_get(dense_pack_next(field), digits);
 *     unsigned char *again = dense_pack_thaw(dense, count);
 *
 * An entry is a pointer into the pack; listpack_get and listpack_read read it.
 *
 * What is to grow or shrink is copied, changed, and put back whole:
 *
 *     struct dense_pack pack;
 *     dense_pack_copy(&pack, dense, count);
 *     if (dense_pack_append(&pack, name) && dense_pack_append(&pack, text)) ...
 */
#ifndef UNDERSTUDY_VALUES_DENSE_PACK_H
#define UNDERSTUDY_VALUES_DENSE_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

#define DENSE_PACK_MOST                                                                            \
    240 /* bytes; a bigger one gains little, and is copied whole to be changed */

/* A pack on its way into an entry. */
struct dense_pack {
    size_t size;  /* bytes */
    size_t count; /* entries */
    unsigned char bytes[DENSE_PACK_MOST];
};

static inline struct bytes dense_pack_bytes(const struct dense_pack *pack)
{
    return bytes_of((const char *)pack->bytes, pack->size);
}

/* Bytes that the entries of a listpack take. */
size_t dense_pack_size(const unsigned char *listpack);
/* Writes as many bytes. */
void dense_pack_write(void *to, const unsigned char *listpack);

/* The listpack of its `count` entries, owned by the caller. */
unsigned char *dense_pack_thaw(struct bytes dense, size_t count);

/* The place behind the entry: the next one, or the end. */
const unsigned char *dense_pack_next(const unsigned char *entry);

/* The first entry whose text is `text`, or NULL, looking at every (skip + 1)th; there are so many
 * that none is cut short. */
unsigned char *dense_pack_find(struct bytes dense, struct bytes text, size_t skip);

/* Replaces the entry where it stands if its new text takes as many bytes; else false, and nothing
 * was done. */
bool dense_pack_overwrite(unsigned char *entry, struct bytes text);

/* --- apart from its entry --- */

/* At most DENSE_PACK_MOST bytes. */
void dense_pack_copy(struct dense_pack *pack, struct bytes dense, size_t count);

/* False: there is no room, and nothing was done. The text must not point into the pack. */
bool dense_pack_append(struct dense_pack *pack, struct bytes text);
bool dense_pack_replace(struct dense_pack *pack, unsigned char *entry, struct bytes text);

/* `count` entries from `entry` on, which are there. */
void dense_pack_delete(struct dense_pack *pack, unsigned char *entry, size_t count);

#endif
