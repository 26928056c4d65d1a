/* SPDX-License-Identifier: MIT */
/*
 * Any call into Lua may raise an error, which jumps over our frames: so what is packed gathers in
 * memory of Lua's own.
 */
#include "script/lib_cmsgpack.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#include "base/bytes.h"
#include "reply/errors.h"
#include "script/msgpack_decode.h"
#include "script/readonly.h"

#define DEEPEST_TABLE  16
#define FIRST_CAPACITY 256 /* bytes */

struct output {
    lua_State *L;
    int slot;   /* of the userdata that holds the bytes */
    char *data; /* borrowed from there */
    size_t size;
    size_t capacity;
};

static void grow(struct output *out, size_t extra)
{
    size_t wanted = out->size + extra;
    size_t capacity = out->capacity * 2;
    if (capacity < wanted)
        capacity = wanted;
    char *data = lua_newuserdata(out->L, capacity);
    if (out->size)
        memcpy(data, out->data, out->size);
    lua_replace(out->L, out->slot);
    out->data = data;
    out->capacity = capacity;
}

static void put(struct output *out, const void *data, size_t size)
{
    if (out->capacity - out->size < size)
        grow(out, size);
    if (size)
        memcpy(out->data + out->size, data, size);
    out->size += size;
}

/* A type's byte and the low `width` bytes of the value, big endian. */
static void put_head(struct output *out, int type, uint64_t value, size_t width)
{
    unsigned char head[9];
    head[0] = (unsigned char)type;
    for (size_t i = width; i > 0; i--, value >>= 8)
        head[i] = (unsigned char)(value & 0xff);
    put(out, head, width + 1);
}

static void put_integer(struct output *out, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    if (value >= -32 && value <= 127)
        put_head(out, (int)(bits & 0xff), 0, 0);
    else if (value >= 0 && value <= UINT8_MAX)
        put_head(out, 0xcc, bits, 1);
    else if (value >= 0 && value <= UINT16_MAX)
        put_head(out, 0xcd, bits, 2);
    else if (value >= 0 && value <= UINT32_MAX)
        put_head(out, 0xce, bits, 4);
    else if (value >= 0)
        put_head(out, 0xcf, bits, 8);
    else if (value >= INT8_MIN)
        put_head(out, 0xd0, bits, 1);
    else if (value >= INT16_MIN)
        put_head(out, 0xd1, bits, 2);
    else if (value >= INT32_MIN)
        put_head(out, 0xd2, bits, 4);
    else
        put_head(out, 0xd3, bits, 8);
}

static void put_real(struct output *out, double value)
{
    float narrow = (float)value;
    uint32_t narrow_bits;
    uint64_t bits;
    if ((double)narrow == value) {
        memcpy(&narrow_bits, &narrow, sizeof narrow);
        put_head(out, 0xca, narrow_bits, 4);
    } else {
        memcpy(&bits, &value, sizeof value);
        put_head(out, 0xcb, bits, 8);
    }
}

static void put_number(struct output *out, double value)
{
    if (value >= -0x1p63 && value < 0x1p63 && (double)(int64_t)value == value)
        put_integer(out, (int64_t)value);
    else
        put_real(out, value);
}

static void put_string(struct output *out, struct bytes text)
{
    if (text.size < 32)
        put_head(out, 0xa0 | (int)text.size, 0, 0);
    else if (text.size <= UINT8_MAX)
        put_head(out, 0xd9, text.size, 1);
    else if (text.size <= UINT16_MAX)
        put_head(out, 0xda, text.size, 2);
    else
        put_head(out, 0xdb, text.size, 4);
    put(out, text.data, text.size);
}

static void put_array_head(struct output *out, size_t count)
{
    if (count <= 15)
        put_head(out, 0x90 | (int)count, 0, 0);
    else if (count <= UINT16_MAX)
        put_head(out, 0xdc, count, 2);
    else
        put_head(out, 0xdd, count, 4);
}

static void put_map_head(struct output *out, size_t count)
{
    if (count <= 15)
        put_head(out, 0x80 | (int)count, 0, 0);
    else if (count <= UINT16_MAX)
        put_head(out, 0xde, count, 2);
    else
        put_head(out, 0xdf, count, 4);
}

/* Whether the table's keys are 1 ... count. */
static bool is_array(lua_State *L, int table)
{
    lua_Number last = 0;
    lua_Number count = 0;
    luaL_checkstack(L, 2, "in function table_is_an_array");
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        lua_Number key = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
        if (!(key > 0 && key <= INT_MAX && (lua_Number)(int)key == key)) {
            lua_pop(L, 1);
            return false;
        }
        if (key > last)
            last = key;
        count++;
    }
    return last == count;
}

static size_t count_pairs(lua_State *L, int table)
{
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        count++;
    }
    return count;
}

static void put_value(struct output *out, int level);

