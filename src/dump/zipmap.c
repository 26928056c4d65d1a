/* SPDX-License-Identifier: MIT */
/*
 * Layout: a byte with the count of pairs (254: not known), the pairs, 0xff. A pair is a size and
 * the field, then a size, a byte that tells how many bytes are unused behind the value, the value
 * and those bytes. A size is one byte below 254, or 254 and four bytes, little endian. As in Redis,
 * what stands behind the first 0xff does not matter as long as it ends with another, and a size in
 * four bytes must need them.
 */
#include "dump/zipmap.h"

#include <stdbool.h>

#include "values/listpack.h"

#define END_BYTE      0xff
#define WIDE_SIZE     254
#define COUNT_UNKNOWN 254

struct cursor {
    const unsigned char *place;
    size_t left; /* bytes before the end byte */
};

static bool skip(struct cursor *cursor, size_t size)
{
    if (size > cursor->left)
        return false;
    cursor->place += size;
    cursor->left -= size;
    return true;
}

static bool read_size(struct cursor *cursor, size_t *size)
{
    const unsigned char *from = cursor->place;
    if (!skip(cursor, 1) || from[0] == END_BYTE)
        return false;
    *size = from[0];
    if (from[0] != WIDE_SIZE)
        return true;
    if (!skip(cursor, 4))
        return false;
    *size = (size_t)from[1] | (size_t)from[2] << 8 | (size_t)from[3] << 16 | (size_t)from[4] << 24;
    return *size >= WIDE_SIZE;
}

static bool read_pair(struct cursor *cursor, struct bytes pair[2])
{
    if (!read_size(cursor, &pair[0].size))
        return false;
    pair[0].data = (const char *)cursor->place;
    if (!skip(cursor, pair[0].size) || !read_size(cursor, &pair[1].size))
        return false;
    const unsigned char *unused = cursor->place;
    if (!skip(cursor, 1))
        return false;
    pair[1].data = (const char *)cursor->place;
    return skip(cursor, pair[1].size) && skip(cursor, *unused);
}

unsigned char *zipmap_to_listpack(struct bytes bytes)
{
    const unsigned char *map = (const unsigned char *)bytes.data;
    if (bytes.size < 2 || map[bytes.size - 1] != END_BYTE)
        return NULL;
    unsigned char *pack = listpack_new();
    struct cursor cursor = {map + 1, bytes.size - 2};
    bool is_right = true;
    size_t count = 0;
    for (; is_right && *cursor.place != END_BYTE; count++) {
        struct bytes pair[2];
        is_right = read_pair(&cursor, pair);
        if (is_right)
            listpack_append_all(&pack, pair, 2);
    }
    if (is_right && (map[0] == COUNT_UNKNOWN || map[0] == count))
        return pack;
    listpack_free(pack);
    return NULL;
}
