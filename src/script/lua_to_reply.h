/* SPDX-License-Identifier: MIT */
/*
 * What a script returned, as the client's reply:
 * https://redis.io/docs/latest/develop/interact/programmability/lua-api/#lua-to-resp2
 *
 *     lua_to_reply(interpreter, L, reply);   // the value on top of L; popped
 */
#ifndef UNDERSTUDY_SCRIPT_LUA_TO_REPLY_H
#define UNDERSTUDY_SCRIPT_LUA_TO_REPLY_H

#include <lua.h>

struct interpreter;
struct reply;

/* Never raises: tables are read raw. */
void lua_to_reply(struct interpreter *interpreter, lua_State *L, struct reply *reply);

#endif
