/* SPDX-License-Identifier: MIT */
/*
 * Values are converted where they stand, on top of the stack, and popped. A value inside another
 * stands higher, and where the stack's limit of 8000 slots would be reached the client is told so.
 * The count of slots in use is our own, so that this happens at the depth where it happens in
 * Redis.
 */
#include "script/lua_to_reply.h"

#include "base/check.h"
#include "reply/errors.h"
#include "script/interpreter_private.h"
#include "script/reply_bound.h"
#include "script/script_errors.h"

#define SLOT_LIMIT 7995

struct conversion {
    struct interpreter *interpreter;
    lua_State *L;
    struct reply *reply;
    bool has_booleans; /* the script asked for RESP3 */
};

static void convert(struct conversion *conversion, int used);

/* Pushes the table's field if it has that type. */
static bool push_field(lua_State *L, const char *name, size_t size, int type)
{
    lua_pushlstring(L, name, size);
    lua_rawget(L, -2);
    if (lua_type(L, -1) == type)
        return true;
    lua_pop(L, 1);
    return false;
}

#define PUSH_FIELD(L, literal, type) push_field((L), (literal), sizeof(literal) - 1, (type))

static struct bytes top_bytes(lua_State *L)
{
    struct bytes bytes;
    bytes.data = lua_tolstring(L, -1, &bytes.size);
    return bytes;
}

/* Up to a zero byte: Redis takes some texts for C strings. */
static struct bytes top_text(lua_State *L)
{
    return bytes_of_string(lua_tostring(L, -1));
}

/* x86 says so for what does not fit, and so does Redis. */
static int64_t truncated(lua_Number number)
{
    if (number >= -0x1p63 && number < 0x1p63)
        return (int64_t)number;
    return INT64_MIN;
}

/* Calls `answer` with CR and LF blanked. */
static void answer_line(struct reply *reply, struct bytes text,
                        void (*answer)(struct reply *reply, struct bytes text))
{
    if (!memchr(text.data, '\r', text.size) && !memchr(text.data, '\n', text.size)) {
        answer(reply, text);
        return;
    }
    struct buffer line = {0};
    buffer_append_bytes(&line, text);
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] == '\r' || line.data[i] == '\n')
            line.data[i] = ' ';
    answer(reply, buffer_bytes(&line));
    buffer_clear(&line);
}

static void convert_error(struct conversion *conversion)
{
    lua_State *L = conversion->L;
    reply_error_bytes(conversion->reply, top_text(L));
    lua_pop(L, 1);
    script_errors_count(conversion->interpreter, L, conversion->reply);
}

static void convert_map(struct conversion *conversion, int used)
{
    lua_State *L = conversion->L;
    /* Near the limit there is no room for a copy of the key, and none is made. */
    if (!lua_checkstack(L, 3) && !lua_checkstack(L, 2)) {
        reply_error(conversion->reply, ERROR_LUA_STACK_LIMIT);
        return;
    }
    reply_open(conversion->reply, REPLY_MAP, REPLY_UNSIZED);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (used + 4 < SLOT_LIMIT) {
            lua_pushvalue(L, -2);
            convert(conversion, used + 4);
        } else {
            reply_error(conversion->reply, ERROR_LUA_STACK_LIMIT);
        }
        convert(conversion, used + 3);
    }
    reply_close(conversion->reply);
}

static void convert_set(struct conversion *conversion, int used)
{
    lua_State *L = conversion->L;
    if (!lua_checkstack(L, 2)) {
        reply_error(conversion->reply, ERROR_LUA_STACK_LIMIT);
        return;
    }
    reply_open(conversion->reply, REPLY_SET, REPLY_UNSIZED);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        convert(conversion, used + 3);
    }
    reply_close(conversion->reply);
}

