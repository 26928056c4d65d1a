/* SPDX-License-Identifier: MIT */
/*
 * Layout, one element of the listpack each:
 *
 *     live, deleted, n, name 1 .. name n, 0                       the head
 *     flags, ms, sequence, value 1 .. value n, size               an entry with the head's names
 *     flags, ms, sequence, m, name 1, value 1 .. value m, size    an entry with its own
 *
 * Ids are differences to the block's, modulo 2^64. The size counts the entry's elements before it,
 * for walking backwards; the 0 at the head's end is what such a walk ends at.
 */
#include "values/stream_block.h"

#include "base/check.h"
#include "values/listpack.h"

enum entry_flags {
    ENTRY_DELETED = 1,
    ENTRY_SAME_NAMES = 2,
};

#define ENTRY_FIXED_SIZE 3 /* elements: flags and id */

static int64_t read_integer(const unsigned char *element)
{
    struct bytes text;
    int64_t integer = 0;
    CHECK(listpack_read(element, &text, &integer));
    return integer;
}

/* Reads an integer and goes on to the next element. */
static int64_t take_integer(const unsigned char **element)
{
    int64_t integer = read_integer(*element);
    *element = listpack_next(*element);
    return integer;
}

static const unsigned char *skip(const unsigned char *element, size_t count)
{
    while (count-- > 0)
        element = listpack_next(element);
    return element;
}

/* Life. */

static size_t entry_size(bool has_names, size_t fields)
{
    return ENTRY_FIXED_SIZE + (has_names ? 1 + 2 * fields : fields);
}

static void append_entry(struct stream_block *block, struct stream_id id, const struct bytes *pairs,
                         size_t count, bool has_names)
{
    unsigned char **pack = &block->pack;
    listpack_append_integer(pack, has_names ? 0 : ENTRY_SAME_NAMES);
    listpack_append_integer(pack, (int64_t)(id.ms - block->id.ms));
    listpack_append_integer(pack, (int64_t)(id.sequence - block->id.sequence));
    if (has_names) {
        listpack_append_integer(pack, (int64_t)count);
        listpack_append_all(pack, pairs, count * 2);
    } else {
        for (size_t i = 0; i < count; i++)
            listpack_append(pack, pairs[2 * i + 1]);
    }
    listpack_append_integer(pack, (int64_t)entry_size(has_names, count));
}

