/* SPDX-License-Identifier: MIT */
#include "values/quicklist_chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "values/quicklist.h"

#define FILL  (-1) /* 4 KiB: some 250 elements a node */
#define COUNT 20000
#define PLAIN ((size_t)QUICKLIST_PLAIN_NODES)

static struct bytes element(char *out, int number)
{
    return bytes_of(out, (size_t)sprintf(out, "element:%d", number));
}

static struct value *list_of(int count, enum quicklist_end end)
{
    char text[32];
    struct value *list = quicklist_new_chain();
    for (int i = 0; i < count; i++)
        quicklist_push(list, end, element(text, i), FILL);
    return list;
}

static struct quicklist_chain *chain_of(const struct value *list)
{
    return ((const struct quicklist *)list)->chain;
}

/* Each node between the ends is folded, or all but so many; none at the ends is. */
static void assert_is_folded(const struct value *list, size_t exceptions)
{
    const struct quicklist_chain *chain = chain_of(list);
    size_t index = 0, plain = 0;
    assert_true(chain->nodes > 2 * PLAIN + 1);
    for (const struct quicklist_node *node = chain->first; node; node = node->next, index++) {
        if (index < PLAIN || index >= chain->nodes - PLAIN)
            assert_null(node->folded);
        else
            plain += node->data != NULL;
    }
    assert_true(plain <= exceptions);
}

static int count_of(const struct value *list, struct bytes text)
{
    struct quicklist_cursor cursor;
    int found = 0;
    for (bool has = quicklist_seek(&cursor, list, 0); has; has = quicklist_next(&cursor))
        found += quicklist_equals(&cursor, text);
    return found;
}

static void all_but_the_ends_of_a_long_chain_is_folded(void **state)
{
    (void)state;
    for (int end = QUICKLIST_HEAD; end <= QUICKLIST_TAIL; end++) {
        struct value *list = list_of(COUNT, (enum quicklist_end)end);
        assert_is_folded(list, 0);
        value_release(list);
    }
}

static void a_short_chain_stays_plain(void **state)
{
    (void)state;
    struct value *list = quicklist_new_chain();
    char text[32];
    for (int i = 0; chain_of(list)->nodes < 2 * PLAIN; i++)
        quicklist_push(list, QUICKLIST_TAIL, element(text, i), FILL);
    for (struct quicklist_node *node = chain_of(list)->first; node; node = node->next)
        assert_null(node->folded);
    value_release(list);
}

static void walking_over_a_list_leaves_it_folded(void **state)
{
    (void)state;
    struct quicklist_cursor cursor;
    struct value *list = list_of(COUNT, QUICKLIST_TAIL);
    size_t memory = quicklist_memory(list, 0), opened = 0;
    for (bool has = quicklist_seek(&cursor, list, -1); has; has = quicklist_previous(&cursor))
        if (chain_of(list)->open)
            opened = quicklist_memory(list, 0) > opened ? quicklist_memory(list, 0) : opened;
    assert_in_range(opened, memory + 1, memory + 5000);
    assert_int_equal(count_of(list, BYTES_LITERAL("nothing")), 0);
    assert_is_folded(list, 0);
    assert_int_equal(quicklist_memory(list, 0), memory);
    value_release(list);
}

static void what_was_looked_at_last_stays_open(void **state)
{
    (void)state;
    struct quicklist_cursor cursor;
    struct value *list = list_of(COUNT, QUICKLIST_TAIL);
    assert_true(quicklist_seek(&cursor, list, COUNT / 2));
    assert_is_folded(list, 1);
    const unsigned char *data = cursor.node->data;
    assert_true(quicklist_seek(&cursor, list, COUNT / 2));
    assert_ptr_equal(cursor.node->data, data);
    assert_true(quicklist_seek(&cursor, list, COUNT / 3));
    assert_is_folded(list, 1);
    assert_true(quicklist_seek(&cursor, list, 0));
    assert_is_folded(list, 0);
    value_release(list);
}

