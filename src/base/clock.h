/* SPDX-License-Identifier: MIT */
/*
 * The one source of time.
 *
 *     int64_t now = clock_now_us(engine->clock);   // what TTLs, TIME and idle times follow
 *
 * A server reads wall time through a `struct clock`, so that a test may freeze it or move it
 * (controls/virtual_clock.h). How long a piece of work took is measured with clock_monotonic_us,
 * which nobody can move.
 */
#ifndef UNDERSTUDY_BASE_CLOCK_H
#define UNDERSTUDY_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_NEVER INT64_MAX

struct clock {
    int64_t (*now_us)(const struct clock *clock); /* microseconds since the Unix epoch */
    /* Microseconds of real time until it shows `until_us` by itself; 0 when it does; CLOCK_NEVER
     * when it never will. */
    int64_t (*wait_us)(const struct clock *clock, int64_t until_us);
};

static inline int64_t clock_now_us(const struct clock *clock)
{
    return clock->now_us(clock);
}

static inline int64_t clock_wait_us(const struct clock *clock, int64_t until_us)
{
    return clock->wait_us(clock, until_us);
}

/* Microseconds since the epoch by the system's clock, whatever a test has done to `struct clock`.
 */
static inline int64_t clock_system_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Microseconds since some fixed moment; never goes back. For durations alone. */
static inline int64_t clock_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
