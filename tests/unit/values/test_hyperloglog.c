/* SPDX-License-Identifier: MIT */
#include "values/hyperloglog.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "values/string.h"

#define LIMIT 3000

static struct bytes text_of(const struct value *string)
{
    char digits[NUMBER_INTEGER_SIZE];
    return string_bytes(string, digits);
}

static enum hyperloglog_outcome add(struct value **string, uint64_t element)
{
    return hyperloglog_add(string, bytes_of((const char *)&element, sizeof element), LIMIT);
}

static uint64_t count_of(const struct value *string)
{
    uint64_t count = 0;
    assert_true(hyperloglog_count(text_of(string), &count));
    return count;
}

static void assert_runs(const struct value *string, const char *expected)
{
    struct buffer description = {0};
    hyperloglog_describe(text_of(string), &description);
    buffer_append_byte(&description, '\0');
    assert_string_equal(description.data, expected);
    buffer_clear(&description);
}

static void an_empty_one_is_one_run_of_zeros(void **state)
{
    (void)state;
    struct value *string = hyperloglog_new();
    assert_int_equal(text_of(string).size, 18);
    assert_memory_equal(text_of(string).data, "HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff", 18);
    assert_true(hyperloglog_is_valid(text_of(string)));
    assert_runs(string, "Z:16384");
    assert_int_equal(count_of(string), 0);
    value_release(string);
}

static void elements_set_the_registers_that_redis_sets(void **state)
{
    (void)state;
    struct value *string = hyperloglog_new();
    assert_int_equal(hyperloglog_add(&string, bytes_of("a", 1), LIMIT), HYPERLOGLOG_CHANGED);
    assert_int_equal(hyperloglog_add(&string, bytes_of("b", 1), LIMIT), HYPERLOGLOG_CHANGED);
    assert_int_equal(hyperloglog_add(&string, bytes_of("c", 1), LIMIT), HYPERLOGLOG_CHANGED);
    assert_runs(string, "Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603");
    assert_int_equal(hyperloglog_add(&string, bytes_of("b", 1), LIMIT), HYPERLOGLOG_SAME);
    assert_int_equal(count_of(string), 3);
    value_release(string);
}

static void a_run_falls_into_pieces_and_joins_again(void **state)
{
    (void)state;
    struct value *string = hyperloglog_new();
    hyperloglog_raise(&string, 100, 3, LIMIT);
    assert_runs(string, "Z:100 v:3,1 Z:16283");
    hyperloglog_raise(&string, 101, 3, LIMIT);
    hyperloglog_raise(&string, 99, 3, LIMIT);
    hyperloglog_raise(&string, 102, 3, LIMIT);
    assert_runs(string, "Z:99 v:3,4 Z:16281");
    hyperloglog_raise(&string, 100, 5, LIMIT);
    assert_runs(string, "Z:99 v:3,1 v:5,1 v:3,2 Z:16281");
    hyperloglog_raise(&string, 0, 1, LIMIT);
    hyperloglog_raise(&string, 16383, 32, LIMIT);
    assert_runs(string, "v:1,1 Z:98 v:3,1 v:5,1 v:3,2 Z:16280 v:32,1");
    hyperloglog_raise(&string, 50, 1, LIMIT);
    assert_runs(string, "v:1,1 z:49 v:1,1 z:48 v:3,1 v:5,1 v:3,2 Z:16280 v:32,1");
    assert_false(hyperloglog_is_dense(text_of(string)));
    hyperloglog_raise(&string, 7, 33, LIMIT);
    assert_true(hyperloglog_is_dense(text_of(string)));
    value_release(string);
}

static void it_is_dense_only_beyond_the_limit(void **state)
{
    (void)state;
    struct value *string = hyperloglog_new();
    size_t size = 0;
    for (uint64_t i = 0; !hyperloglog_is_dense(text_of(string)); i++) {
        size = text_of(string).size;
        assert_true(size <= LIMIT);
        add(&string, i);
    }
    assert_true(size > LIMIT - 3);
    assert_int_equal(text_of(string).size, 16 + 16384 * 6 / 8);
    value_release(string);

    string = hyperloglog_new();
    assert_int_equal(hyperloglog_add(&string, bytes_of("a", 1), 0), HYPERLOGLOG_CHANGED);
    assert_true(hyperloglog_is_dense(text_of(string)));
    value_release(string);
}

