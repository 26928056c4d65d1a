/* SPDX-License-Identifier: MIT */
#include "net/driver.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/engine.h"

#define LONGEST_WAIT_MS 60000 /* the wall clock may be set: look again after this */
#define IDLE_CHECK_MS   1000

static void mark_due(struct driver *driver)
{
    list_mark(&driver->turn->due, &driver->due);
}

/* Timers only wake the loop: what is due happens outside of uv_run. It may run them before it waits
 * for sockets, as versions before 1.45 do, and then must not wait. */
static void on_timer(uv_timer_t *timer)
{
    struct driver *driver = timer->data;
    mark_due(driver);
    uv_stop(driver->turn->uv);
}

static void on_real_timer(uv_timer_t *timer)
{
    struct driver *driver = timer->data;
    driver->real_ms = KEYSPACE_NEVER;
    on_timer(timer);
}

struct driver *driver_new(struct turn *turn, struct engine *engine)
{
    struct driver *driver = memory_zeroed(sizeof *driver);
    driver->turn = turn;
    driver->engine = engine;
    driver->deadline_ms = KEYSPACE_NEVER;
    driver->idle_check_ms = KEYSPACE_NEVER;
    CHECK(uv_timer_init(turn->uv, &driver->timer) == 0);
    CHECK(uv_timer_init(turn->uv, &driver->real) == 0);
    driver->timer.data = driver->real.data = driver;
    driver->real_ms = KEYSPACE_NEVER;
    driver->open_timers = 2;
    list_append(&turn->drivers, &driver->node);
    engine->driver = driver;
    driver_touch(engine);
    return driver;
}

static void free_driver(uv_handle_t *handle)
{
    struct driver *driver = handle->data;
    if (--driver->open_timers == 0)
        memory_free(driver);
}

void driver_free(struct driver *driver)
{
    if (!driver)
        return;
    list_remove(&driver->turn->drivers, &driver->node);
    list_unmark(&driver->turn->due, &driver->due);
    list_unmark(&driver->turn->touched, &driver->touched);
    driver->engine->driver = NULL;
    uv_close((uv_handle_t *)&driver->timer, free_driver);
    uv_close((uv_handle_t *)&driver->real, free_driver);
}

static int64_t now_ms(const struct driver *driver)
{
    return clock_now_us(driver->engine->clock) / 1000;
}

/* Clients that may be silent or slow for so long are looked at once a second. */
static int64_t next_idle_check(const struct driver *driver)
{
    const struct engine *engine = driver->engine;
    bool has_limit = config_integer(engine->config, CONFIG_TIMEOUT) || engine->limits.above_soft;
    if (!has_limit || engine->cron_is_paused)
        return KEYSPACE_NEVER;
    int64_t latest_ms = now_ms(driver) + IDLE_CHECK_MS; /* the clock may have been moved back */
    return driver->idle_check_ms < latest_ms ? driver->idle_check_ms : latest_ms;
}

static int64_t next_deadline(struct driver *driver)
{
    int64_t deadline = engine_next_deadline(driver->engine);
    driver->idle_check_ms = next_idle_check(driver);
    return driver->idle_check_ms < deadline ? driver->idle_check_ms : deadline;
}

static int64_t wait_us_for(const struct driver *driver, int64_t deadline_ms)
{
    int64_t until_us = deadline_ms < INT64_MAX / 1000 ? deadline_ms * 1000 : INT64_MAX;
    return clock_wait_us(driver->engine->clock, until_us);
}

static void happen(struct driver *driver)
{
    engine_tick(driver->engine);
    eviction_continue(driver->engine);
    if (driver->idle_check_ms > now_ms(driver))
        return;
    driver->idle_check_ms = KEYSPACE_NEVER;
    engine_close_idle(driver->engine);
}

/* Of those there are few: a timeout that a test gives to one of its own waits. */
static void wait_for_real_deadline(struct driver *driver)
{
    int64_t deadline = blocking_next_real_deadline(&driver->engine->blocking);
    if (deadline == driver->real_ms)
        return;
    driver->real_ms = deadline;
    if (deadline == KEYSPACE_NEVER) {
        uv_timer_stop(&driver->real);
        return;
    }
    int64_t wait = deadline - clock_monotonic_us() / 1000;
    uv_update_time(driver->turn->uv);
    uv_timer_start(&driver->real, on_real_timer, wait > 0 ? (uint64_t)wait : 0, 0);
}

void driver_begin_turn(struct driver *driver)
{
    stopwatch_calibrate(&driver->engine->stopwatch);
    footprint_look_for_peak(driver->engine);
    blocking_resume(driver->engine);
    wait_for_real_deadline(driver);
    int64_t deadline = next_deadline(driver);
    if (deadline == driver->deadline_ms && !driver->is_stale)
        return;
    driver->is_stale = false;
    driver->deadline_ms = deadline;
    int64_t wait_us = deadline == KEYSPACE_NEVER ? CLOCK_NEVER : wait_us_for(driver, deadline);
    if (wait_us == CLOCK_NEVER) {
        uv_timer_stop(&driver->timer);
        return;
    }
    int64_t wait_ms = (wait_us + 999) / 1000;
    if (wait_ms == 0) {
        happen(driver);
        driver->is_stale = next_deadline(driver) != deadline || eviction_is_due(driver->engine);
        wait_ms = LONGEST_WAIT_MS; /* expiry may be switched off */
    }
    if (driver->is_stale) { /* there is more to do at once */
        uv_timer_stop(&driver->timer);
        mark_due(driver);
        return;
    }
    if (wait_ms > LONGEST_WAIT_MS)
        wait_ms = LONGEST_WAIT_MS;
    uv_update_time(driver->turn->uv);
    uv_timer_start(&driver->timer, on_timer, (uint64_t)wait_ms, 0);
}

void driver_tick(struct driver *driver)
{
    driver_touch(driver->engine);
    happen(driver);
    driver->is_stale = true;
}

void driver_touch(const struct engine *engine)
{
    struct driver *driver = engine->driver;
    if (driver)
        list_mark(&driver->turn->touched, &driver->touched);
}