static void convert_array(struct conversion *conversion, int used)
{
    lua_State *L = conversion->L;
    int count = 0;
    for (;; count++) {
        lua_rawgeti(L, -1, count + 1);
        bool is_end = lua_isnil(L, -1);
        lua_pop(L, 1);
        if (is_end)
            break;
    }
    reply_open(conversion->reply, REPLY_ARRAY, (size_t)count);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        convert(conversion, used + 1);
    }
    reply_close(conversion->reply);
}

/* {verbatim_string={string=..., format=...}}: the inner table is on top. */
static bool convert_verbatim(struct conversion *conversion)
{
    lua_State *L = conversion->L;
    if (!PUSH_FIELD(L, "string", LUA_TSTRING))
        return false;
    struct bytes text = top_bytes(L);
    lua_pop(L, 1); /* the table holds it */
    if (!PUSH_FIELD(L, "format", LUA_TSTRING))
        return false;
    struct bytes given = top_bytes(L);
    char format[3] = {' ', ' ', ' '};
    memcpy(format, given.data, given.size < sizeof format ? given.size : sizeof format);
    reply_verbatim(conversion->reply, format, text);
    lua_pop(L, 1);
    return true;
}

/* The table on top stays there. */
static void convert_table(struct conversion *conversion, int used)
{
    lua_State *L = conversion->L;
    struct reply *reply = conversion->reply;
    if (PUSH_FIELD(L, "err", LUA_TSTRING)) {
        convert_error(conversion);
        return;
    }
    if (PUSH_FIELD(L, "ok", LUA_TSTRING)) {
        answer_line(reply, top_text(L), reply->class->simple);
    } else if (PUSH_FIELD(L, "double", LUA_TNUMBER)) {
        reply_real(reply, lua_tonumber(L, -1));
    } else if (PUSH_FIELD(L, "map", LUA_TTABLE)) {
        convert_map(conversion, used);
    } else if (PUSH_FIELD(L, "set", LUA_TTABLE)) {
        convert_set(conversion, used);
    } else if (PUSH_FIELD(L, "big_number", LUA_TSTRING)) {
        answer_line(reply, top_bytes(L), reply->class->big_number);
    } else {
        bool is_done = false;
        if (PUSH_FIELD(L, "verbatim_string", LUA_TTABLE)) {
            is_done = convert_verbatim(conversion);
            lua_pop(L, 1);
        }
        if (!is_done)
            convert_array(conversion, used);
        return;
    }
    lua_pop(L, 1);
}

static void convert_boolean(struct conversion *conversion)
{
    bool value = lua_toboolean(conversion->L, -1);
    if (conversion->has_booleans)
        reply_boolean(conversion->reply, value);
    else if (value)
        reply_integer(conversion->reply, 1);
    else
        reply_null(conversion->reply);
}

/* The value on top stands `used` slots above the one that the script returned. */
static void convert(struct conversion *conversion, int used)
{
    lua_State *L = conversion->L;
    if (used >= SLOT_LIMIT || !lua_checkstack(L, 1)) {
        reply_error(conversion->reply, ERROR_LUA_STACK_LIMIT);
        lua_pop(L, 1);
        return;
    }
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        reply_bulk(conversion->reply, top_bytes(L));
        break;
    case LUA_TNUMBER:
        reply_integer(conversion->reply, truncated(lua_tonumber(L, -1)));
        break;
    case LUA_TBOOLEAN:
        convert_boolean(conversion);
        break;
    case LUA_TTABLE:
        convert_table(conversion, used);
        break;
    default:
        reply_null(conversion->reply);
        break;
    }
    lua_pop(L, 1);
}

void lua_to_reply(struct interpreter *interpreter, lua_State *L, struct reply *reply)
{
    struct conversion conversion = {.interpreter = interpreter,
                                    .L = L,
                                    .reply = reply,
                                    .has_booleans = interpreter->session->writer.protocol >= 3};
    if (reply_bound_holds(L, interpreter_memory_limit(interpreter))) {
        convert(&conversion, 0);
    } else {
        reply_error(reply, "ERR " ERROR_LUA_MEMORY);
        engine_count_error(interpreter->engine, reply->error_code);
        lua_pop(L, 1);
    }
}
