/* SPDX-License-Identifier: MIT */
/*
 * Layout: four bytes of total size and two of entry count (little endian; 65,535 = not known), the
 * entries, 0xff. An entry is a head that tells the encoding, its data, and its back length: the
 * size of head and data in groups of seven bits, read from its last byte backwards.
 *
 * Invariant: the allocation has exactly room_for(size) bytes, so that no header needs to say so.
 */
#include "values/listpack.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"

#define END_BYTE      0xff
#define COUNT_UNKNOWN 0xffff
#define HEAD_LIMIT    9 /* bytes: an integer of 64 bits with its encoding */
#define BACK_LIMIT    5
#define ROUND_EXACTLY 512 /* bytes; below, room is what the allocator gives anyway */

/* Encodings: the first byte of an entry. */
enum {
    INTEGER_16 = 0xf1,
    INTEGER_24 = 0xf2,
    INTEGER_32 = 0xf3,
    INTEGER_64 = 0xf4,
    STRING_32 = 0xf0,
    INTEGER_13 = 0xc0, /* and the five high bits of the number */
    STRING_12 = 0xe0,  /* and the four high bits of the size */
    STRING_6 = 0x80,   /* and the size */
};

/* An entry on its way into a pack. */
struct coded {
    unsigned char head[HEAD_LIMIT];
    uint8_t head_size;
    uint8_t back_size;
    struct bytes data; /* empty for an integer */
};

/* Reading. */

