/* SPDX-License-Identifier: MIT */
/*
 * Layout: four bytes of total size and two of entry count (little endian; 65,535 = not known), the
 * entries, 0xff. An entry is its head and data (see listpack_entry.h) and its back length.
 *
 * Invariant: the allocation has exactly room_for(size) bytes, so that no header needs to say so.
 */
#include "values/listpack.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "values/listpack_entry.h"

#define COUNT_UNKNOWN 0xffff
#define ROUND_EXACTLY 512 /* bytes; below, room is what the allocator gives anyway */

/* Reading. */

static inline unsigned char *skip_entry(const unsigned char *entry)
{
    size_t size = listpack_entry_coded_size(entry);
    return (unsigned char *)entry + size + listpack_entry_back_size(size);
}

static inline unsigned char *entry_or_null(const unsigned char *place)
{
    return *place == LISTPACK_END ? NULL : (unsigned char *)place;
}

static inline size_t header_count(const unsigned char *pack)
{
    return (size_t)pack[4] | (size_t)pack[5] << 8;
}

static inline unsigned char *end_of(const unsigned char *pack)
{
    return (unsigned char *)pack + listpack_size(pack) - 1;
}

bool listpack_read(const unsigned char *entry, struct bytes *text, int64_t *integer)
{
    return listpack_entry_read(entry, text, integer);
}

struct bytes listpack_get(const unsigned char *entry, char digits[NUMBER_INTEGER_SIZE])
{
    struct bytes text;
    int64_t integer;
    if (listpack_entry_read(entry, &text, &integer))
        return bytes_of(digits, number_format_integer(digits, integer));
    return text;
}

size_t listpack_text_size(const unsigned char *entry)
{
    char digits[NUMBER_INTEGER_SIZE];
    return listpack_get(entry, digits).size;
}

bool listpack_equals(const unsigned char *entry, struct bytes text)
{
    struct listpack_wanted wanted = {.text = text};
    return listpack_entry_is(entry, &wanted);
}

unsigned char *listpack_find(const unsigned char *from, struct bytes text, size_t skip)
{
    struct listpack_wanted wanted = {.text = text};
    for (const unsigned char *entry = from; entry && *entry != LISTPACK_END;) {
        if (listpack_entry_is(entry, &wanted))
            return (unsigned char *)entry;
        entry = skip_entry(entry);
        for (size_t i = 0; i < skip && *entry != LISTPACK_END; i++)
            entry = skip_entry(entry);
    }
    return NULL;
}

/* Walking. */

size_t listpack_count(const unsigned char *pack)
{
    size_t count = header_count(pack);
    if (count != COUNT_UNKNOWN)
        return count;
    count = 0;
    for (const unsigned char *place = pack + LISTPACK_HEADER_SIZE; *place != LISTPACK_END; count++)
        place = skip_entry(place);
    return count;
}

unsigned char *listpack_first(const unsigned char *pack)
{
    return entry_or_null(pack + LISTPACK_HEADER_SIZE);
}

unsigned char *listpack_last(const unsigned char *pack)
{
    return listpack_previous(pack, end_of(pack));
}

unsigned char *listpack_next(const unsigned char *entry)
{
    return entry_or_null(skip_entry(entry));
}

unsigned char *listpack_previous(const unsigned char *pack, const unsigned char *entry)
{
    if (entry == pack + LISTPACK_HEADER_SIZE)
        return NULL;
    const unsigned char *place = entry - 1;
    size_t size = 0;
    for (unsigned shift = 0;; shift += 7, place--) {
        size |= (size_t)(*place & 0x7f) << shift;
        if (!(*place & 0x80))
            break;
    }
    return (unsigned char *)entry - listpack_entry_back_size(size) - size;
}

unsigned char *listpack_seek(const unsigned char *pack, int64_t index)
{
    size_t known = header_count(pack);
    if (known != COUNT_UNKNOWN) {
        int64_t count = (int64_t)known;
        if (index < 0)
            index += count;
        if (index < 0 || index >= count)
            return NULL;
        if (index > count / 2)
            index -= count;
    }
    if (index < 0) {
        unsigned char *entry = listpack_last(pack);
        while (entry && ++index < 0)
            entry = listpack_previous(pack, entry);
        return entry;
    }
    unsigned char *entry = listpack_first(pack);
    while (entry && index-- > 0)
        entry = listpack_next(entry);
    return entry;
}

/* Coding. */

static inline size_t whole_size(const struct listpack_coded *coded)
{
    size_t size = listpack_entry_bytes(coded);
    return size + listpack_entry_back_size(size);
}

/* Returns the place after the entry. */
static unsigned char *write_coded(unsigned char *to, const struct listpack_coded *coded)
{
    return listpack_entry_write_back(listpack_entry_write(to, coded), listpack_entry_bytes(coded));
}

size_t listpack_entry_size(struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    return whole_size(&coded);
}

size_t listpack_entry_size_of(const unsigned char *entry)
{
    return (size_t)(skip_entry(entry) - entry);
}

/* Memory. */

