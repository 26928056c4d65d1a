/* SPDX-License-Identifier: MIT */
#include "script/redis_api.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#include "base/digest.h"
#include "reply/errors.h"
#include "script/debugger.h"
#include "script/interpreter_private.h"
#include "script/redis_call.h"
#include "script/script_errors.h"

#define ROOM 16

/* {field=text}, or the error table, for status_reply and error_reply. */
static int push_single_field(lua_State *L, const char *field)
{
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) {
        script_errors_push(L, ERROR_LUA_REPLY_ARGUMENT);
        return 1;
    }
    lua_createtable(L, 0, 1);
    lua_pushstring(L, field);
    lua_pushvalue(L, 1);
    lua_rawset(L, -3);
    return 1;
}

static int status_reply(lua_State *L)
{
    return push_single_field(L, "ok");
}

static void show_error_reply(lua_State *L, const char *text)
{
    struct interpreter *interpreter = interpreter_of(L);
    if (!debugger_is_watching(interpreter))
        return;
    struct buffer line = {0};
    buffer_append_byte(&line, '-');
    buffer_append(&line, text, strlen(text) + 1);
    debugger_show_error(interpreter, line.data);
    buffer_clear(&line);
}

static bool is_line_end(char byte)
{
    return byte == '\r' || byte == '\n';
}

/* Since 7.0: "-CODE message", "CODE message" or a message of one word, which gets the code ERR. As
 * in Redis the text ends at a zero byte, and the message has no line ends around it. */
static void push_error_text(lua_State *L, const char *text)
{
    text += *text == '-';
    const char *space = strchr(text, ' ');
    const char *message = space ? space + 1 : text;
    const char *end = message + strlen(message);
    if (space)
        lua_pushlstring(L, text, (size_t)(message - text));
    else
        lua_pushliteral(L, "ERR ");
    while (message < end && is_line_end(*message))
        message++;
    while (message < end && is_line_end(end[-1]))
        end--;
    lua_pushlstring(L, message, (size_t)(end - message));
    lua_concat(L, 2);
}

static int error_reply(lua_State *L)
{
    if (lua_gettop(L) == 1 && lua_type(L, 1) == LUA_TSTRING) {
        const char *text = lua_tostring(L, 1);
        show_error_reply(L, text + (*text == '-'));
        if (engine_emulates(interpreter_of(L)->engine, 7, 0)) {
            push_error_text(L, text);
            lua_replace(L, 1);
        }
    }
    return push_single_field(L, "err");
}

static int sha1hex(lua_State *L)
{
    if (lua_gettop(L) != 1)
        return script_errors_raise(L, ERROR_LUA_SHA1_ARGUMENT);
    char digits[DIGEST_SHA1_HEX_SIZE + 1];
    struct bytes text = {"", 0};
    if (lua_isstring(L, 1))
        text.data = lua_tolstring(L, 1, &text.size);
    digest_sha1_hex(text, digits);
    lua_pushlstring(L, digits, DIGEST_SHA1_HEX_SIZE);
    return 1;
}

/* redis.log(level, message, ...): what is no string is left out. */
static int write_log(lua_State *L)
{
    int count = lua_gettop(L);
    if (count < 2)
        return script_errors_raise(L, ERROR_LUA_LOG_ARGUMENTS);
    if (!lua_isnumber(L, 1))
        return script_errors_raise(L, ERROR_LUA_LOG_LEVEL_TYPE);
    lua_Number level = lua_tonumber(L, 1);
    if (!(level > -1 && level < 4)) /* Redis drops the fraction */
        return script_errors_raise(L, ERROR_LUA_LOG_LEVEL);
    for (int i = 2; i <= count; i++)
        lua_tostring(L, i); /* numbers become text now: it may raise, and below it must not */
    struct buffer line = {0};
    for (int i = 2; i <= count; i++) {
        if (lua_type(L, i) != LUA_TSTRING)
            continue;
        size_t size;
        const char *text = lua_tolstring(L, i, &size);
        if (i > 2)
            buffer_append_byte(&line, ' ');
        buffer_append(&line, text, size);
    }
    engine_log(interpreter_of(L)->engine, (int)level, "%.*s", BYTES_PRINT(buffer_bytes(&line)));
    buffer_clear(&line);
    return 0;
}

static int setresp(lua_State *L)
{
    if (lua_gettop(L) != 1)
        return script_errors_raise(L, ERROR_LUA_SETRESP_ARGUMENTS);
    lua_Number version = lua_tonumber(L, 1); /* Redis drops the fraction */
    if (!(version >= 2 && version < 4))
        return script_errors_raise(L, ERROR_LUA_SETRESP_VERSION);
    session_set_protocol(interpreter_of(L)->session, (int)version);
    return 0;
}

#define REPL_AOF 1

