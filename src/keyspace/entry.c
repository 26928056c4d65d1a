/* SPDX-License-Identifier: MIT */
/*
 * Invariant: with ENTRY_EMBEDDED the tail holds the head of an embedded value and what it holds;
 * else a pointer to a heap value of which this entry owns one reference (NULL after
 * entry_take_value).
 */
#include "keyspace/entry.h"

#include "base/check.h"
#include "base/heap.h"
#include "values/hash.h"
#include "values/listpack.h"
#include "values/string.h"

/* A longer text gets an allocation of its own, so that APPEND and sharing don't move the entry. */
#define EMBEDDED_LIMIT 128
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

/* Room for an embedded value of `size` bytes, or for a pointer in its place. */
static size_t embedded_room(size_t size)
{
    size_t room = VALUE_EMBEDDED_HEAD + size;
    return room < sizeof(struct value *) ? sizeof(struct value *) : room;
}

/* Returns the place for the `size` bytes that the value holds. */
static char *put_head(struct entry *entry, enum value_type type, enum value_encoding encoding,
                      size_t size, size_t count)
{
    CHECK(size <= VALUE_EMBEDDED_MOST && count <= UINT8_MAX);
    const struct value head = {.type = (uint8_t)type,
                               .encoding = encoding & 0x7f,
                               .is_embedded = true,
                               .embedded_size = (uint8_t)size,
                               .embedded_count = (uint8_t)count};
    char *place = value_place(entry);
    memcpy(place, &head, VALUE_EMBEDDED_HEAD);
    entry->flags |= ENTRY_EMBEDDED;
    return place + VALUE_EMBEDDED_HEAD;
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

/* Whether the entry has room for that value, and not so much that the excess would be a waste. */
static bool fits(const struct entry *entry, size_t room)
{
    size_t needed = size_with_value(entry, room);
    size_t usable = usable_size(entry);
    return needed <= usable && usable - needed <= EXCESS_LIMIT;
}

/* The entry with room for `room` bytes of value, which is then to be filled. It moves when it
 * does not fit. */
static struct entry *fit(struct entry *entry, size_t room)
{
    return fits(entry, room) ? entry : resize(entry, size_with_value(entry, room));
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

/* Fills the tail, which has room for it. The text may be what lies there. */
static void put_text(struct entry *entry, const struct embedding *embedding)
{
    memmove(put_head(entry, VALUE_STRING, embedding->encoding, embedding->size, 0),
            embedding->payload, embedding->size);
}

struct entry *entry_new_string(struct pool *pool, struct bytes key, struct bytes text)
{
    if (text.size > EMBEDDED_LIMIT)
        return entry_new(pool, key, string_new(text));
    struct embedding embedding;
    choose_embedding(&embedding, text);
    struct entry *entry = entry_allocate(pool, key, embedded_room(embedding.size));
    put_text(entry, &embedding);
    return entry;
}

/* A pack that is to be embedded. */
struct small_pack {
    const unsigned char *listpack; /* borrowed of the value */
    size_t size;                   /* once it is dense */
};

/* Whether the heap value has a pack that belongs into its entry. */
static bool has_small_pack(const struct value *value, struct small_pack *pack)
{
    if (value->type != VALUE_HASH || value->encoding != ENCODING_LISTPACK || value->references != 1)
        return false;
    pack->listpack = hash_pack(value);
    if (listpack_size(pack->listpack) > 2 * DENSE_PACK_MOST) /* it can't be half as big */
        return false;
    pack->size = dense_pack_size(pack->listpack);
    return pack->size <= DENSE_PACK_MOST;
}

/* Fills the tail, which has room for it; takes `value`. */
static void put_pack(struct entry *entry, struct value *value, const struct small_pack *pack)
{
    dense_pack_write(
        put_head(entry, VALUE_HASH, ENCODING_LISTPACK, pack->size, listpack_count(pack->listpack)),
        pack->listpack);
    value_release(value);
}

struct entry *entry_new(struct pool *pool, struct bytes key, struct value *value)
{
    struct small_pack pack;
    CHECK(value->references > 0);
    bool is_small = has_small_pack(value, &pack);
    struct entry *entry =
        entry_allocate(pool, key, is_small ? embedded_room(pack.size) : sizeof value);
    if (is_small)
        put_pack(entry, value, &pack);
    else
        put_pointer(entry, value);
    return entry;
}

static void put_small(struct entry *entry, const struct dense_pack *small)
{
    char *place = put_head(entry, VALUE_HASH, ENCODING_LISTPACK, small->size, small->count);
    memcpy(place, small->bytes, small->size);
}

struct entry *entry_new_small(struct pool *pool, struct bytes key, const struct dense_pack *small)
{
    struct entry *entry = entry_allocate(pool, key, embedded_room(small->size));
    put_small(entry, small);
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
        size_t size = VALUE_EMBEDDED_HEAD + value->embedded_size;
        copy = entry_allocate(pool, entry_key(entry), embedded_room(value->embedded_size));
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
    entry = fit(entry, embedded_room(embedding.size));
    put_text(entry, &embedding);
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

struct entry *entry_replace_small(struct entry *entry, const struct dense_pack *small)
{
    release_value(entry);
    entry = fit(entry, embedded_room(small->size));
    put_small(entry, small);
    return entry;
}

bool entry_stays_with_small(const struct entry *entry, const struct dense_pack *small)
{
    return fits(entry, embedded_room(small->size));
}

struct entry *entry_replace_integer(struct entry *entry, int64_t integer)
{
    release_value(entry);
    entry = fit(entry, embedded_room(sizeof integer));
    memcpy(put_head(entry, VALUE_STRING, ENCODING_INT, sizeof integer, 0), &integer,
           sizeof integer);
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
    struct small_pack pack;
    if (entry->flags & ENTRY_EMBEDDED || !has_small_pack(entry_value(entry), &pack))
        return false;
    *stays = fits(entry, embedded_room(pack.size));
    return true;
}

struct entry *entry_embed(struct entry *entry)
{
    struct small_pack pack;
    struct value *value = entry_value(entry);
    CHECK(has_small_pack(value, &pack));
    entry = fit(entry, embedded_room(pack.size));
    put_pack(entry, value, &pack);
    return entry;
}

struct value *entry_take_value(struct entry *entry)
{
    struct value *value = entry_value(entry);
    if (entry->flags & ENTRY_EMBEDDED) {
        value = value_retain(value); /* its place has a pointer's size at least */
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
