/* SPDX-License-Identifier: MIT */
#include "net/trickle.h"

#include "base/clock.h"
#include "base/memory.h"

#define STEPS_A_SECOND 50 /* sends a second, at most */

struct trickle {
    uv_timer_t timer; /* first */
    struct buffer bytes;
    size_t sent;
    int64_t rate;     /* bytes a second */
    int64_t began_us; /* clock_monotonic_us */
    void (*wake)(void *context);
    void *context;
};

static void on_time(uv_timer_t *timer)
{
    struct trickle *trickle = timer->data;
    trickle->wake(trickle->context);
    uv_stop(timer->loop); /* there is something to do before it waits: see driver.c */
}

struct trickle *trickle_new(uv_loop_t *uv, struct buffer *output, int64_t bytes_per_second,
                            void (*wake)(void *context), void *context)
{
    struct trickle *trickle = memory_zeroed(sizeof *trickle);
    if (uv_timer_init(uv, &trickle->timer) != 0) {
        memory_free(trickle);
        return NULL;
    }
    /* A byte comes as soon as it is due, but not more often than in so many steps a second. */
    int64_t steps = bytes_per_second < STEPS_A_SECOND ? bytes_per_second : STEPS_A_SECOND;
    uint64_t period_ms = (uint64_t)((1000 + steps - 1) / steps);
    trickle->timer.data = trickle;
    trickle->bytes = *output;
    *output = (struct buffer){0};
    trickle->rate = bytes_per_second;
    trickle->began_us = clock_monotonic_us();
    trickle->wake = wake;
    trickle->context = context;
    uv_update_time(uv);
    uv_timer_start(&trickle->timer, on_time, period_ms, period_ms);
    return trickle;
}

static void free_trickle(uv_handle_t *handle)
{
    struct trickle *trickle = handle->data;
    buffer_clear(&trickle->bytes);
    memory_free(trickle);
}

void trickle_close(struct trickle *trickle)
{
    if (trickle)
        uv_close((uv_handle_t *)&trickle->timer, free_trickle);
}

struct bytes trickle_due(struct trickle *trickle)
{
    double seconds = (double)(clock_monotonic_us() - trickle->began_us) / 1e6;
    double allowed = seconds * (double)trickle->rate;
    size_t due = allowed < (double)trickle->bytes.size ? (size_t)allowed : trickle->bytes.size;
    if (due <= trickle->sent)
        return bytes_of(NULL, 0);
    return bytes_of(trickle->bytes.data + trickle->sent, due - trickle->sent);
}

void trickle_sent(struct trickle *trickle, size_t count)
{
    trickle->sent += count;
}

bool trickle_is_done(const struct trickle *trickle)
{
    return trickle->sent == trickle->bytes.size;
}

size_t trickle_left(const struct trickle *trickle)
{
    return trickle->bytes.size - trickle->sent;
}
