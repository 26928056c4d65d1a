/* SPDX-License-Identifier: MIT */
#include "values/quicklist_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"

static struct bytes element(char *out, size_t size, int number)
{
    return bytes_of(out, (size_t)snprintf(out, size, "element:%d", number));
}

static struct quicklist_node *node_of(int count)
{
    unsigned char *pack = listpack_new();
    char text[32];
    for (int i = 0; i < count; i++)
        listpack_append(&pack, element(text, sizeof text, i));
    return quicklist_node_of_pack(pack);
}

static void assert_holds(const struct quicklist_node *node, int count)
{
    char text[32], digits[NUMBER_INTEGER_SIZE];
    const unsigned char *entry = listpack_first(node->data);
    for (int i = 0; i < count; i++, entry = listpack_next(entry))
        assert_true(bytes_equal(listpack_get(entry, digits), element(text, sizeof text, i)));
    assert_null(entry);
    assert_true(listpack_is_valid(bytes_of((const char *)node->data, listpack_size(node->data)),
                                  NULL, NULL));
}

static void a_folded_node_takes_less_and_opens_to_the_same(void **state)
{
    (void)state;
    struct quicklist_node *node = node_of(400);
    size_t size = quicklist_node_size(node), memory = quicklist_node_memory(node);
    quicklist_node_fold(node);
    assert_null(node->data);
    assert_true(quicklist_node_memory(node) < memory / 2);
    assert_int_equal(quicklist_node_size(node), size);
    assert_int_equal(node->count, 400);
    quicklist_node_open(node);
    assert_holds(node, 400);
    assert_non_null(node->folded);
    const unsigned char *folded = node->folded;
    quicklist_node_fold(node);
    assert_null(node->data);
    assert_ptr_equal(node->folded, folded);
    quicklist_node_free(node);
}

static void a_changed_node_is_plain_and_folds_anew(void **state)
{
    (void)state;
    struct quicklist_node *node = node_of(400);
    quicklist_node_fold(node);
    listpack_append(quicklist_node_change(node), BYTES_LITERAL("element:400"));
    node->count++;
    assert_null(node->folded);
    assert_int_equal(quicklist_node_size(node), listpack_size(node->data));
    quicklist_node_fold(node);
    assert_null(node->data);
    quicklist_node_open(node);
    assert_holds(node, 401);
    quicklist_node_free(node);
}

static void what_saves_too_little_stays_until_it_changes(void **state)
{
    (void)state;
    struct random random;
    char noise[4000];
    random_seed(&random, 1);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)random_below(&random, 256);
    unsigned char *pack = listpack_new();
    listpack_append(&pack, bytes_of(noise, sizeof noise));
    struct quicklist_node *node = quicklist_node_of_pack(pack);
    quicklist_node_fold(node);
    assert_non_null(node->data);
    assert_true(node->resists);
    listpack_replace(quicklist_node_change(node), listpack_first(node->data),
                     bytes_of(memset(noise, 'x', sizeof noise), sizeof noise));
    quicklist_node_fold(node);
    assert_null(node->data);
    quicklist_node_free(node);
}

static void a_large_element_folds_up_to_a_limit(void **state)
{
    (void)state;
    static char text[70000];
    memset(text, 'x', sizeof text);
    struct quicklist_node *node = quicklist_node_of_text(bytes_of(text, 60000));
    quicklist_node_fold(node);
    assert_null(node->data);
    assert_int_equal(quicklist_node_size(node), 60000);
    quicklist_node_open(node);
    assert_true(bytes_equal(quicklist_node_bytes(node), bytes_of(text, 60000)));
    quicklist_node_free(node);
    node = quicklist_node_of_text(bytes_of(text, sizeof text));
    quicklist_node_fold(node);
    assert_non_null(node->data);
    quicklist_node_free(node);
}

static void a_clone_is_folded_where_its_model_is_folded_or_open(void **state)
{
    (void)state;
    struct quicklist_node *node = node_of(400);
    for (int step = 0; step < 3; step++) {
        struct quicklist_node *clone = quicklist_node_clone(node);
        assert_int_equal(clone->folded != NULL, step > 0);
        assert_int_equal(clone->data != NULL, step == 0);
        quicklist_node_open(clone);
        assert_holds(clone, 400);
        quicklist_node_free(clone);
        if (step == 0)
            quicklist_node_fold(node);
        else
            quicklist_node_open(node);
    }
    quicklist_node_free(node);
}

static void a_folded_node_can_be_split(void **state)
{
    (void)state;
    struct quicklist_node *node = node_of(400);
    quicklist_node_fold(node);
    struct quicklist_node *rest = quicklist_node_split(node, 100);
    assert_int_equal(node->count, 100);
    assert_int_equal(rest->count, 300);
    assert_null(node->folded);
    assert_holds(node, 100);
    quicklist_node_free(node);
    quicklist_node_free(rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folded_node_takes_less_and_opens_to_the_same),
        cmocka_unit_test(a_changed_node_is_plain_and_folds_anew),
        cmocka_unit_test(what_saves_too_little_stays_until_it_changes),
        cmocka_unit_test(a_large_element_folds_up_to_a_limit),
        cmocka_unit_test(a_clone_is_folded_where_its_model_is_folded_or_open),
        cmocka_unit_test(a_folded_node_can_be_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
