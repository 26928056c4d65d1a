/* SPDX-License-Identifier: MIT */
/*
 * What a loop does for one engine: its timer, so that what falls due by the engine's clock happens,
 * idle clients included.
 *
 *     struct driver *driver = driver_new(&turn, engine);
 *     driver_touch(engine);        // something of it may change now
 *     ...
 *     driver_begin_turn(driver);   // for those that were touched
 *     uv_run(...);                 // the timer only marks
 *     driver_tick(driver);         // for those that are due
 *     driver_free(driver);         // libuv must run once more to free it
 */
#ifndef UNDERSTUDY_NET_DRIVER_H
#define UNDERSTUDY_NET_DRIVER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/list.h"
#include "net/turn.h"

struct driver {
    uv_timer_t timer;
    uv_timer_t real;          /* for waits that real time ends */
    int open_timers;          /* that libuv has not let go */
    struct list_node node;    /* in turn->drivers */
    struct list_node due;     /* in turn->due, when the timer has fired */
    struct list_node touched; /* in turn->touched */
    struct turn *turn;        /* borrowed */
    struct engine *engine;    /* borrowed */
    int64_t deadline_ms; /* the timer waits for it, by the engine's clock; KEYSPACE_NEVER = none */
    int64_t real_ms;     /* what `real` waits for, monotonic; KEYSPACE_NEVER = none */
    int64_t idle_check_ms; /* when to look for idle clients, likewise */
    bool is_stale;         /* the timer must be set anew */
};

/* `engine` is borrowed until the driver is freed. */
struct driver *driver_new(struct turn *turn, struct engine *engine);

/* Accepts NULL. */
void driver_free(struct driver *driver);

/* Sets the timer. When time is not moved the deadline waited for changes seldom: most turns end at
 * the first test. */
void driver_begin_turn(struct driver *driver);

/* What fell due happens. */
void driver_tick(struct driver *driver);

/* The engine may get another deadline, or something to tell its clients, in this turn: those that
 * are not touched cost a turn nothing. */
void driver_touch(const struct engine *engine);

#endif