static void a_node_changed_in_the_middle_is_folded_when_it_is_left(void **state)
{
    (void)state;
    struct quicklist_cursor cursor;
    struct value *list = list_of(COUNT, QUICKLIST_TAIL);
    assert_true(quicklist_seek(&cursor, list, COUNT / 2));
    quicklist_replace(&cursor, BYTES_LITERAL("changed"), FILL);
    assert_is_folded(list, 1);
    assert_true(quicklist_seek(&cursor, list, 0));
    assert_is_folded(list, 0);
    assert_int_equal(count_of(list, BYTES_LITERAL("changed")), 1);
    value_release(list);
}

static void removing_some_of_each_node_leaves_them_folded(void **state)
{
    (void)state;
    struct quicklist_cursor cursor;
    struct value *list = list_of(COUNT, QUICKLIST_TAIL);
    size_t index = 0;
    bool has = quicklist_seek(&cursor, list, 0);
    while (has)
        has = index++ % 3 ? quicklist_next(&cursor) : quicklist_remove_forward(&cursor);
    assert_int_equal(quicklist_count(list), COUNT - (COUNT + 2) / 3);
    assert_is_folded(list, 0);
    index = 0;
    has = quicklist_seek(&cursor, list, -1);
    while (has)
        has = index++ % 3 ? quicklist_previous(&cursor) : quicklist_remove_backward(&cursor);
    assert_is_folded(list, 0);
    value_release(list);
}

static void insertions_in_the_middle_leave_nearly_all_folded(void **state)
{
    (void)state;
    char text[5000] = {0};
    struct quicklist_cursor cursor;
    struct value *list = list_of(COUNT, QUICKLIST_TAIL);
    for (int i = 0; i < 600; i++) {
        size_t size = i % 7 == 0 ? 5000 : (size_t)(i % 5) * 40;
        size_t index = (size_t)COUNT / 2 + (size_t)(i * 37 % 1500);
        assert_true(quicklist_seek(&cursor, list, (int64_t)index));
        if (i % 3 == 0)
            quicklist_replace(&cursor, bytes_of(text, size), FILL);
        else if (i % 3 == 1)
            quicklist_insert_before(&cursor, bytes_of(text, size), FILL);
        else
            quicklist_insert_after(&cursor, bytes_of(text, size), FILL);
    }
    assert_int_equal(quicklist_count(list), COUNT + 400);
    /* A piece that was too small when it was cut off may have grown since. */
    size_t plain = 0;
    for (struct quicklist_node *node = chain_of(list)->first; node; node = node->next)
        plain += node->data && quicklist_node_size(node) >= 256;
    assert_true(plain <= 2 * PLAIN + 10);
    assert_true(chain_of(list)->nodes > 2 * PLAIN + 100);
    value_release(list);
}

static void a_backlog_that_is_worked_off_unfolds_node_by_node(void **state)
{
    (void)state;
    char text[32], digits[NUMBER_INTEGER_SIZE];
    struct quicklist_cursor cursor;
    struct value *list = list_of(COUNT, QUICKLIST_TAIL);
    for (int i = 0; i < COUNT; i++) {
        assert_true(quicklist_seek(&cursor, list, 0));
        assert_true(bytes_equal(quicklist_get(&cursor, digits), element(text, i)));
        quicklist_remove_forward(&cursor);
        assert_true(!chain_of(list)->first || chain_of(list)->first->data);
    }
    assert_int_equal(quicklist_count(list), 0);
    value_release(list);
}

static void a_folded_node_that_came_to_an_end_stays_plain_once_it_was_read(void **state)
{
    (void)state;
    struct quicklist_cursor cursor;
    struct value *list = list_of(COUNT, QUICKLIST_TAIL);
    struct quicklist_chain *chain = chain_of(list);
    size_t count = 0;
    const struct quicklist_node *node = chain->first;
    for (size_t i = 0; i < PLAIN; i++, node = node->next)
        count += node->count;
    quicklist_delete_range(list, 0, count);
    assert_non_null(chain->first->folded);
    assert_true(quicklist_seek(&cursor, list, 0));
    assert_true(quicklist_seek(&cursor, list, -1));
    assert_null(chain->first->folded);
    assert_null(chain->open);
    value_release(list);
}

