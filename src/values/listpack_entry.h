/* SPDX-License-Identifier: MIT */
/*
 * How one element is coded, for listpack.c and dense_pack.c alone. A head tells the encoding, data
 * follows; in a listpack also a back length: the size of head and data in groups of seven bits,
 * read from its last byte backwards.
 *
 *     struct listpack_coded coded = listpack_entry_code(text);
 *     place = listpack_entry_write(place, &coded);
 *     ...
 *     if (!listpack_entry_read(entry, &text, &integer)) ...
 *     entry += listpack_entry_coded_size(entry);      // its back length, or the next one if dense
 */
#ifndef UNDERSTUDY_VALUES_LISTPACK_ENTRY_H
#define UNDERSTUDY_VALUES_LISTPACK_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/number.h"

#define LISTPACK_END        0xff /* the byte behind the last entry */
#define LISTPACK_HEAD_LIMIT 9    /* bytes: an integer of 64 bits with its encoding */

/* Encodings: the first byte of an entry. Below them all: the integer itself. */
enum {
    LISTPACK_STRING_6 = 0x80,   /* and the size */
    LISTPACK_INTEGER_13 = 0xc0, /* and the five high bits of the number */
    LISTPACK_STRING_12 = 0xe0,  /* and the four high bits of the size */
    LISTPACK_STRING_32 = 0xf0,
    LISTPACK_INTEGER_16 = 0xf1,
    LISTPACK_INTEGER_24 = 0xf2,
    LISTPACK_INTEGER_32 = 0xf3,
    LISTPACK_INTEGER_64 = 0xf4,
};

/* --- reading --- */

static inline uint64_t listpack_entry_little(const unsigned char *from, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

/* Two's complement of `bits` bits. */
static inline int64_t listpack_entry_extend(uint64_t value, unsigned bits)
{
    return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

/* Bytes of head and data. 1 for the end byte. */
static inline size_t listpack_entry_coded_size(const unsigned char *entry)
{
    unsigned char first = entry[0];
    if (first < LISTPACK_STRING_6)
        return 1;
    if (first < LISTPACK_INTEGER_13)
        return 1 + (size_t)(first & 0x3f);
    if (first < LISTPACK_STRING_12)
        return 2;
    if (first < LISTPACK_STRING_32)
        return 2 + ((size_t)(first & 0x0f) << 8 | entry[1]);
    switch (first) {
    case LISTPACK_STRING_32:
        return 5 + (size_t)listpack_entry_little(entry + 1, 4);
    case LISTPACK_INTEGER_16:
        return 3;
    case LISTPACK_INTEGER_24:
        return 4;
    case LISTPACK_INTEGER_32:
        return 5;
    case LISTPACK_INTEGER_64:
        return 9;
    default:
        break;
    }
    CHECK(first == LISTPACK_END);
    return 1;
}

/* Bytes of the back length of an entry whose head and data take `size`. */
static inline size_t listpack_entry_back_size(size_t size)
{
    /* 16,383 takes three bytes rather than two: so Redis writes it, so it reads it. */
    return size <= 127 ? 1 : size < 16383 ? 2 : size < 2097151 ? 3 : size < 268435455 ? 4 : 5;
}

/* True: the entry is an integer, and `integer` is set. False: `text` is, pointing into it. */
static inline bool listpack_entry_read(const unsigned char *entry, struct bytes *text,
                                       int64_t *integer)
{
    unsigned char first = entry[0];
    if (first < LISTPACK_STRING_6) {
        *integer = first;
        return true;
    }
    if (first < LISTPACK_INTEGER_13) {
        *text = bytes_of((const char *)entry + 1, first & 0x3f);
        return false;
    }
    if (first < LISTPACK_STRING_12) {
        *integer = listpack_entry_extend((uint64_t)(first & 0x1f) << 8 | entry[1], 13);
        return true;
    }
    if (first < LISTPACK_STRING_32) {
        *text = bytes_of((const char *)entry + 2, (size_t)(first & 0x0f) << 8 | entry[1]);
        return false;
    }
    switch (first) {
    case LISTPACK_STRING_32:
        *text = bytes_of((const char *)entry + 5, (size_t)listpack_entry_little(entry + 1, 4));
        return false;
    case LISTPACK_INTEGER_16:
        *integer = listpack_entry_extend(listpack_entry_little(entry + 1, 2), 16);
        return true;
    case LISTPACK_INTEGER_24:
        *integer = listpack_entry_extend(listpack_entry_little(entry + 1, 3), 24);
        return true;
    case LISTPACK_INTEGER_32:
        *integer = listpack_entry_extend(listpack_entry_little(entry + 1, 4), 32);
        return true;
    default:
        break;
    }
    CHECK(first == LISTPACK_INTEGER_64);
    *integer = listpack_entry_extend(listpack_entry_little(entry + 1, 8), 64);
    return true;
}

/* What is looked for, text or integer: {.text = text}. It is parsed when the first integer is met.
 */
struct listpack_wanted {
    struct bytes text;
    enum { LISTPACK_UNPARSED, LISTPACK_INTEGER, LISTPACK_TEXT } kind;
    int64_t integer;
};

static inline bool listpack_entry_is(const unsigned char *entry, struct listpack_wanted *wanted)
{
    struct bytes own;
    int64_t integer;
    if (!listpack_entry_read(entry, &own, &integer))
        return bytes_equal(own, wanted->text);
    if (wanted->kind == LISTPACK_UNPARSED)
        wanted->kind =
            number_parse_integer(wanted->text, &wanted->integer) ? LISTPACK_INTEGER : LISTPACK_TEXT;
    return wanted->kind == LISTPACK_INTEGER && integer == wanted->integer;
}

/* --- writing --- */

/* Head and data of an entry on its way into a pack. */
struct listpack_coded {
    unsigned char head[LISTPACK_HEAD_LIMIT];
    uint8_t head_size;
    struct bytes data; /* empty for an integer; borrowed */
};

static inline size_t listpack_entry_bytes(const struct listpack_coded *coded)
{
    return (size_t)coded->head_size + coded->data.size;
}

struct listpack_coded listpack_entry_code(struct bytes text);
struct listpack_coded listpack_entry_code_integer(int64_t integer);

/* Head and data; returns the place behind them. */
unsigned char *listpack_entry_write(unsigned char *to, const struct listpack_coded *coded);
/* The back length of what takes `size` bytes before it; returns the place behind. */
unsigned char *listpack_entry_write_back(unsigned char *to, size_t size);
void listpack_entry_write_little(unsigned char *to, uint64_t value, size_t size);

#endif
