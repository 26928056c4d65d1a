/* SPDX-License-Identifier: MIT */
#include "values/dense_pack.h"

#include <string.h>

#include "base/check.h"
#include "values/listpack.h"
#include "values/listpack_entry.h"

size_t dense_pack_size(const unsigned char *listpack)
{
    size_t size = 0;
    for (const unsigned char *entry = listpack + LISTPACK_HEADER_SIZE; *entry != LISTPACK_END;) {
        size_t coded = listpack_entry_coded_size(entry);
        size += coded;
        entry += coded + listpack_entry_back_size(coded);
    }
    return size;
}

void dense_pack_write(void *to, const unsigned char *listpack)
{
    unsigned char *place = to;
    for (const unsigned char *entry = listpack + LISTPACK_HEADER_SIZE; *entry != LISTPACK_END;) {
        size_t coded = listpack_entry_coded_size(entry);
        memcpy(place, entry, coded);
        place += coded;
        entry += coded + listpack_entry_back_size(coded);
    }
}

const unsigned char *dense_pack_next(const unsigned char *entry)
{
    return entry + listpack_entry_coded_size(entry);
}

unsigned char *dense_pack_thaw(struct bytes dense, size_t count)
{
    const unsigned char *first = (const unsigned char *)dense.data, *end = first + dense.size;
    size_t size = 0;
    for (const unsigned char *entry = first; entry < end;) {
        size_t coded = listpack_entry_coded_size(entry);
        size += coded + listpack_entry_back_size(coded);
        entry += coded;
    }
    unsigned char *place, *pack = listpack_with_room(size, count, &place);
    for (const unsigned char *entry = first; entry < end;) {
        size_t coded = listpack_entry_coded_size(entry);
        memcpy(place, entry, coded);
        place = listpack_entry_write_back(place + coded, coded);
        entry += coded;
    }
    return pack;
}

unsigned char *dense_pack_find(struct bytes dense, struct bytes text, size_t skip)
{
    struct listpack_wanted wanted = {.text = text};
    const unsigned char *entry = (const unsigned char *)dense.data, *end = entry + dense.size;
    while (entry < end) {
        if (listpack_entry_is(entry, &wanted))
            return (unsigned char *)entry;
        for (size_t i = 0; i <= skip; i++)
            entry += listpack_entry_coded_size(entry);
    }
    return NULL;
}

bool dense_pack_overwrite(unsigned char *entry, struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    if (listpack_entry_bytes(&coded) != listpack_entry_coded_size(entry))
        return false;
    listpack_entry_write(entry, &coded);
    return true;
}

void dense_pack_copy(struct dense_pack *pack, struct bytes dense, size_t count)
{
    CHECK(dense.size <= DENSE_PACK_MOST);
    pack->size = dense.size;
    pack->count = count;
    if (dense.size)
        memcpy(pack->bytes, dense.data, dense.size);
}

bool dense_pack_append(struct dense_pack *pack, struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    size_t size = listpack_entry_bytes(&coded);
    if (size > DENSE_PACK_MOST - pack->size)
        return false;
    listpack_entry_write(pack->bytes + pack->size, &coded);
    pack->size += size;
    pack->count++;
    return true;
}

/* Puts `added` bytes of room in the place of the `removed` ones at `place`. */
static void splice(struct dense_pack *pack, unsigned char *place, size_t removed, size_t added)
{
    size_t behind = (size_t)(pack->bytes + pack->size - place) - removed;
    memmove(place + added, place + removed, behind);
    pack->size += added - removed;
}

bool dense_pack_replace(struct dense_pack *pack, unsigned char *entry, struct bytes text)
{
    struct listpack_coded coded = listpack_entry_code(text);
    size_t size = listpack_entry_bytes(&coded), old_size = listpack_entry_coded_size(entry);
    if (size > DENSE_PACK_MOST - pack->size + old_size)
        return false;
    splice(pack, entry, old_size, size);
    listpack_entry_write(entry, &coded);
    return true;
}

void dense_pack_delete(struct dense_pack *pack, unsigned char *entry, size_t count)
{
    const unsigned char *behind = entry;
    for (size_t i = 0; i < count; i++)
        behind += listpack_entry_coded_size(behind);
    splice(pack, entry, (size_t)(behind - entry), 0);
    pack->count -= count;
}
