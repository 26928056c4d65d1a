/* SPDX-License-Identifier: MIT */
/*
 * A command reads its arguments where Lua keeps them, so they stay on the stack until it has run.
 * An error is raised when the command's frame has returned, never from within.
 */
#include "script/redis_call.h"

#include <math.h>

#include <lauxlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "reply/errors.h"
#include "script/debugger.h"
#include "script/debugger_reply.h"
#include "script/hooks.h"
#include "script/interpreter_private.h"
#include "script/script_checks.h"
#include "script/script_errors.h"

#define ROOM           16     /* arguments that need no allocation */
#define MANY_ARGUMENTS 7000   /* with more, Lua's limit of stack slots is near */
#define SAFE_INTEGER   0x1p52 /* Redis prints whole numbers below it as such */

static size_t format_number(const struct interpreter *interpreter, double value, char *out)
{
    enum number_double_style style = interpreter->reply.double_style;
    if (style == NUMBER_DOUBLE_SHORTEST && value > -SAFE_INTEGER && value < SAFE_INTEGER &&
        (double)(int64_t)value == value)
        return number_format_integer(out, (int64_t)value);
    if (isnan(value) && signbit(value)) {
        memcpy(out, "-nan", 4);
        return 4;
    }
    return number_format_double(out, value, style);
}

static struct bytes *grow_arguments(struct interpreter *interpreter, int argc)
{
    if (interpreter->argument_capacity < argc) {
        interpreter->argument_capacity = argc + argc / 2;
        interpreter->arguments =
            memory_resize(interpreter->arguments,
                          (size_t)interpreter->argument_capacity * sizeof *interpreter->arguments);
    }
    return interpreter->arguments;
}

const struct bytes *redis_call_arguments(lua_State *L, struct interpreter *interpreter,
                                         struct bytes *room, int room_size, int *argc,
                                         const char **error)
{
    *argc = lua_gettop(L);
    if (*argc == 0) {
        *error = engine_emulates(interpreter->engine, 7, 0) ? ERROR_LUA_NO_ARGUMENTS
                                                            : ERROR_LUA_NO_ARGUMENTS_BEFORE_7;
        return NULL;
    }
    struct bytes *argv = *argc <= room_size ? room : grow_arguments(interpreter, *argc);
    interpreter->digits.size = 0;
    for (int i = 0; i < *argc; i++) {
        int type = lua_type(L, i + 1);
        if (type == LUA_TSTRING) {
            argv[i].data = lua_tolstring(L, i + 1, &argv[i].size);
        } else if (type == LUA_TNUMBER) {
            struct buffer *digits = &interpreter->digits;
            if (digits->size == 0) /* room for all that may follow: the text must not move */
                buffer_reserve(digits, (size_t)(*argc - i) * NUMBER_DOUBLE_SIZE);
            char *out = digits->data + digits->size;
            argv[i] = bytes_of(out, format_number(interpreter, lua_tonumber(L, i + 1), out));
            digits->size += NUMBER_DOUBLE_SIZE;
        } else {
            *error = engine_emulates(interpreter->engine, 7, 0) ? ERROR_LUA_ARGUMENT_TYPE
                                                                : ERROR_LUA_ARGUMENT_TYPE_BEFORE_7;
            return NULL;
        }
    }
    return argv;
}

/* Puts the arguments into a table, which holds them as well, so that the stack has room again. */
static void stow_arguments(lua_State *L, int argc)
{
    lua_createtable(L, argc, 0);
    lua_insert(L, 1);
    for (int i = argc; i > 0; i--)
        lua_rawseti(L, 1, i);
}

/* Holds the name, which is a string at index 1. The place for it is there: nothing is allocated. */
static void remember_name(lua_State *L, struct interpreter *interpreter, size_t place,
                          struct command_state *state)
{
    interpreter->names[place] = (struct known_name){.name = lua_tostring(L, 1), .state = state};
    lua_rawgeti(L, LUA_REGISTRYINDEX, REFERENCE_NAMES);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, (int)place + 1);
    lua_pop(L, 1);
}

