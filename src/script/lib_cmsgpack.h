/* SPDX-License-Identifier: MIT */
/*
 * The library `cmsgpack` of scripts: Lua values to MessagePack and back.
 *
 *     cmsgpack.pack({1, 2}, "x")            "\x92\1\2\xa1x": one after the other
 *     cmsgpack.unpack(data)                 all values in the data
 *     cmsgpack.unpack_one(data, offset)     offset after the value, or -1 at the end; the value
 *     cmsgpack.unpack_limit(data, count, offset)    the same with up to `count` values
 *
 * Numbers take the fewest bytes that keep them. A table is an array if its keys are 1 ... n, else a
 * map; what MessagePack lacks, and a table below 16 others, is nil. Neither way knows the types bin
 * and ext.
 */
#ifndef UNDERSTUDY_SCRIPT_LIB_CMSGPACK_H
#define UNDERSTUDY_SCRIPT_LIB_CMSGPACK_H

#include <lua.h>

/* Pushes the library's table. */
int lib_cmsgpack_open(lua_State *L);

#endif
