/* SPDX-License-Identifier: MIT */
/*
 * Visits what lua_to_reply would convert, and may visit more: fields that another field hides, and
 * tables so deep that the conversion answers an error in their place.
 */
#include "script/reply_bound.h"

#include <stdint.h>

#define VALUE_SIZE 16 /* bytes */
#define TABLE_SIZE 64

struct count {
    lua_State *L;
    size_t left; /* bytes */
};

static bool visit(struct count *count);

/* The pairs of the table on top. */
static bool visit_pairs(struct count *count)
{
    lua_State *L = count->L;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        bool holds = visit(count);
        lua_pop(L, 1);
        if (!holds || !visit(count)) {
            lua_pop(L, 1);
            return false;
        }
    }
    return true;
}

static bool visit_field(struct count *count, const char *name, size_t size)
{
    lua_State *L = count->L;
    lua_pushlstring(L, name, size);
    lua_rawget(L, -2);
    bool holds = lua_type(L, -1) != LUA_TTABLE || visit_pairs(count);
    lua_pop(L, 1);
    return holds;
}

static bool visit_elements(struct count *count)
{
    lua_State *L = count->L;
    bool holds = true;
    for (int i = 1; holds; i++) {
        lua_rawgeti(L, -1, i);
        bool is_end = lua_isnil(L, -1);
        holds = is_end || visit(count);
        lua_pop(L, 1);
        if (is_end)
            break;
    }
    return holds;
}

/* The value on top. */
static bool visit(struct count *count)
{
    lua_State *L = count->L;
    int type = lua_type(L, -1);
    size_t size = type == LUA_TTABLE ? TABLE_SIZE : VALUE_SIZE;
    if (type == LUA_TSTRING)
        size += lua_objlen(L, -1);
    if (size > count->left)
        return false;
    count->left -= size;
    if (type != LUA_TTABLE || !lua_checkstack(L, 4))
        return true;
    return visit_field(count, "map", 3) && visit_field(count, "set", 3) && visit_elements(count);
}

bool reply_bound_holds(lua_State *L, size_t room)
{
    if (lua_type(L, -1) != LUA_TTABLE || room == SIZE_MAX)
        return true;
    struct count count = {L, room};
    return visit(&count);
}
