/* SPDX-License-Identifier: MIT */
/*
 * Merge sort: equal items keep their order, whatever the C library's qsort does with them.
 *
 *     stable_sort((void **)elements, count, compare);
 */
#ifndef UNDERSTUDY_BASE_STABLE_SORT_H
#define UNDERSTUDY_BASE_STABLE_SORT_H

#include <stddef.h>

/* `compare` is given two items. */
void stable_sort(void **items, size_t count, int (*compare)(const void *a, const void *b));

#endif
