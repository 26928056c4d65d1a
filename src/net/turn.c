/* SPDX-License-Identifier: MIT */
#include "net/turn.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "engine/journal_file.h"
#include "engine/session.h"
#include "engine/tracking.h"
#include "net/connection.h"
#include "net/driver.h"

void turn_init(struct turn *turn, uv_loop_t *uv, struct engine *engine)
{
    *turn = (struct turn){.uv = uv, .engine = engine};
}

void turn_clear(struct turn *turn)
{
    CHECK(list_is_empty(&turn->open));
    memory_free(turn->arena);
    memory_free(turn->encrypted);
    request_clear(&turn->request);
    buffer_clear(&turn->output);
}

void turn_begin(struct turn *turn)
{
    turn->arena_used = 0;
    turn->accepted = 0;
}

void turn_set_timers(struct turn *turn)
{
    for (size_t left = list_count(&turn->touched); left > 0; left--) {
        struct list_node *node = list_first(&turn->touched);
        struct driver *driver = LIST_ENTRY(node, struct driver, touched);
        list_remove(&turn->touched, node);
        if (driver->engine->depth == 0)
            driver_begin_turn(driver);
        /* One that has somebody held is looked at again in the next turn. */
        if (driver->engine->depth || driver->engine->blocking.postponed.count)
            driver_touch(driver->engine);
    }
}

void turn_tick(struct turn *turn)
{
    for (size_t left = list_count(&turn->due); left > 0; left--) {
        struct list_node *node = list_first(&turn->due);
        struct driver *driver = LIST_ENTRY(node, struct driver, due);
        list_remove(&turn->due, node);
        if (driver->engine->depth == 0)
            driver_tick(driver);
        else
            list_append(&turn->due, node);
    }
}

bool turn_has_work(const struct turn *turn)
{
    return !list_is_empty(&turn->ready) || !list_is_empty(&turn->resumed) ||
           !list_is_empty(&turn->unflushed) || !list_is_empty(&turn->doomed) ||
           !list_is_empty(&turn->due);
}

/* One who waited goes on when all others have had their turn, before anything is broadcast. */
static void execute_resumed(struct turn *turn)
{
    for (bool has_any = true; has_any;) {
        has_any = false;
        for (size_t left = list_count(&turn->resumed); left > 0; left--) {
            struct list_node *node = list_first(&turn->resumed);
            if (!node)
                return;
            struct connection *connection = LIST_ENTRY(node, struct connection, resumed);
            list_remove(&turn->resumed, node);
            if (connection->session->engine->depth == 0) {
                has_any = true;
                connection_execute(connection);
            } else {
                list_append(&turn->resumed, node);
            }
        }
    }
}

void turn_execute(struct turn *turn)
{
    turn->handshakes = 0;
    for (size_t left = list_count(&turn->ready); left > 0; left--) {
        struct list_node *node = list_first(&turn->ready);
        if (!node) /* a busy round within has served them */
            break;
        struct connection *connection = LIST_ENTRY(node, struct connection, ready);
        list_remove(&turn->ready, node);
        connection_execute(connection);
    }
    execute_resumed(turn);
}

/* Clients that must go to make room for the others do so at once. */
static void evict(struct turn *turn, struct engine *engine)
{
    struct list_node *node;
    client_limits_evict(engine);
    while ((node = list_first(&turn->unflushed)) != NULL) {
        struct connection *connection = LIST_ENTRY(node, struct connection, unflushed);
        list_remove(&turn->unflushed, node);
        connection_flush(connection);
    }
}

static void evict_all(struct turn *turn)
{
    struct list_node *node = list_first(&turn->touched);
    for (; node; node = list_next(node)) {
        struct engine *engine = LIST_ENTRY(node, struct driver, touched)->engine;
        if (engine->depth == 0 && engine->limits.total)
            evict(turn, engine);
    }
}

void turn_flush(struct turn *turn)
{
    struct list_node *node;
    for (node = list_first(&turn->touched); node; node = list_next(node)) {
        struct engine *engine = LIST_ENTRY(node, struct driver, touched)->engine;
        if (engine->depth)
            continue;
        journal_file_flush(engine);
        tracking_broadcast(engine);
    }
    for (size_t left = list_count(&turn->unflushed); left > 0; left--) {
        node = list_first(&turn->unflushed);
        struct connection *connection = LIST_ENTRY(node, struct connection, unflushed);
        list_remove(&turn->unflushed, node);
        connection_flush(connection);
    }
    evict_all(turn);
    struct list_node *next;
    for (node = list_first(&turn->doomed); node; node = next) {
        struct connection *connection = LIST_ENTRY(node, struct connection, doomed);
        next = list_next(node);
        if (connection->session->engine->depth == 0)
            connection_close(connection);
    }
}

/* One round while a command runs. Its arguments stand in the arena, or in its connection's buffer
 * and request: neither is touched. */
static void run_within(struct turn *turn, uv_run_mode mode)
{
    struct turn outer = *turn;
    turn->arena = NULL;
    turn->arena_used = 0;
    turn->request = (struct request){0};
    turn->output = (struct buffer){0};
    turn_set_timers(turn);
    uv_run(turn->uv, mode);
    turn_tick(turn);
    turn_execute(turn);
    turn_flush(turn);
    memory_free(turn->arena);
    request_clear(&turn->request);
    buffer_clear(&turn->output);
    turn->arena = outer.arena;
    turn->arena_used = outer.arena_used;
    turn->request = outer.request;
    turn->output = outer.output;
}

void turn_run_busy(struct turn *turn)
{
    struct connection *running = turn->executing;
    if (running)
        connection_pause_reading(running);
    run_within(turn, UV_RUN_NOWAIT);
    if (running)
        connection_resume_reading(running);
}

/* Those that are doomed have to wait, as a command is running. */
static void run_round(struct turn *turn)
{
    bool has_work = !list_is_empty(&turn->ready) || !list_is_empty(&turn->unflushed);
    run_within(turn, has_work ? UV_RUN_NOWAIT : UV_RUN_ONCE);
}

bool turn_converse(struct turn *turn, struct connection *connection, struct bytes output,
                   struct buffer *input, bool waits)
{
    struct buffer *replies = &connection->session->output;
    struct buffer held = *replies;
    /* EVAL may have been postponed, and then it is another connection that has its turn. */
    struct connection *paused = turn->executing == connection ? NULL : turn->executing;
    *replies = (struct buffer){0};
    if (paused)
        connection_pause_reading(paused);
    connection->talk = input;
    buffer_append_bytes(replies, output);
    connection_flush(connection);
    size_t before = input->size;
    while (replies->size && connection_is_open(connection) && !turn->engine->is_stopping)
        run_round(turn);
    if (waits && input->size == before && connection_is_open(connection))
        run_round(turn);
    bool is_there = input->size > before || connection_is_open(connection);
    connection->talk = NULL;
    if (paused)
        connection_resume_reading(paused);
    buffer_append_bytes(&held, buffer_bytes(replies));
    buffer_clear(replies);
    *replies = held;
    return is_there;
}

void turn_close_all(struct turn *turn)
{
    struct list_node *node;
    while ((node = list_first(&turn->open)) != NULL)
        connection_close(LIST_ENTRY(node, struct connection, open));
}
