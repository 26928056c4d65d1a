/* SPDX-License-Identifier: MIT */
/*
 * Sorting of which only the first elements, or those of a range, are wanted. The algorithm is the
 * quicksort of Bentley and McIlroy, "Engineering a Sort Function" (1993), that leaves alone what
 * lies behind the wanted part.
 *
 *     partial_sort((void **)points, count, compare, 10);     // the ten nearest, in order
 *
 * It is not stable: which of two equal elements comes first depends on all of them. Redis sorts
 * with the same algorithm, and so equal elements come out as they do there.
 */
#ifndef UNDERSTUDY_BASE_PARTIAL_SORT_H
#define UNDERSTUDY_BASE_PARTIAL_SORT_H

#include <stddef.h>

/* Puts the first `wanted` of the items where they belong. `compare` is given two items. */
void partial_sort(void **items, size_t count, int (*compare)(const void *a, const void *b),
                  size_t wanted);

/* Puts the items of the positions from `first` to before `end` there. */
void partial_sort_range(void **items, size_t count, int (*compare)(const void *a, const void *b),
                        size_t first, size_t end);

#endif
