/* SPDX-License-Identifier: MIT */
#include "values/quicklist_node.h"

#include <inttypes.h>
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

/* `format` makes an element of a number. */
static struct quicklist_node *node_of_numbers(const char *format, const int64_t *numbers, int count)
{
    unsigned char *pack = listpack_new();
    char text[64];
    for (int i = 0; i < count; i++) {
        int size = snprintf(text, sizeof text, format, numbers[i]);
        listpack_append(&pack, bytes_of(text, (size_t)size));
    }
    return quicklist_node_of_pack(pack);
}

/* Folds, opens and compares all bytes; returns what the folded ones take. */
static size_t check_folding(struct quicklist_node *node)
{
    struct bytes bytes = quicklist_node_bytes(node);
    char *before = memory_copy(bytes.data, bytes.size);
    quicklist_node_fold(node);
    size_t folded_size = node->folded ? node->folded_size : bytes.size;
    quicklist_node_open(node);
    struct bytes after = quicklist_node_bytes(node);
    assert_int_equal(after.size, bytes.size);
    assert_memory_equal(after.data, before, after.size);
    memory_free(before);
    return folded_size;
}

static void entries_of_one_size_fold_by_columns(void **state)
{
    static const struct {
        const char *format;
        int64_t first;
        size_t most; /* bytes in a hundred that are left */
    } rows[] = {{"%" PRId64, 100000, 30},
                {"%" PRId64, 5000000000, 20},
                {"%" PRId64, -9999999, 30},
                {"job:%012" PRId64, 77777, 20},
                {"%" PRId64, 1000, 60}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t numbers[500];
        for (int j = 0; j < 500; j++)
            numbers[j] = rows[i].first + j;
        struct quicklist_node *node = node_of_numbers(rows[i].format, numbers, 500);
        size_t size = quicklist_node_size(node);
        assert_in_range(check_folding(node), 1, size * rows[i].most / 100);
        assert_int_not_equal(node->columns, 0);
        assert_int_equal(quicklist_node_folded_bytes(node).size, 0);
        struct quicklist_node *clone = quicklist_node_clone(node);
        quicklist_node_open(clone);
        assert_memory_equal(clone->data, node->data, size);
        quicklist_node_free(clone);
        quicklist_node_change(node);
        assert_int_equal(node->columns, 0);
        quicklist_node_free(node);
    }
}

static void entries_of_any_sizes_open_to_the_same(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 5);
    for (int round = 0; round < 300; round++) {
        int64_t numbers[300];
        int count = 1 + (int)random_below(&random, 300), bits = 1 + (int)random_below(&random, 60);
        for (int i = 0; i < count; i++)
            numbers[i] = (int64_t)random_below(&random, (uint64_t)1 << bits);
        struct quicklist_node *node = node_of_numbers("%" PRId64, numbers, count);
        check_folding(node);
        quicklist_node_free(node);
    }
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
        cmocka_unit_test(entries_of_one_size_fold_by_columns),
        cmocka_unit_test(entries_of_any_sizes_open_to_the_same),
        cmocka_unit_test(a_changed_node_is_plain_and_folds_anew),
        cmocka_unit_test(what_saves_too_little_stays_until_it_changes),
        cmocka_unit_test(a_large_element_folds_up_to_a_limit),
        cmocka_unit_test(a_clone_is_folded_where_its_model_is_folded_or_open),
        cmocka_unit_test(a_folded_node_can_be_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
