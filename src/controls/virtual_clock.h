/* SPDX-License-Identifier: MIT */
/*
 * The clock that a test may stop, move and speed up. Real until told otherwise.
 *
 *     struct virtual_clock clock;
 *     virtual_clock_init(&clock);
 *     virtual_clock_freeze(&clock);
 *     virtual_clock_advance(&clock, 5000);   // five seconds later, at once
 *
 * Hand &clock.clock to the engine. Times are in milliseconds at the doors, microseconds inside.
 */
#ifndef UNDERSTUDY_CONTROLS_VIRTUAL_CLOCK_H
#define UNDERSTUDY_CONTROLS_VIRTUAL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/clock.h"

#define VIRTUAL_CLOCK_LATEST_MS    INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */
#define VIRTUAL_CLOCK_HIGHEST_RATE 1e6

struct virtual_clock {
    struct clock clock; /* first */
    bool is_frozen;
    double rate;              /* at which it runs when it is not frozen; 1 = as real time */
    int64_t anchor_us;        /* the instant while frozen; else what it showed at ... */
    int64_t anchor_system_us; /* ... this moment of system time */
};

void virtual_clock_init(struct virtual_clock *clock);

/* As the directive `clock` says: "real", "frozen", or frozen at an instant in milliseconds. False
 * when the text is none of these; the clock is real then. */
bool virtual_clock_start(struct virtual_clock *clock, struct bytes text);

/* Stops at the present instant, or where it stands if it is stopped. */
void virtual_clock_freeze(struct virtual_clock *clock);

/* Sets the instant. A frozen clock stays frozen, a running one runs on from there at its rate. */
void virtual_clock_set(struct virtual_clock *clock, int64_t now_us);

/* Moves by `ms`, forward or (negative) back. */
void virtual_clock_advance(struct virtual_clock *clock, int64_t ms);

/* Runs from where it is or stands, `rate` times as fast as real time; rate > 0. */
void virtual_clock_set_rate(struct virtual_clock *clock, double rate);

/* Real time again: not moved, not frozen, not faster. */
void virtual_clock_resume(struct virtual_clock *clock);

/* Whether it shows the system's time. */
static inline bool virtual_clock_is_real(const struct virtual_clock *clock)
{
    return !clock->is_frozen && clock->rate == 1 && clock->anchor_us == clock->anchor_system_us;
}

#endif
