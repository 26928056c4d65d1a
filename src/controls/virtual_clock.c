/* SPDX-License-Identifier: MIT */
#include "controls/virtual_clock.h"

#include <math.h>

#include "base/check.h"
#include "base/number.h"

static int64_t read_clock(const struct clock *clock)
{
    const struct virtual_clock *virtual_clock = (const void *)clock;
    if (virtual_clock->is_frozen)
        return virtual_clock->anchor_us;
    int64_t elapsed_us = clock_system_us() - virtual_clock->anchor_system_us;
    if (virtual_clock->rate != 1)
        elapsed_us = (int64_t)((double)elapsed_us * virtual_clock->rate);
    return virtual_clock->anchor_us + elapsed_us;
}

static int64_t wait_for(const struct clock *clock, int64_t until_us)
{
    const struct virtual_clock *virtual_clock = (const void *)clock;
    int64_t missing_us = until_us - read_clock(clock);
    if (missing_us <= 0)
        return 0;
    if (virtual_clock->is_frozen)
        return CLOCK_NEVER;
    if (virtual_clock->rate == 1)
        return missing_us;
    double wait_us = ceil((double)missing_us / virtual_clock->rate);
    return wait_us < 0x1p62 ? (int64_t)wait_us : CLOCK_NEVER;
}

void virtual_clock_init(struct virtual_clock *clock)
{
    *clock =
        (struct virtual_clock){.clock = {.now_us = read_clock, .wait_us = wait_for}, .rate = 1};
}

bool virtual_clock_start(struct virtual_clock *clock, struct bytes text)
{
    int64_t ms;
    virtual_clock_resume(clock);
    if (bytes_equal_ignoring_case(text, "real"))
        return true;
    if (bytes_equal_ignoring_case(text, "frozen")) {
        virtual_clock_freeze(clock);
        return true;
    }
    if (!number_parse_integer(text, &ms) || ms < 0 || ms > VIRTUAL_CLOCK_LATEST_MS)
        return false;
    virtual_clock_freeze(clock);
    virtual_clock_set(clock, ms * 1000);
    return true;
}

void virtual_clock_freeze(struct virtual_clock *clock)
{
    virtual_clock_set(clock, clock_now_us(&clock->clock));
    clock->is_frozen = true;
}

void virtual_clock_set(struct virtual_clock *clock, int64_t now_us)
{
    clock->anchor_us = now_us;
    clock->anchor_system_us = clock_system_us();
}

void virtual_clock_advance(struct virtual_clock *clock, int64_t ms)
{
    clock->anchor_us += ms * 1000;
}

void virtual_clock_set_rate(struct virtual_clock *clock, double rate)
{
    CHECK(rate > 0);
    virtual_clock_set(clock, clock_now_us(&clock->clock));
    clock->rate = rate;
    clock->is_frozen = false;
}

void virtual_clock_resume(struct virtual_clock *clock)
{
    virtual_clock_init(clock);
}
