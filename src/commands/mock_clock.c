/* SPDX-License-Identifier: MIT */
/*
 * MOCK CLOCK: stops, sets and moves the server's time. What falls due on the way happens, in order.
 */
#include "commands/mock.h"
#include "controls/virtual_clock.h"
#include "engine/blocking.h"
#include "engine/engine.h"
#include "reply/errors.h"

#define LATEST_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

static struct virtual_clock *clock_of(const struct call *call)
{
    return call->engine->virtual_clock;
}

static int64_t read_clock(const struct call *call)
{
    return clock_now_us(&clock_of(call)->clock);
}

static void arrive(struct call *call, int64_t now_us)
{
    virtual_clock_set(clock_of(call), now_us);
    call->engine->now_us = now_us;
    keyspace_set_time(&call->engine->keyspace, now_us / 1000);
    blocking_expire(call->engine);
}

/* Stops at each moment on the way at which something falls due. */
static void travel(struct call *call, int64_t target_us)
{
    struct engine *engine = call->engine;
    for (;;) {
        int64_t due_ms = engine_next_deadline(engine);
        if (due_ms == KEYSPACE_NEVER || due_ms > target_us / 1000)
            break;
        if (due_ms * 1000 > read_clock(call))
            arrive(call, due_ms * 1000);
        else
            arrive(call, read_clock(call));
        if (engine_next_deadline(engine) == due_ms) /* expiry is switched off */
            break;
    }
    arrive(call, target_us);
}

static void answer_time(struct call *call)
{
    if (call->engine->host.deadline_moved)
        call->engine->host.deadline_moved(call->engine->host.context);
    reply_integer(call->reply, read_clock(call) / 1000);
}

static void freeze(struct call *call)
{
    int64_t ms;
    if (call->argc == 4) {
        if (!call_integer_between(call, 3, 0, LATEST_MS, &ms, ERROR_MOCK_CLOCK_TIME))
            return;
        virtual_clock_freeze(clock_of(call));
        travel(call, ms * 1000);
    } else {
        virtual_clock_freeze(clock_of(call));
    }
    answer_time(call);
}

static void set_time(struct call *call)
{
    int64_t ms;
    if (!call_integer_between(call, 3, 0, LATEST_MS, &ms, ERROR_MOCK_CLOCK_TIME))
        return;
    travel(call, ms * 1000);
    answer_time(call);
}

static void advance(struct call *call)
{
    int64_t ms;
    int64_t now_us = read_clock(call);
    if (!call_integer_between(call, 3, -now_us / 1000, LATEST_MS - now_us / 1000, &ms,
                              ERROR_MOCK_CLOCK_SPAN))
        return;
    travel(call, now_us + ms * 1000);
    answer_time(call);
}

static void resume(struct call *call)
{
    virtual_clock_resume(clock_of(call));
    arrive(call, read_clock(call));
    virtual_clock_resume(clock_of(call));
    answer_time(call);
}

void mock_clock(struct call *call)
{
    static const struct mock_option options[] = {
        {"FREEZE", 3, 4, freeze}, {"SET", 4, 4, set_time},    {"ADVANCE", 4, 4, advance},
        {"RESUME", 3, 3, resume}, {"GET", 3, 3, answer_time}, {0}};
    mock_run_option(call, options, "FREEZE [ms], SET ms, ADVANCE ms, RESUME or GET");
}
