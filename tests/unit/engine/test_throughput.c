/* SPDX-License-Identifier: MIT */
#include "engine/throughput.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

static void note(struct throughput *throughput, uint64_t commands, int64_t now_us)
{
    const uint64_t totals[THROUGHPUT_KINDS] = {commands};
    throughput_note(throughput, totals, now_us);
}

static void nothing_is_known_at_first(void **state)
{
    struct throughput throughput = {0};
    (void)state;
    note(&throughput, 1000, SECOND);
    assert_true(throughput_rate(&throughput, THROUGHPUT_COMMANDS) == 0);
}

static void rate_is_what_was_done_in_the_time(void **state)
{
    struct throughput throughput = {0};
    (void)state;
    note(&throughput, 1000, SECOND);
    note(&throughput, 1500, 2 * SECOND);
    assert_true(throughput_rate(&throughput, THROUGHPUT_COMMANDS) == 500);
    assert_true(throughput_rate(&throughput, THROUGHPUT_INPUT) == 0);
}

static void rate_is_the_mean_of_what_was_lately(void **state)
{
    struct throughput throughput = {0};
    (void)state;
    note(&throughput, 0, SECOND);
    for (int64_t i = 1; i <= 100; i++)
        note(&throughput, (uint64_t)(i * 10), SECOND + i * THROUGHPUT_STEP_US);
    assert_true(throughput_rate(&throughput, THROUGHPUT_COMMANDS) == 100);
    note(&throughput, 1000, 20 * SECOND);
    assert_true(throughput_rate(&throughput, THROUGHPUT_COMMANDS) == 0);
}

static void moved_back_the_clock_counts_anew(void **state)
{
    struct throughput throughput = {0};
    (void)state;
    note(&throughput, 0, 10 * SECOND);
    note(&throughput, 100, 11 * SECOND);
    note(&throughput, 100000, 5 * SECOND);
    assert_true(throughput_rate(&throughput, THROUGHPUT_COMMANDS) == 100);
    note(&throughput, 50, 15 * SECOND); /* and so does a total */
    assert_true(throughput_rate(&throughput, THROUGHPUT_COMMANDS) == 0);
}

static void it_is_due_after_a_step_either_way(void **state)
{
    struct throughput throughput = {0};
    (void)state;
    assert_true(throughput_is_due(&throughput, SECOND));
    note(&throughput, 0, SECOND);
    assert_false(throughput_is_due(&throughput, SECOND + THROUGHPUT_STEP_US - 1));
    assert_true(throughput_is_due(&throughput, SECOND + THROUGHPUT_STEP_US));
    assert_true(throughput_is_due(&throughput, SECOND - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known_at_first),
        cmocka_unit_test(rate_is_what_was_done_in_the_time),
        cmocka_unit_test(rate_is_the_mean_of_what_was_lately),
        cmocka_unit_test(moved_back_the_clock_counts_anew),
        cmocka_unit_test(it_is_due_after_a_step_either_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
