/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/stopwatch.h"

static void spin(int64_t us)
{
    int64_t end = clock_monotonic_us() + us;
    while (clock_monotonic_us() < end)
        ;
}

/* Whether a span that the stopwatch measures is the clock's own within a fifth. */
static bool agrees_with_the_clock(void)
{
    struct stopwatch stopwatch;
    stopwatch_start(&stopwatch);
    spin(5000);
    stopwatch_calibrate(&stopwatch);
    int64_t began_us = clock_monotonic_us();
    uint64_t began = stopwatch_ticks();
    spin(5000);
    double measured = stopwatch_us(&stopwatch, stopwatch_ticks() - began);
    double elapsed = (double)(clock_monotonic_us() - began_us);
    return measured > elapsed * 0.8 && measured < elapsed * 1.2;
}

/* The two are read one after the other, and a busy machine may halt us between them: so one
   undisturbed try in a hundred is enough, which a wrong scale never gives. */
static void ticks_agree_with_the_monotonic_clock(void **state)
{
    (void)state;
    for (int tries = 0; tries < 100; tries++)
        if (agrees_with_the_clock())
            return;
    fail_msg("a hundred measured spans differ from the clock's by more than a fifth");
}

static void calibration_without_elapsed_time_keeps_the_guess(void **state)
{
    struct stopwatch stopwatch;
    (void)state;
    stopwatch_start(&stopwatch);
    stopwatch_calibrate(&stopwatch);
    assert_true(stopwatch.us_per_tick > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_agree_with_the_monotonic_clock),
        cmocka_unit_test(calibration_without_elapsed_time_keeps_the_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
