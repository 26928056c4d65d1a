/* SPDX-License-Identifier: MIT */
#include "base/partial_sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"

#define MOST 300

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a;
    int y = *(const int *)b;
    return (x > y) - (x < y);
}

static void the_wanted_part_is_sorted_and_nothing_is_lost(void **state)
{
    struct random random;
    int numbers[MOST], sorted[MOST];
    void *items[MOST];
    (void)state;
    random_seed(&random, 1);
    for (int round = 0; round < 3000; round++) {
        size_t count = random_below(&random, MOST) + 1;
        size_t wanted = random_below(&random, count) + 1;
        uint64_t different = random_below(&random, 2) ? 10 : 100000;
        for (size_t i = 0; i < count; i++) {
            numbers[i] = sorted[i] = (int)random_below(&random, different);
            items[i] = &numbers[i];
        }
        qsort(sorted, count, sizeof *sorted, compare);
        size_t first = round % 2 ? random_below(&random, wanted) : 0;
        if (first == 0)
            partial_sort(items, count, compare, wanted);
        else
            partial_sort_range(items, count, compare, first, wanted);
        for (size_t i = first; i < wanted; i++)
            assert_int_equal(*(int *)items[i], sorted[i]);
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += (uint64_t)((int *)items[i] - numbers);
        assert_true(sum == count * (count - 1) / 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wanted_part_is_sorted_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
