/* SPDX-License-Identifier: MIT */
#include "base/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void empty_one_answers_zero(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    assert_int_equal(histogram_percentile(&histogram, 50), 0);
    assert_int_equal(histogram_percentile(&histogram, 100), 0);
}

static void one_value_is_every_percentile(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    histogram_add(&histogram, 1000003);
    assert_int_equal(histogram_percentile(&histogram, 0), 1000003);
    assert_int_equal(histogram_percentile(&histogram, 50), 1000003);
    assert_int_equal(histogram_percentile(&histogram, 100), 1000003);
}

static void percentiles_of_small_values_are_exact(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    for (uint64_t value = 1; value <= 10; value++)
        histogram_add(&histogram, value);
    assert_int_equal(histogram_percentile(&histogram, 10), 1);
    assert_int_equal(histogram_percentile(&histogram, 50), 5);
    assert_int_equal(histogram_percentile(&histogram, 90), 9);
    assert_int_equal(histogram_percentile(&histogram, 91), 10);
}

static void percentiles_are_at_most_an_eighth_too_high(void **state)
{
    (void)state;
    for (uint64_t value = 1; value < (uint64_t)1 << 39; value = value * 9 / 8 + 1) {
        struct histogram histogram = {0};
        histogram_add(&histogram, value);
        histogram_add(&histogram, UINT64_MAX);
        uint64_t half = histogram_percentile(&histogram, 50);
        assert_true(half >= value && half <= value + value / 8);
    }
}

static void values_are_counted_below_powers_of_two(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    histogram_add(&histogram, 1023);
    histogram_add_several(&histogram, 1024, 8);
    histogram_add(&histogram, 2048);
    assert_int_equal(histogram_count_below(&histogram, 512), 0);
    assert_int_equal(histogram_count_below(&histogram, 1024), 1);
    assert_int_equal(histogram_count_below(&histogram, 2048), 9);
    assert_int_equal(histogram_count_below(&histogram, 4096), 10);
    assert_int_equal(histogram.total, 1023 + 8 * 1024 + 2048);
}

static void highest_values_share_the_last_step(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    histogram_add(&histogram, (uint64_t)1 << 50);
    histogram_add(&histogram, UINT64_MAX);
    assert_int_equal(histogram.steps[HISTOGRAM_STEPS - 1], 2);
    assert_true(histogram_percentile(&histogram, 99) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_one_answers_zero),
        cmocka_unit_test(one_value_is_every_percentile),
        cmocka_unit_test(percentiles_of_small_values_are_exact),
        cmocka_unit_test(percentiles_are_at_most_an_eighth_too_high),
        cmocka_unit_test(values_are_counted_below_powers_of_two),
        cmocka_unit_test(highest_values_share_the_last_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
