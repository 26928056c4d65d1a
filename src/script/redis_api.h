/* SPDX-License-Identifier: MIT */
/*
 * The table `redis` of a script: call, pcall, error_reply and so on.
 * https://redis.io/docs/latest/develop/interact/programmability/lua-api/#redis_object
 */
#ifndef UNDERSTUDY_SCRIPT_REDIS_API_H
#define UNDERSTUDY_SCRIPT_REDIS_API_H

#include <lua.h>

/* Pushes a new table with all of it. */
void redis_api_push(lua_State *L);

/* `random` and `randomseed` of the table `math`: the same numbers as in Redis. */
int redis_api_random(lua_State *L);
int redis_api_randomseed(lua_State *L);

#define REDIS_API_RANDOM_START 0x1234abcd330eU /* the state of rand48 before any seed */

#endif
