/* SPDX-License-Identifier: MIT */
/*
 * A question to another server over a connection of its own. The whole server waits meanwhile, as
 * Redis does when it migrates a key.
 *
 *     struct engine_exchange exchange = {.host = "127.0.0.1", .port = 6379, ...};
 *     if (exchange_run(&exchange, &answer) == EXCHANGE_DONE) ...
 */
#ifndef UNDERSTUDY_NET_EXCHANGE_H
#define UNDERSTUDY_NET_EXCHANGE_H

#include "base/buffer.h"
#include "engine/engine.h"

/* engine_host.exchange */
enum engine_exchange_result exchange_run(const struct engine_exchange *exchange,
                                         struct buffer *answer);

#endif
