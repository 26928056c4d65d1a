/* SPDX-License-Identifier: MIT */
#include "net/trickle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void count(void *context)
{
    ++*(int *)context;
}

static void bytes_come_due_with_time(void **state)
{
    uv_loop_t uv;
    struct buffer output = {0};
    int woken = 0;
    (void)state;
    assert_int_equal(uv_loop_init(&uv), 0);
    buffer_append_string(&output, "0123456789");
    int64_t began_us = clock_monotonic_us();
    struct trickle *trickle = trickle_new(&uv, &output, 200, count, &woken);
    assert_non_null(trickle);
    assert_int_equal(output.size, 0);
    assert_int_equal(trickle_left(trickle), 10);
    size_t sent = 0;
    while (!trickle_is_done(trickle)) {
        uv_run(&uv, UV_RUN_ONCE);
        struct bytes due = trickle_due(trickle);
        assert_memory_equal(due.data, &"0123456789"[sent], due.size);
        sent += due.size;
        trickle_sent(trickle, due.size);
        /* Never more than time allows. */
        assert_true((double)sent <= (double)(clock_monotonic_us() - began_us) / 1e6 * 200);
    }
    assert_int_equal(sent, 10);
    assert_true(woken > 0);
    trickle_close(trickle);
    uv_run(&uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&uv), 0);
}

static void on_nothing(uv_async_t *async)
{
    (void)async;
}

/* libuv before 1.45 runs timers that are due first, and would then wait for others. */
static void a_loop_that_is_late_does_not_wait(void **state)
{
    uv_loop_t uv;
    uv_async_t other; /* something to wait for */
    struct buffer output = {0};
    int woken = 0;
    (void)state;
    assert_int_equal(uv_loop_init(&uv), 0);
    assert_int_equal(uv_async_init(&uv, &other, on_nothing), 0);
    buffer_append_string(&output, "0123456789");
    struct trickle *trickle = trickle_new(&uv, &output, 200, count, &woken);
    int64_t until_us = clock_monotonic_us() + 30000;
    while (clock_monotonic_us() < until_us)
        ;
    uv_run(&uv, UV_RUN_ONCE);
    assert_int_equal(woken, 1);
    trickle_close(trickle);
    uv_close((uv_handle_t *)&other, NULL);
    uv_run(&uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&uv), 0);
}

static void it_may_be_closed_half_way(void **state)
{
    uv_loop_t uv;
    struct buffer output = {0};
    int woken = 0;
    (void)state;
    assert_int_equal(uv_loop_init(&uv), 0);
    buffer_append_string(&output, "0123456789");
    trickle_close(trickle_new(&uv, &output, 1, count, &woken));
    trickle_close(NULL);
    uv_run(&uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&uv), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_due_with_time),
        cmocka_unit_test(a_loop_that_is_late_does_not_wait),
        cmocka_unit_test(it_may_be_closed_half_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
