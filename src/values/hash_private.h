/* SPDX-License-Identifier: MIT */
/* What hash.c and hash_deadline.c know of a hash, and nobody else needs to. */
#ifndef UNDERSTUDY_VALUES_HASH_PRIVATE_H
#define UNDERSTUDY_VALUES_HASH_PRIVATE_H

#include "values/hash.h"
#include "values/hash_field.h"

#define HASH_PAIR   2 /* entries of a pack for each field: ENCODING_LISTPACK */
#define HASH_TRIPLE 3 /* the deadline behind the value: ENCODING_LISTPACK_EX */

static inline bool hash_is_packed(const struct value *value)
{
    return value->encoding != ENCODING_HASHTABLE;
}

static inline size_t hash_stride(const struct value *value)
{
    return value->encoding == ENCODING_LISTPACK_EX ? HASH_TRIPLE : HASH_PAIR;
}

static inline struct hash_fields *hash_fields_of(const struct value *value)
{
    return ((const struct hash *)value)->fields;
}

/* The entry of a field in a pack, or NULL. */
unsigned char *hash_find_packed(const struct value *value, struct bytes field);

/* Reads a field and what belongs to it; returns the next one, or NULL. */
const unsigned char *hash_read_packed(const struct value *value, const unsigned char *entry,
                                      struct hash_pair *pair);

/* Puts the field, which is at `slot` of the table, into the heap; or gives it a new deadline. */
void hash_deadline_insert(struct hash_fields *fields, void **slot, int64_t deadline_ms);
/* Takes it out of the heap if it is there. */
void hash_deadline_forget(struct hash_fields *fields, struct hash_field *field);
/* In the table; HASH_NO_DEADLINE if it isn't in the heap. */
int64_t hash_deadline_of_field(const struct hash_fields *fields, const struct hash_field *field);

#endif