/* What to allocate for a pack of `size` bytes: small ones as the allocator rounds anyway (16k + 8
 * bytes), large ones with up to an eighth to spare, so that appending is linear. */
static size_t room_for(size_t size)
{
    if (size <= 24)
        return 24;
    size_t step = 16;
    if (size > ROUND_EXACTLY)
        step = (size_t)1 << (60 - __builtin_clzll(size));
    return ((size + 8 + step - 1) & ~(step - 1)) - 8;
}

static void set_size(unsigned char *pack, size_t size)
{
    listpack_entry_write_little(pack, size, 4);
}

static void set_count(unsigned char *pack, size_t count)
{
    listpack_entry_write_little(pack + 4, count < COUNT_UNKNOWN ? count : COUNT_UNKNOWN, 2);
}

static void add_count(unsigned char *pack, size_t added)
{
    size_t count = header_count(pack);
    if (count != COUNT_UNKNOWN)
        set_count(pack, added < COUNT_UNKNOWN ? count + added : COUNT_UNKNOWN);
}

static void subtract_count(unsigned char *pack, size_t removed)
{
    size_t count = header_count(pack);
    if (count != COUNT_UNKNOWN)
        set_count(pack, count - removed);
}

/* Puts `added` bytes of room in the place of `removed` bytes at the offset `at`; the count is left.
 * Returns the place. */
static unsigned char *splice(unsigned char **pack, size_t at, size_t removed, size_t added)
{
    size_t old_size = listpack_size(*pack);
    size_t size = old_size - removed + added;
    size_t behind = old_size - at - removed;
    bool moves = room_for(size) != room_for(old_size);
    CHECK(size <= UINT32_MAX);
    if (moves && size > old_size)
        *pack = memory_resize(*pack, room_for(size));
    if (added != removed)
        memmove(*pack + at + added, *pack + at + removed, behind);
    set_size(*pack, size);
    if (moves && size < old_size)
        *pack = memory_resize(*pack, room_for(size));
    return *pack + at;
}

static unsigned char *allocate(size_t size)
{
    CHECK(size <= UINT32_MAX);
    unsigned char *pack = memory_allocate(room_for(size));
    set_size(pack, size);
    pack[size - 1] = LISTPACK_END;
    return pack;
}

unsigned char *listpack_new(void)
{
    unsigned char *pack = allocate(LISTPACK_EMPTY_SIZE);
    set_count(pack, 0);
    return pack;
}

unsigned char *listpack_clone(const unsigned char *pack)
{
    return listpack_from_bytes(listpack_bytes(pack));
}

unsigned char *listpack_from_bytes(struct bytes bytes)
{
    unsigned char *pack = allocate(bytes.size);
    memcpy(pack, bytes.data, bytes.size);
    return pack;
}

unsigned char *listpack_with_room(size_t size, size_t count, unsigned char **entries)
{
    unsigned char *pack = allocate(LISTPACK_EMPTY_SIZE + size);
    set_count(pack, count);
    *entries = pack + LISTPACK_HEADER_SIZE;
    return pack;
}

void listpack_free(unsigned char *pack)
{
    memory_free(pack);
}

size_t listpack_memory(const unsigned char *pack)
{
    return memory_cost((void *)(uintptr_t)pack);
}

/* Changes. */

/* In the place of `removed` bytes (that are one entry, or none) at the offset `at`. */
static unsigned char *put(unsigned char **pack, size_t at, size_t removed,
                          const struct listpack_coded *coded)
{
    unsigned char *place = splice(pack, at, removed, whole_size(coded));
    write_coded(place, coded);
    if (removed == 0)
        add_count(*pack, 1);
    return place;
}

static inline size_t offset_of(const unsigned char *pack, const unsigned char *entry)
{
    return (size_t)(entry - pack);
}

static size_t end_offset(const unsigned char *pack)
{
    return listpack_size(pack) - 1;
}

bool listpack_overwrite(unsigned char *entry, struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    if (whole_size(&coded) != listpack_entry_size_of(entry))
        return false;
    write_coded(entry, &coded);
    return true;
}

void listpack_append(unsigned char **pack, struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    put(pack, end_offset(*pack), 0, &coded);
}

void listpack_append_integer(unsigned char **pack, int64_t integer)
{
    struct listpack_coded coded = listpack_entry_code_integer(integer);
    put(pack, end_offset(*pack), 0, &coded);
}

void listpack_prepend(unsigned char **pack, struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    put(pack, LISTPACK_HEADER_SIZE, 0, &coded);
}

static void put_all(unsigned char **pack, size_t at, const struct bytes *texts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += listpack_entry_size(texts[i]);
    unsigned char *place = splice(pack, at, 0, size);
    for (size_t i = 0; i < count; i++) {
        struct listpack_coded coded = listpack_entry_code(texts[i]);
        place = write_coded(place, &coded);
    }
    add_count(*pack, count);
}

void listpack_append_all(unsigned char **pack, const struct bytes *texts, size_t count)
{
    put_all(pack, end_offset(*pack), texts, count);
}

