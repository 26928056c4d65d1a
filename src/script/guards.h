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
 * string.find, match, gmatch, gsub    recurse once for each item of the pattern
 * cjson.encode overflows an int for strings of 358 MB (CVE-2022-24834), and ends the process when
 *              its output passes 2 GB
 */
#ifndef UNDERSTUDY_SCRIPT_GUARDS_H
#define UNDERSTUDY_SCRIPT_GUARDS_H

#include <lua.h>

void guards_install(lua_State *L);

#endif
