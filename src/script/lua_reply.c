/* SPDX-License-Identifier: MIT */
/*
 * Each open aggregate has its table on the stack; a finished value is on top and settle() moves it
 * to where it belongs. In RESP3 a map's table stands below the one that holds its pairs:
 * {map={...}}.
 */
#include "script/lua_reply.h"

#include <limits.h>
#include <math.h>

#include "base/check.h"

#define ELEMENT_SIZE 64 /* bytes: what a place in a table takes while it grows, about */

static struct lua_reply *lua_reply_of(struct reply *reply)
{
    return (struct lua_reply *)(void *)reply;
}

/* Garbage makes room if there is any. */
static bool make_room(struct lua_reply *lua_reply, size_t size)
{
    if (lua_reply->is_short)
        return false;
    lua_gc(lua_reply->L, LUA_GCCOLLECT, 0);
    lua_reply->is_short = size > lua_memory_left(lua_reply->memory);
    return !lua_reply->is_short;
}

/* Whether the run has so much memory left for the reply. */
static inline bool has_room(struct lua_reply *lua_reply, size_t size)
{
    const struct lua_memory *memory = lua_reply->memory;
    if (!lua_reply->is_short && (!memory || size <= lua_memory_left(memory)))
        return true;
    return make_room(lua_reply, size);
}

/* A key that a table refuses: the pair is left out. */
static bool is_bad_key(lua_State *L, int index)
{
    if (lua_isnil(L, index))
        return true;
    return lua_type(L, index) == LUA_TNUMBER && isnan(lua_tonumber(L, index));
}

static void settle_in_map(lua_State *L, struct lua_reply_frame *frame)
{
    if (!frame->has_key) {
        frame->has_key = true;
        return;
    }
    frame->has_key = false;
    if (is_bad_key(L, -2))
        lua_pop(L, 2);
    else
        lua_rawset(L, frame->table);
}

static void settle_in_set(lua_State *L, const struct lua_reply_frame *frame)
{
    if (is_bad_key(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    lua_pushboolean(L, 1);
    lua_rawset(L, frame->table);
}

static void settle_in_pairs(lua_State *L, struct lua_reply_frame *frame)
{
    frame->has_key = !frame->has_key;
    if (frame->has_key)
        return;
    lua_createtable(L, 2, 0);
    lua_insert(L, -3);
    lua_rawseti(L, -3, 2);
    lua_rawseti(L, -2, 1);
    lua_rawseti(L, frame->table, ++frame->count);
}

/* In place of settling, when memory is short. */
static void drop(lua_State *L, struct lua_reply_frame *frame)
{
    if (frame->kind == REPLY_MAP || frame->kind == REPLY_PAIRS) {
        frame->has_key = !frame->has_key;
        if (frame->has_key)
            return;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Moves the value on top to where it belongs. */
static void settle_within(struct lua_reply *lua_reply)
{
    lua_State *L = lua_reply->L;
    struct lua_reply_frame *frame = &lua_reply->frames[lua_reply->depth - 1];
    if (!has_room(lua_reply, ELEMENT_SIZE)) {
        drop(L, frame);
        return;
    }
    switch (frame->kind) {
    case REPLY_MAP:
        settle_in_map(L, frame);
        break;
    case REPLY_SET:
        settle_in_set(L, frame);
        break;
    case REPLY_PAIRS:
        settle_in_pairs(L, frame);
        break;
    default:
        lua_rawseti(L, frame->table, ++frame->count);
        break;
    }
}

/* The value on top of the stack is whole. */
static inline void settle(struct lua_reply *lua_reply)
{
#ifdef LUA_STRESS
    lua_gc(lua_reply->L, LUA_GCCOLLECT, 0);
#endif
    if (lua_reply->depth > 0)
        settle_within(lua_reply);
}

/* The value on top becomes {name=value}. */
static void wrap(lua_State *L, const char *name, size_t size)
{
    lua_createtable(L, 0, 1);
    lua_insert(L, -2);
    lua_pushlstring(L, name, size);
    lua_insert(L, -2);
    lua_rawset(L, -3);
}

#define WRAP(L, literal) wrap((L), (literal), sizeof(literal) - 1)

static int array_size(const struct lua_reply *lua_reply, size_t count)
{
    /* In RESP3 an array may hold nils. What `#` then says depends on how the table came to be, so
     * it grows element by element, as Redis's do. */
    if (lua_reply->protocol >= 3 || count == REPLY_UNSIZED || count > INT_MAX / 2)
        return 0;
    return (int)count;
}

static void lua_reply_open(struct reply *reply, enum reply_kind kind, size_t count)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    lua_State *L = lua_reply->L;
    CHECK(lua_reply->depth < LUA_REPLY_DEPTH);
    CHECK(lua_checkstack(L, 8));
    if (kind == REPLY_PAIRED_MAP) {
        kind = lua_reply->protocol < 3 ? REPLY_PAIRS : REPLY_MAP;
    } else if (lua_reply->protocol < 3 && kind != REPLY_ATTRIBUTE) {
        if ((kind == REPLY_MAP || kind == REPLY_PAIRS) && count != REPLY_UNSIZED)
            count *= 2;
        kind = REPLY_ARRAY;
    }
    bool is_wrapped = kind == REPLY_MAP || kind == REPLY_SET;
    if (is_wrapped)
        lua_createtable(L, 0, 1);
    int slots = is_wrapped ? 0 : array_size(lua_reply, count);
    if (!has_room(lua_reply, (size_t)slots * ELEMENT_SIZE))
        slots = 0;
    lua_createtable(L, slots, 0);
    lua_reply->frames[lua_reply->depth++] =
        (struct lua_reply_frame){.kind = kind, .table = lua_gettop(L)};
}

static void lua_reply_close(struct reply *reply)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    lua_State *L = lua_reply->L;
    CHECK(lua_reply->depth > 0);
    struct lua_reply_frame *frame = &lua_reply->frames[--lua_reply->depth];
    CHECK(!frame->has_key && lua_gettop(L) == frame->table);
    switch (frame->kind) {
    case REPLY_ATTRIBUTE: /* says something about the next value; scripts are not told */
        lua_pop(L, 1);
        return;
    case REPLY_MAP:
        lua_pushliteral(L, "map");
        lua_insert(L, -2);
        lua_rawset(L, -3);
        break;
    case REPLY_SET:
        lua_pushliteral(L, "set");
        lua_insert(L, -2);
        lua_rawset(L, -3);
        break;
    default:
        break;
    }
    settle(lua_reply);
}

static void lua_reply_null(struct reply *reply)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    if (lua_reply->protocol >= 3)
        lua_pushnil(lua_reply->L);
    else
        lua_pushboolean(lua_reply->L, 0);
    settle(lua_reply);
}

static void lua_reply_boolean(struct reply *reply, bool value)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    if (lua_reply->protocol >= 3)
        lua_pushboolean(lua_reply->L, value);
    else
        lua_pushnumber(lua_reply->L, value ? 1 : 0);
    settle(lua_reply);
}

