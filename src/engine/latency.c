/* SPDX-License-Identifier: MIT */
/* Invariant: the `count` samples before `next`, going backwards around the ring, are the event's.
 */
#include "engine/latency.h"

#include <math.h>

#include "base/check.h"
#include "base/memory.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"

#define LONGEST_NS 1000000000.0 /* more counts as that: a second */

/* --- events --- */

struct latency_event *latency_find(const struct latency *latency, struct bytes name)
{
    for (size_t i = 0; i < latency->count; i++)
        if (bytes_equal_string(name, latency->events[i]->name))
            return latency->events[i];
    return NULL;
}

const struct latency_sample *latency_sample(const struct latency_event *event, size_t index)
{
    CHECK(index < event->count);
    return &event->samples[(event->next + LATENCY_SAMPLES - 1 - index) % LATENCY_SAMPLES];
}

static struct latency_event *add_event(struct latency *latency, const char *name)
{
    struct latency_event *event = memory_zeroed(sizeof *event);
    event->name = name;
    latency->events =
        memory_resize(latency->events, (latency->count + 1) * sizeof(struct latency_event *));
    latency->events[latency->count++] = event;
    return event;
}

static void add_sample(struct latency_event *event, int64_t time_s, int64_t ms)
{
    if (ms > event->most_ms)
        event->most_ms = ms;
    if (event->count && latency_sample(event, 0)->time_s == time_s) {
        struct latency_sample *latest =
            &event->samples[(event->next + LATENCY_SAMPLES - 1) % LATENCY_SAMPLES];
        if (ms > latest->ms)
            latest->ms = ms;
        return;
    }
    event->samples[event->next] = (struct latency_sample){.time_s = time_s, .ms = ms};
    event->next = (event->next + 1) % LATENCY_SAMPLES;
    if (event->count < LATENCY_SAMPLES)
        event->count++;
}

void latency_note(struct engine *engine, const char *event, int64_t duration_us)
{
    int64_t threshold_ms = config_integer(engine->config, CONFIG_LATENCY_MONITOR_THRESHOLD);
    int64_t ms = duration_us / 1000;
    if (threshold_ms == 0 || ms < threshold_ms)
        return;
    struct latency_event *known = latency_find(&engine->latency, bytes_of_string(event));
    add_sample(known ? known : add_event(&engine->latency, event), engine->now_us / 1000000, ms);
}

void latency_note_since(struct engine *engine, const char *event, uint64_t began)
{
    uint64_t ticks = stopwatch_ticks() - began;
    latency_note(engine, event, (int64_t)stopwatch_us(&engine->stopwatch, ticks));
}

void latency_note_fork(struct engine *engine, int64_t duration_us)
{
    engine->stats.forks++;
    engine->stats.last_fork_us = duration_us;
    latency_note(engine, "fork", duration_us);
}

void latency_forget(struct latency *latency, struct latency_event *event)
{
    size_t kept = 0;
    for (size_t i = 0; i < latency->count; i++)
        if (latency->events[i] != event)
            latency->events[kept++] = latency->events[i];
    latency->count = kept;
    memory_free(event);
}

void latency_clear(struct latency *latency)
{
    for (size_t i = 0; i < latency->count; i++)
        memory_free(latency->events[i]);
    memory_free(latency->events);
    latency->events = NULL;
    latency->count = 0;
}

/* --- commands --- */

void latency_record(const struct call *call, double duration_us, uint32_t weight)
{
    struct engine *engine = call->engine;
    struct command_state *state = call->state;
    double ns = duration_us * 1000;
    if (blocking_is_waiting(call->session)) /* it is counted when it answers */
        return;
    if (engine->latency.is_tracking) {
        if (!state->latency)
            state->latency = memory_zeroed(sizeof *state->latency);
        histogram_add_several(state->latency, ns < LONGEST_NS ? (uint64_t)ns : (uint64_t)LONGEST_NS,
                              weight);
    }
    if (duration_us >= engine->latency.notable_us)
        latency_note(engine, call->command->flags & COMMAND_FAST ? "fast-command" : "command",
                     (int64_t)duration_us);
}

void latency_configure(struct engine *engine)
{
    int64_t slow_us = config_integer(engine->config, CONFIG_SLOWLOG_LOG_SLOWER_THAN);
    int64_t event_ms = config_integer(engine->config, CONFIG_LATENCY_MONITOR_THRESHOLD);
    double log_us = slow_us < 0 ? INFINITY : (double)slow_us;
    double monitor_us = event_ms == 0 ? INFINITY : (double)event_ms * 1000;
    engine->latency.is_tracking = config_integer(engine->config, CONFIG_LATENCY_TRACKING);
    engine->latency.notable_us = log_us < monitor_us ? log_us : monitor_us;
}

void latency_begin(struct engine *engine)
{
    for (size_t i = 0; i < engine->command_state_count; i++)
        engine->command_states[i].untimed = 0;
}

uint64_t latency_calls(const struct command_state *state)
{
    return state->latency ? state->latency->count + state->untimed : 0;
}
