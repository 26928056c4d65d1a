/* SPDX-License-Identifier: MIT */
/*
 * Moves an engine's clock, and lets all that falls due on the way happen at its own instant and in
 * order: keys expire, waits end, those whom that wakes are served before the next thing happens, a
 * pause ends, idle clients are dropped.
 *
 *     time_travel_to(engine, now_us + 5000000);
 *     if (time_travel_to_next(engine)) ... something happened ...
 *
 * For commands, too: the engine may be running the one that asks for it.
 */
#ifndef UNDERSTUDY_CONTROLS_TIME_TRAVEL_H
#define UNDERSTUDY_CONTROLS_TIME_TRAVEL_H

#include <stdbool.h>
#include <stdint.h>

struct engine;

/* To an instant in microseconds since the epoch. Backward nothing happens. What the host waits for
 * is told to it (deadline_moved). */
void time_travel_to(struct engine *engine, int64_t target_us);

/* To the next thing that will happen. False when there is none up to the year 9999: the clock is
 * left alone. */
bool time_travel_to_next(struct engine *engine);

#endif
