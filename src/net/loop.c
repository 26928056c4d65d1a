/* SPDX-License-Identifier: MIT */
#include "net/loop.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "net/job_queue.h"
#include "net/listener_set.h"
#include "net/turn.h"

#define LONGEST_WAIT_MS 60000 /* the wall clock may be set: look again after this */
#define IDLE_CHECK_MS   1000
#define PARENT_CHECK_MS 250

struct loop {
    uv_loop_t uv;
    struct turn turn;
    struct engine *engine; /* borrowed */
    struct listener_set listeners;
    uv_async_t stop;
    uv_async_t wake;       /* a job was posted */
    struct job_queue jobs; /* of other threads */
    uv_timer_t deadline;
    int64_t
        deadline_ms; /* what the timer waits for, by the engine's clock; KEYSPACE_NEVER = stopped */
    bool is_deadline_stale; /* the timer must be set anew */
    bool is_due;            /* the timer fired, or the next one */
    uv_timer_t real;        /* for waits that real time ends */
    int64_t real_ms;        /* what it waits for; KEYSPACE_NEVER = stopped */
    uv_timer_t idle;
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

/* Timers only wake the loop: what is due happens outside of uv_run. */
static void on_deadline(uv_timer_t *timer)
{
    struct loop *loop = timer->data;
    loop->is_due = true;
}

static void on_real_deadline(uv_timer_t *timer)
{
    struct loop *loop = timer->data;
    loop->is_due = true;
    loop->real_ms = KEYSPACE_NEVER;
}

static void on_idle_check(uv_timer_t *timer)
{
    struct loop *loop = timer->data;
    engine_close_idle(loop->engine);
}

struct loop *loop_new(struct engine *engine)
{
    struct loop *loop = memory_zeroed(sizeof *loop);
    if (uv_loop_init(&loop->uv) != 0) {
        memory_free(loop);
        return NULL;
    }
    loop->engine = engine;
    loop->deadline_ms = KEYSPACE_NEVER;
    loop->real_ms = KEYSPACE_NEVER;
    loop->parent_fd = -1;
    turn_init(&loop->turn, &loop->uv, engine);
    CHECK(uv_async_init(&loop->uv, &loop->stop, on_stop) == 0);
    CHECK(uv_async_init(&loop->uv, &loop->wake, on_wake) == 0);
    job_queue_init(&loop->jobs);
    CHECK(uv_timer_init(&loop->uv, &loop->deadline) == 0);
    CHECK(uv_timer_init(&loop->uv, &loop->real) == 0);
    CHECK(uv_timer_init(&loop->uv, &loop->idle) == 0);
    loop->stop.data = loop->deadline.data = loop->real.data = loop->idle.data = loop;
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
    if (!loop)
        return;
    close_sockets(loop);
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop->uv) == 0);
    turn_clear(&loop->turn);
    job_queue_clear(&loop->jobs);
    if (loop->parent_fd >= 0)
        close(loop->parent_fd);
    memory_free(loop);
}

/* --- listening --- */

bool loop_listen(struct loop *loop, char *error, size_t error_size)
{
    return listener_set_open(&loop->listeners, &loop->turn, loop->engine->config, error,
                             error_size);
}

bool loop_move(struct loop *loop, char *error, size_t error_size)
{
    return listener_set_move(&loop->listeners, &loop->turn, loop->engine->config, error,
                             error_size);
}

const char *loop_host(const struct loop *loop)
{
    return loop->listeners.tcp_count ? listener_address(loop->listeners.tcp[0]) : NULL;
}

int loop_port(const struct loop *loop)
{
    return loop->listeners.tcp_count ? listener_port(loop->listeners.tcp[0]) : 0;
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

/* When time is not moved the deadline waited for changes seldom: most turns end at the first test.
 */
static void wait_for_deadline(struct loop *loop)
{
    int64_t deadline = engine_next_deadline(loop->engine);
    if (deadline == loop->deadline_ms && !loop->is_deadline_stale)
        return;
    loop->is_deadline_stale = false;
    loop->deadline_ms = deadline;
    if (deadline == KEYSPACE_NEVER) {
        uv_timer_stop(&loop->deadline);
        return;
    }
    int64_t until_us = deadline < INT64_MAX / 1000 ? deadline * 1000 : INT64_MAX;
    int64_t wait_us = clock_wait_us(loop->engine->clock, until_us);
    if (wait_us == CLOCK_NEVER) {
        uv_timer_stop(&loop->deadline);
        return;
    }
    int64_t wait = (wait_us + 999) / 1000;
    if (wait <= 0) {
        engine_tick(loop->engine);
        loop->is_deadline_stale = engine_next_deadline(loop->engine) != deadline;
        wait = loop->is_deadline_stale ? 0 : LONGEST_WAIT_MS; /* expiry may be switched off */
    }
    if (wait > LONGEST_WAIT_MS)
        wait = LONGEST_WAIT_MS;
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->deadline, on_deadline, (uint64_t)wait, 0);
}

/* Of those there are few: a timeout that a test gives to one of its own waits. */
static void wait_for_real_deadline(struct loop *loop)
{
    int64_t deadline = blocking_next_real_deadline(&loop->engine->blocking);
    if (deadline == loop->real_ms)
        return;
    loop->real_ms = deadline;
    if (deadline == KEYSPACE_NEVER) {
        uv_timer_stop(&loop->real);
        return;
    }
    int64_t wait = deadline - clock_monotonic_us() / 1000;
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->real, on_real_deadline, wait > 0 ? (uint64_t)wait : 0, 0);
}

void loop_deadline_moved(struct loop *loop)
{
    loop->is_deadline_stale = true;
}

/* A second by the engine's clock, or by ours if it stands. */
static uint64_t idle_check_ms(const struct loop *loop)
{
    const struct clock *clock = loop->engine->clock;
    int64_t wait_us = clock_wait_us(clock, clock_now_us(clock) + IDLE_CHECK_MS * 1000);
    if (wait_us > IDLE_CHECK_MS * 1000)
        return IDLE_CHECK_MS;
    return (uint64_t)(wait_us / 1000 > 10 ? wait_us / 1000 : 10);
}

static void watch_idle_clients(struct loop *loop)
{
    bool is_wanted = config_integer(loop->engine->config, CONFIG_TIMEOUT) > 0 ||
                     loop->engine->limits.above_soft > 0;
    bool is_active = uv_is_active((uv_handle_t *)&loop->idle);
    if (is_wanted && !is_active)
        uv_timer_start(&loop->idle, on_idle_check, idle_check_ms(loop), 0);
    else if (!is_wanted && is_active)
        uv_timer_stop(&loop->idle);
}

static void begin_turn(struct loop *loop)
{
    turn_begin(&loop->turn);
    blocking_resume(loop->engine);
    listener_set_resume(&loop->listeners);
    watch_idle_clients(loop);
    wait_for_deadline(loop);
    wait_for_real_deadline(loop);
}

void loop_run(struct loop *loop)
{
    struct turn *turn = &loop->turn;
    while (!loop->engine->is_stopping) {
        begin_turn(loop);
        uv_run(&loop->uv, turn_has_work(turn) ? UV_RUN_NOWAIT : UV_RUN_ONCE);
        if (loop->is_due) {
            loop->is_due = false;
            loop->is_deadline_stale = true;
            engine_tick(loop->engine);
        }
        turn_execute(turn);
        job_queue_run(&loop->jobs);
        turn_flush(turn);
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
