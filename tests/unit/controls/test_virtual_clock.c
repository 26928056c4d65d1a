/* SPDX-License-Identifier: MIT */
#include "controls/virtual_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND_US INT64_C(1000000)

/* Whether `clock` runs at `offset_us` from the system's, give or take what the test itself takes.
 */
static bool runs_at_offset(const struct virtual_clock *clock, int64_t offset_us)
{
    int64_t before = clock_system_us();
    int64_t now = clock_now_us(&clock->clock);
    int64_t after = clock_system_us();
    return before + offset_us <= now && now <= after + offset_us;
}

static void new_clock_is_real(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    assert_true(runs_at_offset(&clock, 0));
}

static void frozen_clock_stands(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    virtual_clock_freeze(&clock);
    int64_t frozen = clock_now_us(&clock.clock);
    int64_t until = clock_monotonic_us() + 2000;
    while (clock_monotonic_us() < until)
        ;
    assert_true(clock_now_us(&clock.clock) == frozen);
}

static void freezing_twice_keeps_the_first_instant(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    virtual_clock_freeze(&clock);
    virtual_clock_set(&clock, 5 * SECOND_US);
    virtual_clock_freeze(&clock);
    assert_int_equal(clock_now_us(&clock.clock), 5 * SECOND_US);
}

static void frozen_clock_advances_exactly(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    virtual_clock_freeze(&clock);
    int64_t frozen = clock_now_us(&clock.clock);
    virtual_clock_advance(&clock, 1500);
    assert_int_equal(clock_now_us(&clock.clock) - frozen, 1500000);
    virtual_clock_advance(&clock, -2000);
    assert_int_equal(clock_now_us(&clock.clock) - frozen, -500000);
}

static void running_clock_runs_on_after_advance(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    virtual_clock_advance(&clock, 3600 * 1000);
    assert_true(runs_at_offset(&clock, 3600 * SECOND_US));
}

static void running_clock_runs_on_from_where_it_is_set(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    virtual_clock_set(&clock, SECOND_US);
    int64_t first = clock_now_us(&clock.clock);
    assert_true(first >= SECOND_US && first < 60 * SECOND_US);
    int64_t until = clock_monotonic_us() + 2000;
    while (clock_monotonic_us() < until)
        ;
    assert_true(clock_now_us(&clock.clock) >= first + 2000);
}

static void resume_brings_real_time_back(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    virtual_clock_freeze(&clock);
    virtual_clock_set(&clock, 42);
    virtual_clock_resume(&clock);
    assert_true(runs_at_offset(&clock, 0));
    virtual_clock_advance(&clock, 1000);
    virtual_clock_resume(&clock);
    assert_true(runs_at_offset(&clock, 0));
}

static void fast_clock_runs_at_its_rate(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    virtual_clock_set(&clock, 0);
    virtual_clock_set_rate(&clock, 1000);
    int64_t until = clock_monotonic_us() + 2000;
    while (clock_monotonic_us() < until)
        ;
    int64_t now = clock_now_us(&clock.clock);
    assert_true(now >= 1900 * 1000);
    virtual_clock_freeze(&clock);
    assert_true(clock_now_us(&clock.clock) >= now);
    virtual_clock_resume(&clock);
    assert_true(runs_at_offset(&clock, 0));
}

static void waits_are_in_real_time(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    int64_t now = clock_now_us(&clock.clock);
    assert_true(clock_wait_us(&clock.clock, now + 60 * SECOND_US) <= 60 * SECOND_US);
    assert_true(clock_wait_us(&clock.clock, now + 60 * SECOND_US) > 30 * SECOND_US);
    assert_true(clock_wait_us(&clock.clock, now - 1) == 0);
    virtual_clock_set_rate(&clock, 10);
    now = clock_now_us(&clock.clock);
    assert_true(clock_wait_us(&clock.clock, now + 60 * SECOND_US) <= 6 * SECOND_US);
    assert_true(clock_wait_us(&clock.clock, now + 60 * SECOND_US) > 3 * SECOND_US);
    virtual_clock_freeze(&clock);
    now = clock_now_us(&clock.clock);
    assert_true(clock_wait_us(&clock.clock, now + 1) == CLOCK_NEVER);
    assert_true(clock_wait_us(&clock.clock, now) == 0);
}

static void directive_tells_how_it_starts(void **state)
{
    (void)state;
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    assert_true(virtual_clock_start(&clock, BYTES_LITERAL("frozen")));
    assert_true(clock.is_frozen);
    assert_true(virtual_clock_start(&clock, BYTES_LITERAL("5000")));
    assert_int_equal(clock_now_us(&clock.clock), 5 * SECOND_US);
    assert_true(virtual_clock_start(&clock, BYTES_LITERAL("real")));
    assert_true(virtual_clock_is_real(&clock));
    assert_false(virtual_clock_start(&clock, BYTES_LITERAL("-1")));
    assert_false(virtual_clock_start(&clock, BYTES_LITERAL("soon")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_clock_is_real),
        cmocka_unit_test(frozen_clock_stands),
        cmocka_unit_test(freezing_twice_keeps_the_first_instant),
        cmocka_unit_test(frozen_clock_advances_exactly),
        cmocka_unit_test(running_clock_runs_on_after_advance),
        cmocka_unit_test(running_clock_runs_on_from_where_it_is_set),
        cmocka_unit_test(resume_brings_real_time_back),
        cmocka_unit_test(fast_clock_runs_at_its_rate),
        cmocka_unit_test(waits_are_in_real_time),
        cmocka_unit_test(directive_tells_how_it_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
