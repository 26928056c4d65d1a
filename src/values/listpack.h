/* SPDX-License-Identifier: MIT */
/*
 * The listpack: a short sequence of strings and integers packed in one allocation, byte for byte as
 * Redis packs it, so that DUMP and RESTORE carry it as it is.
 * Format: https://github.com/antirez/listpack/blob/master/listpack.md (facts; nothing is copied).
 *
 *     unsigned char *pack = listpack_new();
 *     listpack_append(&pack, field);
 *     listpack_append(&pack, value);
 *     unsigned char *found = listpack_find(pack, listpack_first(pack), field, 1);
 *     char digits[NUMBER_INTEGER_SIZE];
 *     struct bytes text = listpack_get(listpack_next(found), digits);
 *     listpack_free(pack);
 *
 * A text that is an integer in Redis's strict form (number_parse_integer) is kept as one, and reads
 * back as the same text. An entry is a pointer into the pack; NULL stands for "no such entry". What
 * takes `unsigned char **pack` changes the pack: it may move, and every entry pointer dies except
 * the one returned. Texts handed in must not point into the pack itself. All functions but
 * listpack_is_valid trust the pack: check bytes from outside first.
 *
 * Empty is a header and an end byte, never NULL. A pack holds less than 4 GiB.
 */
#ifndef UNDERSTUDY_VALUES_LISTPACK_H
#define UNDERSTUDY_VALUES_LISTPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/number.h"

#define LISTPACK_HEADER_SIZE 6
#define LISTPACK_EMPTY_SIZE  7 /* header and end byte */
/* More bytes than one entry can take beyond its text. */
#define LISTPACK_ENTRY_OVERHEAD 10
/* Redis refuses to grow a pack beyond this. */
#define LISTPACK_SAFE_SIZE (1U << 30)

/* --- life --- */

/* Empty. */
unsigned char *listpack_new(void);

/* A copy, owned by the caller. */
unsigned char *listpack_clone(const unsigned char *pack);

/* A copy of `bytes`, which listpack_is_valid has passed. */
unsigned char *listpack_from_bytes(struct bytes bytes);

/* A pack of `count` entries that take `size` bytes, which the caller has to write at `*entries`. */
unsigned char *listpack_with_room(size_t size, size_t count, unsigned char **entries);

/* Accepts NULL. */
void listpack_free(unsigned char *pack);

/* --- the whole --- */

/* Bytes of the pack itself, header and end included; listpack_memory counts the spare room too. */
static inline size_t listpack_size(const unsigned char *pack)
{
    return (size_t)pack[0] | (size_t)pack[1] << 8 | (size_t)pack[2] << 16 | (size_t)pack[3] << 24;
}

size_t listpack_memory(const unsigned char *pack);

/* The pack as bytes, valid until it changes. */
static inline struct bytes listpack_bytes(const unsigned char *pack)
{
    return bytes_of((const char *)pack, listpack_size(pack));
}

/* Entries. Walks the pack only when there are 65,535 or more. */
size_t listpack_count(const unsigned char *pack);

static inline bool listpack_is_empty(const unsigned char *pack)
{
    return listpack_size(pack) == LISTPACK_EMPTY_SIZE;
}

/* --- entries --- */

unsigned char *listpack_first(const unsigned char *pack);
unsigned char *listpack_last(const unsigned char *pack);
unsigned char *listpack_next(const unsigned char *entry);
unsigned char *listpack_previous(const unsigned char *pack, const unsigned char *entry);

/* The entry at an index from 0; negative indexes count from the end, -1 the last. */
unsigned char *listpack_seek(const unsigned char *pack, int64_t index);

/* The entry's text: points into the pack, or into `digits` for an integer. */
struct bytes listpack_get(const unsigned char *entry, char digits[NUMBER_INTEGER_SIZE]);

/* True: the entry is an integer, and `integer` is set. False: `text` is, pointing into the pack. */
bool listpack_read(const unsigned char *entry, struct bytes *text, int64_t *integer);

/* Bytes of the entry's text, digits counted. */
size_t listpack_text_size(const unsigned char *entry);

/* Whether the entry's text is `text`. */
bool listpack_equals(const unsigned char *entry, struct bytes text);

/* The first entry from `from` on (NULL: nowhere) whose text is `text`, looking at every (skip +
 * 1)th: skip 1 with the first entry looks at the fields of field/value pairs. */
unsigned char *listpack_find(const unsigned char *from, struct bytes text, size_t skip);

/* Bytes that an entry for `text` takes. */
size_t listpack_entry_size(struct bytes text);
/* Bytes that this entry takes. */
size_t listpack_entry_size_of(const unsigned char *entry);

/* --- changes --- */

void listpack_append(unsigned char **pack, struct bytes text);
void listpack_append_integer(unsigned char **pack, int64_t integer);
void listpack_prepend(unsigned char **pack, struct bytes text);

/* In one growth: `count` texts at the end. */
void listpack_append_all(unsigned char **pack, const struct bytes *texts, size_t count);

/* The new entry. `entry` NULL for insert_before means at the end. */
unsigned char *listpack_insert_before(unsigned char **pack, unsigned char *entry,
                                      struct bytes text);
unsigned char *listpack_insert_after(unsigned char **pack, unsigned char *entry, struct bytes text);
unsigned char *listpack_insert_integer_before(unsigned char **pack, unsigned char *entry,
                                              int64_t integer);

/* The entry with its new text. */
unsigned char *listpack_replace(unsigned char **pack, unsigned char *entry, struct bytes text);
unsigned char *listpack_replace_integer(unsigned char **pack, unsigned char *entry,
                                        int64_t integer);

/* Replaces the entry where it stands if its new text takes as many bytes; else false, and nothing
 * was done. */
bool listpack_overwrite(unsigned char *entry, struct bytes text);

/* Up to `count` entries from `entry` on; returns the entry that follows them, or NULL. */
unsigned char *listpack_delete(unsigned char **pack, unsigned char *entry, size_t count);

/* Up to `count` entries from an index on (negative counts from the end). */
void listpack_delete_range(unsigned char **pack, int64_t index, size_t count);

/* All entries of `other` at the end, as they are. */
void listpack_append_pack(unsigned char **pack, const unsigned char *other);

/* Cuts the pack in two before the entry at `index` (0 .. count): `*pack` keeps what stands before,
 * the rest is returned as a new pack, owned by the caller. */
unsigned char *listpack_split(unsigned char **pack, size_t index);

/* --- bytes from outside --- */

/* Whether `bytes` are a whole pack: sizes, every entry, every back length, the count and the end
 * are right. `visit` (may be NULL) sees each entry and its index in order and returns false to
 * reject. */
bool listpack_is_valid(struct bytes bytes,
                       bool (*visit)(const unsigned char *entry, size_t index, void *context),
                       void *context);

#endif
