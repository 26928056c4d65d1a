/* SPDX-License-Identifier: MIT */
/*
 * What a script sees: lua/sandbox.lua says which globals, this makes them so.
 *
 *     sandbox_open(L);    // a new state: libraries opened, globals replaced
 *
 * Afterwards the state's stack holds what enum interpreter_slot says, and every chunk that is
 * loaded gets the read-only globals.
 */
#ifndef UNDERSTUDY_SCRIPT_SANDBOX_H
#define UNDERSTUDY_SCRIPT_SANDBOX_H

#include <lua.h>

void sandbox_open(lua_State *L);

/* The table on top gets a metatable that refuses unknown names; pushes a view of it, such as _G. */
void sandbox_push_strict_view(lua_State *L);

#endif
