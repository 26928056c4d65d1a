/* SPDX-License-Identifier: MIT */
/*
 * A view's metatable holds, under keys that no script can make, the real table and, if it has one,
 * the metatable to show. These two must never reach a script.
 */
#include "script/readonly.h"

#include <stdbool.h>

#include <lauxlib.h>

#include "reply/errors.h"
#include "script/script_checks.h"

/* Addresses serve as keys. */
static const char real_key = 'r';
static const char shown_key = 's';

static void push_key(lua_State *L, const char *key)
{
    lua_pushlightuserdata(L, (void *)key);
}

/* t[key] = value by assignment: the error has a place in the script in front. */
static int refuse_assignment(lua_State *L)
{
    script_checks_note_assignment(L);
    return luaL_error(L, ERROR_LUA_READ_ONLY);
}

/* By a function: the error has none. */
static int refuse_change(lua_State *L)
{
    script_checks_note_assignment(L);
    lua_pushliteral(L, ERROR_LUA_READ_ONLY);
    return lua_error(L);
}

static int absolute(lua_State *L, int index)
{
    return index < 0 ? lua_gettop(L) + index + 1 : index;
}

void readonly_push_view(lua_State *L, int index)
{
    index = absolute(L, index);
    lua_newtable(L);
    lua_newtable(L);
    push_key(L, &real_key);
    lua_pushvalue(L, index);
    lua_rawset(L, -3);
    lua_pushvalue(L, index);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_assignment);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
}

void readonly_push_view_with_metatable(lua_State *L, int index, int shown)
{
    shown = absolute(L, shown);
    readonly_push_view(L, index);
    lua_getmetatable(L, -1);
    push_key(L, &shown_key);
    lua_pushvalue(L, shown);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* Whether the value at `index` is a view; pushes what its metatable holds under the key if so. */
static bool push_hidden(lua_State *L, int index, const char *key)
{
    if (!lua_getmetatable(L, index))
        return false;
    push_key(L, &real_key);
    lua_rawget(L, -2);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 2);
        return false;
    }
    if (key != &real_key) {
        lua_pop(L, 1);
        push_key(L, key);
        lua_rawget(L, -2);
    }
    lua_remove(L, -2);
    return true;
}

bool readonly_is_view(lua_State *L, int index)
{
    if (!push_hidden(L, index, &real_key))
        return false;
    lua_pop(L, 1);
    return true;
}

void readonly_look_behind(lua_State *L, int index)
{
    if (push_hidden(L, index, &real_key))
        lua_replace(L, index);
}

static int next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    readonly_look_behind(L, 1);
    if (lua_next(L, 1))
        return 2;
    lua_pushnil(L);
    return 1;
}

/* The generator is the `next` of the sandbox, kept as upvalue. */
static int pairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int rawget(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    readonly_look_behind(L, 1);
    lua_rawget(L, 1);
    return 1;
}

static int rawset(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    if (readonly_is_view(L, 1))
        return refuse_change(L);
    lua_rawset(L, 1);
    return 1;
}

static int getmetatable(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING) {
        lua_pushvalue(L, lua_upvalueindex(1));
        return 1;
    }
    if (push_hidden(L, 1, &shown_key))
        return 1;
    if (!lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    luaL_getmetafield(L, 1, "__metatable");
    return 1; /* the field if there is one, else the metatable */
}

static int setmetatable(lua_State *L)
{
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
    if (readonly_is_view(L, 1))
        return refuse_change(L);
    if (luaL_getmetafield(L, 1, "__metatable"))
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

/* table.insert(t, [position,] value) */
static int insert(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    int position = (int)lua_objlen(L, 1) + 1;
    switch (lua_gettop(L)) {
    case 2:
        break;
    case 3: {
        int end = position;
        position = (int)luaL_checkinteger(L, 2);
        if (readonly_is_view(L, 1))
            break;
        if (position > end)
            end = position;
        for (; end > position; end--) {
            lua_rawgeti(L, 1, end - 1);
            lua_rawseti(L, 1, end);
        }
        break;
    }
    default:
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    if (readonly_is_view(L, 1))
        return refuse_change(L);
    lua_rawseti(L, 1, position);
    return 0;
}

/* table.foreach(t, function) */
static int foreach (lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    readonly_look_behind(L, 1);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pushvalue(L, 2);
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 1);
        if (!lua_isnil(L, -1))
            return 1;
        lua_pop(L, 2);
    }
    return 0;
}

static const luaL_Reg functions[] = {
    {"next", next},     {"rawget", rawget},   {"rawset", rawset}, {"setmetatable", setmetatable},
    {"insert", insert}, {"foreach", foreach}, {NULL, NULL},
};

void readonly_push_functions(lua_State *L, int string_metatable)
{
    string_metatable = absolute(L, string_metatable);
    lua_newtable(L);
    for (const luaL_Reg *function = functions; function->name; function++) {
        lua_pushcfunction(L, function->func);
        lua_setfield(L, -2, function->name);
    }
    lua_getfield(L, -1, "next");
    lua_pushcclosure(L, pairs, 1);
    lua_setfield(L, -2, "pairs");
    lua_pushvalue(L, string_metatable);
    lua_pushcclosure(L, getmetatable, 1);
    lua_setfield(L, -2, "getmetatable");
}
