/* SPDX-License-Identifier: MIT */
/*
 * bit.tohex for the sandbox. LuaBitOp's own writes outside of its buffer when asked for -2^31 digits
 * (CVE-2024-31449); this one takes any count and prints at most eight.
 */
#ifndef UNDERSTUDY_SCRIPT_LIB_BIT_H
#define UNDERSTUDY_SCRIPT_LIB_BIT_H

#include <lua.h>

int lib_bit_tohex(lua_State *L);

#endif