static void a_clone_is_as_folded(void **state)
{
    (void)state;
    struct quicklist_cursor cursor;
    struct value *list = list_of(COUNT, QUICKLIST_TAIL);
    assert_true(quicklist_seek(&cursor, list, COUNT / 2));
    struct value *clone = quicklist_clone(list);
    assert_is_folded(clone, 0);
    value_release(list);
    assert_int_equal(count_of(clone, BYTES_LITERAL("element:12345")), 1);
    value_release(clone);
}

static void compressed_packs_are_taken_as_they_are(void **state)
{
    (void)state;
    struct value *list = list_of(COUNT, QUICKLIST_TAIL), *copy = quicklist_new_chain();
    size_t index = 0;
    for (struct quicklist_node *node = chain_of(list)->first; node; node = node->next, index++) {
        struct bytes folded = quicklist_node_folded_bytes(node);
        quicklist_chain_enter(chain_of(list), node);
        struct bytes pack = quicklist_node_bytes(node);
        bool is_taken = quicklist_append_folded(copy, pack, folded);
        assert_int_equal(is_taken, folded.size > 0);
        if (!is_taken)
            quicklist_append_pack(copy, listpack_from_bytes(pack));
    }
    assert_is_folded(copy, 0);
    for (int i = 0; i < COUNT; i += 111) {
        char text[32];
        struct quicklist_cursor cursor;
        assert_true(quicklist_seek(&cursor, copy, i));
        assert_true(quicklist_equals(&cursor, element(text, i)));
    }
    value_release(list);
    value_release(copy);
}

static void packs_at_the_head_or_hardly_compressed_are_not_taken_folded(void **state)
{
    (void)state;
    static const char room[4096];
    struct value *list = list_of(COUNT, QUICKLIST_TAIL);
    struct quicklist_node *node = chain_of(list)->first;
    struct value *empty = quicklist_new_chain();
    assert_false(quicklist_append_folded(empty, quicklist_node_bytes(node), bytes_of(room, 1000)));
    size_t most = quicklist_node_size(node) - quicklist_node_size(node) / 8;
    assert_false(
        quicklist_append_folded(list, quicklist_node_bytes(node), bytes_of(room, most + 1)));
    assert_int_equal(quicklist_count(empty), 0);
    assert_int_equal(quicklist_count(list), COUNT);
    value_release(list);
    value_release(empty);
}

static void a_few_samples_tell_how_much_memory_it_takes(void **state)
{
    (void)state;
    struct value *list = quicklist_new_chain();
    for (int i = 0; i < COUNT; i++) { /* all of one size, so that nodes fold alike */
        char text[32];
        quicklist_push(list, QUICKLIST_TAIL, element(text, 1000000 + i), FILL);
    }
    double whole = (double)quicklist_memory(list, 0);
    double estimate = (double)quicklist_memory(list, 5);
    assert_true(estimate > 0.8 * whole && estimate < 1.2 * whole);
    value_release(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_but_the_ends_of_a_long_chain_is_folded),
        cmocka_unit_test(a_short_chain_stays_plain),
        cmocka_unit_test(walking_over_a_list_leaves_it_folded),
        cmocka_unit_test(what_was_looked_at_last_stays_open),
        cmocka_unit_test(a_node_changed_in_the_middle_is_folded_when_it_is_left),
        cmocka_unit_test(removing_some_of_each_node_leaves_them_folded),
        cmocka_unit_test(insertions_in_the_middle_leave_nearly_all_folded),
        cmocka_unit_test(a_backlog_that_is_worked_off_unfolds_node_by_node),
        cmocka_unit_test(a_folded_node_that_came_to_an_end_stays_plain_once_it_was_read),
        cmocka_unit_test(a_clone_is_as_folded),
        cmocka_unit_test(compressed_packs_are_taken_as_they_are),
        cmocka_unit_test(packs_at_the_head_or_hardly_compressed_are_not_taken_folded),
        cmocka_unit_test(a_few_samples_tell_how_much_memory_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
