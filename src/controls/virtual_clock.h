/* SPDX-License-Identifier: MIT */
/*
 * The clock that a test may stop and move. Real until told otherwise.
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

#include "base/clock.h"

struct virtual_clock {
    struct clock clock; /* first */
    bool is_frozen;
    int64_t frozen_us; /* the instant while frozen, microseconds since epoch */
    int64_t offset_us; /* added to system time while running */
};

void virtual_clock_init(struct virtual_clock *clock);

/* Stops at the present instant, or where it stands if it is stopped. */
void virtual_clock_freeze(struct virtual_clock *clock);

/* Sets the instant. A frozen clock stays frozen, a running one runs on from there. */
void virtual_clock_set(struct virtual_clock *clock, int64_t now_us);

/* Moves by `ms`, forward or (negative) back. */
void virtual_clock_advance(struct virtual_clock *clock, int64_t ms);

/* Whether it shows the system's time. */
static inline bool virtual_clock_is_real(const struct virtual_clock *clock)
{
    return !clock->is_frozen && clock->offset_us == 0;
}

/* Real time again: no offset, not frozen. */
void virtual_clock_resume(struct virtual_clock *clock);

#endif
