/* SPDX-License-Identifier: MIT */
/*
 * Events that took long, for people: LATENCY GRAPH and LATENCY DOCTOR.
 *
 *     latency_advice_draw(event, now_s, &text);     // bars, their ages below
 *     latency_advice_write(engine, &text);          // what happened, what may help
 */
#ifndef UNDERSTUDY_COMMANDS_LATENCY_ADVICE_H
#define UNDERSTUDY_COMMANDS_LATENCY_ADVICE_H

#include <stdint.h>

#include "base/buffer.h"
#include "engine/engine.h"
#include "engine/latency.h"

/* The event has at least one sample. */
void latency_advice_draw(const struct latency_event *event, int64_t now_s, struct buffer *text);

void latency_advice_write(const struct engine *engine, struct buffer *text);

#endif