static void put_array(struct output *out, int table, int level)
{
    lua_State *L = out->L;
    luaL_checkstack(L, 2, "in function mp_encode_lua_table_as_array");
    size_t count = lua_objlen(L, table);
    put_array_head(out, count);
    for (size_t i = 1; i <= count; i++) {
        lua_pushnumber(L, (lua_Number)i);
        lua_gettable(L, table);
        put_value(out, level + 1);
    }
}

static void put_map(struct output *out, int table, int level)
{
    lua_State *L = out->L;
    luaL_checkstack(L, 3, "in function mp_encode_lua_table_as_map");
    put_map_head(out, count_pairs(L, table));
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pushvalue(L, -2);
        put_value(out, level + 1);
        put_value(out, level + 1);
    }
}

static void put_table(struct output *out, int level)
{
    int table = lua_gettop(out->L);
    readonly_look_behind(out->L, table);
    if (is_array(out->L, table))
        put_array(out, table, level);
    else
        put_map(out, table, level);
}

/* Pops the value on top. `level` tables are around it. */
static void put_value(struct output *out, int level)
{
    lua_State *L = out->L;
    luaL_checkstack(L, 1, "in function mp_encode_lua_type"); /* for the output when it grows */
    int type = lua_type(L, -1);
    if (type == LUA_TSTRING) {
        struct bytes text;
        text.data = lua_tolstring(L, -1, &text.size);
        put_string(out, text);
    } else if (type == LUA_TNUMBER) {
        put_number(out, lua_tonumber(L, -1));
    } else if (type == LUA_TBOOLEAN) {
        put_head(out, lua_toboolean(L, -1) ? 0xc3 : 0xc2, 0, 0);
    } else if (type == LUA_TTABLE && level < DEEPEST_TABLE) {
        put_table(out, level);
    } else {
        put_head(out, 0xc0, 0, 0);
    }
    lua_pop(L, 1);
}

static int pack(lua_State *L)
{
    int count = lua_gettop(L);
    if (count == 0)
        return luaL_argerror(L, 0, "MessagePack pack needs input.");
    if (!lua_checkstack(L, count))
        return luaL_argerror(L, 0, "Too many arguments for MessagePack pack.");
    lua_pushnil(L);
    struct output out = {.L = L, .slot = count + 1};
    grow(&out, FIRST_CAPACITY);
    for (int i = 1; i <= count; i++) {
        lua_pushvalue(L, i);
        put_value(&out, 0);
    }
    lua_pushlstring(L, out.data, out.size);
    return 1;
}

/* Without limit and offset everything is unpacked, else up to `limit` values after the offset. */
static int unpack_values(lua_State *L, lua_Integer limit, lua_Integer offset)
{
    size_t size;
    const char *data = luaL_checklstring(L, 1, &size);
    bool is_all = limit == 0 && offset == 0;
    if (offset < 0 || limit < 0) /* the second number should be the limit, and is not in Redis */
        return luaL_error(L, ERROR_MSGPACK_REQUEST, (int)offset, (int)size);
    if ((size_t)offset > size)
        return luaL_error(L, ERROR_MSGPACK_OFFSET, (int)offset, (int)size);
    struct bytes left = bytes_of(data + offset, size - (size_t)offset);
    int count = 0;
    for (; left.size > 0 && (is_all || count < limit); count++)
        left = msgpack_decode_push(L, left);
    if (is_all)
        return count;
    luaL_checkstack(L, 1, "in function mp_unpack_full");
    lua_pushinteger(L, left.size == 0 ? -1 : (lua_Integer)(size - left.size));
    lua_insert(L, 2);
    return count + 1;
}

static int unpack(lua_State *L)
{
    return unpack_values(L, 0, 0);
}

/* The results go where the other arguments were. */
static void keep_first(lua_State *L)
{
    if (lua_gettop(L) > 1)
        lua_settop(L, 1);
}

static int unpack_one(lua_State *L)
{
    lua_Integer offset = luaL_optinteger(L, 2, 0);
    keep_first(L);
    return unpack_values(L, 1, offset);
}

static int unpack_limit(lua_State *L)
{
    lua_Integer limit = luaL_checkinteger(L, 2);
    lua_Integer offset = luaL_optinteger(L, 3, 0);
    keep_first(L);
    return unpack_values(L, limit, offset);
}

static const luaL_Reg functions[] = {
    {"pack", pack}, {"unpack", unpack}, {"unpack_one", unpack_one}, {"unpack_limit", unpack_limit},
    {NULL, NULL},
};

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

int lib_cmsgpack_open(lua_State *L)
{
    lua_newtable(L);
    luaL_register(L, NULL, functions);
    /* Scripts see what they see in Redis. */
    set_text(L, "_NAME", "cmsgpack");
    set_text(L, "_VERSION", "lua-cmsgpack 0.4.0");
    set_text(L, "_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo");
    set_text(L, "_DESCRIPTION", "MessagePack C implementation for Lua");
    return 1;
}
