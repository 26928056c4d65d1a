/* SPDX-License-Identifier: MIT */
/*
 * Loads Lua source text, and text alone: what starts like bytecode gets the syntax error that
 * Redis's Lua gives it, since a forged function could do anything.
 *
 *     int status = chunk_load(L, body, "@user_script");   // as lua_load: function or message on
 * top
 */
#ifndef UNDERSTUDY_SCRIPT_CHUNK_H
#define UNDERSTUDY_SCRIPT_CHUNK_H

#include <lua.h>

#include "base/bytes.h"

/* `name` is terminated. Not within a run: the text is parsed within a memory limit of its own. */
int chunk_load(lua_State *L, struct bytes text, const char *name);

/* The functions `load` and `loadstring` of the sandbox. */
int chunk_lua_load(lua_State *L);
int chunk_lua_loadstring(lua_State *L);

#endif