static inline uint64_t read_little(const unsigned char *from, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

/* Two's complement of `bits` bits. */
static inline int64_t sign_extend(uint64_t value, unsigned bits)
{
    return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

static inline size_t back_size_of(size_t size)
{
    /* 16,383 takes three bytes rather than two: so Redis writes it, so it reads it. */
    return size <= 127 ? 1 : size < 16383 ? 2 : size < 2097151 ? 3 : size < 268435455 ? 4 : 5;
}

/* Bytes of head and data. */
static inline size_t coded_size(const unsigned char *entry)
{
    unsigned char first = entry[0];
    if (first < 0x80)
        return 1;
    if (first < 0xc0)
        return 1 + (size_t)(first & 0x3f);
    if (first < 0xe0)
        return 2;
    if (first < 0xf0)
        return 2 + ((size_t)(first & 0x0f) << 8 | entry[1]);
    switch (first) {
    case STRING_32:
        return 5 + (size_t)read_little(entry + 1, 4);
    case INTEGER_16:
        return 3;
    case INTEGER_24:
        return 4;
    case INTEGER_32:
        return 5;
    case INTEGER_64:
        return 9;
    default:
        break;
    }
    CHECK(first == END_BYTE);
    return 1;
}

static inline unsigned char *skip_entry(const unsigned char *entry)
{
    size_t size = coded_size(entry);
    return (unsigned char *)entry + size + back_size_of(size);
}

static inline unsigned char *entry_or_null(const unsigned char *place)
{
    return *place == END_BYTE ? NULL : (unsigned char *)place;
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
    unsigned char first = entry[0];
    if (first < 0x80) {
        *integer = first;
        return true;
    }
    if (first < 0xc0) {
        *text = bytes_of((const char *)entry + 1, first & 0x3f);
        return false;
    }
    if (first < 0xe0) {
        *integer = sign_extend((uint64_t)(first & 0x1f) << 8 | entry[1], 13);
        return true;
    }
    if (first < 0xf0) {
        *text = bytes_of((const char *)entry + 2, (size_t)(first & 0x0f) << 8 | entry[1]);
        return false;
    }
    switch (first) {
    case STRING_32:
        *text = bytes_of((const char *)entry + 5, (size_t)read_little(entry + 1, 4));
        return false;
    case INTEGER_16:
        *integer = sign_extend(read_little(entry + 1, 2), 16);
        return true;
    case INTEGER_24:
        *integer = sign_extend(read_little(entry + 1, 3), 24);
        return true;
    case INTEGER_32:
        *integer = sign_extend(read_little(entry + 1, 4), 32);
        return true;
    default:
        break;
    }
    CHECK(first == INTEGER_64);
    *integer = sign_extend(read_little(entry + 1, 8), 64);
    return true;
}

struct bytes listpack_get(const unsigned char *entry, char digits[NUMBER_INTEGER_SIZE])
{
    struct bytes text;
    int64_t integer;
    if (listpack_read(entry, &text, &integer))
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
    struct bytes own;
    int64_t integer, other;
    if (listpack_read(entry, &own, &integer))
        return number_parse_integer(text, &other) && integer == other;
    return bytes_equal(own, text);
}

unsigned char *listpack_find(const unsigned char *from, struct bytes text, size_t skip)
{
    enum { UNPARSED, INTEGER, OTHER } kind = UNPARSED;
    int64_t wanted = 0;
    for (const unsigned char *entry = from; entry && *entry != END_BYTE;) {
        struct bytes own;
        int64_t integer;
        bool is_equal;
        if (!listpack_read(entry, &own, &integer)) {
            is_equal = bytes_equal(own, text);
        } else {
            if (kind == UNPARSED)
                kind = number_parse_integer(text, &wanted) ? INTEGER : OTHER;
            is_equal = kind == INTEGER && integer == wanted;
        }
        if (is_equal)
            return (unsigned char *)entry;
        entry = skip_entry(entry);
        for (size_t i = 0; i < skip && *entry != END_BYTE; i++)
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
    for (const unsigned char *place = pack + LISTPACK_HEADER_SIZE; *place != END_BYTE; count++)
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
    return (unsigned char *)entry - back_size_of(size) - size;
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

static void write_little(unsigned char *to, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static struct coded code_integer(int64_t integer)
{
    struct coded coded = {.back_size = 1};
    uint64_t bits = (uint64_t)integer;
    size_t width;
    if (integer >= 0 && integer <= 127) {
        coded.head[0] = (unsigned char)integer;
        coded.head_size = 1;
        return coded;
    }
    if (integer >= -4096 && integer <= 4095) {
        coded.head[0] = (unsigned char)(INTEGER_13 | (bits >> 8 & 0x1f));
        coded.head[1] = (unsigned char)bits;
        coded.head_size = 2;
        return coded;
    }
    if (integer >= INT16_MIN && integer <= INT16_MAX) {
        coded.head[0] = INTEGER_16;
        width = 2;
    } else if (integer >= -8388608 && integer <= 8388607) {
        coded.head[0] = INTEGER_24;
        width = 3;
    } else if (integer >= INT32_MIN && integer <= INT32_MAX) {
        coded.head[0] = INTEGER_32;
        width = 4;
    } else {
        coded.head[0] = INTEGER_64;
        width = 8;
    }
    write_little(coded.head + 1, bits, width);
    coded.head_size = (uint8_t)(1 + width);
    return coded;
}

static struct coded code_text(struct bytes text)
{
    int64_t integer;
    if (number_parse_integer(text, &integer))
        return code_integer(integer);
    CHECK(text.size <= UINT32_MAX);
    struct coded coded = {.data = text};
    if (text.size < 64) {
        coded.head[0] = (unsigned char)(STRING_6 | text.size);
        coded.head_size = 1;
    } else if (text.size < 4096) {
        coded.head[0] = (unsigned char)(STRING_12 | text.size >> 8);
        coded.head[1] = (unsigned char)text.size;
        coded.head_size = 2;
    } else {
        coded.head[0] = STRING_32;
        write_little(coded.head + 1, text.size, 4);
        coded.head_size = 5;
    }
    coded.back_size = (uint8_t)back_size_of(coded.head_size + text.size);
    return coded;
}

static inline size_t whole_size(const struct coded *coded)
{
    return (size_t)coded->head_size + coded->data.size + coded->back_size;
}

/* Returns the place after the entry. */
static unsigned char *write_coded(unsigned char *to, const struct coded *coded)
{
    memcpy(to, coded->head, coded->head_size);
    to += coded->head_size;
    if (coded->data.size)
        memcpy(to, coded->data.data, coded->data.size);
    to += coded->data.size;
    size_t size = coded->head_size + coded->data.size;
    for (size_t i = coded->back_size; i-- > 0; size >>= 7)
        to[i] = (unsigned char)((size & 0x7f) | (i > 0 ? 0x80 : 0));
    return to + coded->back_size;
}

size_t listpack_entry_size(struct bytes text)
{
    struct coded coded = code_text(text);
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
    write_little(pack, size, 4);
}

static void set_count(unsigned char *pack, size_t count)
{
    write_little(pack + 4, count < COUNT_UNKNOWN ? count : COUNT_UNKNOWN, 2);
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
    pack[size - 1] = END_BYTE;
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
                          const struct coded *coded)
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
    struct coded coded = code_text(text);
    if (whole_size(&coded) != listpack_entry_size_of(entry))
        return false;
    write_coded(entry, &coded);
    return true;
}

void listpack_append(unsigned char **pack, struct bytes text)
{
    struct coded coded = code_text(text);
    put(pack, end_offset(*pack), 0, &coded);
}

void listpack_append_integer(unsigned char **pack, int64_t integer)
{
    struct coded coded = code_integer(integer);
    put(pack, end_offset(*pack), 0, &coded);
}

void listpack_prepend(unsigned char **pack, struct bytes text)
{
    struct coded coded = code_text(text);
    put(pack, LISTPACK_HEADER_SIZE, 0, &coded);
}

void listpack_prepend_integer(unsigned char **pack, int64_t integer)
{
    struct coded coded = code_integer(integer);
    put(pack, LISTPACK_HEADER_SIZE, 0, &coded);
}

static void put_all(unsigned char **pack, size_t at, const struct bytes *texts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += listpack_entry_size(texts[i]);
    unsigned char *place = splice(pack, at, 0, size);
    for (size_t i = 0; i < count; i++) {
        struct coded coded = code_text(texts[i]);
        place = write_coded(place, &coded);
    }
    add_count(*pack, count);
}

void listpack_append_all(unsigned char **pack, const struct bytes *texts, size_t count)
{
    put_all(pack, end_offset(*pack), texts, count);
}

void listpack_prepend_all(unsigned char **pack, const struct bytes *texts, size_t count)
{
    put_all(pack, LISTPACK_HEADER_SIZE, texts, count);
}

unsigned char *listpack_insert_before(unsigned char **pack, unsigned char *entry, struct bytes text)
{
    struct coded coded = code_text(text);
    return put(pack, entry ? offset_of(*pack, entry) : end_offset(*pack), 0, &coded);
}

unsigned char *listpack_insert_after(unsigned char **pack, unsigned char *entry, struct bytes text)
{
    struct coded coded = code_text(text);
    return put(pack, offset_of(*pack, skip_entry(entry)), 0, &coded);
}

unsigned char *listpack_insert_integer_before(unsigned char **pack, unsigned char *entry,
                                              int64_t integer)
{
    struct coded coded = code_integer(integer);
    return put(pack, entry ? offset_of(*pack, entry) : end_offset(*pack), 0, &coded);
}

unsigned char *listpack_replace(unsigned char **pack, unsigned char *entry, struct bytes text)
{
    struct coded coded = code_text(text);
    return put(pack, offset_of(*pack, entry), listpack_entry_size_of(entry), &coded);
}

unsigned char *listpack_replace_integer(unsigned char **pack, unsigned char *entry, int64_t integer)
{
    struct coded coded = code_integer(integer);
    return put(pack, offset_of(*pack, entry), listpack_entry_size_of(entry), &coded);
}

unsigned char *listpack_delete(unsigned char **pack, unsigned char *entry, size_t count)
{
    const unsigned char *behind = entry;
    size_t deleted = 0;
    while (deleted < count && *behind != END_BYTE) {
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

void listpack_prepend_pack(unsigned char **pack, const unsigned char *other)
{
    put_pack(pack, LISTPACK_HEADER_SIZE, other);
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
    return first == STRING_32 ? 5 : first <= INTEGER_64 ? 1 : 0;
}

/* The place behind the entry, or NULL when it is broken. `end` is the end byte's place. */
static const unsigned char *check_entry(const unsigned char *entry, const unsigned char *end)
{
    size_t room = (size_t)(end - entry);
    size_t head_size = head_size_of(entry[0]);
    if (head_size == 0 || head_size > room)
        return NULL;
    size_t size = coded_size(entry);
    size_t back_size = back_size_of(size);
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
    if (*end != END_BYTE)
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
