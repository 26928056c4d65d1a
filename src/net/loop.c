/* SPDX-License-Identifier: MIT */
#include "net/loop.h"

#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "net/driver.h"
#include "net/job_queue.h"
#include "net/listener_set.h"
#include "net/tls.h"
#include "net/turn.h"
#include "reply/errors.h"

#define PARENT_CHECK_MS 250

struct loop {
    uv_loop_t uv;
    struct turn turn;
    struct engine *engine; /* borrowed */
    struct listener_set listeners;
    struct tls *tls; /* owned; NULL until something needs it */
    struct loop_deserted deserted;
    uv_async_t stop;
    uv_async_t wake;       /* a job was posted */
    struct job_queue jobs; /* of other threads */
    uv_signal_t signals[2];
    uv_poll_t parent;
    uv_timer_t parent_timer;
    int parent_fd; /* of the parent process; -1 = none */
    pid_t parent_pid;
};

static void on_stop(uv_async_t *async)
{
    struct loop *loop = async->data;
    loop->engine->is_stopping = true;
}

/* Jobs run outside of uv_run. */
static void on_wake(uv_async_t *async)
{
    (void)async;
}

struct loop *loop_new(struct engine *engine)
{
    struct loop *loop = memory_zeroed(sizeof *loop);
    if (uv_loop_init(&loop->uv) != 0) {
        memory_free(loop);
        return NULL;
    }
    loop->engine = engine;
    loop->parent_fd = -1;
    turn_init(&loop->turn, &loop->uv, engine);
    CHECK(uv_async_init(&loop->uv, &loop->stop, on_stop) == 0);
    CHECK(uv_async_init(&loop->uv, &loop->wake, on_wake) == 0);
    job_queue_init(&loop->jobs);
    loop->stop.data = loop;
    driver_new(&loop->turn, engine);
    return loop;
}

static void close_sockets(struct loop *loop)
{
    turn_close_all(&loop->turn);
    listener_set_close(&loop->listeners);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void loop_free(struct loop *loop)
{
    struct list_node *node;
    if (!loop)
        return;
    close_sockets(loop);
    while ((node = list_first(&loop->turn.drivers)) != NULL)
        driver_free(LIST_ENTRY(node, struct driver, node));
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop->uv) == 0);
    turn_clear(&loop->turn);
    tls_free(loop->tls);
    job_queue_clear(&loop->jobs);
    if (loop->parent_fd >= 0)
        close(loop->parent_fd);
    memory_free(loop);
}

/* --- listening --- */

/* Whether anything would use TLS, as Redis has it: then its files must be right. */
static bool needs_tls(const struct config *config)
{
    return config_integer(config, CONFIG_TLS_PORT) || config_integer(config, CONFIG_TLS_CLUSTER) ||
           config_integer(config, CONFIG_TLS_REPLICATION);
}

static bool configure_tls(struct loop *loop, char *error, size_t error_size)
{
    if (!loop->tls)
        loop->turn.tls = loop->tls = tls_new(error, error_size);
    return loop->tls && tls_configure(loop->tls, loop->engine->config, error, error_size);
}

/* What CONFIG GET shows, and what MOCK RESET goes back to, is the port that was found. */
static void note_port(struct loop *loop, enum config_id id, const struct listener_group *group)
{
    struct engine *engine = loop->engine;
    if (group->count == 0)
        return;
    int port = listener_port(group->all[0]);
    bool is_new = config_integer(engine->config, id) != port;
    if (is_new && config_integer(engine->config_at_start, id) == config_integer(engine->config, id))
        config_set_integer(engine->config_at_start, id, port);
    config_set_integer(engine->config, id, port);
}

static void note_ports(struct loop *loop)
{
    note_port(loop, CONFIG_PORT, &loop->listeners.tcp);
    note_port(loop, CONFIG_TLS_PORT, &loop->listeners.tls);
}

bool loop_listen(struct loop *loop, char *error, size_t error_size)
{
    const struct config *config = loop->engine->config;
    if ((needs_tls(config) && !configure_tls(loop, error, error_size)) ||
        !listener_set_open(&loop->listeners, &loop->turn, config, error, error_size))
        return false;
    note_ports(loop);
    return true;
}

