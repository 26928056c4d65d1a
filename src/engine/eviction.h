/* SPDX-License-Identifier: MIT */
/*
 * maxmemory: before a command runs, keys go until what is left is within the limit.
 *
 *     eviction_configure(engine);                     // at the start, and when a directive changed
 *     if (!eviction_make_room(engine, false)) ...     // short of memory: some commands are refused
 *
 * Each call takes a bounded time, as maxmemory-eviction-tenacity says; what is left to do then goes
 * on with the next call, and with eviction_continue from the loop. Nothing is evicted while a
 * script or a transaction runs.
 *
 * To find out how much is used takes time as well: longer than a small command. So it is not found
 * out before each of them; in between the keyspace estimates how much has come and gone. Where the
 * engine adds up its memory itself (engine/footprint.h) that depends on the count of commands
 * alone, so that equal commands evict equal keys.
 */
#ifndef UNDERSTUDY_ENGINE_EVICTION_H
#define UNDERSTUDY_ENGINE_EVICTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyspace/victims.h"

struct engine;

/* Embedded in the engine. */
struct eviction {
    struct victims_rule rule;
    struct victims victims; /* owned */
    int64_t tenacity;
    bool is_forbidden;         /* noeviction */
    bool needs_access;         /* LRU or LFU */
    bool is_lazy;              /* lazyfree-lazy-eviction */
    bool goes_on;              /* time was up before there was room */
    size_t counted;            /* bytes: what the last look found in use, but not what is apart */
    uint64_t next_look_ticks;  /* of the stopwatch: sooner it costs too much */
    size_t calls_to_look;      /* commands until then, where they count */
    int64_t exceeded_since_us; /* by the engine's clock; 0 = within the limit */
    int64_t exceeded_us;       /* in all the times before */
};

void eviction_configure(struct engine *engine);
void eviction_clear(struct engine *engine);

/* CONFIG SET maxmemory: what is over it goes as soon as the command has ended. */
void eviction_limit_changed(struct engine *engine);

/* False when more is used than allowed, and nothing can go. `exactly`: looks in any case. Not while
 * a command runs. */
bool eviction_make_room(struct engine *engine, bool exactly);

/* Whether there is more to evict, and nothing that forbids it: then the next step may follow. */
bool eviction_is_due(const struct engine *engine);
void eviction_continue(struct engine *engine);

/* INFO's figures, ms: since the limit was passed (0: it is not), and in all. */
int64_t eviction_exceeded_ms(const struct engine *engine);
int64_t eviction_total_exceeded_ms(const struct engine *engine);
void eviction_reset_stats(struct engine *engine);

#endif
