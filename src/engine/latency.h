/* SPDX-License-Identifier: MIT */
/*
 * What took long: how the durations of each command are spread, and the events that exceeded
 * latency-monitor-threshold. Embedded by value in the engine; all zero is a valid empty one.
 *
 *     uint64_t began = stopwatch_ticks();
 *     ...
 *     latency_note_since(engine, "expire-cycle", began);
 *
 * Durations are real ones, by the stopwatch; the moments at which events happened are the engine's
 * clock's. As in Redis, an event has one sample a second, the worst.
 */
#ifndef UNDERSTUDY_ENGINE_LATENCY_H
#define UNDERSTUDY_ENGINE_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/histogram.h"

struct call;
struct command_state;
struct engine;

#define LATENCY_SAMPLES 160 /* an event keeps that many */

struct latency_sample {
    int64_t time_s; /* since the epoch */
    int64_t ms;     /* that it took */
};

struct latency_event {
    const char *name; /* borrowed, of static storage: "fast-command" */
    int64_t most_ms;  /* of all, even of those that are not kept */
    struct latency_sample samples[LATENCY_SAMPLES]; /* a ring */
    size_t count;
    size_t next; /* where the next sample goes */
};

struct latency {
    struct latency_event **events; /* owned, each in an allocation of its own; in the order in which
                                      they came up */
    size_t count;
    bool is_tracking;  /* latency-tracking */
    double notable_us; /* what takes less is neither slow nor an event: the lower threshold */
};

/* Reads the thresholds anew: slowlog-log-slower-than, latency-monitor-threshold. */
void latency_configure(struct engine *engine);

/* An event took so long: noted if that reaches the threshold. `event` is of static storage; Redis's
 * names: "command", "fast-command", "fork", "expire-cycle", "eviction-cycle", "aof-write" ... */
void latency_note(struct engine *engine, const char *event, int64_t duration_us);
/* It began when stopwatch_ticks() said so, and ends now. */
void latency_note_since(struct engine *engine, const char *event, uint64_t began);

/* What Redis forks for was done at once, and others had to wait so long. */
void latency_note_fork(struct engine *engine, int64_t duration_us);

/* A command ran: the dispatcher's. `weight` calls took as long as this one. */
void latency_record(const struct call *call, double duration_us, uint32_t weight);

/* Durations are recorded, or no more, from here on: the directive latency-tracking. */
void latency_begin(struct engine *engine);

/* The event of that name; NULL: there was none. */
struct latency_event *latency_find(const struct latency *latency, struct bytes name);
/* The latest is 0; `index` is less than the count. */
const struct latency_sample *latency_sample(const struct latency_event *event, size_t index);

/* Forgets the event. */
void latency_forget(struct latency *latency, struct latency_event *event);
/* Forgets all events. */
void latency_clear(struct latency *latency);

/* Calls of the command that its histogram knows of, those included whose time was not taken. */
uint64_t latency_calls(const struct command_state *state);

#endif