/* There are no replicas: what is left is whether the append-only file has what follows. */
static int set_repl(lua_State *L)
{
    const struct interpreter *interpreter = interpreter_of(L);
    if (interpreter->run->options.refuses_random_writes || interpreter->checks.replicates_scripts)
        return script_errors_raise(L, ERROR_LUA_SET_REPL_EARLY);
    if (lua_gettop(L) != 1)
        return script_errors_raise(L, ERROR_LUA_SET_REPL_ARGUMENTS);
    lua_Number flags = lua_tonumber(L, 1);
    if (!(flags > -1 && flags < 4))
        return script_errors_raise(L, ERROR_LUA_SET_REPL_FLAGS);
    if ((int)flags & REPL_AOF)
        interpreter->session->flags &= (uint32_t)~SESSION_UNRECORDED;
    else
        interpreter->session->flags |= SESSION_UNRECORDED;
    return 0;
}

static int replicate_commands(lua_State *L)
{
    struct interpreter *interpreter = interpreter_of(L);
    struct dispatch_script_options *options = &interpreter->run->options;
    bool is_late = options->was_write && !engine_emulates(interpreter->engine, 7, 0);
    if (!is_late)
        options->refuses_random_writes = interpreter->checks.replicates_scripts = false;
    lua_pushboolean(L, !is_late);
    return 1;
}

static int breakpoint(lua_State *L)
{
    lua_pushboolean(L, debugger_break(interpreter_of(L)));
    return 1;
}

static int debug(lua_State *L)
{
    debugger_show_arguments(L);
    return 0;
}

static int acl_check_cmd(lua_State *L)
{
    struct interpreter *interpreter = interpreter_of(L);
    struct bytes room[ROOM];
    const char *error;
    int argc;
    const struct bytes *argv = redis_call_arguments(L, interpreter, room, ROOM, &argc, &error);
    if (!argv)
        return script_errors_raise(L, error);
    const struct command_state *state =
        engine_find_command(interpreter->engine, argv[0], argc > 1 ? &argv[1] : NULL);
    if (!state)
        return script_errors_raise(L, ERROR_LUA_ACL_COMMAND);
    int position;
    const struct acl_user *user = interpreter->session->user;
    lua_pushboolean(L, acl_check_call(user, state, argv, argc, &position) == ACL_ALLOWED);
    return 1;
}

static uint32_t next_random(struct interpreter *interpreter)
{
    const uint64_t mask = ((uint64_t)1 << 48) - 1;
    *interpreter->random = (*interpreter->random * 0x5deece66dU + 0xb) & mask;
    return (uint32_t)(*interpreter->random >> 17);
}

/* math.random of Lua 5.1 over the numbers of lrand48. */
int redis_api_random(lua_State *L)
{
    const uint32_t most = INT32_MAX;
    lua_Number unit = (lua_Number)(next_random(interpreter_of(L)) % most) / (lua_Number)most;
    int lowest = 1;
    int highest;
    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, unit);
        return 1;
    case 1:
        highest = (int)luaL_checkinteger(L, 1);
        luaL_argcheck(L, 1 <= highest, 1, "interval is empty");
        break;
    case 2:
        lowest = (int)luaL_checkinteger(L, 1);
        highest = (int)luaL_checkinteger(L, 2);
        luaL_argcheck(L, lowest <= highest, 2, "interval is empty");
        break;
    default:
        return luaL_error(L, "wrong number of arguments");
    }
    /* The width wraps as an int does in Redis. */
    int32_t width = (int32_t)((uint32_t)highest - (uint32_t)lowest + 1U);
    lua_pushnumber(L, floor(unit * width) + lowest);
    return 1;
}

int redis_api_randomseed(lua_State *L)
{
    uint32_t seed = (uint32_t)luaL_checkinteger(L, 1);
    *interpreter_of(L)->random = (uint64_t)seed << 16 | 0x330eU;
    return 0;
}

static const luaL_Reg functions[] = {
    {"call", redis_call_raising},
    {"pcall", redis_call_protected},
    {"log", write_log},
    {"setresp", setresp},
    {"error_reply", error_reply},
    {"status_reply", status_reply},
    {"sha1hex", sha1hex},
    {"set_repl", set_repl},
    {"replicate_commands", replicate_commands},
    {"breakpoint", breakpoint},
    {"debug", debug},
    {NULL, NULL},
};

static const struct {
    const char *name;
    int value;
} constants[] = {{"LOG_DEBUG", 0},   {"LOG_VERBOSE", 1},  {"LOG_NOTICE", 2},
                 {"LOG_WARNING", 3}, {"REPL_NONE", 0},    {"REPL_AOF", 1},
                 {"REPL_SLAVE", 2},  {"REPL_REPLICA", 2}, {"REPL_ALL", 3}};

void redis_api_push(lua_State *L)
{
    const struct engine *engine = interpreter_of(L)->engine;
    lua_newtable(L);
    for (const luaL_Reg *function = functions; function->name; function++) {
        lua_pushcfunction(L, function->func);
        lua_setfield(L, -2, function->name);
    }
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        lua_pushinteger(L, constants[i].value);
        lua_setfield(L, -2, constants[i].name);
    }
    if (!engine_emulates(engine, 7, 0))
        return;
    lua_pushcfunction(L, acl_check_cmd);
    lua_setfield(L, -2, "acl_check_cmd");
    lua_pushstring(L, engine->version_text);
    lua_setfield(L, -2, "REDIS_VERSION");
    lua_pushinteger(L, (lua_Integer)engine->version);
    lua_setfield(L, -2, "REDIS_VERSION_NUM");
}