struct stream_block stream_block_new(struct stream_id id, const struct bytes *pairs, size_t count)
{
    struct stream_block block = {.id = id, .pack = listpack_new()};
    listpack_append_integer(&block.pack, 1);
    listpack_append_integer(&block.pack, 0);
    listpack_append_integer(&block.pack, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        listpack_append(&block.pack, pairs[2 * i]);
    listpack_append_integer(&block.pack, 0);
    append_entry(&block, id, pairs, count, false);
    return block;
}

struct stream_block stream_block_from_bytes(struct stream_id id, struct bytes pack)
{
    return (struct stream_block){.id = id, .pack = listpack_from_bytes(pack)};
}

struct stream_block stream_block_clone(const struct stream_block *block)
{
    return (struct stream_block){.id = block->id, .pack = listpack_clone(block->pack)};
}

void stream_block_free(struct stream_block *block)
{
    listpack_free(block->pack);
    block->pack = NULL;
}

/* Counts. */

size_t stream_block_live(const struct stream_block *block)
{
    return (size_t)read_integer(listpack_first(block->pack));
}

size_t stream_block_deleted(const struct stream_block *block)
{
    return (size_t)read_integer(listpack_next(listpack_first(block->pack)));
}

struct bytes stream_block_bytes(const struct stream_block *block)
{
    return listpack_bytes(block->pack);
}

size_t stream_block_size(const struct stream_block *block)
{
    return listpack_size(block->pack);
}

static void set_live(struct stream_block *block, size_t live)
{
    listpack_replace_integer(&block->pack, listpack_first(block->pack), (int64_t)live);
}

static void set_deleted(struct stream_block *block, size_t deleted)
{
    unsigned char *element = listpack_next(listpack_first(block->pack));
    listpack_replace_integer(&block->pack, element, (int64_t)deleted);
}

static bool has_same_names(const struct stream_block *block, const struct bytes *pairs,
                           size_t count)
{
    const unsigned char *element = skip(listpack_first(block->pack), 2);
    if ((size_t)take_integer(&element) != count)
        return false;
    for (size_t i = 0; i < count; i++, element = listpack_next(element))
        if (!listpack_equals(element, pairs[2 * i]))
            return false;
    return true;
}

void stream_block_append(struct stream_block *block, struct stream_id id, const struct bytes *pairs,
                         size_t count)
{
    append_entry(block, id, pairs, count, !has_same_names(block, pairs, count));
    set_live(block, stream_block_live(block) + 1);
}

/* Walking. */

/* False when `place` is NULL: behind the last entry. */
static bool stand_at(struct stream_block_cursor *cursor, const unsigned char *place)
{
    cursor->place = place;
    if (!place)
        return false;
    const unsigned char *element = place;
    int64_t flags = take_integer(&element);
    cursor->id.ms = cursor->block_id.ms + (uint64_t)take_integer(&element);
    cursor->id.sequence = cursor->block_id.sequence + (uint64_t)take_integer(&element);
    cursor->is_deleted = flags & ENTRY_DELETED;
    cursor->has_names = !(flags & ENTRY_SAME_NAMES);
    cursor->field_count = cursor->has_names ? (size_t)take_integer(&element) : cursor->name_count;
    cursor->fields = cursor->field_count;
    cursor->name = cursor->names;
    cursor->next = element;
    return true;
}

/* Where the block's first entry begins; NULL when it has none. */
static const unsigned char *begin(struct stream_block_cursor *cursor,
                                  const struct stream_block *block)
{
    const unsigned char *element = skip(listpack_first(block->pack), 2);
    cursor->pack = block->pack;
    cursor->block_id = block->id;
    cursor->name_count = (size_t)take_integer(&element);
    cursor->names = element;
    return listpack_next(skip(element, cursor->name_count));
}

bool stream_block_first(struct stream_block_cursor *cursor, const struct stream_block *block)
{
    return stand_at(cursor, begin(cursor, block));
}

/* The entry whose size, or the head whose 0, stands at `element`. */
static bool stand_before(struct stream_block_cursor *cursor, const unsigned char *element)
{
    size_t size = (size_t)read_integer(element);
    if (size == 0)
        return false;
    while (size-- > 0)
        element = listpack_previous(cursor->pack, element);
    return stand_at(cursor, element);
}

bool stream_block_last(struct stream_block_cursor *cursor, const struct stream_block *block)
{
    begin(cursor, block);
    return stand_before(cursor, listpack_last(block->pack));
}

bool stream_block_next(struct stream_block_cursor *cursor)
{
    size_t rest = cursor->has_names ? 2 * cursor->fields : cursor->fields;
    return stand_at(cursor, listpack_next(skip(cursor->next, rest)));
}

bool stream_block_previous(struct stream_block_cursor *cursor)
{
    return stand_before(cursor, listpack_previous(cursor->pack, cursor->place));
}

bool stream_block_field(struct stream_block_cursor *cursor, struct stream_field *field)
{
    if (cursor->fields == 0)
        return false;
    cursor->fields--;
    const unsigned char **name = cursor->has_names ? &cursor->next : &cursor->name;
    field->name = listpack_get(*name, field->name_digits);
    *name = listpack_next(*name);
    field->value = listpack_get(cursor->next, field->value_digits);
    cursor->next = listpack_next(cursor->next);
    return true;
}

/* Deleting. */

void stream_block_delete(struct stream_block *block, struct stream_block_cursor *cursor)
{
    /* The mark takes no room, but the counts may come to: places are kept from the end. */
    size_t place = listpack_size(block->pack) - (size_t)(cursor->place - block->pack);
    size_t next = listpack_size(block->pack) - (size_t)(cursor->next - block->pack);
    int64_t flags = read_integer(cursor->place) | ENTRY_DELETED;
    listpack_replace_integer(&block->pack, (unsigned char *)cursor->place, flags);
    set_live(block, stream_block_live(block) - 1);
    set_deleted(block, stream_block_deleted(block) + 1);
    size_t size = listpack_size(block->pack);
    begin(cursor, block);
    cursor->place = block->pack + size - place;
    cursor->next = block->pack + size - next;
    cursor->name =
        skip(cursor->names, cursor->has_names ? 0 : cursor->field_count - cursor->fields);
    cursor->is_deleted = true;
}

/* Bytes from outside: the pack has been found whole, its elements are read without trust. */

static bool check_integer(const unsigned char **element, int64_t *integer)
{
    struct bytes text;
    if (!*element || !listpack_read(*element, &text, integer))
        return false;
    *element = listpack_next(*element);
    return true;
}

static bool check_skip(const unsigned char **element, int64_t count)
{
    for (; *element && count > 0; count--)
        *element = listpack_next(*element);
    return count == 0;
}

struct checked_entry {
    int64_t flags;
    int64_t ms, sequence; /* differences */
};

static bool check_entry(const unsigned char **element, int64_t names, struct checked_entry *entry)
{
    int64_t fields = names, size;
    if (!check_integer(element, &entry->flags) || !check_integer(element, &entry->ms) ||
        !check_integer(element, &entry->sequence))
        return false;
    bool has_names = !(entry->flags & ENTRY_SAME_NAMES);
    if (has_names && !check_integer(element, &fields))
        return false;
    if (fields < 0 || fields > INT32_MAX)
        return false;
    return check_skip(element, has_names ? 2 * fields : fields) && check_integer(element, &size) &&
           size == (int64_t)entry_size(has_names, (size_t)fields);
}

bool stream_block_is_valid(struct stream_id id, struct bytes pack, struct stream_id *last,
                           size_t *live)
{
    if (!listpack_is_valid(pack, NULL, NULL))
        return false;
    const unsigned char *element = listpack_first((const unsigned char *)pack.data);
    int64_t left_live, left_deleted, names, zero;
    if (!check_integer(&element, &left_live) || !check_integer(&element, &left_deleted) ||
        !check_integer(&element, &names) || left_live < 0 || left_deleted < 0 || names < 0 ||
        !check_skip(&element, names) || !check_integer(&element, &zero) || zero != 0 || !element)
        return false;
    *live = (size_t)left_live;
    while (element) {
        struct checked_entry entry;
        if (!check_entry(&element, names, &entry))
            return false;
        struct stream_id own = {id.ms + (uint64_t)entry.ms, id.sequence + (uint64_t)entry.sequence};
        if (stream_id_compare(own, id) < 0 || stream_id_compare(own, *last) <= 0)
            return false;
        *last = own;
        left_deleted -= entry.flags & ENTRY_DELETED;
        left_live -= !(entry.flags & ENTRY_DELETED);
    }
    return left_live == 0 && left_deleted == 0;
}
