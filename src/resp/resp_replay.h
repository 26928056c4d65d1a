/* SPDX-License-Identifier: MIT */
/*
 * Gives a value that is encoded as RESP2 or RESP3 to a reply, as if a command had answered it.
 *
 *     if (!resp_replay(BYTES_LITERAL("*1\r\n:5\r\n"), reply)) ...   // not one whole value
 */
#ifndef UNDERSTUDY_RESP_RESP_REPLAY_H
#define UNDERSTUDY_RESP_RESP_REPLAY_H

#include <stdbool.h>

#include "base/bytes.h"
#include "reply/reply.h"

/* False when `encoded` is not exactly one whole value; nothing is answered then. Attributes are
 * left out. */
bool resp_replay(struct bytes encoded, struct reply *reply);

#endif
