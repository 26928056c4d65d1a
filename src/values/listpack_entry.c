/* SPDX-License-Identifier: MIT */
#include "values/listpack_entry.h"

#include <string.h>

void listpack_entry_write_little(unsigned char *to, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

struct listpack_coded listpack_entry_code_integer(int64_t integer)
{
    struct listpack_coded coded = {.head_size = 0};
    uint64_t bits = (uint64_t)integer;
    size_t width;
    if (integer >= 0 && integer <= 127) {
        coded.head[0] = (unsigned char)integer;
        coded.head_size = 1;
        return coded;
    }
    if (integer >= -4096 && integer <= 4095) {
        coded.head[0] = (unsigned char)(LISTPACK_INTEGER_13 | (bits >> 8 & 0x1f));
        coded.head[1] = (unsigned char)bits;
        coded.head_size = 2;
        return coded;
    }
    if (integer >= INT16_MIN && integer <= INT16_MAX) {
        coded.head[0] = LISTPACK_INTEGER_16;
        width = 2;
    } else if (integer >= -8388608 && integer <= 8388607) {
        coded.head[0] = LISTPACK_INTEGER_24;
        width = 3;
    } else if (integer >= INT32_MIN && integer <= INT32_MAX) {
        coded.head[0] = LISTPACK_INTEGER_32;
        width = 4;
    } else {
        coded.head[0] = LISTPACK_INTEGER_64;
        width = 8;
    }
    listpack_entry_write_little(coded.head + 1, bits, width);
    coded.head_size = (uint8_t)(1 + width);
    return coded;
}

struct listpack_coded listpack_entry_code(struct bytes text)
{
    int64_t integer;
    if (number_parse_integer(text, &integer))
        return listpack_entry_code_integer(integer);
    CHECK(text.size <= UINT32_MAX);
    struct listpack_coded coded = {.data = text};
    if (text.size < 64) {
        coded.head[0] = (unsigned char)(LISTPACK_STRING_6 | text.size);
        coded.head_size = 1;
    } else if (text.size < 4096) {
        coded.head[0] = (unsigned char)(LISTPACK_STRING_12 | text.size >> 8);
        coded.head[1] = (unsigned char)text.size;
        coded.head_size = 2;
    } else {
        coded.head[0] = LISTPACK_STRING_32;
        listpack_entry_write_little(coded.head + 1, text.size, 4);
        coded.head_size = 5;
    }
    return coded;
}

unsigned char *listpack_entry_write(unsigned char *to, const struct listpack_coded *coded)
{
    memcpy(to, coded->head, coded->head_size);
    to += coded->head_size;
    if (coded->data.size)
        memcpy(to, coded->data.data, coded->data.size);
    return to + coded->data.size;
}

unsigned char *listpack_entry_write_back(unsigned char *to, size_t size)
{
    size_t back_size = listpack_entry_back_size(size);
    for (size_t i = back_size; i-- > 0; size >>= 7)
        to[i] = (unsigned char)((size & 0x7f) | (i > 0 ? 0x80 : 0));
    return to + back_size;
}
