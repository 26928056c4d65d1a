/* SPDX-License-Identifier: MIT */
#include "base/stopwatch.h"

#define GUESS_US_PER_TICK (1.0 / 2500) /* until there is something to measure */

void stopwatch_start(struct stopwatch *stopwatch)
{
    stopwatch->first_us = clock_monotonic_us();
    stopwatch->first_ticks = stopwatch_ticks();
    stopwatch->us_per_tick = GUESS_US_PER_TICK;
}

void stopwatch_calibrate(struct stopwatch *stopwatch)
{
    int64_t elapsed_us = clock_monotonic_us() - stopwatch->first_us;
    uint64_t elapsed_ticks = stopwatch_ticks() - stopwatch->first_ticks;
    if (elapsed_us > 100 && elapsed_ticks > 0)
        stopwatch->us_per_tick = (double)elapsed_us / (double)elapsed_ticks;
}
