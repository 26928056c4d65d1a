/* SPDX-License-Identifier: MIT */
#include "controls/virtual_clock.h"

static int64_t read_clock(const struct clock *clock)
{
    const struct virtual_clock *virtual_clock = (const void *)clock;
    if (virtual_clock->is_frozen)
        return virtual_clock->frozen_us;
    return clock_system_us() + virtual_clock->offset_us;
}

void virtual_clock_init(struct virtual_clock *clock)
{
    *clock = (struct virtual_clock){.clock = {.now_us = read_clock}};
}

void virtual_clock_freeze(struct virtual_clock *clock)
{
    virtual_clock_set(clock, clock_now_us(&clock->clock));
    clock->is_frozen = true;
}

void virtual_clock_set(struct virtual_clock *clock, int64_t now_us)
{
    clock->frozen_us = now_us;
    clock->offset_us = now_us - clock_system_us();
}

void virtual_clock_advance(struct virtual_clock *clock, int64_t ms)
{
    clock->frozen_us += ms * 1000;
    clock->offset_us += ms * 1000;
}

void virtual_clock_resume(struct virtual_clock *clock)
{
    clock->is_frozen = false;
    clock->offset_us = 0;
}
