/* SPDX-License-Identifier: MIT */
/*
 * Values are visited in the encoder's order: whatever makes it raise an error ends the count, for
 * nothing after that is written.
 */
#include "script/json_bound.h"

#include <stddef.h>

#include <lauxlib.h>

#include "reply/errors.h"
#include "script/readonly.h"

#define LARGEST_OUTPUT ((size_t)1 << 30) /* bytes; the encoder's buffer may then double once */
#define LARGEST_INPUT  ((size_t)1 << 30) /* bytes */
#define ESCAPED_SIZE   6                 /* bytes: \u0001 */
#define STRING_MARKS   3                 /* bytes: two quotes and a comma or colon */
#define NUMBER_SIZE    32                /* bytes, a comma and the quotes of a key included */
#define NULL_SIZE      5                 /* bytes, a comma included */
#define TABLE_MARKS    3                 /* bytes */
#define DEFAULT_DEPTH  1000              /* only deeper ones ask for the setting */

enum outcome { OUTCOME_GOES_ON, OUTCOME_ENDS, OUTCOME_TOO_LONG };

struct count {
    lua_State *L;
    size_t left; /* bytes */
    struct json_settings settings;
};

/* The `place`th result, from 1, of a function that was called for its `results` settings. */
static lua_Number setting(lua_State *L, int function, int results, int place)
{
    lua_pushvalue(L, function);
    lua_call(L, 0, results);
    lua_Number value = lua_tonumber(L, place - 1 - results);
    lua_pop(L, results);
    return value;
}

static enum outcome add(struct count *count, size_t items, size_t size)
{
    if (items > count->left / size)
        return OUTCOME_TOO_LONG;
    count->left -= items * size;
    return OUTCOME_GOES_ON;
}

/* The largest key, if all are whole numbers above 0; -1 for an object. `*items` counts the keys. */
static lua_Number array_size(lua_State *L, int table, lua_Number *items)
{
    lua_Number last = 0;
    *items = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        lua_Number key = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
        if (!(key >= 1 && key < 0x1p53 && (lua_Number)(long long)key == key)) {
            lua_pop(L, 1);
            return -1;
        }
        if (key > last)
            last = key;
        ++*items;
    }
    return last;
}

/* Whether the encoder refuses the array for its holes, or makes an object of it. */
static bool is_too_sparse(struct count *count, lua_Number size, lua_Number items)
{
    if (size <= items)
        return false;
    int function = count->settings.sparse_array;
    lua_Number ratio = setting(count->L, function, 3, 2);
    lua_Number safe = setting(count->L, function, 3, 3);
    return ratio > 0 && size > items * ratio && size > safe;
}

static enum outcome visit(struct count *count, int depth);

static enum outcome visit_array(struct count *count, int table, lua_Number size, int depth)
{
    if (size > (lua_Number)(count->left / NULL_SIZE))
        return OUTCOME_TOO_LONG;
    for (int i = 1; i <= (int)size; i++) {
        lua_rawgeti(count->L, table, i);
        enum outcome outcome = visit(count, depth);
        lua_pop(count->L, 1);
        if (outcome != OUTCOME_GOES_ON)
            return outcome;
    }
    return OUTCOME_GOES_ON;
}

static enum outcome visit_object(struct count *count, int table, int depth)
{
    lua_State *L = count->L;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        int type = lua_type(L, -2);
        enum outcome outcome = OUTCOME_ENDS; /* no other key is taken */
        if (type == LUA_TNUMBER)
            outcome = add(count, 1, NUMBER_SIZE);
        else if (type == LUA_TSTRING)
            outcome = add(count, lua_objlen(L, -2) + STRING_MARKS, ESCAPED_SIZE);
        if (outcome == OUTCOME_GOES_ON)
            outcome = visit(count, depth);
        lua_pop(L, 1);
        if (outcome != OUTCOME_GOES_ON) {
            lua_pop(L, 1);
            return outcome;
        }
    }
    return OUTCOME_GOES_ON;
}

/* The table is on top, at that depth. */
static enum outcome visit_table(struct count *count, int depth)
{
    lua_State *L = count->L;
    int table = lua_gettop(L);
    if (readonly_is_view(L, table)) /* the encoder would see an empty table */
        luaL_error(L, ERROR_LUA_JSON_FUNCTION);
    bool has_room = lua_checkstack(L, 6);
    if (depth > DEFAULT_DEPTH && has_room && depth > setting(L, count->settings.max_depth, 1, 1))
        return OUTCOME_ENDS;
    if (!has_room) /* the encoder, which takes less for a level, could come further */
        return OUTCOME_TOO_LONG;
    if (add(count, 1, TABLE_MARKS) != OUTCOME_GOES_ON)
        return OUTCOME_TOO_LONG;
    lua_Number items;
    lua_Number size = array_size(L, table, &items);
    if (size > 0 && is_too_sparse(count, size, items)) {
        lua_pushvalue(L, count->settings.sparse_array);
        lua_call(L, 0, 3);
        bool converts = lua_toboolean(L, -3);
        lua_pop(L, 3);
        if (!converts)
            return OUTCOME_ENDS;
        size = -1;
    }
    return size > 0 ? visit_array(count, table, size, depth) : visit_object(count, table, depth);
}

/* The value on top, within `depth` tables. */
static enum outcome visit(struct count *count, int depth)
{
    switch (lua_type(count->L, -1)) {
    case LUA_TSTRING:
        return add(count, lua_objlen(count->L, -1) + STRING_MARKS, ESCAPED_SIZE);
    case LUA_TNUMBER:
        return add(count, 1, NUMBER_SIZE);
    case LUA_TTABLE:
        return visit_table(count, depth + 1);
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TLIGHTUSERDATA:
        return add(count, 1, NULL_SIZE + 1);
    default:
        return OUTCOME_ENDS;
    }
}

bool json_bound_holds(lua_State *L, int index, struct json_settings settings, size_t room)
{
    struct count count = {L, room < LARGEST_OUTPUT ? room : LARGEST_OUTPUT, settings};
    lua_pushvalue(L, index);
    enum outcome outcome = visit(&count, 0);
    lua_pop(L, 1);
    return outcome != OUTCOME_TOO_LONG;
}

/* Bytes of Lua's memory that each such byte of JSON stands for, at most, while tables grow. */
static size_t decoded_size(char byte)
{
    switch (byte) {
    case '[':
    case '{':
    case ':':
        return 160; /* a table; a pair in one */
    case ',':
    case '"':
        return 40; /* a place in an array; half of a string, its text counted apart */
    default:
        return 1;
    }
}

bool json_bound_holds_decoded(struct bytes text, size_t room)
{
    if (text.size > LARGEST_INPUT)
        return false;
    if (text.size < room / 160)
        return true;
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++)
        size += decoded_size(text.data[i]);
    return size <= room;
}