bool loop_is_about_listening(enum config_id id)
{
    switch (id) {
    case CONFIG_BIND:
    case CONFIG_PORT:
    case CONFIG_TLS_PORT:
    case CONFIG_TLS_AUTH_CLIENTS:
    case CONFIG_TLS_CA_CERT_DIR:
    case CONFIG_TLS_CA_CERT_FILE:
    case CONFIG_TLS_CERT_FILE:
    case CONFIG_TLS_CIPHERS:
    case CONFIG_TLS_CIPHERSUITES:
    case CONFIG_TLS_CLIENT_CERT_FILE:
    case CONFIG_TLS_CLIENT_KEY_FILE:
    case CONFIG_TLS_CLIENT_KEY_FILE_PASS:
    case CONFIG_TLS_CLUSTER:
    case CONFIG_TLS_DH_PARAMS_FILE:
    case CONFIG_TLS_KEY_FILE:
    case CONFIG_TLS_KEY_FILE_PASS:
    case CONFIG_TLS_PREFER_SERVER_CIPHERS:
    case CONFIG_TLS_PROTOCOLS:
    case CONFIG_TLS_REPLICATION:
    case CONFIG_TLS_SESSION_CACHE_SIZE:
    case CONFIG_TLS_SESSION_CACHE_TIMEOUT:
    case CONFIG_TLS_SESSION_CACHING:
        return true;
    default:
        return false;
    }
}

static bool refuse_change(struct loop *loop, const char *answer, const char *reason, char *error,
                          size_t error_size)
{
    engine_log(loop->engine, 3, "%s", reason);
    snprintf(error, error_size, "%s", answer);
    return false;
}

static bool move(struct loop *loop, enum config_id id, char *error, size_t error_size)
{
    char reason[512];
    if (!listener_set_move(&loop->listeners, &loop->turn, loop->engine->config, reason,
                           sizeof reason))
        return refuse_change(loop, id == CONFIG_BIND ? ERROR_CONFIG_BIND : ERROR_CONFIG_PORT,
                             reason, error, error_size);
    note_ports(loop);
    return true;
}

bool loop_config_changed(struct loop *loop, enum config_id id, char *error, size_t error_size)
{
    const struct config *config = loop->engine->config;
    bool is_address = id == CONFIG_BIND || id == CONFIG_PORT || id == CONFIG_TLS_PORT;
    char reason[512];
    /* As in Redis, this is looked at when somebody connects. */
    if (id == CONFIG_TLS_AUTH_CLIENTS && loop->tls)
        tls_set_verification(loop->tls, config);
    bool is_tls = id != CONFIG_TLS_AUTH_CLIENTS && id != CONFIG_BIND && id != CONFIG_PORT;
    if (is_tls && needs_tls(config) && !configure_tls(loop, reason, sizeof reason))
        return refuse_change(loop, ERROR_CONFIG_TLS, reason, error, error_size);
    return !is_address || move(loop, id, error, error_size);
}

const char *loop_host(const struct loop *loop)
{
    const struct listener_set *set = &loop->listeners;
    const struct listener_group *group = set->tcp.count ? &set->tcp : &set->tls;
    return group->count ? listener_address(group->all[0]) : NULL;
}

static int port_of(const struct listener_group *group)
{
    return group->count ? listener_port(group->all[0]) : 0;
}

int loop_port(const struct loop *loop)
{
    return port_of(&loop->listeners.tcp);
}

int loop_tls_port(const struct loop *loop)
{
    return port_of(&loop->listeners.tls);
}

const char *loop_socket_path(const struct loop *loop)
{
    return loop->listeners.path ? listener_address(loop->listeners.path) : NULL;
}

/* --- who may end it --- */

static void on_signal(uv_signal_t *handle, int number)
{
    struct loop *loop = handle->data;
    engine_log(loop->engine, 3, "Received %s scheduling shutdown...",
               number == SIGINT ? "SIGINT" : "SIGTERM");
    loop->engine->persistence.final_options = (uint32_t)config_integer(
        loop->engine->config,
        number == SIGINT ? CONFIG_SHUTDOWN_ON_SIGINT : CONFIG_SHUTDOWN_ON_SIGTERM);
    loop->engine->is_stopping = true;
}

void loop_handle_signals(struct loop *loop)
{
    static const int numbers[2] = {SIGTERM, SIGINT};
    for (int i = 0; i < 2; i++) {
        CHECK(uv_signal_init(&loop->uv, &loop->signals[i]) == 0);
        loop->signals[i].data = loop;
        uv_signal_start(&loop->signals[i], on_signal, numbers[i]);
    }
}

