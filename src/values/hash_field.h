/* SPDX-License-Identifier: MIT */
/*
 * A field of a big hash with its value, in one allocation; and, for one that will expire, its place
 * in the hash's heap of deadlines.
 *
 *     struct hash_field *field = hash_field_new(pool, name, text);
 *     struct bytes text = hash_field_value(field);
 *     field = hash_field_set_value(field, other);   // perhaps at another address
 *     hash_field_free(field, NULL);
 *
 * For the files that hashes are made of; others use values/hash.h.
 */
#ifndef UNDERSTUDY_VALUES_HASH_FIELD_H
#define UNDERSTUDY_VALUES_HASH_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/pool.h"
#include "base/table.h"

enum hash_field_flags {
    HASH_FIELD_APART = 1 << 0,  /* the value has an allocation of its own */
    HASH_FIELD_TIMED = 1 << 1,  /* it is in the heap of deadlines */
    HASH_FIELD_POOLED = 1 << 2, /* a piece of a pool */
};

struct hash_field {
    uint32_t name_size;
    uint16_t value_size; /* in place; 0 when the value stands apart */
    uint8_t flags;       /* enum hash_field_flags */
    char tail[];         /* name; value, or where it is; heap slot if timed; unaligned */
};

/* Of struct hash_field, by name. */
extern const struct table_class hash_field_class;

/* Both texts are copied. The pool may be NULL. */
struct hash_field *hash_field_new(struct pool *pool, struct bytes name, struct bytes text);

/* As a table takes it; `context` is not used. The heap is not told. */
void hash_field_free(void *field, void *context);

static inline struct bytes hash_field_name(const struct hash_field *field)
{
    return bytes_of(field->tail, field->name_size);
}

struct bytes hash_field_value(const struct hash_field *field);

/* Bytes that the allocator set aside for it. */
size_t hash_field_memory(struct hash_field *field);

/* Whether hash_field_set_value with this text leaves the field where it is. */
bool hash_field_fits(const struct hash_field *field, struct bytes text);

/* The field with another value, slot kept; perhaps at another address. */
struct hash_field *hash_field_set_value(struct hash_field *field, struct bytes text);

static inline bool hash_field_is_timed(const struct hash_field *field)
{
    return field->flags & HASH_FIELD_TIMED;
}

/* The field with room for a slot, which is to be set next; perhaps at another address. */
struct hash_field *hash_field_make_timed(struct hash_field *field);
void hash_field_make_untimed(struct hash_field *field);

/* Of a timed field. */
uint32_t hash_field_slot(const struct hash_field *field);
void hash_field_set_slot(struct hash_field *field, uint32_t slot);

#endif
