/* SPDX-License-Identifier: MIT */
/*
 * The library `struct` of scripts: numbers and strings to packed bytes and back.
 *
 *     struct.pack(">I2s", 7, "ab")          "\0\7ab\0"
 *     struct.unpack(">I2s", data, 1)        7, "ab", position after them
 *     struct.size("!4bi")                   8
 *
 * A format is a row of letters, read up to its first zero byte:
 *
 *     > <     big or little endian from here on (at first as the machine)
 *     !N      fields lie at multiples of their size, at most N (8 without N; 1 at first)
 *     bB hH lL T      1, 2, 8 and 8 bytes, lower case signed
 *     iN IN   N bytes, 4 without N, 32 at most
 *     f d     float, double
 *     s       a string and a zero byte
 *     cN      N bytes of a string, 1 without N; c0 the whole string, or as many as the number read
 *             before says
 *     x       a zero byte
 */
#ifndef UNDERSTUDY_SCRIPT_LIB_STRUCT_H
#define UNDERSTUDY_SCRIPT_LIB_STRUCT_H

#include <lua.h>

/* Pushes the library's table. */
int lib_struct_open(lua_State *L);

#endif
