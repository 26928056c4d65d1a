/* SPDX-License-Identifier: MIT */
#include "script/json_guards.h"

#include <lauxlib.h>

#include "base/check.h"
#include "reply/errors.h"
#include "script/guards.h"
#include "script/interpreter_private.h"
#include "script/json_bound.h"
#include "script/readonly.h"

static size_t memory_left(lua_State *L)
{
    return lua_memory_left(&interpreter_of(L)->memory);
}

/* The guard's third and fourth upvalues tell the encoder's settings. */
static int guard_encode(lua_State *L)
{
    if (lua_gettop(L) != 1)
        return guards_run_original(L); /* there is an error to raise */
    readonly_look_behind(L, 1);
    struct json_settings settings = {lua_upvalueindex(3), lua_upvalueindex(4)};
    if (json_bound_holds(L, 1, settings, memory_left(L)))
        return guards_run_original(L);
    lua_gc(L, LUA_GCCOLLECT, 0);
    if (json_bound_holds(L, 1, settings, memory_left(L)))
        return guards_run_original(L);
    return luaL_error(L, ERROR_LUA_MEMORY);
}

static int guard_decode(lua_State *L)
{
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING)
        return guards_run_original(L);
    struct bytes text;
    text.data = lua_tolstring(L, 1, &text.size);
    if (json_bound_holds_decoded(text, memory_left(L)))
        return guards_run_original(L);
    lua_gc(L, LUA_GCCOLLECT, 0);
    if (json_bound_holds_decoded(text, memory_left(L)))
        return guards_run_original(L);
    return luaL_error(L, ERROR_LUA_MEMORY);
}

/* cjson.new gives another module, with functions of its own. */
static int guard_new(lua_State *L)
{
    int count = guards_run_original(L);
    if (count == 1 && lua_istable(L, -1))
        json_guards_install(L);
    return count;
}

void json_guards_install(lua_State *L)
{
    lua_getfield(L, -1, "encode");
    lua_CFunction encode = lua_tocfunction(L, -1);
    CHECK(encode && lua_getupvalue(L, -1, 1));
    lua_pushcfunction(L, encode);
    lua_getfield(L, -4, "encode_sparse_array");
    lua_getfield(L, -5, "encode_max_depth");
    lua_pushcclosure(L, guard_encode, 4);
    lua_setfield(L, -3, "encode");
    lua_pop(L, 1);
    guards_replace_field(L, "decode", guard_decode);
    guards_replace_field(L, "new", guard_new);
}
