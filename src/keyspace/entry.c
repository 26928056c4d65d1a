/* SPDX-License-Identifier: MIT */
/*
 * Invariant: with ENTRY_EMBEDDED the tail holds a struct value with references 0 and its payload;
 * else a pointer to a heap value of which this entry owns one reference (NULL after
 * entry_take_value).
 */
#include "keyspace/entry.h"

#include "base/check.h"
#include "base/heap.h"
#include "base/memory.h"
#include "values/hash.h"
#include "values/listpack.h"
#include "values/string.h"

/* A longer text gets an allocation of its own, so that APPEND and sharing don't move the entry. */
#define EMBEDDED_LIMIT 128
/* A bigger pack gains little, and is carried to and fro when it changes. */
#define EMBEDDED_PACK_LIMIT 256
/* Bytes that an entry may have too many of. */
#define EXCESS_LIMIT 64

static struct entry *entry_allocate(struct pool *pool, struct bytes key, size_t value_room)
{
    CHECK(key.size <= UINT32_MAX);
    size_t offset = entry_value_offset(key.size);
    bool from_pool;
    struct entry *entry = pool_allocate(pool, sizeof *entry + offset + value_room, &from_pool);
    entry->key_size = (uint32_t)key.size;
    entry->access = 0;
    entry->flags = from_pool ? ENTRY_POOLED : 0;
    entry->deadline_slot = HEAP_NO_SLOT;
    if (key.size)
        memcpy(entry->tail, key.data, key.size);
    return entry;
}

static char *value_place(struct entry *entry)
{
    return entry->tail + entry_value_offset(entry->key_size);
}

static void put_pointer(struct entry *entry, struct value *value)
{
    entry->flags &= (uint8_t)~ENTRY_EMBEDDED;
    memcpy(value_place(entry), &value, sizeof value);
}

static void put_embedded(struct entry *entry, enum value_type type, enum value_encoding encoding,
                         const void *payload, size_t size)
{
    struct value head = {
        .type = (uint8_t)type, .encoding = (uint8_t)encoding, .embedded_size = (uint16_t)size};
    char *place = value_place(entry);
    memcpy(place, &head, sizeof head);
    if (size)
        memmove(place + sizeof head, payload, size);
    entry->flags |= ENTRY_EMBEDDED;
}

static void release_value(struct entry *entry)
{
    if (!(entry->flags & ENTRY_EMBEDDED))
        value_release(entry_value(entry));
}

static bool is_pooled(const struct entry *entry)
{
    return entry->flags & ENTRY_POOLED;
}

static size_t usable_size(const struct entry *entry)
{
    return pool_usable_size(entry, is_pooled(entry));
}

static struct entry *resize(struct entry *entry, size_t size)
{
    bool stays_pooled = is_pooled(entry);
    entry = pool_resize(entry, size, &stays_pooled);
    if (!stays_pooled)
        entry->flags &= (uint8_t)~ENTRY_POOLED;
    return entry;
}

static size_t size_with_value(const struct entry *entry, size_t room)
{
    return sizeof *entry + entry_value_offset(entry->key_size) + room;
}

/* The entry with room for `room` bytes of value, which is then to be filled. It moves when it is
 * too small, or so large that the excess would be a waste. */
static struct entry *fit(struct entry *entry, size_t room)
{
    size_t needed = size_with_value(entry, room);
    size_t usable = usable_size(entry);
    if (needed <= usable && usable - needed <= EXCESS_LIMIT)
        return entry;
    return resize(entry, needed);
}

/* What goes into the tail for a text. */
struct embedding {
    enum value_encoding encoding;
    const void *payload;
    size_t size;
    int64_t integer;
};

static void choose_embedding(struct embedding *embedding, struct bytes text)
{
    embedding->encoding = string_encoding_for(text, &embedding->integer);
    bool is_integer = embedding->encoding == ENCODING_INT;
    embedding->payload = is_integer ? (const void *)&embedding->integer : text.data;
    embedding->size = is_integer ? sizeof embedding->integer : text.size;
}

struct entry *entry_new_string(struct pool *pool, struct bytes key, struct bytes text)
{
    if (text.size > EMBEDDED_LIMIT)
        return entry_new(pool, key, string_new(text));
    struct embedding embedding;
    choose_embedding(&embedding, text);
    struct entry *entry = entry_allocate(pool, key, sizeof(struct value) + embedding.size);
    put_embedded(entry, VALUE_STRING, embedding.encoding, embedding.payload, embedding.size);
    return entry;
}

