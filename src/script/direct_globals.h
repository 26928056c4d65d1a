/* SPDX-License-Identifier: MIT */
/*
 * Spares a script the views of its globals where its code cannot tell. The usual script names a
 * library only to take a function from it, `redis.call`, and never holds the table itself; so it
 * may read from the real tables, which it could write to, but does not. Its environment is then
 * another one, with real tables in the place of views:
 *
 *     direct_globals_push(L, globals_index);              // once a state
 *     enum globals_use use = direct_globals_judge(L, globals_index);   // of the chunk on top
 *     if (use != GLOBALS_SHOWN) ... lua_setfenv ...
 *
 * The judgement is made on the chunk's bytecode, nested functions included. What the chunk loads
 * when it runs is not judged: it has the usual environment, which is that of the state.
 */
#ifndef UNDERSTUDY_SCRIPT_DIRECT_GLOBALS_H
#define UNDERSTUDY_SCRIPT_DIRECT_GLOBALS_H

#include <lua.h>

enum globals_use {
    GLOBALS_SHOWN,        /* it may hold a library's table, or _G, or sets a global: views alone */
    GLOBALS_DIRECT,       /* it takes no more than fields from libraries */
    GLOBALS_LISTS_UNHELD, /* the same, and it takes no more than elements from KEYS and ARGV */
};

/* Pushes the environment for chunks that are direct: what the table at `globals` has, with what is
 * behind each view in its place. Without _G and the functions that load code, which would lead to
 * views of another KEYS. */
void direct_globals_push(lua_State *L, int globals);

enum globals_use direct_globals_judge(lua_State *L, int globals);

#endif
