/* SPDX-License-Identifier: MIT */
/*
 * Whether what a script returns is small enough to be answered. A few tables that name one another
 * can stand for more values than any memory has room for.
 *
 *     if (!reply_bound_holds(L, room)) ...   // an error instead
 */
#ifndef UNDERSTUDY_SCRIPT_REPLY_BOUND_H
#define UNDERSTUDY_SCRIPT_REPLY_BOUND_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/* The value is on top, and stays there. `room`: bytes of strings, and some for each other value. */
bool reply_bound_holds(lua_State *L, size_t room);

#endif