static void sparse_and_dense_hold_the_same_registers(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 1);
    struct value *sparse = hyperloglog_new();
    struct value *dense = hyperloglog_new();
    struct hyperloglog_registers *plain = memory_zeroed(sizeof *plain);
    struct hyperloglog_registers *merged = memory_zeroed(sizeof *merged);
    assert_true(hyperloglog_make_dense(&dense));
    for (int round = 0; round < 1200; round++) {
        unsigned index = (unsigned)random_below(&random, round % 2 ? 16384 : 300);
        unsigned level = 1 + (unsigned)random_below(&random, 4);
        bool rises = plain->levels[index] < level;
        if (rises)
            plain->levels[index] = (uint8_t)level;
        assert_int_equal(hyperloglog_raise(&sparse, index, level, 1U << 20), rises);
        assert_int_equal(hyperloglog_raise(&dense, index, level, 1U << 20), rises);
    }
    assert_false(hyperloglog_is_dense(text_of(sparse)));
    assert_true(hyperloglog_merge(merged, text_of(sparse)));
    assert_memory_equal(merged, plain, sizeof *plain);
    memset(merged, 0, sizeof *merged);
    assert_true(hyperloglog_merge(merged, text_of(dense)));
    assert_memory_equal(merged, plain, sizeof *plain);
    assert_true(count_of(sparse) == count_of(dense));
    assert_true(count_of(sparse) == hyperloglog_registers_count(plain));
    assert_true(hyperloglog_make_dense(&sparse));
    assert_memory_equal(text_of(sparse).data, text_of(dense).data, text_of(dense).size);
    value_release(sparse);
    value_release(dense);
    memory_free(plain);
    memory_free(merged);
}

static void the_estimate_is_near_the_truth(void **state)
{
    (void)state;
    struct value *string = hyperloglog_new();
    uint64_t next = 10;
    for (uint64_t i = 1; i <= 200000; i++) {
        add(&string, i);
        if (i != next)
            continue;
        next = next * 5 / 2;
        assert_true(fabs((double)count_of(string) - (double)i) <= 0.03 * (double)i);
    }
    value_release(string);
}

static void a_union_counts_each_element_once(void **state)
{
    (void)state;
    struct value *evens = hyperloglog_new();
    struct value *threes = hyperloglog_new();
    struct value *both = hyperloglog_new();
    struct hyperloglog_registers *registers = memory_zeroed(sizeof *registers);
    for (uint64_t i = 0; i < 6000; i++) {
        if (i % 2 == 0)
            add(&evens, i);
        if (i % 3 == 0)
            add(&threes, i);
        if (i % 2 == 0 || i % 3 == 0)
            add(&both, i);
    }
    assert_true(hyperloglog_merge(registers, text_of(evens)));
    assert_true(hyperloglog_merge(registers, text_of(threes)));
    assert_true(hyperloglog_registers_count(registers) == count_of(both));
    value_release(evens);
    value_release(threes);
    value_release(both);
    memory_free(registers);
}

static void the_header_remembers_a_count(void **state)
{
    uint64_t count;
    (void)state;
    struct value *string = hyperloglog_new();
    assert_true(hyperloglog_remembered_count(text_of(string), &count));
    assert_int_equal(count, 0);
    hyperloglog_remember_count(string, 0x0123456789abcdef);
    assert_true(hyperloglog_remembered_count(text_of(string), &count));
    assert_true(count == 0x0123456789abcdef);
    hyperloglog_forget_count(string);
    assert_false(hyperloglog_remembered_count(text_of(string), &count));
    value_release(string);
}

