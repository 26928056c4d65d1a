/* SPDX-License-Identifier: MIT */
#include "base/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"

#define ITEMS 2000

struct item {
    int64_t deadline;
    uint64_t set; /* when its deadline was set, on a count of our own */
    uint32_t slot;
};

static void item_moved(void *item, uint32_t slot)
{
    ((struct item *)item)->slot = slot;
}

static void assert_slots_are_told(const struct heap *heap)
{
    for (uint32_t slot = 0; slot < heap->count; slot++) {
        const struct item *item = heap->nodes[slot].item;
        assert_int_equal(item->slot, slot);
        assert_int_equal(heap_deadline(heap, slot), item->deadline);
    }
}

static void insert(struct heap *heap, struct item *item, int64_t deadline)
{
    item->deadline = deadline;
    heap_insert(heap, deadline, item);
}

static void items_leave_by_deadline(void **state)
{
    (void)state;
    static const int64_t deadlines[] = {5, -3, INT64_MAX, 0, INT64_MIN, 7, 1};
    static const int64_t sorted[] = {INT64_MIN, -3, 0, 1, 5, 7, INT64_MAX};
    struct item items[7];
    struct heap heap;
    heap_init(&heap, item_moved);
    for (int i = 0; i < 7; i++)
        insert(&heap, &items[i], deadlines[i]);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(heap_first(&heap).deadline, sorted[i]);
        heap_remove(&heap, 0);
    }
    assert_int_equal(heap_count(&heap), 0);
    heap_clear(&heap);
}

static void equal_deadlines_leave_in_the_order_they_were_set(void **state)
{
    (void)state;
    struct item items[100];
    struct heap heap;
    heap_init(&heap, item_moved);
    for (int i = 0; i < 100; i++)
        insert(&heap, &items[i], 10);
    heap_move(&heap, items[0].slot, 10); /* set anew, so now the last */
    for (int i = 1; i <= 100; i++) {
        assert_ptr_equal(heap_first(&heap).item, &items[i % 100]);
        heap_remove(&heap, 0);
    }
    heap_clear(&heap);
}

static void replaced_item_stands_where_the_old_one_stood(void **state)
{
    (void)state;
    struct item items[3];
    struct heap heap;
    heap_init(&heap, item_moved);
    insert(&heap, &items[0], 2);
    insert(&heap, &items[1], 1);
    items[2] = items[0];
    heap_replace(&heap, items[0].slot, &items[2]);
    heap_remove(&heap, 0);
    assert_ptr_equal(heap_first(&heap).item, &items[2]);
    assert_int_equal(items[2].slot, 0);
    heap_clear(&heap);
}

static void cleared_heap_is_usable(void **state)
{
    (void)state;
    struct item item;
    struct heap heap;
    heap_init(&heap, item_moved);
    insert(&heap, &item, 1);
    heap_clear(&heap);
    assert_int_equal(heap_count(&heap), 0);
    insert(&heap, &item, 2);
    assert_int_equal(heap_first(&heap).deadline, 2);
    heap_clear(&heap);
}

static const struct item *earliest(const struct item *items, const bool *is_in)
{
    const struct item *first = NULL;
    for (int i = 0; i < ITEMS; i++) {
        const struct item *item = &items[i];
        if (is_in[i] && (!first || item->deadline < first->deadline ||
                         (item->deadline == first->deadline && item->set < first->set)))
            first = item;
    }
    return first;
}

static void random_operations_keep_the_earliest_first(void **state)
{
    (void)state;
    struct item *items = memory_zeroed(ITEMS * sizeof *items);
    bool *is_in = memory_zeroed(ITEMS * sizeof *is_in);
    struct heap heap;
    struct random random;
    heap_init(&heap, item_moved);
    random_seed(&random, 3);
    for (uint64_t step = 0; step < 20000; step++) {
        size_t i = random_below(&random, ITEMS);
        int64_t deadline = (int64_t)random_below(&random, 300);
        if (!is_in[i]) {
            insert(&heap, &items[i], deadline);
            is_in[i] = true;
            items[i].set = step;
        } else if (random_below(&random, 2)) {
            items[i].deadline = deadline;
            items[i].set = step;
            heap_move(&heap, items[i].slot, deadline);
        } else {
            heap_remove(&heap, items[i].slot);
            is_in[i] = false;
        }
        if (step % 50 == 0) {
            assert_slots_are_told(&heap);
            if (heap_count(&heap))
                assert_ptr_equal(heap_first(&heap).item, earliest(items, is_in));
        }
    }
    while (heap_count(&heap)) {
        const struct item *first = heap_first(&heap).item;
        assert_ptr_equal(first, earliest(items, is_in));
        is_in[first - items] = false;
        heap_remove(&heap, 0);
    }
    heap_clear(&heap);
    memory_free(is_in);
    memory_free(items);
}

static void emptied_heap_gives_its_memory_back(void **state)
{
    (void)state;
    struct item *items = memory_zeroed(ITEMS * sizeof *items);
    struct heap heap;
    heap_init(&heap, item_moved);
    for (int i = 0; i < ITEMS; i++)
        insert(&heap, &items[i], i);
    while (heap_count(&heap))
        heap_remove(&heap, heap.count / 2);
    assert_true(heap.capacity <= 16);
    heap_clear(&heap);
    memory_free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_leave_by_deadline),
        cmocka_unit_test(equal_deadlines_leave_in_the_order_they_were_set),
        cmocka_unit_test(replaced_item_stands_where_the_old_one_stood),
        cmocka_unit_test(cleared_heap_is_usable),
        cmocka_unit_test(random_operations_keep_the_earliest_first),
        cmocka_unit_test(emptied_heap_gives_its_memory_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
