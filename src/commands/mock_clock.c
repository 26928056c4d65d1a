/* SPDX-License-Identifier: MIT */
/*
 * MOCK CLOCK, FASTFORWARD and SETTIME: stop, set, move and speed up the server's time. What falls
 * due on the way has happened, in order, when they answer.
 */
#include "commands/mock.h"
#include "controls/time_travel.h"
#include "controls/virtual_clock.h"
#include "engine/engine.h"
#include "reply/errors.h"

static struct virtual_clock *clock_of(const struct call *call)
{
    return call->engine->virtual_clock;
}

static int64_t read_clock(const struct call *call)
{
    return clock_now_us(&clock_of(call)->clock);
}

static void answer_time(struct call *call)
{
    engine_deadline_moved(call->engine);
    reply_integer(call->reply, read_clock(call) / 1000);
}

/* An instant; false: the error was answered. */
static bool parse_time(struct call *call, int index, int64_t *ms)
{
    return call_integer_between(call, index, 0, VIRTUAL_CLOCK_LATEST_MS, ms, ERROR_MOCK_CLOCK_TIME);
}

static void freeze_at(struct call *call, int64_t ms)
{
    virtual_clock_freeze(clock_of(call));
    time_travel_to(call->engine, ms * 1000);
    answer_time(call);
}

static void freeze(struct call *call)
{
    int64_t ms;
    if (call->argc == 3) {
        virtual_clock_freeze(clock_of(call));
        answer_time(call);
    } else if (parse_time(call, 3, &ms)) {
        freeze_at(call, ms);
    }
}

static void set_time(struct call *call)
{
    int64_t ms;
    if (!parse_time(call, 3, &ms))
        return;
    time_travel_to(call->engine, ms * 1000);
    answer_time(call);
}

static void move(struct call *call, int index, bool may_go_back)
{
    int64_t ms;
    int64_t now_us = read_clock(call);
    if (!call_integer_between(call, index, may_go_back ? -now_us / 1000 : 0,
                              VIRTUAL_CLOCK_LATEST_MS - now_us / 1000, &ms,
                              may_go_back ? ERROR_MOCK_CLOCK_SPAN : ERROR_MOCK_FASTFORWARD))
        return;
    time_travel_to(call->engine, now_us + ms * 1000);
    answer_time(call);
}

static void advance(struct call *call)
{
    move(call, 3, true);
}

static void go_to_next(struct call *call)
{
    time_travel_to_next(call->engine);
    answer_time(call);
}

static void set_rate(struct call *call)
{
    double rate;
    if (!call_double(call, 3, &rate, ERROR_MOCK_CLOCK_RATE))
        return;
    if (!(rate > 0 && rate <= VIRTUAL_CLOCK_HIGHEST_RATE)) {
        reply_error(call->reply, ERROR_MOCK_CLOCK_RATE);
        return;
    }
    virtual_clock_set_rate(clock_of(call), rate);
    answer_time(call);
}

static void resume(struct call *call)
{
    time_travel_to(call->engine, clock_system_us());
    virtual_clock_resume(clock_of(call));
    answer_time(call);
}

void mock_clock(struct call *call)
{
    static const struct mock_option options[] = {
        {"FREEZE", 3, 4, freeze},   {"SET", 4, 4, set_time},
        {"ADVANCE", 4, 4, advance}, {"NEXT", 3, 3, go_to_next},
        {"RATE", 4, 4, set_rate},   {"RESUME", 3, 3, resume},
        {"GET", 3, 3, answer_time}, {0}};
    mock_run_option(call, options,
                    "FREEZE [ms], SET ms, ADVANCE ms, NEXT, RATE factor, RESUME or GET");
}

void mock_clock_fastforward(struct call *call)
{
    if (mock_is_allowed(call))
        move(call, 2, false);
}

void mock_clock_settime(struct call *call)
{
    int64_t ms;
    if (mock_is_allowed(call) && parse_time(call, 2, &ms))
        freeze_at(call, ms);
}
