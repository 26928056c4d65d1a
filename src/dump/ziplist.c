/* SPDX-License-Identifier: MIT */
/*
 * Layout: four bytes of size, four of the last entry's offset, two of the entry count (65,535 = not
 * known), all little endian; the entries; 0xff. An entry is the size of the one before it (one
 * byte, or 0xfe and four), its encoding with a size or a number, and its text.
 */
#include "dump/ziplist.h"

#include <stdbool.h>
#include <stdint.h>

#include "values/listpack.h"

#define HEADER_SIZE        10
#define END_BYTE           0xff
#define COUNT_UNKNOWN      0xffff
#define WIDE_PREVIOUS_SIZE 0xfe

struct ziplist_entry {
    size_t previous_size; /* as the entry says */
    size_t size;          /* bytes of the whole entry */
    bool is_integer;
    int64_t integer;
    struct bytes text;
};

static uint64_t read_little(const unsigned char *from, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

static int64_t read_signed(const unsigned char *from, size_t size)
{
    unsigned shift = (unsigned)(64 - 8 * size);
    return (int64_t)(read_little(from, size) << shift) >> shift;
}

/* The text's size, and in `*head` the bytes that say it. False: it is no such entry. */
static bool read_text_size(const unsigned char *from, size_t room, size_t *head, size_t *size)
{
    switch (from[0] >> 6) {
    case 0:
        *head = 1;
        *size = from[0] & 0x3f;
        return true;
    case 1:
        *head = 2;
        if (room < *head)
            return false;
        *size = (size_t)(from[0] & 0x3f) << 8 | from[1];
        return true;
    case 2:
        *head = 5;
        if (room < *head)
            return false;
        *size = (size_t)from[1] << 24 | (size_t)from[2] << 16 | (size_t)from[3] << 8 | from[4];
        return true;
    default:
        return false;
    }
}

/* Bytes of the number behind its encoding; -1 when there is no such encoding. */
static int integer_size(unsigned char encoding)
{
    switch (encoding) {
    case 0xc0:
        return 2;
    case 0xd0:
        return 4;
    case 0xe0:
        return 8;
    case 0xf0:
        return 3;
    case 0xfe:
        return 1;
    default:
        return encoding >= 0xf1 && encoding <= 0xfd ? 0 : -1;
    }
}

/* One entry within `room` bytes. */
static bool read_entry(const unsigned char *from, size_t room, struct ziplist_entry *entry)
{
    size_t start = from[0] == WIDE_PREVIOUS_SIZE ? 5 : 1;
    if (room <= start)
        return false;
    entry->previous_size = start == 5 ? (size_t)read_little(from + 1, 4) : from[0];
    from += start;
    room -= start;
    size_t head, size;
    entry->is_integer = from[0] >= 0xc0;
    if (entry->is_integer) {
        int bytes = integer_size(from[0]);
        head = 1;
        size = (size_t)bytes;
        if (bytes < 0 || size > room - head)
            return false;
        entry->integer = bytes ? read_signed(from + 1, size) : (from[0] & 0x0f) - 1;
    } else {
        if (!read_text_size(from, room, &head, &size) || size > room - head)
            return false;
        entry->text = bytes_of((const char *)from + head, size);
    }
    entry->size = start + head + size;
    return true;
}

static bool append_entries(const unsigned char *list, size_t size, unsigned char **pack)
{
    size_t place = HEADER_SIZE, end = size - 1, count = 0, previous_size = 0;
    while (place < end) {
        struct ziplist_entry entry;
        if (!read_entry(list + place, end - place, &entry) || entry.previous_size != previous_size)
            return false;
        if (entry.is_integer)
            listpack_append_integer(pack, entry.integer);
        else
            listpack_append(pack, entry.text);
        place += entry.size;
        previous_size = entry.size;
        count++;
    }
    uint64_t known_count = read_little(list + 8, 2);
    return read_little(list + 4, 4) == end - previous_size &&
           (known_count == COUNT_UNKNOWN || known_count == count);
}

unsigned char *ziplist_to_listpack(struct bytes bytes)
{
    const unsigned char *list = (const unsigned char *)bytes.data;
    if (bytes.size <= HEADER_SIZE || read_little(list, 4) != bytes.size ||
        list[bytes.size - 1] != END_BYTE)
        return NULL;
    unsigned char *pack = listpack_new();
    if (append_entries(list, bytes.size, &pack))
        return pack;
    listpack_free(pack);
    return NULL;
}
