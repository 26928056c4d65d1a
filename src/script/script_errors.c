/* SPDX-License-Identifier: MIT */
#include "script/script_errors.h"

#include <string.h>

#include <lauxlib.h>

#include "reply/errors.h"
#include "script/debugger.h"
#include "script/interpreter_private.h"
#include "script/readonly.h"

#define CODE "ERR "

static bool is_before_7(lua_State *L)
{
    return !engine_emulates(interpreter_of(L)->engine, 7, 0);
}

/* As before 7.0: without the code ERR. */
static const char *without_code(const char *text)
{
    return strncmp(text, CODE, strlen(CODE)) == 0 ? text + strlen(CODE) : text;
}

/* Before 7.0: "@user_script: 3: message". With any other code than ERR the text was one that Redis
 * sends to clients: it came along with its dash and its line end. */
static void push_placed(lua_State *L, const char *text)
{
    const char *message = without_code(text);
    lua_Debug place;
    if (lua_getstack(L, 1, &place) && lua_getinfo(L, "Sl", &place))
        lua_pushfstring(L, "%s: %d: ", place.source, place.currentline);
    else
        lua_pushliteral(L, "");
    lua_pushfstring(L, message == text ? "-%s\r\n" : "%s", message);
    lua_concat(L, 2);
}

static void push_table(lua_State *L, const char *text)
{
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "err");
    if (is_before_7(L))
        push_placed(L, text);
    else
        lua_pushstring(L, text);
    lua_rawset(L, -3);
}

void script_errors_push(lua_State *L, const char *text)
{
    debugger_show_error(interpreter_of(L), is_before_7(L) ? without_code(text) : text);
    push_table(L, text);
}

void script_errors_name_place(lua_State *L, const char *text)
{
    if (!is_before_7(L))
        return;
    push_table(L, text);
    lua_replace(L, -2);
}

int script_errors_raise(lua_State *L, const char *text)
{
    if (is_before_7(L))
        lua_pushstring(L, without_code(text));
    else
        script_errors_push(L, text);
    return lua_error(L);
}

int script_errors_raise_reply(lua_State *L)
{
    if (is_before_7(L)) {
        lua_pushliteral(L, "err");
        lua_rawget(L, -2);
    }
    return lua_error(L);
}

/* As tostring() without metamethods. */
static void push_text(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TNONE:
        lua_pushliteral(L, "nil");
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TSTRING:
    case LUA_TNUMBER:
        lua_pushvalue(L, index);
        break;
    default:
        lua_pushfstring(L, "%s: %p", luaL_typename(L, index), lua_topointer(L, index));
        break;
    }
}

/* {err="ERR text"} in place of what was raised, at index 1. */
static void make_table(lua_State *L)
{
    lua_pushliteral(L, CODE);
    push_text(L, 1);
    lua_concat(L, 2);
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "err");
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_replace(L, 1);
}

/* The Lua function that raised, or that called the C function which did. */
static bool find_place(lua_State *L, lua_Debug *place)
{
    if (!lua_getstack(L, 1, place) || !lua_getinfo(L, "nSl", place))
        return false;
    if (*place->what != 'C')
        return true;
    return lua_getstack(L, 2, place) && lua_getinfo(L, "nSl", place);
}

/* Before 7.0. What is no text has to know how to be appended to one, as in Redis. */
static int prepend_place(lua_State *L, const lua_Debug *place)
{
    if (!lua_isstring(L, 1) && !luaL_getmetafield(L, 1, "__concat")) {
        lua_pushfstring(L, ERROR_SCRIPT_NO_TEXT_BEFORE_7, luaL_typename(L, 1));
        return 1;
    }
    lua_pushfstring(L, "%s:%d: ", place->source, place->currentline);
    lua_pushvalue(L, 1);
    lua_concat(L, 2);
    return 1;
}

/* Into the table at index 1. */
static void name_place(lua_State *L, const char *source, int line)
{
    lua_pushstring(L, source);
    lua_setfield(L, 1, "source");
    lua_pushinteger(L, line);
    lua_setfield(L, 1, "line");
}

int script_errors_handle(lua_State *L)
{
    lua_settop(L, 1);
    lua_Debug place;
    bool is_found = find_place(L, &place);
    if (is_before_7(L))
        return is_found ? prepend_place(L, &place) : 1;
    if (is_found && readonly_is_view(L, 1)) { /* Redis's handler, which is a script, fails itself */
        lua_createtable(L, 0, 3);
        lua_replace(L, 1);
        lua_pushliteral(L, ERROR_LUA_READ_ONLY_RAISED);
        lua_setfield(L, 1, "err");
        name_place(L, "@err_handler_def", 10);
        return 1;
    }
    if (!lua_istable(L, 1))
        make_table(L);
    lua_settop(L, 1);
    if (is_found)
        name_place(L, place.source, place.currentline);
    return 1;
}

