/* SPDX-License-Identifier: MIT */
/* The layout is that of Lua 5.1's ldump.c. */
#include "script/bytecode.h"

#define HEADER_SIZE 12

static int append(lua_State *L, const void *data, size_t size, void *context)
{
    (void)L;
    buffer_append(context, data, size);
    return 0;
}

struct bytecode bytecode_dump(lua_State *L, struct buffer *dumped)
{
    CHECK(lua_dump(L, append, dumped) == 0);
    struct bytecode bytecode = {.rest = buffer_bytes(dumped)};
    bytecode_take(&bytecode, HEADER_SIZE);
    return bytecode;
}

struct bytes bytecode_take_constant(struct bytecode *bytecode)
{
    switch (*bytecode_take(bytecode, 1)) {
    case LUA_TBOOLEAN:
        bytecode_take(bytecode, 1);
        break;
    case LUA_TNUMBER:
        bytecode_take(bytecode, sizeof(lua_Number));
        break;
    case LUA_TSTRING:
        return bytecode_take_string(bytecode);
    default:
        break;
    }
    return bytes_of(NULL, 0);
}
