/* SPDX-License-Identifier: MIT */
/*
 * Hash values: fields with their values, packed in a listpack while they are few and short, in a
 * table from then on (a hash never goes back). Fields may have deadlines: see hash_deadline.h.
 *
 *     struct value *hash = hash_new();
 *     struct hash_limits limits = {.entries = 512, .text = 64};
 *     hash_set(hash, field, text, &limits);
 *     char digits[NUMBER_INTEGER_SIZE];
 *     struct bytes found;
 *     if (hash_get(hash, field, digits, &found)) ...
 *
 * A text handed in must not point into the hash itself. A text handed out is valid until the hash
 * or the digits change.
 */
#ifndef UNDERSTUDY_VALUES_HASH_H
#define UNDERSTUDY_VALUES_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/heap.h"
#include "base/number.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/table.h"
#include "values/dense_pack.h"
#include "values/value.h"

/* What a packed hash may hold; beyond either it becomes a table. */
struct hash_limits {
    size_t entries;
    size_t text;   /* bytes of a field or a value */
    uint64_t seed; /* of the table's hash */
    struct pool
        *pool; /* for the table's fields, NULL for none; borrowed as long as the hash lives */
};

#define HASH_NO_DEADLINE INT64_MAX /* the field never expires */

/* The fields of a big hash. */
struct hash_fields {
    struct table table;     /* of struct hash_field, owned */
    struct pool *pool;      /* of the fields; may be NULL; borrowed */
    struct heap *deadlines; /* of those that expire, ms since epoch; NULL: none ever did; owned */
};

/* A small packed hash may live inside the keyspace entry (head.is_embedded): then a dense pack
 * follows its head, which hash_overwrite and hash_small_set change. */
struct hash {
    struct value head;
    union {
        unsigned char *pack;        /* owned. ENCODING_LISTPACK: field, value, field, value ...;
                                       ENCODING_LISTPACK_EX: a deadline behind each value */
        struct hash_fields *fields; /* ENCODING_HASHTABLE; owned */
    };
};

/* A field with its value, and room for either that is kept as a number. */
struct hash_pair {
    struct bytes field;
    struct bytes value;
    int64_t deadline_ms; /* ms since epoch, or HASH_NO_DEADLINE */
    char field_digits[NUMBER_INTEGER_SIZE];
    char value_digits[NUMBER_INTEGER_SIZE];
};

struct hash_iterator {
    const struct value *hash;
    const unsigned char *entry;     /* packed: the next field */
    struct table_iterator iterator; /* table */
};

struct value *hash_new(void);

/* Takes a pack of field/value pairs without duplicate fields (RESTORE). */
struct value *hash_from_pack(unsigned char *pack);
/* The same for triples in order of deadline, ENCODING_LISTPACK_EX. */
struct value *hash_from_timed_pack(unsigned char *pack);

/* Of a packed hash on the heap, in either encoding; borrowed. */
static inline const unsigned char *hash_pack(const struct value *value)
{
    return ((const struct hash *)(const void *)value)->pack;
}

/* Fields. */
size_t hash_count(const struct value *value);

/* Makes the hash a table if one of these texts, or a number of fields (0: don't look), is beyond
 * the limits. Redis looks at all the arguments of a command before it stores the first. */
void hash_prepare(struct value *value, const struct bytes *texts, size_t count, size_t fields,
                  const struct hash_limits *limits);

/* Makes the hash a table with room for this many fields, if it isn't one, whatever the limits. */
void hash_make_table(struct value *value, size_t fields, const struct hash_limits *limits);

bool hash_has(const struct value *value, struct bytes field);

/* False when there is no such field. */
bool hash_get(const struct value *value, struct bytes field, char digits[NUMBER_INTEGER_SIZE],
              struct bytes *text);

/* Whether the field is new. A deadline that it had is gone. */
bool hash_set(struct value *value, struct bytes field, struct bytes text,
              const struct hash_limits *limits);
/* The same, but a deadline stays. */
bool hash_update(struct value *value, struct bytes field, struct bytes text,
                 const struct hash_limits *limits);

/* hash_set where it takes no other room, so that it can be done within a keyspace entry: in pairs,
 * for a field that is there, with a text that takes as many bytes. False: nothing was done. */
bool hash_overwrite(struct value *value, struct bytes field, struct bytes text,
                    const struct hash_limits *limits);

/* The fields of a hash in a keyspace entry, apart from it, to be changed and put back whole; none
 * for NULL. False: the hash is on the heap. */
bool hash_small_copy(const struct value *value, struct dense_pack *small);
/* hash_set. False: that would be no small hash, and nothing was done. */
bool hash_small_set(struct dense_pack *small, struct bytes field, struct bytes text,
                    const struct hash_limits *limits, bool *is_new);
bool hash_small_delete(struct dense_pack *small, struct bytes field);

/* Whether the field was there. */
bool hash_delete(struct value *value, struct bytes field);

/* A uniformly chosen pair; the hash must not be empty. */
void hash_random(const struct value *value, struct random *random, struct hash_pair *pair);

/* `count` different pairs, each choice equally likely; all of them when the hash has no more.
 * `visit` must not change the hash. */
void hash_sample(const struct value *value, struct random *random, size_t count,
                 void (*visit)(const struct hash_pair *pair, void *context), void *context);

/* All pairs: in order of insertion while packed (with deadlines: of deadlines first), in no
 * particular order in a table. The hash must not change between begin and end; end is required. */
void hash_iterator_begin(struct hash_iterator *iterator, const struct value *value);
bool hash_iterator_next(struct hash_iterator *iterator, struct hash_pair *pair);
void hash_iterator_end(struct hash_iterator *iterator);

/* One step of a scan, as table_scan; a packed hash is visited whole and the cursor is 0. */
uint64_t hash_scan(const struct value *value, uint64_t cursor,
                   void (*visit)(const struct hash_pair *pair, void *context), void *context);

/* value_class members. */
void hash_free(struct value *value);
struct value *hash_clone(const struct value *value);
size_t hash_memory(const struct value *value, size_t samples);

#endif