/* A script's names are constants, so most are found by their address. NULL: unknown. */
static struct command_state *find_command(lua_State *L, struct interpreter *interpreter,
                                          const struct bytes *argv, int argc)
{
    const char *name = argv[0].data;
    size_t place = ((uintptr_t)name >> 4 ^ (uintptr_t)name >> 9) % INTERPRETER_NAMES;
    if (interpreter->names[place].name == name)
        return interpreter->names[place].state;
    struct command_state *state =
        engine_find_command(interpreter->engine, argv[0], argc > 1 ? &argv[1] : NULL);
    if (state && !state->parent && state->subcommand_count == 0 && lua_type(L, 1) == LUA_TSTRING)
        remember_name(L, interpreter, place, state);
    return state;
}

static int fail(lua_State *L, const char *error, bool raises)
{
    script_errors_push(L, error);
    return raises ? script_errors_raise_reply(L) : 1;
}

/* True when the command answered an error. Its answer is on top of the stack. */
static bool execute(lua_State *L, struct interpreter *interpreter, struct command_state *state,
                    const struct bytes *argv, int argc)
{
    struct engine *engine = interpreter->engine;
    struct session *session = interpreter->session;
    uint64_t counted = engine->stats.error_replies;
    struct reply *reply = &interpreter->reply.reply;
    struct debugger_reply noted;
    bool is_shown = debugger_is_watching(interpreter);
    interpreter->is_calling = true;
    interpreter->memory.is_strict = true;
    struct script_trace_entry *traced = script_trace_begin(interpreter, L, argv, argc);
    lua_reply_begin(&interpreter->reply, L, session->writer.protocol);
    if (is_shown) {
        debugger_show_call(interpreter, argv, argc);
        reply = debugger_reply_begin(&noted, reply, session->writer.protocol,
                                     session->writer.double_style);
    }
    dispatch_script_call(session, state, argv, argc, reply, &interpreter->run->options);
    bool is_error = lua_reply_end(&interpreter->reply);
    if (traced)
        script_trace_end(interpreter, traced, L);
    interpreter->memory.is_strict = false;
    interpreter->is_calling = false;
    /* A refusal before the command ran counts as well, since 7.0. */
    bool was_refused = is_error && engine->stats.error_replies == counted;
    if (was_refused && engine_emulates(engine, 7, 0))
        engine_count_error(engine, reply->error_code);
    if (is_shown) {
        debugger_show_answer(interpreter, &noted, was_refused);
        debugger_reply_clear(&noted);
    }
    return is_error;
}

/* Nothing fails while a command runs: whether there is memory is asked before and after. */
static void check_memory(lua_State *L, const struct lua_memory *memory)
{
    if (lua_memory_left(memory) > 0)
        return;
    lua_gc(L, LUA_GCCOLLECT, 0);
    if (lua_memory_left(memory) == 0)
        luaL_error(L, ERROR_LUA_MEMORY);
}

/* The command has run, but its reply is not whole. */
static int fail_short_of_memory(lua_State *L)
{
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
    return luaL_error(L, ERROR_LUA_MEMORY);
}

static int call(lua_State *L, bool raises)
{
    struct interpreter *interpreter = interpreter_of(L);
    CHECK(interpreter->run);
    struct bytes room[ROOM];
    const char *error;
    int argc;
    if (script_checks_failure(interpreter))
        return hooks_fail_run(L, script_checks_failure(interpreter));
    const struct bytes *argv = redis_call_arguments(L, interpreter, room, ROOM, &argc, &error);
    if (!argv)
        return fail(L, error, raises);
    if (interpreter->is_calling)
        return fail(L, ERROR_LUA_RECURSION, raises);
    struct command_state *state = find_command(L, interpreter, argv, argc);
    if (argc > MANY_ARGUMENTS)
        stow_arguments(L, argc);
    check_memory(L, &interpreter->memory);
    bool is_error = execute(L, interpreter, state, argv, argc);
    if (script_checks_failure(interpreter))
        return hooks_fail_run(L, script_checks_failure(interpreter));
    if (interpreter->reply.is_short)
        return fail_short_of_memory(L);
    if (is_error && interpreter->run->options.refusal)
        script_errors_name_place(L, interpreter->run->options.refusal);
    return is_error && raises ? script_errors_raise_reply(L) : 1;
}

int redis_call_raising(lua_State *L)
{
    return call(L, true);
}

int redis_call_protected(lua_State *L)
{
    return call(L, false);
}
