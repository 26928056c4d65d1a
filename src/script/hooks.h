/* SPDX-License-Identifier: MIT */
/*
 * What looks at a script while it runs: once in so many instructions, whether it has run too long.
 */
#ifndef UNDERSTUDY_SCRIPT_HOOKS_H
#define UNDERSTUDY_SCRIPT_HOOKS_H

#include <lua.h>

/* For a new state; coroutines take it over. Also after a run that was killed. */
void hooks_install(lua_State *L);

#endif
