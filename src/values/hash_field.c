/* SPDX-License-Identifier: MIT */
/*
 * Invariant: the allocation has at least allocation_for() the field's own sizes and flags. A long
 * value has an allocation of its own, whose address and size stand where the value would.
 */
#include "values/hash_field.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"

#define IN_PLACE_LIMIT 512 /* bytes; longer values stand apart */

struct apart {
    char *data; /* owned */
    size_t size;
};

static struct bytes key_of_field(const void *entry)
{
    return hash_field_name(entry);
}

const struct table_class hash_field_class = {.key_of = key_of_field};

static struct apart apart_of(const struct hash_field *field)
{
    struct apart apart;
    memcpy(&apart, field->tail + field->name_size, sizeof apart);
    return apart;
}

static void free_apart(const struct hash_field *field)
{
    if (field->flags & HASH_FIELD_APART)
        memory_free(apart_of(field).data);
}

static size_t value_room(size_t value_size)
{
    return value_size <= IN_PLACE_LIMIT ? value_size : sizeof(struct apart);
}

/* Where the slot stands. */
static size_t slot_offset(const struct hash_field *field)
{
    size_t room = field->flags & HASH_FIELD_APART ? sizeof(struct apart) : field->value_size;
    return field->name_size + room;
}

static size_t allocation_for(size_t name_size, size_t value_size, bool is_timed)
{
    return offsetof(struct hash_field, tail) + name_size + value_room(value_size) +
           (is_timed ? sizeof(uint32_t) : 0);
}

/* Fills the value of a field whose allocation is right for it. */
static void put_value(struct hash_field *field, struct bytes text)
{
    char *place = field->tail + field->name_size;
    if (text.size <= IN_PLACE_LIMIT) {
        field->value_size = (uint16_t)text.size;
        field->flags &= (uint8_t)~HASH_FIELD_APART;
        if (text.size)
            memcpy(place, text.data, text.size);
        return;
    }
    struct apart apart = {memory_copy(text.data, text.size), text.size};
    field->value_size = 0;
    field->flags |= HASH_FIELD_APART;
    memcpy(place, &apart, sizeof apart);
}

struct hash_field *hash_field_new(struct pool *pool, struct bytes name, struct bytes text)
{
    CHECK(name.size <= UINT32_MAX);
    bool from_pool;
    struct hash_field *field =
        pool_allocate(pool, allocation_for(name.size, text.size, false), &from_pool);
    field->name_size = (uint32_t)name.size;
    field->flags = from_pool ? HASH_FIELD_POOLED : 0;
    if (name.size)
        memcpy(field->tail, name.data, name.size);
    put_value(field, text);
    return field;
}

static bool is_pooled(const struct hash_field *field)
{
    return field->flags & HASH_FIELD_POOLED;
}

static struct hash_field *resize(struct hash_field *field, size_t size)
{
    bool stays_pooled = is_pooled(field);
    field = pool_resize(field, size, &stays_pooled);
    if (!stays_pooled)
        field->flags &= (uint8_t)~HASH_FIELD_POOLED;
    return field;
}

void hash_field_free(void *field, void *context)
{
    (void)context;
    free_apart(field);
    pool_release(field, is_pooled(field));
}

struct bytes hash_field_value(const struct hash_field *field)
{
    if (!(field->flags & HASH_FIELD_APART))
        return bytes_of(field->tail + field->name_size, field->value_size);
    struct apart apart = apart_of(field);
    return bytes_of(apart.data, apart.size);
}

size_t hash_field_memory(struct hash_field *field)
{
    size_t size = pool_usable_size(field, is_pooled(field));
    return field->flags & HASH_FIELD_APART ? size + memory_usable_size(apart_of(field).data) : size;
}

bool hash_field_fits(const struct hash_field *field, struct bytes text)
{
    return !(field->flags & HASH_FIELD_APART) && field->value_size == text.size;
}

struct hash_field *hash_field_set_value(struct hash_field *field, struct bytes text)
{
    if (hash_field_fits(field, text)) {
        put_value(field, text);
        return field;
    }
    bool is_timed = hash_field_is_timed(field);
    uint32_t slot = is_timed ? hash_field_slot(field) : 0;
    free_apart(field);
    field = resize(field, allocation_for(field->name_size, text.size, is_timed));
    put_value(field, text);
    if (is_timed)
        hash_field_set_slot(field, slot);
    return field;
}

struct hash_field *hash_field_make_timed(struct hash_field *field)
{
    field =
        resize(field, offsetof(struct hash_field, tail) + slot_offset(field) + sizeof(uint32_t));
    field->flags |= HASH_FIELD_TIMED;
    return field;
}

void hash_field_make_untimed(struct hash_field *field)
{
    field->flags &= (uint8_t)~HASH_FIELD_TIMED;
}

uint32_t hash_field_slot(const struct hash_field *field)
{
    uint32_t slot;
    memcpy(&slot, field->tail + slot_offset(field), sizeof slot);
    return slot;
}

void hash_field_set_slot(struct hash_field *field, uint32_t slot)
{
    memcpy(field->tail + slot_offset(field), &slot, sizeof slot);
}