/* The pack of a heap value that belongs into its entry; NULL for all others. */
static const unsigned char *pack_to_embed(const struct value *value)
{
    if (value->type != VALUE_HASH || value->encoding != ENCODING_LISTPACK || value->references != 1)
        return NULL;
    const unsigned char *pack = hash_pack(value);
    return listpack_size(pack) <= EMBEDDED_PACK_LIMIT ? pack : NULL;
}

/* Fills the tail, which has room for it; takes `value`. */
static void put_pack(struct entry *entry, struct value *value, const unsigned char *pack)
{
    put_embedded(entry, VALUE_HASH, ENCODING_LISTPACK, pack, listpack_size(pack));
    value_release(value);
}

struct entry *entry_new(struct pool *pool, struct bytes key, struct value *value)
{
    CHECK(value->references > 0);
    const unsigned char *pack = pack_to_embed(value);
    if (pack) {
        struct entry *entry = entry_allocate(pool, key, sizeof(struct value) + listpack_size(pack));
        put_pack(entry, value, pack);
        return entry;
    }
    struct entry *entry = entry_allocate(pool, key, sizeof value);
    put_pointer(entry, value);
    return entry;
}

struct entry *entry_new_without_value(struct bytes key)
{
    struct entry *entry = entry_allocate(NULL, key, sizeof(struct value *));
    put_pointer(entry, NULL);
    return entry;
}

struct entry *entry_copy(struct pool *pool, const struct entry *entry)
{
    struct value *value = entry_value(entry);
    struct entry *copy;
    if (entry->flags & ENTRY_EMBEDDED) {
        size_t size = sizeof *value + value->embedded_size;
        copy = entry_allocate(pool, entry_key(entry), size);
        memcpy(value_place(copy), value, size);
        copy->flags |= ENTRY_EMBEDDED;
    } else {
        copy = entry_new(pool, entry_key(entry), value_retain(value));
    }
    copy->access = entry->access;
    return copy;
}

struct entry *entry_replace_string(struct entry *entry, struct bytes text)
{
    if (text.size > EMBEDDED_LIMIT)
        return entry_replace_value(entry, string_new(text));
    struct embedding embedding;
    choose_embedding(&embedding, text);
    release_value(entry);
    entry = fit(entry, sizeof(struct value) + embedding.size);
    put_embedded(entry, VALUE_STRING, embedding.encoding, embedding.payload, embedding.size);
    return entry;
}

struct entry *entry_replace_value(struct entry *entry, struct value *value)
{
    CHECK(value->references > 0);
    release_value(entry);
    entry = fit(entry, sizeof value);
    put_pointer(entry, value);
    return entry;
}

void entry_exchange_value(struct entry *entry, struct value *value)
{
    CHECK(value->references > 0 && !(entry->flags & ENTRY_EMBEDDED));
    release_value(entry);
    put_pointer(entry, value);
}

struct entry *entry_replace_integer(struct entry *entry, int64_t integer)
{
    release_value(entry);
    entry = fit(entry, sizeof(struct value) + sizeof integer);
    put_embedded(entry, VALUE_STRING, ENCODING_INT, &integer, sizeof integer);
    return entry;
}

struct value *entry_thaw(struct entry *entry)
{
    struct value *value = value_retain(entry_value(entry));
    put_pointer(entry, value);
    return value;
}

bool entry_can_embed(const struct entry *entry, bool *stays)
{
    const unsigned char *pack =
        entry->flags & ENTRY_EMBEDDED ? NULL : pack_to_embed(entry_value(entry));
    if (!pack)
        return false;
    size_t needed = size_with_value(entry, sizeof(struct value) + listpack_size(pack));
    size_t usable = usable_size(entry);
    *stays = needed <= usable && usable - needed <= EXCESS_LIMIT;
    return true;
}

struct entry *entry_embed(struct entry *entry)
{
    struct value *value = entry_value(entry);
    const unsigned char *pack = hash_pack(value);
    entry = fit(entry, sizeof(struct value) + listpack_size(pack));
    put_pack(entry, value, pack);
    return entry;
}

struct value *entry_take_value(struct entry *entry)
{
    struct value *value = entry_value(entry);
    if (entry->flags & ENTRY_EMBEDDED) {
        value = value_retain(value);
        /* The place of an embedded value has at least a pointer's size: a head alone has it. */
    }
    put_pointer(entry, NULL);
    return value;
}

void entry_free(struct entry *entry)
{
    release_value(entry);
    pool_release(entry, is_pooled(entry));
}

size_t entry_size(const struct entry *entry)
{
    return usable_size(entry);
}

size_t entry_memory(const struct entry *entry, size_t samples)
{
    size_t size = usable_size(entry);
    const struct value *value = entry_value(entry);
    if (!(entry->flags & ENTRY_EMBEDDED))
        size += value_class_of(value)->memory(value, samples);
    return size;
}
