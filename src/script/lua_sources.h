/* SPDX-License-Identifier: MIT */
/*
 * The Lua files below lua/, built into the program as strings (the Makefile writes their
 * definitions). lua/libraries/lock.lua is lua_source_libraries_lock: the path without "lua/" and
 * ".lua", with _ for every other mark.
 *
 *     luaL_loadbuffer(L, lua_source_sandbox, lua_source_sandbox_size, "@sandbox.lua");
 *
 * A new Lua file needs its two lines here. Each string ends with a zero byte that its size leaves
 * out.
 */
#ifndef UNDERSTUDY_SCRIPT_LUA_SOURCES_H
#define UNDERSTUDY_SCRIPT_LUA_SOURCES_H

#include <stddef.h>

/* What a script may see: the globals of Redis's sandbox. */
extern const char lua_source_sandbox[];
extern const size_t lua_source_sandbox_size;

#endif
