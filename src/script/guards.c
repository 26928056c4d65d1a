/* SPDX-License-Identifier: MIT */
/*
 * A guard calls the original C function within its own frame, so that error messages name the
 * function as usual. The original finds its upvalue where it expects it: the guard's second holds
 * the original.
 */
#include "script/guards.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#include "base/check.h"
#include "script/interpreter_private.h"
#include "script/json_bound.h"
#include "script/readonly.h"

#define LONGEST_PATTERN  20000             /* bytes; two make an item, an item two C frames */
#define ENCODABLE_MEMORY ((size_t)1 << 28) /* no string of 2^31 / 6 bytes fits into it */
#define HEX_DIGITS       8

static int run_original(lua_State *L)
{
    return lua_tocfunction(L, lua_upvalueindex(2))(L);
}

/* Replaces a field of the table on top, a C function of at most one upvalue. */
static void guard_field(lua_State *L, const char *name, lua_CFunction guard)
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

/* string.find(text, pattern, start, is_plain) and its kin. */
static int guard_pattern(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING && lua_objlen(L, 2) > LONGEST_PATTERN) {
        const char *pattern = lua_tostring(L, 2);
        if (!lua_toboolean(L, 4) && strpbrk(pattern, "^$*+?.([%-"))
            return luaL_error(L, "pattern too complex");
    }
    return run_original(L);
}

static int guard_encode(lua_State *L)
{
    const struct lua_memory *memory = &interpreter_of(L)->memory;
    if (memory->used > ENCODABLE_MEMORY)
        lua_gc(L, LUA_GCCOLLECT, 0);
    if (memory->used > ENCODABLE_MEMORY)
        return luaL_error(L, "not enough memory");
    if (lua_gettop(L) != 1)
        return run_original(L); /* there is an error to raise */
    readonly_look_behind(L, 1);
    struct json_settings settings = {lua_upvalueindex(3), lua_upvalueindex(4)};
    if (lua_type(L, 1) == LUA_TTABLE && !json_bound_holds(L, 1, settings))
        return luaL_error(L, "not enough memory");
    return run_original(L);
}

/* In the module on top. The guard's third and fourth upvalues tell the encoder's settings. */
static void guard_encoder(lua_State *L)
{
    lua_getfield(L, -1, "encode");
    lua_CFunction original = lua_tocfunction(L, -1);
    CHECK(original && lua_getupvalue(L, -1, 1));
    lua_pushcfunction(L, original);
    lua_getfield(L, -4, "encode_sparse_array");
    lua_getfield(L, -5, "encode_max_depth");
    lua_pushcclosure(L, guard_encode, 4);
    lua_setfield(L, -3, "encode");
    lua_pop(L, 1);
}

/* cjson.new gives another module, with an `encode` of its own. */
static int guard_new(lua_State *L)
{
    int count = run_original(L);
    if (count == 1 && lua_istable(L, -1)) {
        guard_encoder(L);
        guard_field(L, "new", guard_new);
    }
    return count;
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
    static const char *const pattern_functions[] = {"find", "match", "gmatch", "gfind", "gsub"};
    lua_getglobal(L, "string");
    for (size_t i = 0; i < sizeof pattern_functions / sizeof pattern_functions[0]; i++)
        guard_field(L, pattern_functions[i], guard_pattern);
    lua_getglobal(L, "cjson");
    guard_encoder(L);
    guard_field(L, "new", guard_new);
    lua_getglobal(L, "bit");
    lua_pushcfunction(L, tohex);
    lua_setfield(L, -2, "tohex");
    lua_pushcfunction(L, unpack);
    lua_setglobal(L, "unpack");
    lua_pop(L, 3);
}