unsigned char *listpack_insert_before(unsigned char **pack, unsigned char *entry, struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    return put(pack, entry ? offset_of(*pack, entry) : end_offset(*pack), 0, &coded);
}

unsigned char *listpack_insert_after(unsigned char **pack, unsigned char *entry, struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    return put(pack, offset_of(*pack, skip_entry(entry)), 0, &coded);
}

unsigned char *listpack_insert_integer_before(unsigned char **pack, unsigned char *entry,
                                              int64_t integer)
{
    struct listpack_coded coded = listpack_entry_code_integer(integer);
    return put(pack, entry ? offset_of(*pack, entry) : end_offset(*pack), 0, &coded);
}

unsigned char *listpack_replace(unsigned char **pack, unsigned char *entry, struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    return put(pack, offset_of(*pack, entry), listpack_entry_size_of(entry), &coded);
}

unsigned char *listpack_replace_integer(unsigned char **pack, unsigned char *entry, int64_t integer)
{
    struct listpack_coded coded = listpack_entry_code_integer(integer);
    return put(pack, offset_of(*pack, entry), listpack_entry_size_of(entry), &coded);
}

unsigned char *listpack_delete(unsigned char **pack, unsigned char *entry, size_t count)
{
    const unsigned char *behind = entry;
    size_t deleted = 0;
    while (deleted < count && *behind != LISTPACK_END) {
        behind = skip_entry(behind);
        deleted++;
    }
    unsigned char *place = splice(pack, offset_of(*pack, entry), (size_t)(behind - entry), 0);
    subtract_count(*pack, deleted);
    return entry_or_null(place);
}

void listpack_delete_range(unsigned char **pack, int64_t index, size_t count)
{
    unsigned char *entry = listpack_seek(*pack, index);
    if (entry && count)
        listpack_delete(pack, entry, count);
}

static void put_pack(unsigned char **pack, size_t at, const unsigned char *other)
{
    size_t size = listpack_size(other) - LISTPACK_EMPTY_SIZE;
    size_t count = header_count(other);
    memcpy(splice(pack, at, 0, size), other + LISTPACK_HEADER_SIZE, size);
    if (count == COUNT_UNKNOWN)
        set_count(*pack, COUNT_UNKNOWN);
    else
        add_count(*pack, count);
}

void listpack_append_pack(unsigned char **pack, const unsigned char *other)
{
    put_pack(pack, end_offset(*pack), other);
}

unsigned char *listpack_split(unsigned char **pack, size_t index)
{
    unsigned char *entry = listpack_seek(*pack, (int64_t)index);
    if (!entry)
        return listpack_new();
    size_t count = listpack_count(*pack);
    size_t at = offset_of(*pack, entry);
    size_t moved = end_offset(*pack) - at;
    unsigned char *rest = allocate(LISTPACK_EMPTY_SIZE + moved);
    memcpy(rest + LISTPACK_HEADER_SIZE, entry, moved);
    set_count(rest, count - index);
    splice(pack, at, moved, 0);
    set_count(*pack, index);
    return rest;
}

/* Bytes from outside. */

/* Bytes of the head, the size of the text included; 0 when there is no such encoding. */
static size_t head_size_of(unsigned char first)
{
    if (first < 0xc0)
        return 1;
    if (first < 0xf0)
        return 2;
    return first == LISTPACK_STRING_32 ? 5 : first <= LISTPACK_INTEGER_64 ? 1 : 0;
}

/* The place behind the entry, or NULL when it is broken. `end` is the end byte's place. */
static const unsigned char *check_entry(const unsigned char *entry, const unsigned char *end)
{
    size_t room = (size_t)(end - entry);
    size_t head_size = head_size_of(entry[0]);
    if (head_size == 0 || head_size > room)
        return NULL;
    size_t size = listpack_entry_coded_size(entry);
    size_t back_size = listpack_entry_back_size(size);
    if (size > room || back_size > room - size)
        return NULL;
    const unsigned char *back = entry + size;
    for (size_t i = back_size, rest = size; i-- > 0; rest >>= 7)
        if (back[i] != ((rest & 0x7f) | (i > 0 ? 0x80 : 0)))
            return NULL;
    return back + back_size;
}

bool listpack_is_valid(struct bytes bytes,
                       bool (*visit)(const unsigned char *entry, size_t index, void *context),
                       void *context)
{
    const unsigned char *pack = (const unsigned char *)bytes.data;
    if (bytes.size < LISTPACK_EMPTY_SIZE || bytes.size > UINT32_MAX ||
        listpack_size(pack) != bytes.size)
        return false;
    const unsigned char *end = pack + bytes.size - 1;
    if (*end != LISTPACK_END)
        return false;
    size_t count = 0;
    for (const unsigned char *entry = pack + LISTPACK_HEADER_SIZE; entry != end; count++) {
        const unsigned char *behind = check_entry(entry, end);
        if (!behind || (visit && !visit(entry, count, context)))
            return false;
        entry = behind;
    }
    return header_count(pack) == COUNT_UNKNOWN || header_count(pack) == count;
}
