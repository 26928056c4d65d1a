/* SPDX-License-Identifier: MIT */
/*
 * Lua values as the debugger shows them: "text\n", 42, {1; 2}, {["name"]=true}, "function@0x5581".
 */
#ifndef UNDERSTUDY_SCRIPT_DEBUGGER_PRINT_H
#define UNDERSTUDY_SCRIPT_DEBUGGER_PRINT_H

#include <stddef.h>

#include <lua.h>

#include "base/buffer.h"

/* Appends the value at `index`. It ends early when `out` has more than `limit` bytes. Raises
 * nothing, as long as memory is strict (lua_memory.h). */
void debugger_print_value(lua_State *L, int index, struct buffer *out, size_t limit);

/* What went wrong, by the error on top of L: its text, or that of its field `err`. */
void debugger_print_error(lua_State *L, struct buffer *out);

#endif
