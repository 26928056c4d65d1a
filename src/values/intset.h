/* SPDX-License-Identifier: MIT */
/*
 * The intset: a sorted array of integers in one allocation, as wide as its widest member needs,
 * byte for byte as Redis lays it out (encoding u32, count u32, members; little endian), so that
 * DUMP and RESTORE carry it as it is.
 *
 *     unsigned char *set = intset_new();
 *     if (intset_add(&set, 42)) ...          // it was not there
 *     intset_free(set);
 */
#ifndef UNDERSTUDY_VALUES_INTSET_H
#define UNDERSTUDY_VALUES_INTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define INTSET_HEADER_SIZE 8

unsigned char *intset_new(void);
unsigned char *intset_clone(const unsigned char *set);
/* A copy of `bytes`, which intset_is_valid has passed. */
unsigned char *intset_from_bytes(struct bytes bytes);
void intset_free(unsigned char *set);

size_t intset_count(const unsigned char *set);
/* Bytes of the whole. */
size_t intset_size(const unsigned char *set);
static inline struct bytes intset_bytes(const unsigned char *set)
{
    return bytes_of((const char *)set, intset_size(set));
}

/* The member at an index below the count, in ascending order. */
int64_t intset_get(const unsigned char *set, size_t index);
bool intset_contains(const unsigned char *set, int64_t member);

/* True when the set changed. `*set` may move. */
bool intset_add(unsigned char **set, int64_t member);
bool intset_remove(unsigned char **set, int64_t member);

/* Whether `bytes` are a whole intset: sizes right, members ascending without repetition. */
bool intset_is_valid(struct bytes bytes);

#endif
