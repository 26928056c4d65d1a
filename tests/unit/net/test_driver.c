/* SPDX-License-Identifier: MIT */
#include "net/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/server_fixture.h"

static void on_nothing(uv_async_t *async)
{
    (void)async;
}

/* A wait that ends between the setting of the timer and the loop's turn, with nobody else there who
 * would end the turn: libuv before 1.45 runs the timer and then waits for sockets, if it is let. */
static void a_deadline_that_passes_before_the_loop_looks_is_met(void **state)
{
    struct server_fixture *server = *state;
    struct turn turn;
    uv_loop_t uv;
    uv_async_t other; /* something to wait for */
    virtual_clock_resume(&server->clock);
    assert_int_equal(uv_loop_init(&uv), 0);
    assert_int_equal(uv_async_init(&uv, &other, on_nothing), 0);
    turn_init(&turn, &uv, server->engine);
    struct driver *driver = driver_new(&turn, server->engine);
    struct session *waiter = server_fixture_session(server);
    run_command(waiter, "BLPOP k 0.02");
    driver_touch(server->engine);
    turn_begin(&turn);
    turn_set_timers(&turn);
    int64_t until_us = clock_monotonic_us() + 60000;
    while (clock_monotonic_us() < until_us)
        ;
    while (waiter->blocked) { /* the timer's millisecond may be another than the clock's */
        uv_run(&uv, turn_has_work(&turn) ? UV_RUN_NOWAIT : UV_RUN_ONCE);
        turn_tick(&turn);
        turn_set_timers(&turn);
    }
    session_free(waiter);
    driver_free(driver);
    uv_close((uv_handle_t *)&other, NULL);
    uv_run(&uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&uv), 0);
    turn_clear(&turn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_deadline_that_passes_before_the_loop_looks_is_met, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
