/* SPDX-License-Identifier: MIT */
/*
 * Read-only tables on a Lua that has none: what a script sees is an empty table, the view, whose
 * metatable reads from the real table and refuses writes.
 *
 *     lua_getglobal(L, "string");
 *     readonly_push_view(L, -1);       // to be shown instead
 *
 * A script must not be able to tell, so the functions that look at a table raw (next, rawget,
 * getmetatable, table.insert ...) have versions here that know views.
 */
#ifndef UNDERSTUDY_SCRIPT_READONLY_H
#define UNDERSTUDY_SCRIPT_READONLY_H

#include <stdbool.h>

#include <lua.h>

/* Pushes a new view of the table at `index`. */
void readonly_push_view(lua_State *L, int index);

/* The same, when the real table has a metatable: `shown`, at that index, is what getmetatable gives
 * for the view. */
void readonly_push_view_with_metatable(lua_State *L, int index, int shown);

bool readonly_is_view(lua_State *L, int index);

/* Puts the real table in the place of a view at `index`, for a C function that only reads. */
void readonly_look_behind(lua_State *L, int index);

/* Pushes a table with the functions: next, pairs, rawget, rawset, setmetatable, getmetatable,
 * insert, foreach. getmetatable shows the table at `string_metatable` for strings. */
void readonly_push_functions(lua_State *L, int string_metatable);

#endif
