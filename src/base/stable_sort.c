/* SPDX-License-Identifier: MIT */
#include "base/stable_sort.h"

#include <string.h>

#include "base/memory.h"

#define FEW 8 /* items are sorted by insertion */

typedef int compare_function(const void *a, const void *b);

static void sort_by_insertion(void **items, size_t count, compare_function *compare)
{
    for (size_t i = 1; i < count; i++) {
        void *item = items[i];
        size_t place = i;
        for (; place > 0 && compare(items[place - 1], item) > 0; place--)
            items[place] = items[place - 1];
        items[place] = item;
    }
}

/* `scratch` has room for half of the items. */
static void sort(void **items, size_t count, compare_function *compare, void **scratch)
{
    if (count <= FEW) {
        sort_by_insertion(items, count, compare);
        return;
    }
    size_t half = count / 2;
    sort(items, half, compare, scratch);
    sort(items + half, count - half, compare, scratch);
    if (compare(items[half - 1], items[half]) <= 0)
        return;
    memcpy(scratch, items, half * sizeof *items);
    size_t left = 0, right = half, out = 0;
    while (left < half && right < count)
        items[out++] = compare(scratch[left], items[right]) <= 0 ? scratch[left++] : items[right++];
    memcpy(items + out, scratch + left, (half - left) * sizeof *items);
}

void stable_sort(void **items, size_t count, compare_function *compare)
{
    void **scratch = memory_allocate(count / 2 * sizeof *scratch);
    sort(items, count, compare, scratch);
    memory_free(scratch);
}
