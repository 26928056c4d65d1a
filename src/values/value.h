/* SPDX-License-Identifier: MIT */
/*
 * What every value of a key has in common: a type, an encoding, a count of references.
 *
 *     struct value *value = hash_new();
 *     database_set(db, key, value);              // the keyspace takes the reference
 *     ...
 *     struct value *mine = database_own(db, entry); // the right to write: a copy if it was shared
 *
 * Each type's struct (struct hash, struct list ...) begins with a struct value. Values are shared
 * and cloned on write: whoever wants to change one asks database_own for it, and nobody writes to a
 * value whose count is above one. A string or a small hash may live inside the keyspace entry
 * instead of on the heap; such a value is the first bytes of a struct value, up to the count that
 * it lacks, and what it holds. value_retain makes a heap copy of it.
 */
#ifndef UNDERSTUDY_VALUES_VALUE_H
#define UNDERSTUDY_VALUES_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum value_type {
    VALUE_STRING,
    VALUE_LIST,
    VALUE_SET,
    VALUE_SORTED_SET,
    VALUE_HASH,
    VALUE_STREAM,
    VALUE_TYPE_COUNT
};

/* What OBJECT ENCODING names. Some names differ by emulated version: see value_encoding_name. */
enum value_encoding {
    ENCODING_INT,
    ENCODING_EMBSTR,
    ENCODING_RAW,
    ENCODING_LISTPACK,    /* "listpack" ("ziplist" before 7.0) */
    ENCODING_LISTPACK_EX, /* "listpackex": of a hash whose fields may expire */
    ENCODING_QUICKLIST,
    ENCODING_INTSET,
    ENCODING_HASHTABLE,
    ENCODING_SKIPLIST,
    ENCODING_STREAM,
};

struct value {
    uint8_t type;            /* enum value_type */
    uint8_t encoding : 7;    /* enum value_encoding */
    uint8_t is_embedded : 1; /* in a keyspace entry */
    uint8_t embedded_size;  /* of an embedded value: bytes that follow in the place of references */
    uint8_t embedded_count; /* of an embedded hash: entries of its pack */
    uint32_t references;    /* of a value on the heap; atomic: see keyspace/reaper.h */
};

#define VALUE_EMBEDDED_HEAD offsetof(struct value, references) /* bytes */
#define VALUE_EMBEDDED_MOST UINT8_MAX                          /* bytes behind the head */

/* What an embedded value holds, aligned to nothing. */
static inline struct bytes value_embedded(const struct value *value)
{
    return bytes_of((const char *)value + VALUE_EMBEDDED_HEAD, value->embedded_size);
}

/* One row a type; value.c holds the table. */
struct value_class {
    const char *name; /* as TYPE answers: "string", "zset" */
    void (*free)(struct value *value);
    struct value *(*clone)(const struct value *value); /* a deep copy with one reference */
    size_t (*memory)(const struct value *value, size_t samples); /* bytes, estimated from `samples`
                                                                     elements; 0 = all */
};

const struct value_class *value_class_of(const struct value *value);
const char *value_type_name(enum value_type type);
const char *value_encoding_name(enum value_encoding encoding);

/* Fills the head of a new value: one reference. */
void value_init(struct value *value, enum value_type type, enum value_encoding encoding);

/* One more reference to the same value; for an embedded one, a heap copy. */
struct value *value_retain(struct value *value);

/* Gives up a reference; the last one frees. Accepts NULL. Not for embedded values. */
void value_release(struct value *value);

/* How many pieces of memory must be freed with it, estimated; 1 for what is packed. */
size_t value_free_effort(const struct value *value);

static inline bool value_is_shared(const struct value *value)
{
    return !value->is_embedded && __atomic_load_n(&value->references, __ATOMIC_ACQUIRE) > 1;
}

#endif
