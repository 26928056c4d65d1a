/* SPDX-License-Identifier: MIT */
/*
 * Tables may hold themselves, and wide ones many times: the depth is bounded, and so is what is
 * made, as a cut line does not show the rest.
 */
#include "script/debugger_print.h"

#include <lauxlib.h>

#include "script/readonly.h"

#define DEEPEST 10 /* tables within one another */

/* A list is a table whose keys come as 1, 2, 3 ... when it is walked. */
static bool is_list(lua_State *L, int table)
{
    lua_Number expected = 1;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TNUMBER || lua_tonumber(L, -1) != expected++) {
            lua_pop(L, 1);
            return false;
        }
    }
    return true;
}

static void print(lua_State *L, struct buffer *out, size_t limit, int depth);

/* The table on top; popped. */
static void print_table(lua_State *L, struct buffer *out, size_t limit, int depth)
{
    int table = lua_gettop(L);
    bool has_names = !is_list(L, table);
    bool is_first = true;
    buffer_append_byte(out, '{');
    lua_pushnil(L);
    while (out->size <= limit && lua_next(L, table)) {
        if (!is_first)
            buffer_append_string(out, "; ");
        is_first = false;
        if (has_names) {
            buffer_append_byte(out, '[');
            lua_pushvalue(L, -2);
            print(L, out, limit, depth);
            buffer_append_string(out, "]=");
        }
        print(L, out, limit, depth);
    }
    lua_settop(L, table - 1);
    buffer_append_byte(out, '}');
}

static void print_pointer(lua_State *L, struct buffer *out)
{
    int type = lua_type(L, -1);
    const char *name = type == LUA_TLIGHTUSERDATA ? "light-userdata" : lua_typename(L, type);
    buffer_append_format(out, "\"%s@%p\"", name, lua_topointer(L, -1));
    lua_pop(L, 1);
}

static void print_string(lua_State *L, struct buffer *out, size_t limit)
{
    struct bytes text;
    text.data = lua_tolstring(L, -1, &text.size);
    if (text.size > limit) /* the line is cut before its end */
        text.size = limit;
    buffer_append_quoted(out, text);
    lua_pop(L, 1);
}

/* The value on top; popped. */
static void print(lua_State *L, struct buffer *out, size_t limit, int depth)
{
    if (depth == DEEPEST) {
        buffer_append_string(out, "<max recursion level reached! Nested table?>");
        lua_pop(L, 1);
        return;
    }
    switch (lua_type(L, -1)) {
    case LUA_TNIL:
        buffer_append_string(out, "nil");
        break;
    case LUA_TBOOLEAN:
        buffer_append_string(out, lua_toboolean(L, -1) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        buffer_append_format(out, "%g", lua_tonumber(L, -1));
        break;
    case LUA_TSTRING:
        print_string(L, out, limit);
        return;
    case LUA_TTABLE:
        readonly_look_behind(L, lua_gettop(L));
        print_table(L, out, limit, depth + 1);
        return;
    default:
        print_pointer(L, out);
        return;
    }
    lua_pop(L, 1);
}

void debugger_print_value(lua_State *L, int index, struct buffer *out, size_t limit)
{
    if (!lua_checkstack(L, DEEPEST * 5 + LUA_MINSTACK)) {
        buffer_append_string(out, "<no room on the Lua stack>");
        return;
    }
    lua_pushvalue(L, index);
    print(L, out, limit, 0);
}

void debugger_print_error(lua_State *L, struct buffer *out)
{
    int top = lua_gettop(L);
    if (lua_istable(L, top)) {
        lua_pushliteral(L, "err");
        lua_rawget(L, top);
    }
    if (lua_isstring(L, -1))
        buffer_append_string(out, lua_tostring(L, -1));
    else
        buffer_append_format(out, "an error that is a %s value", luaL_typename(L, top));
    lua_settop(L, top);
}
