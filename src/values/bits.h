/* SPDX-License-Identifier: MIT */
/*
 * Runs of bytes as bits: counting, searching, combining, and integers of any width within them.
 * Bit 0 is the highest bit of the first byte.
 *
 *     uint64_t set = bits_count(text);
 *     struct bits_field field = {.offset = 100, .width = 5, .is_signed = true};
 *     int64_t old = bits_read(text, field);
 *     int64_t sum;
 *     if (bits_add(field, old, 3, BITS_WRAP, &sum)) ...   // it went around
 *     bits_write(data, field, sum);
 */
#ifndef UNDERSTUDY_VALUES_BITS_H
#define UNDERSTUDY_VALUES_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

static inline bool bits_get(struct bytes text, uint64_t offset)
{
    size_t byte = (size_t)(offset >> 3);
    return byte < text.size && (unsigned char)text.data[byte] >> (7 - (offset & 7)) & 1;
}

/* How many bits are set. */
uint64_t bits_count(struct bytes text);
/* Of those from `first` to `last`, both within the text. */
uint64_t bits_count_between(struct bytes text, uint64_t first, uint64_t last);

#define BITS_NOT_FOUND UINT64_MAX

/* The first bit that is `bit`. */
uint64_t bits_find(struct bytes text, bool bit);
/* The first from `first` to `last`, both within the text. */
uint64_t bits_find_between(struct bytes text, uint64_t first, uint64_t last, bool bit);

enum bits_operation { BITS_AND, BITS_OR, BITS_XOR, BITS_NOT };

/* `out` has `size` bytes, at least as many as each source; short sources count as followed by
 * zeros. There is at least one source; BITS_NOT looks at the first alone. */
void bits_combine(enum bits_operation operation, const struct bytes *sources, size_t count,
                  char *out, size_t size);

struct bits_field {
    uint64_t offset; /* of its highest bit */
    unsigned width;  /* 1 to 64; unsigned ones to 63 */
    bool is_signed;
};

/* Bits past the end of the text are 0. */
int64_t bits_read(struct bytes text, struct bits_field field);

/* The lowest bits of `value`; the field must lie within `data`. */
void bits_write(char *data, struct bits_field field, int64_t value);

enum bits_overflow { BITS_WRAP, BITS_SATURATE, BITS_FAIL };

/* What a field that holds `old` holds after an increment. True when that is not the true sum, which
 * did not fit; with BITS_FAIL `*result` means nothing then. */
bool bits_add(struct bits_field field, int64_t old, int64_t increment, enum bits_overflow mode,
              int64_t *result);

/* What a field holds after `value` was stored in it; as bits_add. */
bool bits_fit(struct bits_field field, int64_t value, enum bits_overflow mode, int64_t *result);

#endif
