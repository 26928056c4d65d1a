/* SPDX-License-Identifier: MIT */
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct item {
    char name;
    struct list_node node;
};

/* The names in order, forwards and backwards alike, and the count. */
static void assert_items(const struct list *list, const char *names)
{
    size_t count = 0;
    for (struct list_node *node = list_first(list); node; node = list_next(node))
        assert_int_equal(LIST_ENTRY(node, struct item, node)->name, names[count++]);
    assert_int_equal(count, strlen(names));
    assert_int_equal(list_count(list), count);
    assert_int_equal(list_is_empty(list), count == 0);
    for (struct list_node *node = list_last(list); node; node = list_previous(node))
        assert_int_equal(LIST_ENTRY(node, struct item, node)->name, names[--count]);
    assert_int_equal(count, 0);
}

static void items_stand_where_they_were_put(void **state)
{
    (void)state;
    struct item a = {.name = 'a'}, b = {.name = 'b'}, c = {.name = 'c'}, d = {.name = 'd'};
    struct list list;
    list_init(&list);
    assert_items(&list, "");
    list_append(&list, &b.node);
    assert_items(&list, "b");
    list_append(&list, &d.node);
    list_prepend(&list, &a.node);
    assert_items(&list, "abd");
    list_insert_after(&list, &b.node, &c.node);
    assert_items(&list, "abcd");
}

static void marked_item_is_in_the_list_once(void **state)
{
    (void)state;
    struct item a = {.name = 'a'}, b = {.name = 'b'};
    struct list list = {0};
    list_mark(&list, &a.node);
    list_mark(&list, &b.node);
    list_mark(&list, &a.node);
    assert_items(&list, "ab");
    list_unmark(&list, &a.node);
    list_unmark(&list, &a.node);
    assert_items(&list, "b");
}

static void any_item_can_be_removed(void **state)
{
    (void)state;
    struct item a = {.name = 'a'}, b = {.name = 'b'}, c = {.name = 'c'};
    struct list list = {0};
    list_append(&list, &a.node);
    list_append(&list, &b.node);
    list_append(&list, &c.node);
    list_remove(&list, &b.node);
    assert_items(&list, "ac");
    list_remove(&list, &c.node);
    assert_items(&list, "a");
    list_remove(&list, &a.node);
    assert_items(&list, "");
    list_append(&list, &b.node);
    assert_items(&list, "b");
}

static void a_node_knows_whether_it_is_in_the_list(void **state)
{
    (void)state;
    struct item a = {.name = 'a'}, b = {.name = 'b'};
    struct list list = {0};
    assert_false(list_contains(&list, &a.node));
    list_append(&list, &a.node);
    assert_true(list_contains(&list, &a.node));
    assert_false(list_contains(&list, &b.node));
    list_append(&list, &b.node);
    assert_true(list_contains(&list, &b.node));
    list_remove(&list, &a.node);
    assert_false(list_contains(&list, &a.node));
    assert_true(list_contains(&list, &b.node));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_stand_where_they_were_put),
        cmocka_unit_test(marked_item_is_in_the_list_once),
        cmocka_unit_test(any_item_can_be_removed),
        cmocka_unit_test(a_node_knows_whether_it_is_in_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
