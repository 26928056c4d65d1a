/* SPDX-License-Identifier: MIT */
/* The function libraries of lua/libraries as strings, as script/lua_sources.h has the others. */
#ifndef UNDERSTUDY_BACKEND_LUA_LIBRARIES_H
#define UNDERSTUDY_BACKEND_LUA_LIBRARIES_H

#include <stddef.h>

extern const char lua_source_libraries_lock[];
extern const size_t lua_source_libraries_lock_size;
extern const char lua_source_libraries_state[];
extern const size_t lua_source_libraries_state_size;

#endif
