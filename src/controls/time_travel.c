/* SPDX-License-Identifier: MIT */
#include "controls/time_travel.h"

#include "controls/virtual_clock.h"
#include "engine/engine.h"
#include "engine/session.h"

/* What a pause has held runs when the pause ends; what stands behind it in the streams follows when
 * they have their turn. */
static void run_held(struct engine *engine)
{
    struct list_node *next;
    for (struct list_node *node = engine->sessions.first; node; node = next) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        next = node->next;
        if (session->held.argv && !session->blocked)
            session_execute_held(session);
    }
}

/* The command that asks for the travel stands aside while others get what is due. */
static void arrive(struct engine *engine, int64_t now_us)
{
    int depth = engine->depth;
    const struct call *running = engine->running;
    virtual_clock_set(engine->virtual_clock, now_us);
    engine->depth = 0;
    engine->running = NULL;
    bool had_held = engine->blocking.postponed.count > 0;
    engine_tick(engine);
    if (had_held)
        run_held(engine);
    engine_close_idle(engine);
    engine->depth = depth;
    engine->running = running;
}

static int64_t next_event(struct engine *engine)
{
    int64_t deadline = engine_exact_deadline(engine);
    int64_t idle = engine_idle_deadline(engine);
    return idle < deadline ? idle : deadline;
}

void time_travel_to(struct engine *engine, int64_t target_us)
{
    const struct clock *clock = &engine->virtual_clock->clock;
    int64_t before = 0;
    for (;;) {
        int64_t due_ms = next_event(engine);
        int64_t now_us = clock_now_us(clock);
        if (due_ms > target_us / 1000)
            break;
        if (due_ms * 1000 <= now_us && due_ms == before) /* it does not go away */
            break;
        before = due_ms;
        arrive(engine, due_ms * 1000 > now_us ? due_ms * 1000 : now_us);
    }
    arrive(engine, target_us);
    if (engine->current)
        engine->current->active_us = engine->now_us;
    engine_deadline_moved(engine);
}

bool time_travel_to_next(struct engine *engine)
{
    int64_t due_ms = next_event(engine);
    int64_t now_us = clock_now_us(&engine->virtual_clock->clock);
    if (due_ms > VIRTUAL_CLOCK_LATEST_MS)
        return false;
    time_travel_to(engine, due_ms * 1000 > now_us ? due_ms * 1000 : now_us);
    return true;
}