static void lua_reply_integer(struct reply *reply, int64_t value)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    lua_pushnumber(lua_reply->L, (lua_Number)value);
    settle(lua_reply);
}

static void lua_reply_real(struct reply *reply, double value)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    if (lua_reply->protocol >= 3) {
        lua_pushnumber(lua_reply->L, value);
        WRAP(lua_reply->L, "double");
    } else {
        char text[NUMBER_DOUBLE_SIZE];
        size_t size = number_format_double(text, value, lua_reply->double_style);
        lua_pushlstring(lua_reply->L, text, size);
    }
    settle(lua_reply);
}

/* lua_pushlstring, which wants a pointer even for no bytes. */
static void push_bytes(struct lua_reply *lua_reply, struct bytes bytes)
{
    size_t size = has_room(lua_reply, bytes.size) ? bytes.size : 0;
    lua_pushlstring(lua_reply->L, size ? bytes.data : "", size);
}

static void lua_reply_decimal(struct reply *reply, struct bytes text)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    double value = 0;
    if (lua_reply->protocol >= 3 && number_parse_double(text, &value)) {
        lua_pushnumber(lua_reply->L, value);
        WRAP(lua_reply->L, "double");
    } else {
        push_bytes(lua_reply, text);
    }
    settle(lua_reply);
}

static void lua_reply_big_number(struct reply *reply, struct bytes digits)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    push_bytes(lua_reply, digits);
    if (lua_reply->protocol >= 3)
        WRAP(lua_reply->L, "big_number");
    settle(lua_reply);
}

static void lua_reply_bulk(struct reply *reply, struct bytes bytes)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    push_bytes(lua_reply, bytes);
    settle(lua_reply);
}

static void lua_reply_verbatim(struct reply *reply, const char format[3], struct bytes text)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    lua_State *L = lua_reply->L;
    push_bytes(lua_reply, text);
    if (lua_reply->protocol >= 3) {
        WRAP(L, "string");
        lua_pushliteral(L, "format");
        lua_pushlstring(L, format, 3);
        lua_rawset(L, -3);
        WRAP(L, "verbatim_string");
    }
    settle(lua_reply);
}

static void lua_reply_simple(struct reply *reply, struct bytes text)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    push_bytes(lua_reply, text);
    WRAP(lua_reply->L, "ok");
    settle(lua_reply);
}

static void lua_reply_error(struct reply *reply, struct bytes text)
{
    struct lua_reply *lua_reply = lua_reply_of(reply);
    lua_State *L = lua_reply->L;
    if (lua_reply->depth == 0)
        lua_reply->is_error = true;
    push_bytes(lua_reply, text);
    WRAP(L, "err");
    /* The command's failure has been counted: a script that passes it on does not count it again.
     */
    lua_pushliteral(L, "ignore_error_stats_update");
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    settle(lua_reply);
}

static const struct reply_class lua_reply_class = {
    .open = lua_reply_open,
    .close = lua_reply_close,
    .null = lua_reply_null,
    .null_array = lua_reply_null,
    .boolean = lua_reply_boolean,
    .integer = lua_reply_integer,
    .real = lua_reply_real,
    .decimal = lua_reply_decimal,
    .big_number = lua_reply_big_number,
    .bulk = lua_reply_bulk,
    .verbatim = lua_reply_verbatim,
    .simple = lua_reply_simple,
    .error = lua_reply_error,
};

void lua_reply_init(struct lua_reply *lua_reply, enum number_double_style double_style,
                    const struct lua_memory *memory)
{
    *lua_reply = (struct lua_reply){
        .reply = {.class = &lua_reply_class}, .double_style = double_style, .memory = memory};
}

void lua_reply_begin(struct lua_reply *lua_reply, lua_State *L, int protocol)
{
    CHECK(lua_reply->depth == 0);
    lua_reply->L = L;
    lua_reply->protocol = protocol;
    lua_reply->is_error = false;
    lua_reply->is_short = false;
    lua_reply->start = lua_gettop(L);
}

bool lua_reply_end(struct lua_reply *lua_reply)
{
    CHECK(lua_reply->depth == 0 && lua_gettop(lua_reply->L) == lua_reply->start + 1);
    return lua_reply->is_error;
}