static void on_parent_end(uv_poll_t *poll, int status, int events)
{
    struct loop *loop = poll->data;
    (void)status;
    (void)events;
    loop->engine->is_stopping = true;
}

static void on_parent_check(uv_timer_t *timer)
{
    struct loop *loop = timer->data;
    if (getppid() != loop->parent_pid)
        loop->engine->is_stopping = true;
}

void loop_follow_parent(struct loop *loop)
{
    loop->parent_pid = getppid();
#ifdef SYS_pidfd_open
    loop->parent_fd = (int)syscall(SYS_pidfd_open, loop->parent_pid, 0);
#endif
    if (loop->parent_fd >= 0 && uv_poll_init(&loop->uv, &loop->parent, loop->parent_fd) == 0) {
        loop->parent.data = loop;
        uv_poll_start(&loop->parent, UV_READABLE, on_parent_end);
    } else {
        CHECK(uv_timer_init(&loop->uv, &loop->parent_timer) == 0);
        loop->parent_timer.data = loop;
        uv_timer_start(&loop->parent_timer, on_parent_check, PARENT_CHECK_MS, PARENT_CHECK_MS);
    }
    if (getppid() != loop->parent_pid)
        loop->engine->is_stopping = true;
}

void loop_stop(struct loop *loop)
{
    uv_async_send(&loop->stop);
}

bool loop_post(struct loop *loop, struct job *job)
{
    if (!job_queue_put(&loop->jobs, job))
        return false;
    uv_async_send(&loop->wake);
    return true;
}

/* --- the turn --- */

void loop_deadline_moved(struct loop *loop, const struct engine *engine)
{
    CHECK(engine->driver && engine->driver->turn == &loop->turn);
    engine->driver->is_stale = true;
    driver_touch(engine);
}

void loop_attach(struct loop *loop, struct engine *engine)
{
    driver_new(&loop->turn, engine);
}

void loop_detach(struct loop *loop, struct engine *engine)
{
    CHECK(engine->driver && engine->driver->turn == &loop->turn);
    driver_free(engine->driver);
}

void loop_set_deserted(struct loop *loop, struct loop_deserted deserted)
{
    loop->deserted = deserted;
}

void loop_look_for_deserted(struct loop *loop)
{
    loop->turn.has_deserted = true;
}

static void begin_turn(struct loop *loop)
{
    turn_begin(&loop->turn);
    listener_set_resume(&loop->listeners);
    turn_set_timers(&loop->turn);
}

struct cycle {
    uint64_t began;    /* by the stopwatch */
    uint64_t commands; /* there were by then */
};

static struct cycle begin_cycle(const struct engine *engine)
{
    return (struct cycle){.began = stopwatch_ticks(), .commands = engine->stats.commands};
}

/* What the turn did, without the wait for it, counts for the first engine. */
static void end_cycle(struct engine *engine, const struct cycle *cycle)
{
    struct engine_stats *stats = &engine->stats;
    uint64_t ticks = stopwatch_ticks() - cycle->began;
    uint64_t commands = stats->commands - cycle->commands;
    stats->cycles++;
    stats->cycle_ticks += ticks;
    if (ticks > stats->longest_cycle_ticks)
        stats->longest_cycle_ticks = ticks;
    if (commands > stats->most_commands_a_cycle && commands <= stats->commands)
        stats->most_commands_a_cycle = commands;
}

void loop_run(struct loop *loop)
{
    struct turn *turn = &loop->turn;
    while (!loop->engine->is_stopping) {
        begin_turn(loop);
        uv_run(&loop->uv, turn_has_work(turn) ? UV_RUN_NOWAIT : UV_RUN_ONCE);
        struct cycle cycle = begin_cycle(loop->engine);
        turn_tick(turn);
        turn_execute(turn);
        job_queue_run(&loop->jobs);
        turn_flush(turn);
        end_cycle(loop->engine, &cycle);
        if (turn->has_deserted && loop->deserted.tell)
            loop->deserted.tell(loop->deserted.context);
        turn->has_deserted = false;
    }
    job_queue_close(&loop->jobs);
    close_sockets(loop);
}

void loop_run_busy(struct loop *loop)
{
    job_queue_run(&loop->jobs);
    turn_run_busy(&loop->turn);
}

bool loop_converse(struct loop *loop, struct session *session, struct bytes output,
                   struct buffer *input, bool waits)
{
    return turn_converse(&loop->turn, session->stream, output, input, waits);
}
