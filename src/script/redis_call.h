/* SPDX-License-Identifier: MIT */
/*
 * redis.call and redis.pcall: from Lua arguments to a command and back, without a byte of RESP.
 */
#ifndef UNDERSTUDY_SCRIPT_REDIS_CALL_H
#define UNDERSTUDY_SCRIPT_REDIS_CALL_H

#include <lua.h>

#include "base/bytes.h"

struct interpreter;

/* lua_CFunctions. The first raises the error that a command answers, the second returns it. */
int redis_call_raising(lua_State *L);
int redis_call_protected(lua_State *L);

/* The arguments 1 to top of a C function as slices, borrowed: valid while the function's stack is
 * as it is. `room` serves up to `room_size` of them. NULL, with `*error` set, when one is neither a
 * string nor a number, or when there are none. */
const struct bytes *redis_call_arguments(lua_State *L, struct interpreter *interpreter,
                                         struct bytes *room, int room_size, int *argc,
                                         const char **error);

#endif
