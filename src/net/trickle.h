/* SPDX-License-Identifier: MIT */
/*
 * Output that is sent slowly: so many bytes a second, by a timer of the loop.
 *
 *     struct trickle *trickle = trickle_new(loop, &session->output, 100, wake, connection);
 *     struct bytes due = trickle_due(trickle);      // send them now
 *     trickle_sent(trickle, count);
 *     if (trickle_is_done(trickle)) trickle_close(trickle);
 *
 * The timer only wakes; who sends is the flush step of the turn. Real time counts, whatever a test
 * has done to the server's clock.
 */
#ifndef UNDERSTUDY_NET_TRICKLE_H
#define UNDERSTUDY_NET_TRICKLE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct trickle;

/* Takes what is in `output`, which is then empty. `wake` is called, within uv_run, whenever more is
 * due. NULL when the system has no timer for it; `output` is then left as it is. */
struct trickle *trickle_new(uv_loop_t *uv, struct buffer *output, int64_t bytes_per_second,
                            void (*wake)(void *context), void *context);

/* Frees once libuv lets it go. Accepts NULL. */
void trickle_close(struct trickle *trickle);

/* What may be sent by now. */
struct bytes trickle_due(struct trickle *trickle);
void trickle_sent(struct trickle *trickle, size_t count);

/* Whether all was sent. */
bool trickle_is_done(const struct trickle *trickle);
/* Bytes that are not sent yet. */
size_t trickle_left(const struct trickle *trickle);

#endif
