/* SPDX-License-Identifier: MIT */
/*
 * MessagePack to Lua values; what the library cmsgpack reads with.
 *
 *     while (left.size > 0)
 *         left = msgpack_decode_push(L, left);
 */
#ifndef UNDERSTUDY_SCRIPT_MSGPACK_DECODE_H
#define UNDERSTUDY_SCRIPT_MSGPACK_DECODE_H

#include <lua.h>

#include "base/bytes.h"

/* Pushes the value that the data begins with and returns what is behind it. Raises a Lua error when
 * the data ends too early, is no MessagePack, or nests deeper than Lua's stack reaches. */
struct bytes msgpack_decode_push(lua_State *L, struct bytes data);

#endif