#define CHAIN_LIMIT 100 /* tables; Lua's own limit for __index */

/* Pushes the field, which may stand in a table that __index names. No function is called for it:
 * the script has ended. */
static void push_field(lua_State *L, int index, const char *name)
{
    lua_pushvalue(L, index);
    for (int i = 0; i < CHAIN_LIMIT && lua_istable(L, -1); i++) {
        lua_pushstring(L, name);
        lua_rawget(L, -2);
        if (!lua_isnil(L, -1) || !luaL_getmetafield(L, -2, "__index")) {
            lua_remove(L, -2);
            return;
        }
        lua_replace(L, -3);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    lua_pushnil(L);
}

/* A string field of the table at `index`; a number counts as one. Empty data pointer: there is
 * none. Valid until the table changes. */
static struct bytes field(lua_State *L, int index, const char *name)
{
    struct bytes text = {NULL, 0};
    push_field(L, index, name);
    if (lua_isstring(L, -1)) {
        bool is_number = lua_type(L, -1) == LUA_TNUMBER;
        text.data = lua_tolstring(L, -1, &text.size);
        if (is_number) { /* the text is new: the table must hold it */
            lua_pushstring(L, name);
            lua_pushvalue(L, -2);
            lua_rawset(L, index);
        }
    }
    lua_pop(L, 1);
    return text;
}

void script_errors_count(struct interpreter *interpreter, lua_State *L, const struct reply *reply)
{
    bool is_counted = false;
    if (lua_istable(L, -1)) {
        lua_pushliteral(L, "ignore_error_stats_update");
        lua_rawget(L, -2);
        is_counted = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    if (!is_counted)
        engine_count_error(interpreter->engine, reply->error_code);
}

static void answer_before_7(struct interpreter *interpreter, struct reply *reply)
{
    const char *message = lua_tostring(interpreter->L, -1);
    struct buffer text = {0};
    buffer_append_format(&text, ERROR_SCRIPT_FAILED_BEFORE_7, interpreter->run->name,
                         message ? message : "(null)");
    reply_error_bytes(reply, buffer_bytes(&text));
    engine_count_error(interpreter->engine, reply->error_code);
    buffer_clear(&text);
}

void script_errors_answer(struct interpreter *interpreter, struct reply *reply)
{
    lua_State *L = interpreter->L;
    if (is_before_7(L)) {
        answer_before_7(interpreter, reply);
        return;
    }
    struct buffer text = {0};
    if (lua_istable(L, -1)) {
        int index = lua_gettop(L);
        struct bytes message = field(L, index, "err");
        struct bytes source = field(L, index, "source");
        struct bytes line = field(L, index, "line");
        if (message.data) /* up to a zero byte, as in Redis */
            buffer_append_string(&text, message.data);
        else
            buffer_append_string(&text, ERROR_SCRIPT_UNKNOWN);
        if (source.data && line.data)
            buffer_append_format(&text, " script: %s, on %s:%s.", interpreter->run->name,
                                 source.data, line.data);
    } else {
        const char *message = lua_tostring(L, -1);
        buffer_append_format(&text, "ERR %s", message ? message : "unknown error");
    }
    reply_error_bytes(reply, buffer_bytes(&text));
    script_errors_count(interpreter, L, reply);
    buffer_clear(&text);
}

int script_errors_line(lua_State *L)
{
    lua_Debug place;
    for (int level = 0; lua_getstack(L, level, &place); level++)
        if (lua_getinfo(L, "l", &place) && place.currentline > 0)
            return place.currentline;
    return 0;
}

int script_errors_pcall(lua_State *L)
{
    if (lua_gettop(L) == 0)
        lua_pushboolean(L, 0); /* "attempt to call a boolean value", as Redis says */
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    if (status != 0 && lua_istable(L, -1)) {
        lua_getfield(L, -1, "err");
        if (lua_isstring(L, -1))
            lua_replace(L, -2); /* else it is one result more, as in Redis */
    }
    lua_pushboolean(L, status == 0);
    lua_insert(L, 1);
    return lua_gettop(L);
}

/* The script's own handler is the upvalue. */
static int handle_unless_killed(lua_State *L)
{
    const struct script_run *run = interpreter_of(L)->run;
    lua_settop(L, 1);
    if (run && run->is_killed)
        return 1;
    if (lua_tocfunction(L, lua_upvalueindex(1)) == script_errors_handle)
        return script_errors_handle(L); /* it counts the levels of the stack */
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

int script_errors_xpcall(lua_State *L)
{
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    if (lua_isfunction(L, 2)) /* else there will be an error in error handling */
        lua_pushcclosure(L, handle_unless_killed, 1);
    lua_insert(L, 1);
    int status = lua_pcall(L, 0, LUA_MULTRET, 1);
    lua_pushboolean(L, status == 0);
    lua_replace(L, 1);
    return lua_gettop(L);
}