static void other_strings_are_none(void **state)
{
    (void)state;
    assert_false(hyperloglog_is_valid(bytes_of("", 0)));
    assert_false(hyperloglog_is_valid(bytes_of("HYLL\x01\0\0\0\0\0\0\0\0\0\0", 15)));
    assert_true(hyperloglog_is_valid(bytes_of("HYLL\x01\0\0\0\0\0\0\0\0\0\0\0", 16)));
    assert_false(hyperloglog_is_valid(bytes_of("HYLM\x01\0\0\0\0\0\0\0\0\0\0\0", 16)));
    assert_false(hyperloglog_is_valid(bytes_of("HYLL\x02\0\0\0\0\0\0\0\0\0\0\0", 16)));
    assert_false(hyperloglog_is_valid(bytes_of("HYLL\0\0\0\0\0\0\0\0\0\0\0\0", 16)));
}

static struct value *sparse_of(const char *runs, size_t size)
{
    struct value *string = string_new_raw(16 + size);
    memcpy(string_data(string), "HYLL\x01\0\0\0\0\0\0\0\0\0\0\0", 16);
    if (size)
        memcpy(string_data(string) + 16, runs, size);
    return string;
}

static void runs_of_too_few_or_too_many_registers_are_corrupt(void **state)
{
    static const struct {
        const char *runs;
        size_t size;
    } cases[] = {{"", 0},
                 {"\x7f", 1},
                 {"\x7f\xfe", 2},
                 {"\x7f\xff\x80", 3},
                 {"\x7f\xff\x00", 3},
                 {"\x7f\xff\x7f\xff", 4}};
    struct hyperloglog_registers *registers = memory_zeroed(sizeof *registers);
    uint64_t count;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value *string = sparse_of(cases[i].runs, cases[i].size);
        assert_true(hyperloglog_is_valid(text_of(string)));
        assert_false(hyperloglog_count(text_of(string), &count));
        assert_false(hyperloglog_merge(registers, text_of(string)));
        assert_false(hyperloglog_make_dense(&string));
        value_release(string);
    }
    memory_free(registers);

    struct value *string = sparse_of("\x40\x0f", 2);
    assert_int_equal(hyperloglog_raise(&string, 15, 1, LIMIT), HYPERLOGLOG_CHANGED);
    assert_int_equal(hyperloglog_raise(&string, 16, 1, LIMIT), HYPERLOGLOG_CORRUPT);
    assert_int_equal(hyperloglog_raise(&string, 1, 33, LIMIT), HYPERLOGLOG_CORRUPT);
    value_release(string);
}

static void bytes_of_chance_do_no_harm(void **state)
{
    struct random random;
    struct hyperloglog_registers *registers = memory_zeroed(sizeof *registers);
    (void)state;
    random_seed(&random, 9);
    for (int round = 0; round < 3000; round++) {
        char runs[400];
        size_t size = random_below(&random, sizeof runs);
        for (size_t i = 0; i < size; i++)
            runs[i] = (char)random_next(&random);
        struct value *string = sparse_of(runs, size);
        for (int i = 0; i < 20; i++)
            add(&string, random_next(&random));
        uint64_t count;
        struct buffer description = {0};
        hyperloglog_count(text_of(string), &count);
        hyperloglog_merge(registers, text_of(string));
        hyperloglog_describe(text_of(string), &description);
        hyperloglog_make_dense(&string);
        buffer_clear(&description);
        value_release(string);
    }
    memory_free(registers);
}

static void the_self_test_passes(void **state)
{
    (void)state;
    assert_null(hyperloglog_self_test());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_one_is_one_run_of_zeros),
        cmocka_unit_test(elements_set_the_registers_that_redis_sets),
        cmocka_unit_test(a_run_falls_into_pieces_and_joins_again),
        cmocka_unit_test(it_is_dense_only_beyond_the_limit),
        cmocka_unit_test(sparse_and_dense_hold_the_same_registers),
        cmocka_unit_test(the_estimate_is_near_the_truth),
        cmocka_unit_test(a_union_counts_each_element_once),
        cmocka_unit_test(the_header_remembers_a_count),
        cmocka_unit_test(other_strings_are_none),
        cmocka_unit_test(runs_of_too_few_or_too_many_registers_are_corrupt),
        cmocka_unit_test(bytes_of_chance_do_no_harm),
        cmocka_unit_test(the_self_test_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
