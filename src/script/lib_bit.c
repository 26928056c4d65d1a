/* SPDX-License-Identifier: MIT */
#include "script/lib_bit.h"

#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#define DIGITS 8

/* As LuaBitOp normalizes: rounded to a whole number, modulo 2^32. */
static uint32_t check_bits(lua_State *L, int index)
{
    double shifted =
        luaL_checknumber(L, index) + 0x1.8p52; /* the mantissa's low bits are the number */
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return (uint32_t)bits;
}

int lib_bit_tohex(lua_State *L)
{
    uint32_t bits = check_bits(L, 1);
    int32_t count = lua_isnone(L, 2) ? DIGITS : (int32_t)check_bits(L, 2);
    const char *digits = count < 0 ? "0123456789ABCDEF" : "0123456789abcdef";
    int64_t wanted = count < 0 ? -(int64_t)count : count;
    size_t size = wanted < DIGITS ? (size_t)wanted : DIGITS;
    char text[DIGITS];
    for (size_t i = size; i > 0; i--, bits >>= 4)
        text[i - 1] = digits[bits & 15];
    lua_pushlstring(L, text, size);
    return 1;
}
