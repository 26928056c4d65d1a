/* SPDX-License-Identifier: MIT */
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What the published xoshiro256** gives from the state {1, 2, 3, 4}. */
static void sequence_is_that_of_xoshiro(void **state)
{
    (void)state;
    static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
    struct random random = {.state = {1, 2, 3, 4}};
    for (int i = 0; i < 4; i++)
        assert_int_equal(random_next(&random), expected[i]);
}

/* What the published splitmix64 gives from 0. */
static void seed_is_spread_by_splitmix(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 0);
    assert_int_equal(random.state[0], 0xe220a8397b1dcdaf);
    assert_int_equal(random.state[1], 0x6e789e6aa1b965f4);
    assert_int_equal(random.state[2], 0x06c45d188009454f);
    assert_int_equal(random.state[3], 0xf88bb8a8724c81ec);
}

static void equal_seeds_give_equal_sequences(void **state)
{
    (void)state;
    struct random a;
    struct random b;
    struct random c;
    random_seed(&a, 5);
    random_seed(&b, 5);
    random_seed(&c, 6);
    int same = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t next = random_next(&a);
        assert_int_equal(next, random_next(&b));
        same += next == random_next(&c);
    }
    assert_int_equal(same, 0);
}

static void below_is_fair_and_within_the_limit(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 1);
    for (uint64_t limit = 1; limit <= 20; limit++) {
        uint64_t counts[20] = {0};
        for (uint64_t i = 0; i < limit * 1000; i++) {
            uint64_t drawn = random_below(&random, limit);
            assert_true(drawn < limit);
            counts[drawn]++;
        }
        for (uint64_t i = 0; i < limit; i++)
            assert_in_range(counts[i], 840, 1160);
    }
}

/* With 3/4 of all numbers as the limit, a mere modulo would draw the first third twice as often. */
static void below_is_fair_for_huge_limits(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 2);
    const uint64_t third = (uint64_t)1 << 62;
    uint64_t counts[3] = {0};
    for (int i = 0; i < 30000; i++)
        counts[random_below(&random, third * 3) / third]++;
    for (int i = 0; i < 3; i++)
        assert_in_range(counts[i], 9600, 10400);
    for (int i = 0; i < 100; i++)
        assert_true(random_below(&random, UINT64_MAX) < UINT64_MAX);
}

static void unit_is_at_least_0_and_below_1(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 3);
    double sum = 0;
    for (int i = 0; i < 10000; i++) {
        double unit = random_unit(&random);
        assert_true(unit >= 0 && unit < 1);
        sum += unit;
    }
    assert_true(sum > 4850 && sum < 5150);
}

static void hex_fills_what_is_asked_and_no_more(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 4);
    char out[48];
    memset(out, '#', sizeof out);
    random_hex(&random, out, 40);
    for (int i = 0; i < 40; i++)
        assert_non_null(memchr("0123456789abcdef", out[i], 16));
    assert_memory_equal(out + 40, "########", 8);
    assert_memory_not_equal(out, out + 16, 16);
}

static void system_seeds_differ(void **state)
{
    (void)state;
    assert_int_not_equal(random_system_seed(), random_system_seed());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequence_is_that_of_xoshiro),
        cmocka_unit_test(seed_is_spread_by_splitmix),
        cmocka_unit_test(equal_seeds_give_equal_sequences),
        cmocka_unit_test(below_is_fair_and_within_the_limit),
        cmocka_unit_test(below_is_fair_for_huge_limits),
        cmocka_unit_test(unit_is_at_least_0_and_below_1),
        cmocka_unit_test(hex_fills_what_is_asked_and_no_more),
        cmocka_unit_test(system_seeds_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
