/* SPDX-License-Identifier: MIT */
#include "base/partial_sort.h"

#define FEW  7  /* items are sorted by insertion */
#define MANY 40 /* items have their pivot chosen among nine */

typedef int compare_function(const void *a, const void *b);

static void swap(void **a, void **b)
{
    void *item = *a;
    *a = *b;
    *b = item;
}

static void swap_runs(void **a, void **b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        swap(a + i, b + i);
}

static void **median(void **a, void **b, void **c, compare_function *compare)
{
    if (compare(*a, *b) < 0) {
        if (compare(*b, *c) < 0)
            return b;
        return compare(*a, *c) < 0 ? c : a;
    }
    if (compare(*b, *c) > 0)
        return b;
    return compare(*a, *c) < 0 ? a : c;
}

static void sort_by_insertion(void **items, size_t count, compare_function *compare)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && compare(items[j - 1], items[j]) > 0; j--)
            swap(items + j, items + j - 1);
}

static void **choose_pivot(void **items, size_t count, compare_function *compare)
{
    void **low = items;
    void **middle = items + count / 2;
    void **high = items + count - 1;
    if (count <= FEW)
        return middle;
    if (count > MANY) {
        size_t eighth = count / 8;
        low = median(low, low + eighth, low + 2 * eighth, compare);
        middle = median(middle - eighth, middle, middle + eighth, compare);
        high = median(high - 2 * eighth, high - eighth, high, compare);
    }
    return median(low, middle, high, compare);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Moves what is less than the pivot to the front and what is greater to the back. Returns how many
 * are less, and in `*greater` how many are greater; equal ones lie between. */
static size_t split(void **items, size_t count, compare_function *compare, size_t *greater)
{
    swap(items, choose_pivot(items, count, compare));
    /* Meanwhile: [equal | less | unknown | greater | equal], the pivot first. */
    size_t less_begin = 1, unknown = 1;
    size_t unknown_end = count, greater_end = count;
    for (;;) {
        int order;
        while (unknown < unknown_end && (order = compare(items[unknown], items[0])) <= 0) {
            if (order == 0)
                swap(items + less_begin++, items + unknown);
            unknown++;
        }
        while (unknown < unknown_end && (order = compare(items[unknown_end - 1], items[0])) >= 0) {
            unknown_end--;
            if (order == 0)
                swap(items + unknown_end, items + --greater_end);
        }
        if (unknown == unknown_end)
            break;
        swap(items + unknown++, items + --unknown_end);
    }
    size_t less = unknown - less_begin;
    *greater = greater_end - unknown_end;
    size_t moved = smaller(less_begin, less);
    swap_runs(items, items + unknown - moved, moved);
    moved = smaller(*greater, count - greater_end);
    swap_runs(items + unknown, items + count - moved, moved);
    return less;
}

void partial_sort_range(void **items, size_t count, compare_function *compare, size_t first,
                        size_t end)
{
    while (count >= FEW) {
        size_t greater;
        size_t less = split(items, count, compare, &greater);
        if (less > 1 && first < less)
            partial_sort_range(items, less, compare, first, end);
        size_t skipped = count - greater;
        if (greater <= 1 || end <= skipped)
            return;
        items += skipped;
        first = first > skipped ? first - skipped : 0;
        end -= skipped;
        count = greater;
    }
    sort_by_insertion(items, count, compare);
}

void partial_sort(void **items, size_t count, compare_function *compare, size_t wanted)
{
    partial_sort_range(items, count, compare, 0, wanted);
}
