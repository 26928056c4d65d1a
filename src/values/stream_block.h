/* SPDX-License-Identifier: MIT */
/*
 * A block of a stream: entries packed in one listpack, byte for byte as Redis packs them, so that
 * DUMP and RESTORE carry it as it is.
 *
 *     struct stream_block block = stream_block_new(id, pairs, 2);
 *     stream_block_append(&block, next_id, other_pairs, 1);
 *     struct stream_block_cursor at;
 *     for (bool is = stream_block_first(&at, &block); is; is = stream_block_next(&at))
 *         while (stream_block_field(&at, &field)) ...
 *     stream_block_free(&block);
 *
 * The pack begins with the number of live entries, that of deleted ones, and the names of the
 * fields of the entry that it was made for. An entry tells its id relative to the block's, and
 * leaves its field names out when they are the same. A deleted entry stays where it is, with a
 * mark.
 */
#ifndef UNDERSTUDY_VALUES_STREAM_BLOCK_H
#define UNDERSTUDY_VALUES_STREAM_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/number.h"
#include "values/stream_id.h"

struct stream_block {
    struct stream_id id; /* of the entry that it was made for; the others' are told from it */
    unsigned char *pack; /* owned */
};

/* Stands at an entry; deleted ones are not left out. Invalid once the block changes. */
struct stream_block_cursor {
    const unsigned char *pack;
    struct stream_id block_id;
    const unsigned char *names; /* the first of the block's field names */
    size_t name_count;
    const unsigned char *place; /* where the entry begins */
    struct stream_id id;
    bool is_deleted;
    bool has_names; /* field names of its own */
    size_t fields;  /* pairs not read yet by stream_block_field */
    size_t field_count;
    const unsigned char *name; /* the next one, of the block's names */
    const unsigned char *next; /* what follows in the entry */
};

/* A field with its value, and room for either that is kept as a number. */
struct stream_field {
    struct bytes name;
    struct bytes value;
    char name_digits[NUMBER_INTEGER_SIZE];
    char value_digits[NUMBER_INTEGER_SIZE];
};

/* Holds one entry; `pairs` are `count` names, each with its value behind it. The caller frees it.
 */
struct stream_block stream_block_new(struct stream_id id, const struct bytes *pairs, size_t count);
/* With a copy of `pack`, which stream_block_is_valid has passed. */
struct stream_block stream_block_from_bytes(struct stream_id id, struct bytes pack);
struct stream_block stream_block_clone(const struct stream_block *block);
void stream_block_free(struct stream_block *block);

/* Entries, those deleted not counted. */
size_t stream_block_live(const struct stream_block *block);
size_t stream_block_deleted(const struct stream_block *block);
/* The pack, valid until it changes, and its size in bytes. */
struct bytes stream_block_bytes(const struct stream_block *block);
size_t stream_block_size(const struct stream_block *block);

/* `id` is higher than that of every entry. */
void stream_block_append(struct stream_block *block, struct stream_id id, const struct bytes *pairs,
                         size_t count);

/* False: there is no such entry, and the cursor must not be used. */
bool stream_block_first(struct stream_block_cursor *cursor, const struct stream_block *block);
bool stream_block_last(struct stream_block_cursor *cursor, const struct stream_block *block);
bool stream_block_next(struct stream_block_cursor *cursor);
bool stream_block_previous(struct stream_block_cursor *cursor);

/* The entry's next field; false when all were read. */
bool stream_block_field(struct stream_block_cursor *cursor, struct stream_field *field);

/* Marks the entry, which is not marked yet. The cursor stays valid. */
void stream_block_delete(struct stream_block *block, struct stream_block_cursor *cursor);

/* Whether bytes from outside are such a pack, with ids above `*last` and ascending. True: `*last`
 * becomes the highest id (of deleted entries too), and `*live` the number of live entries. */
bool stream_block_is_valid(struct stream_id id, struct bytes pack, struct stream_id *last,
                           size_t *live);

#endif
