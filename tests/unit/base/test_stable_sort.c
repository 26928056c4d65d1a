/* SPDX-License-Identifier: MIT */
#include "base/stable_sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"

#define ITEMS 1000

struct item {
    uint64_t rank;
    size_t place; /* before */
};

static int by_rank(const void *a, const void *b)
{
    const struct item *left = a, *right = b;
    return left->rank < right->rank ? -1 : left->rank > right->rank;
}

static void assert_sorts(size_t count, uint64_t ranks, uint64_t seed)
{
    struct item items[ITEMS];
    void *order[ITEMS];
    struct random random;
    random_seed(&random, seed);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct item){random_below(&random, ranks), i};
        order[i] = &items[i];
    }
    stable_sort(order, count, by_rank);
    for (size_t i = 1; i < count; i++) {
        const struct item *before = order[i - 1], *item = order[i];
        assert_true(before->rank < item->rank ||
                    (before->rank == item->rank && before->place < item->place));
    }
}

static void any_number_of_items_is_sorted(void **state)
{
    (void)state;
    for (size_t count = 0; count < 70; count++)
        assert_sorts(count, UINT64_MAX, count);
    assert_sorts(ITEMS, UINT64_MAX, 1);
}

static void equal_items_keep_their_order(void **state)
{
    (void)state;
    for (size_t count = 2; count < 70; count++)
        assert_sorts(count, 3, count);
    assert_sorts(ITEMS, 5, 1);
    assert_sorts(ITEMS, 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_items_is_sorted),
        cmocka_unit_test(equal_items_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
