/* SPDX-License-Identifier: MIT */
/*
 * Library functions that a script could break the process with, closed: each is replaced by one
 * that does the same within bounds, or by one that looks at the arguments and then runs the
 * original.
 *
 *     guards_install(L);       // in a new state, before the libraries become views
 *
 * bit.tohex    writes outside of its buffer for -2^31 digits (CVE-2024-31449)
 * unpack       overflows an int for ranges as wide as one, and writes outside of the stack
 *              (CVE-2025-46817)
 * string.find, match, gmatch, gsub    recurse once for each item of the pattern
 * string.rep   adds nothing 2^31 times, or fills memory before it fails
 * cjson        see json_guards.h
 */
#ifndef UNDERSTUDY_SCRIPT_GUARDS_H
#define UNDERSTUDY_SCRIPT_GUARDS_H

#include <lua.h>

void guards_install(lua_State *L);

/* Replaces a field of the table on top, a C function of at most one upvalue. */
void guards_replace_field(lua_State *L, const char *name, lua_CFunction guard);

/* Within such a guard: what it replaced, in the guard's own frame. */
int guards_run_original(lua_State *L);

#endif
