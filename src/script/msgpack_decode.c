/* SPDX-License-Identifier: MIT */
/* No byte of the input is read before it is known to be there. */
#include "script/msgpack_decode.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#include "reply/errors.h"

struct input {
    lua_State *L;
    const unsigned char *at; /* borrowed from the string */
    size_t left;
};

/* The next bytes, which are consumed. */
static const unsigned char *take(struct input *in, size_t size)
{
    if (size > in->left)
        luaL_error(in->L, ERROR_MSGPACK_SHORT);
    const unsigned char *data = in->at;
    in->at += size;
    in->left -= size;
    return data;
}

static uint64_t take_unsigned(struct input *in, size_t width)
{
    const unsigned char *data = take(in, width);
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | data[i];
    return value;
}

static void push_float(struct input *in)
{
    uint32_t bits = (uint32_t)take_unsigned(in, sizeof bits);
    float value;
    memcpy(&value, &bits, sizeof value);
    lua_pushnumber(in->L, value);
}

static void push_double(struct input *in)
{
    uint64_t bits = take_unsigned(in, sizeof bits);
    double value;
    memcpy(&value, &bits, sizeof value);
    lua_pushnumber(in->L, value);
}

static void push_string(struct input *in, uint64_t size)
{
    const unsigned char *data = take(in, size);
    lua_pushlstring(in->L, (const char *)data, size);
}

static void push_value(struct input *in);

static void push_array(struct input *in, uint64_t count)
{
    lua_newtable(in->L);
    luaL_checkstack(in->L, 1, "in function mp_decode_to_lua_array");
    for (uint64_t i = 1; i <= count; i++) {
        lua_pushnumber(in->L, (lua_Number)i);
        push_value(in);
        lua_settable(in->L, -3);
    }
}

static void push_map(struct input *in, uint64_t count)
{
    lua_newtable(in->L);
    for (uint64_t i = 0; i < count; i++) {
        push_value(in);
        push_value(in);
        lua_settable(in->L, -3);
    }
}

/* A value whose first byte, already taken, holds its size or the value itself. */
static void push_short_value(struct input *in, unsigned char type)
{
    if (type < 0x80)
        lua_pushnumber(in->L, type);
    else if (type < 0x90)
        push_map(in, type & 0x0f);
    else if (type < 0xa0)
        push_array(in, type & 0x0f);
    else if (type < 0xc0)
        push_string(in, type & 0x1f);
    else if (type >= 0xe0)
        lua_pushnumber(in->L, (int8_t)type);
    else
        luaL_error(in->L, ERROR_MSGPACK_FORMAT);
}

/* The recursion ends where Lua's stack does, which each level takes from. */
static void push_value(struct input *in)
{
    lua_State *L = in->L;
    unsigned char type = *take(in, 1);
    luaL_checkstack(L, 1,
                    "too many return values at once; use unpack_one or unpack_limit instead.");
    switch (type) {
    case 0xc0:
        lua_pushnil(L);
        break;
    case 0xc2:
    case 0xc3:
        lua_pushboolean(L, type == 0xc3);
        break;
    case 0xca:
        push_float(in);
        break;
    case 0xcb:
        push_double(in);
        break;
    case 0xcc:
    case 0xcd:
    case 0xce:
        lua_pushnumber(L, (lua_Number)take_unsigned(in, (size_t)1 << (type - 0xcc)));
        break;
    case 0xd0:
        lua_pushnumber(L, (int8_t)take_unsigned(in, 1));
        break;
    case 0xd1:
        lua_pushnumber(L, (int16_t)take_unsigned(in, 2));
        break;
    case 0xd2:
        lua_pushnumber(L, (int32_t)take_unsigned(in, 4));
        break;
    case 0xcf: /* unsigned, but not for Redis */
    case 0xd3:
        lua_pushnumber(L, (lua_Number)(int64_t)take_unsigned(in, 8));
        break;
    case 0xd9:
    case 0xda:
    case 0xdb:
        push_string(in, take_unsigned(in, (size_t)1 << (type - 0xd9)));
        break;
    case 0xdc:
    case 0xdd:
        push_array(in, take_unsigned(in, (size_t)2 << (type - 0xdc)));
        break;
    case 0xde:
    case 0xdf:
        push_map(in, take_unsigned(in, (size_t)2 << (type - 0xde)));
        break;
    default:
        push_short_value(in, type);
    }
}

struct bytes msgpack_decode_push(lua_State *L, struct bytes data)
{
    struct input in = {L, (const unsigned char *)data.data, data.size};
    push_value(&in);
    return bytes_of((const char *)in.at, in.left);
}
