/* SPDX-License-Identifier: MIT */
/*
 * How much is done in a second: the rates of the last 1.6 seconds, by the engine's clock, so that a
 * test that stops and moves the clock gets exact ones. Embedded by value; all zero is valid.
 *
 *     throughput_note(&engine->throughput, totals, engine->now_us);      // now and then
 *     double commands = throughput_rate(&engine->throughput, THROUGHPUT_COMMANDS);
 */
#ifndef UNDERSTUDY_ENGINE_THROUGHPUT_H
#define UNDERSTUDY_ENGINE_THROUGHPUT_H

#include <stddef.h>
#include <stdint.h>

#define THROUGHPUT_STEPS   16
#define THROUGHPUT_STEP_US 100000

enum throughput_kind {
    THROUGHPUT_COMMANDS,
    THROUGHPUT_INPUT,  /* bytes */
    THROUGHPUT_OUTPUT, /* bytes */
    THROUGHPUT_CYCLES, /* turns of the loop */
    THROUGHPUT_TICKS,  /* of the stopwatch, that the loop was at work */
    THROUGHPUT_KINDS
};

struct throughput {
    int64_t noted_us;                                 /* 0: never */
    uint64_t totals[THROUGHPUT_KINDS];                /* as they were then */
    double rates[THROUGHPUT_STEPS][THROUGHPUT_KINDS]; /* a second; a ring */
    size_t count;
    size_t next;
};

/* Whether there is something to note: a step has passed since, or the clock was moved back. */
static inline int throughput_is_due(const struct throughput *throughput, int64_t now_us)
{
    return (uint64_t)(now_us - throughput->noted_us) >= THROUGHPUT_STEP_US;
}

/* The totals as they are now. */
void throughput_note(struct throughput *throughput, const uint64_t totals[THROUGHPUT_KINDS],
                     int64_t now_us);

/* A second, in the mean; 0 until something is known. */
double throughput_rate(const struct throughput *throughput, enum throughput_kind kind);

#endif
