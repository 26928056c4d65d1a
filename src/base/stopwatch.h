/* SPDX-License-Identifier: MIT */
/*
 * Durations for a few nanoseconds each: the processor's own counter, and what a tick of it is
 * worth.
 *
 *     struct stopwatch stopwatch;
 *     stopwatch_start(&stopwatch);
 *     uint64_t began = stopwatch_ticks();
 *     ...
 *     double us = stopwatch_us(&stopwatch, stopwatch_ticks() - began);
 *
 * A command runs in a fraction of a microsecond; two calls of clock_gettime around it would take a
 * good part of that. Where there is no counter the ticks are nanoseconds of the monotonic clock.
 */
#ifndef UNDERSTUDY_BASE_STOPWATCH_H
#define UNDERSTUDY_BASE_STOPWATCH_H

#include <stdint.h>

#include "base/clock.h"

struct stopwatch {
    uint64_t first_ticks;
    int64_t first_us; /* clock_monotonic_us at first_ticks */
    double us_per_tick;
};

static inline uint64_t stopwatch_ticks(void)
{
#if defined(__x86_64__) || defined(__i386__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return (uint64_t)clock_monotonic_us() * 1000;
#endif
}

void stopwatch_start(struct stopwatch *stopwatch);

/* Learns anew what a tick is worth, over all the time since the start: the longer, the better. */
void stopwatch_calibrate(struct stopwatch *stopwatch);

static inline double stopwatch_us(const struct stopwatch *stopwatch, uint64_t ticks)
{
    return (double)ticks * stopwatch->us_per_tick;
}

static inline uint64_t stopwatch_ticks_of(const struct stopwatch *stopwatch, double us)
{
    return (uint64_t)(us / stopwatch->us_per_tick);
}

#endif
