/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "values/intset.h"

#define UNIVERSE 400

/* Number `i` of an ascending universe that needs all three widths. */
static int64_t number(size_t i, size_t universe)
{
    int64_t centred = (int64_t)i - (int64_t)universe / 2;
    if (centred < -(int64_t)universe / 4)
        return INT64_MIN + (int64_t)i;
    if (centred > (int64_t)universe / 4)
        return INT64_MAX - (int64_t)(universe - i);
    return centred * 3000;
}

static void assert_holds(const unsigned char *set, const bool *present, size_t universe)
{
    size_t index = 0;
    for (size_t i = 0; i < universe; i++) {
        assert_int_equal(intset_contains(set, number(i, universe)), present[i]);
        if (!present[i])
            continue;
        assert_true(intset_get(set, index) == number(i, universe));
        index++;
    }
    assert_int_equal(intset_count(set), index);
    if (index)
        assert_true(intset_is_valid(intset_bytes(set)));
}

static void random_operations_agree_with_a_model(void **state)
{
    bool present[UNIVERSE] = {false};
    struct random random;
    (void)state;
    random_seed(&random, 11);
    unsigned char *set = intset_new();
    for (int round = 0; round < 6000; round++) {
        /* The middle first, so that the width grows on the way. */
        size_t spread = round < 2000 ? UNIVERSE / 8 : UNIVERSE;
        size_t i = UNIVERSE / 2 - spread / 2 + random_below(&random, spread);
        if (random_below(&random, 3))
            assert_int_equal(intset_add(&set, number(i, UNIVERSE)), !present[i]);
        else
            assert_int_equal(intset_remove(&set, number(i, UNIVERSE)), present[i]);
        present[i] = intset_contains(set, number(i, UNIVERSE));
        if (round % 500 == 0)
            assert_holds(set, present, UNIVERSE);
    }
    assert_holds(set, present, UNIVERSE);
    unsigned char *clone = intset_clone(set);
    assert_true(bytes_equal(intset_bytes(set), intset_bytes(clone)));
    assert_true(intset_add(&clone, 1));
    assert_false(intset_contains(set, 1));
    intset_free(clone);
    intset_free(set);
}

static void width_follows_the_widest_member_at_its_limits(void **state)
{
    static const struct {
        int64_t member;
        size_t width;
    } rows[] = {
        {INT16_MAX, 2}, {INT16_MIN, 2}, {(int64_t)INT16_MAX + 1, 4}, {(int64_t)INT16_MIN - 1, 4},
        {INT32_MAX, 4}, {INT32_MIN, 4}, {(int64_t)INT32_MAX + 1, 8}, {(int64_t)INT32_MIN - 1, 8},
        {INT64_MAX, 8}, {INT64_MIN, 8}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char *set = intset_new();
        assert_true(intset_add(&set, 5));
        assert_false(intset_contains(set, rows[i].member));
        assert_false(intset_remove(&set, rows[i].member));
        assert_true(intset_add(&set, rows[i].member));
        assert_int_equal(intset_size(set), INTSET_HEADER_SIZE + 2 * rows[i].width);
        assert_true(intset_contains(set, 5));
        assert_true(intset_contains(set, rows[i].member));
        intset_free(set);
    }
}

static void bytes_are_redis_layout_and_come_back(void **state)
{
    static const char layout[] = "\2\0\0\0\2\0\0\0\xff\xff\1\0";
    (void)state;
    unsigned char *set = intset_new();
    intset_add(&set, 1);
    intset_add(&set, -1);
    struct bytes bytes = intset_bytes(set);
    assert_int_equal(bytes.size, sizeof layout - 1);
    assert_memory_equal(bytes.data, layout, bytes.size);
    unsigned char *copy = intset_from_bytes(bytes);
    assert_true(intset_contains(copy, -1));
    intset_free(copy);
    intset_free(set);
}

static void broken_bytes_are_refused(void **state)
{
    (void)state;
    assert_true(intset_is_valid(BYTES_LITERAL("\2\0\0\0\2\0\0\0\xff\xff\1\0")));
    assert_false(intset_is_valid(BYTES_LITERAL("")));
    assert_false(intset_is_valid(BYTES_LITERAL("\2\0\0\0\2\0\0")));               /* cut */
    assert_false(intset_is_valid(BYTES_LITERAL("\2\0\0\0\0\0\0\0")));             /* empty */
    assert_false(intset_is_valid(BYTES_LITERAL("\3\0\0\0\1\0\0\0\1\0\0")));       /* width */
    assert_false(intset_is_valid(BYTES_LITERAL("\2\0\0\0\2\0\0\0\1\0")));         /* too short */
    assert_false(intset_is_valid(BYTES_LITERAL("\2\0\0\0\1\0\0\0\1\0\2\0")));     /* too long */
    assert_false(intset_is_valid(BYTES_LITERAL("\2\0\0\0\2\0\0\0\1\0\1\0")));     /* twice */
    assert_false(intset_is_valid(BYTES_LITERAL("\2\0\0\0\2\0\0\0\1\0\xff\xff"))); /* descending */
    assert_false(intset_is_valid(BYTES_LITERAL("\x08\0\0\0\xff\xff\xff\xff\1\0\0\0\0\0\0\0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_agree_with_a_model),
        cmocka_unit_test(width_follows_the_widest_member_at_its_limits),
        cmocka_unit_test(bytes_are_redis_layout_and_come_back),
        cmocka_unit_test(broken_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
