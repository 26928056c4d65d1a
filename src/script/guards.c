/* SPDX-License-Identifier: MIT */
/*
 * A guard calls the original C function within its own frame, so that error messages name the
 * function as usual. The original finds its upvalue where it expects it: the guard's second holds
 * the original.
 */
#include "script/guards.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#include "base/check.h"
#include "reply/errors.h"
#include "script/interpreter_private.h"
#include "script/json_guards.h"

#define LONGEST_PATTERN 20000 /* bytes; two make an item, an item two C frames */
#define HEX_DIGITS      8

int guards_run_original(lua_State *L)
{
    return lua_tocfunction(L, lua_upvalueindex(2))(L);
}

void guards_replace_field(lua_State *L, const char *name, lua_CFunction guard)
{
    lua_getfield(L, -1, name);
    lua_CFunction original = lua_tocfunction(L, -1);
    CHECK(original);
    if (!lua_getupvalue(L, -1, 1))
        lua_pushnil(L);
    lua_pushcfunction(L, original);
    lua_pushcclosure(L, guard, 2);
    lua_setfield(L, -3, name);
    lua_pop(L, 1);
}

static bool is_too_complex(lua_State *L)
{
    return lua_type(L, 2) == LUA_TSTRING && lua_objlen(L, 2) > LONGEST_PATTERN &&
           strpbrk(lua_tostring(L, 2), "^$*+?.([%-");
}

static int guard_pattern(lua_State *L)
{
    return is_too_complex(L) ? luaL_error(L, "pattern too complex") : guards_run_original(L);
}

/* string.find(text, pattern, start, is_plain): its fourth argument means nothing to its kin. */
static int guard_find(lua_State *L)
{
    return lua_toboolean(L, 4) ? guards_run_original(L) : guard_pattern(L);
}

/* string.rep. The original adds one piece after the other, for no bytes at all too. */
static int rep(lua_State *L)
{
    size_t size;
    const char *text = luaL_checklstring(L, 1, &size);
    int count = luaL_checkint(L, 2);
    if (size == 0 || count <= 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((size_t)count > lua_memory_left(&interpreter_of(L)->memory) / size)
        return luaL_error(L, ERROR_LUA_MEMORY);
    size_t total = size * (size_t)count;
    char *repeated = lua_newuserdata(L, total);
    memcpy(repeated, text, size);
    for (size_t filled = size; filled < total; filled *= 2)
        memcpy(repeated + filled, repeated, filled < total - filled ? filled : total - filled);
    lua_pushlstring(L, repeated, total);
    return 1;
}

static int unpack(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    int first = (int)luaL_optinteger(L, 2, 1);
    int last = lua_isnoneornil(L, 3) ? (int)lua_objlen(L, 1) : (int)luaL_checkinteger(L, 3);
    if (first > last)
        return 0;
    int64_t count = (int64_t)last - first + 1;
    if (count >= INT_MAX || !lua_checkstack(L, (int)count))
        return luaL_error(L, "too many results to unpack");
    for (int64_t i = first; i <= last; i++)
        lua_rawgeti(L, 1, (int)i);
    return (int)count;
}

/* As LuaBitOp normalizes: rounded to a whole number, modulo 2^32. */
static uint32_t check_bits(lua_State *L, int index)
{
    double shifted =
        luaL_checknumber(L, index) + 0x1.8p52; /* the number is in the mantissa's end */
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return (uint32_t)bits;
}

/* bit.tohex(number, count): a negative count asks for upper case. */
static int tohex(lua_State *L)
{
    uint32_t bits = check_bits(L, 1);
    int32_t count = lua_isnone(L, 2) ? HEX_DIGITS : (int32_t)check_bits(L, 2);
    const char *digits = count < 0 ? "0123456789ABCDEF" : "0123456789abcdef";
    int64_t wanted = count < 0 ? -(int64_t)count : count;
    size_t size = wanted < HEX_DIGITS ? (size_t)wanted : HEX_DIGITS;
    char text[HEX_DIGITS];
    for (size_t i = size; i > 0; i--, bits >>= 4)
        text[i - 1] = digits[bits & 15];
    lua_pushlstring(L, text, size);
    return 1;
}

void guards_install(lua_State *L)
{
    static const char *const pattern_functions[] = {"match", "gmatch", "gfind", "gsub"};
    lua_getglobal(L, "string");
    for (size_t i = 0; i < sizeof pattern_functions / sizeof pattern_functions[0]; i++)
        guards_replace_field(L, pattern_functions[i], guard_pattern);
    guards_replace_field(L, "find", guard_find);
    lua_pushcfunction(L, rep);
    lua_setfield(L, -2, "rep");
    lua_getglobal(L, "cjson");
    json_guards_install(L);
    lua_getglobal(L, "bit");
    lua_pushcfunction(L, tohex);
    lua_setfield(L, -2, "tohex");
    lua_pushcfunction(L, unpack);
    lua_setglobal(L, "unpack");
    lua_pop(L, 3);
}
