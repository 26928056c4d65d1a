/* SPDX-License-Identifier: MIT */
/*
 * lua-cjson keeps what it writes, and each string that it reads, in memory that is not Lua's. A Lua
 * error loses that memory, a length past 2^31 overflows (CVE-2022-24834) or ends the process. So
 * whether there is room for the outcome is asked before.
 */
#ifndef UNDERSTUDY_SCRIPT_JSON_GUARDS_H
#define UNDERSTUDY_SCRIPT_JSON_GUARDS_H

#include <lua.h>

/* Guards the module on top of the stack: `encode`, `decode`, and `new`, whose modules are guarded
 * as well. */
void json_guards_install(lua_State *L);

#endif
