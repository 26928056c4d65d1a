/* SPDX-License-Identifier: MIT */
/*
 * Commands run within a hook, where Lua calls no hooks. What `eval` runs must not go on for ever,
 * so it gets a coroutine of its own, whose hook looks at the time.
 */
#include "script/debugger_commands.h"

#include <limits.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/number.h"
#include "reply/errors.h"
#include "script/chunk.h"
#include "script/debugger_print.h"
#include "script/debugger_private.h"
#include "script/readonly.h"
#include "script/redis_call.h"
#include "script/script_errors.h"

#define LINES_AROUND       5
#define LEAST_TRIM         60 /* bytes: lines are not cut shorter */
#define EVAL_INSTRUCTIONS  10000
#define EVAL_DEFAULT_MS    5000 /* when busy-reply-threshold is off */
#define EVAL_LIMIT_MESSAGE "the code ran longer than busy-reply-threshold"

/* --- the source --- */

bool debugger_commands_is_breakpoint(const struct debugger *debugger, int line)
{
    for (int i = 0; i < debugger->breakpoint_count; i++)
        if (debugger->breakpoints[i] == line)
            return true;
    return false;
}

void debugger_commands_show_line(struct debugger *debugger, int line)
{
    bool is_there = line > 0 && line <= debugger->line_count;
    struct bytes text =
        is_there ? debugger->lines[line - 1] : BYTES_LITERAL("<out of range source code line>");
    debugger_log_format(&debugger->log, "%s%c%-3d %.*s", line == debugger->line ? "->" : "  ",
                        debugger_commands_is_breakpoint(debugger, line) ? '#' : ' ', line,
                        BYTES_PRINT(text));
}

static void show_lines(struct debugger *debugger, int around, int context)
{
    for (int line = 1; line <= debugger->line_count; line++)
        if (abs(around - line) <= context)
            debugger_commands_show_line(debugger, line);
}

static int integer_argument(const struct debugger *debugger, int index)
{
    return number_leading_integer(debugger->request.argv[index]);
}

static enum debugger_verdict list(struct debugger *debugger, lua_State *L)
{
    (void)L;
    int argc = debugger->request.argc;
    int around = argc > 1 ? integer_argument(debugger, 1) : 0;
    show_lines(debugger, around > 0 ? around : debugger->line,
               argc > 2 ? integer_argument(debugger, 2) : LINES_AROUND);
    return DEBUGGER_STAYS;
}

static enum debugger_verdict whole(struct debugger *debugger, lua_State *L)
{
    (void)L;
    show_lines(debugger, 1, INT_MAX);
    return DEBUGGER_STAYS;
}

static enum debugger_verdict trace(struct debugger *debugger, lua_State *L)
{
    lua_Debug frame;
    for (int level = 0; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Snl", &frame);
        if (!strstr(frame.short_src, debugger->chunk))
            continue;
        debugger_log_format(&debugger->log, "%s %s:", level == 0 ? "In" : "From",
                            frame.name ? frame.name : "top level");
        debugger_commands_show_line(debugger, frame.currentline);
    }
    return DEBUGGER_STAYS;
}

/* --- breakpoints --- */

static void add_breakpoint(struct debugger *debugger, int64_t line)
{
    if (debugger->breakpoint_count == DEBUGGER_BREAKPOINTS) {
        debugger_log_format(&debugger->log, "Too many breakpoints set.");
    } else if (line > debugger->line_count ||
               debugger_commands_is_breakpoint(debugger, (int)line)) {
        debugger_log_format(&debugger->log, "Wrong line number.");
    } else {
        debugger->breakpoints[debugger->breakpoint_count++] = (int)line;
        show_lines(debugger, (int)line, 1);
    }
}

static void remove_breakpoint(struct debugger *debugger, int64_t line)
{
    int *breakpoints = debugger->breakpoints;
    for (int i = 0; i < debugger->breakpoint_count; i++) {
        if (breakpoints[i] != line)
            continue;
        debugger->breakpoint_count--;
        memmove(breakpoints + i, breakpoints + i + 1,
                (size_t)(debugger->breakpoint_count - i) * sizeof *breakpoints);
        debugger_log_format(&debugger->log, "Breakpoint removed.");
        return;
    }
    debugger_log_format(&debugger->log, "No breakpoint in the specified line.");
}

static void list_breakpoints(struct debugger *debugger)
{
    if (debugger->breakpoint_count == 0) {
        debugger_log_format(&debugger->log, "No breakpoints set. Use 'b <line>' to add one.");
        return;
    }
    debugger_log_format(&debugger->log, "%d breakpoints set:", debugger->breakpoint_count);
    for (int i = 0; i < debugger->breakpoint_count; i++)
        debugger_commands_show_line(debugger, debugger->breakpoints[i]);
}

static void change_breakpoint(struct debugger *debugger, struct bytes argument)
{
    int64_t line;
    if (!number_parse_integer(argument, &line)) {
        debugger_log_format(&debugger->log, "Invalid argument:'%.*s'", BYTES_PRINT(argument));
    } else if (line == 0) {
        debugger->breakpoint_count = 0;
        debugger_log_format(&debugger->log, "All breakpoints removed.");
    } else if (line > 0) {
        add_breakpoint(debugger, line);
    } else {
        remove_breakpoint(debugger, line == INT64_MIN ? 0 : -line);
    }
}

static enum debugger_verdict change_breakpoints(struct debugger *debugger, lua_State *L)
{
    (void)L;
    if (debugger->request.argc == 1)
        list_breakpoints(debugger);
    for (int i = 1; i < debugger->request.argc; i++)
        change_breakpoint(debugger, debugger->request.argv[i]);
    return DEBUGGER_STAYS;
}

/* --- values --- */

/* "<prefix>value" of what stands on top of L. */
static void show_value(struct debugger *debugger, lua_State *L, const char *prefix)
{
    struct buffer line = {0};
    buffer_append_string(&line, prefix);
    debugger_print_value(L, -1, &line, debugger_log_room(&debugger->log));
    debugger_log_value(&debugger->log, buffer_bytes(&line));
    buffer_clear(&line);
}

static bool is_name(struct bytes text, const char *name)
{
    return bytes_equal_string(text, name);
}

/* False when it is not the one wanted, or not there (a function has none). What is behind _G is
 * read, as _G itself raises errors. */
static bool print_global(struct debugger *debugger, lua_State *L, struct bytes wanted,
                         const char *name)
{
    if (!is_name(wanted, name))
        return false;
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    readonly_look_behind(L, lua_gettop(L));
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    bool is_there = !lua_isnil(L, -1);
    if (is_there)
        show_value(debugger, L, "<value> ");
    lua_pop(L, 2);
    return is_there;
}

/* The first local variable of that name, from the innermost function outwards. */
static void print_variable(struct debugger *debugger, lua_State *L, struct bytes wanted)
{
    lua_Debug frame;
    const char *name;
    for (int level = 0; lua_getstack(L, level, &frame); level++) {
        for (int i = 1; (name = lua_getlocal(L, &frame, i)) != NULL; i++) {
            bool is_wanted = is_name(wanted, name);
            if (is_wanted)
                show_value(debugger, L, "<value> ");
            lua_pop(L, 1);
            if (is_wanted)
                return;
        }
    }
    if (!print_global(debugger, L, wanted, "KEYS") && !print_global(debugger, L, wanted, "ARGV"))
        debugger_log_format(&debugger->log, "No such variable.");
}

static void print_all(struct debugger *debugger, lua_State *L)
{
    lua_Debug frame;
    const char *name;
    bool is_empty = true;
    bool is_there = lua_getstack(L, 0, &frame);
    for (int i = 1; is_there && (name = lua_getlocal(L, &frame, i)) != NULL; i++) {
        if (!strstr(name, "(*temporary)")) {
            struct buffer prefix = {0};
            buffer_append_format(&prefix, "<value> %s = ", name);
            buffer_append_byte(&prefix, '\0');
            show_value(debugger, L, prefix.data);
            buffer_clear(&prefix);
            is_empty = false;
        }
        lua_pop(L, 1);
    }
    if (is_empty)
        debugger_log_format(&debugger->log, "No local variables in the current context.");
}

static enum debugger_verdict print(struct debugger *debugger, lua_State *L)
{
    if (debugger->request.argc == 2)
        print_variable(debugger, L, debugger->request.argv[1]);
    else
        print_all(debugger, L);
    return DEBUGGER_STAYS;
}

static enum debugger_verdict set_longest(struct debugger *debugger, lua_State *L)
{
    (void)L;
    struct debugger_log *log = &debugger->log;
    if (debugger->request.argc == 2) {
        int longest = integer_argument(debugger, 1);
        log->is_trimming_known = true;
        log->longest = (size_t)(longest != 0 && longest <= LEAST_TRIM ? LEAST_TRIM : longest);
    }
    if (log->longest)
        debugger_log_format(log, "<value> replies are truncated at %d bytes.", (int)log->longest);
    else
        debugger_log_format(log, "<value> replies are unlimited.");
    return DEBUGGER_STAYS;
}

/* --- code and commands --- */

static void show_lua_error(struct debugger *debugger, lua_State *L)
{
    struct buffer text = {0};
    debugger_print_error(L, &text);
    debugger_log_format(&debugger->log, "<error> %.*s", BYTES_PRINT(buffer_bytes(&text)));
    buffer_clear(&text);
}

/* From now on each line raises, whatever the code catches. */
static void limit_eval(lua_State *L, lua_Debug *activation)
{
    (void)activation;
    struct interpreter *interpreter = interpreter_of(L);
    int64_t limit_ms = config_integer(interpreter->engine->config, CONFIG_LUA_TIME_LIMIT);
    if (limit_ms <= 0)
        limit_ms = EVAL_DEFAULT_MS;
    if (clock_monotonic_us() - interpreter->debugger->resumed_us < limit_ms * 1000)
        return;
    lua_sethook(L, limit_eval, LUA_MASKLINE, 0);
    script_errors_raise(L, EVAL_LIMIT_MESSAGE);
}

/* The code as an expression or, if it is none, as statements. False: the error is on top. */
static bool load_code(lua_State *L, struct bytes code)
{
    struct buffer expression = {0};
    buffer_append_string(&expression, "return ");
    buffer_append_bytes(&expression, code);
    int status = chunk_load(L, buffer_bytes(&expression), "@ldb_eval");
    buffer_clear(&expression);
    if (status == 0)
        return true;
    lua_pop(L, 1);
    return chunk_load(L, code, "@ldb_eval") == 0;
}

static enum debugger_verdict eval(struct debugger *debugger, lua_State *L)
{
    struct buffer code = {0};
    for (int i = 1; i < debugger->request.argc; i++) {
        if (i > 1)
            buffer_append_byte(&code, ' ');
        buffer_append_bytes(&code, debugger->request.argv[i]);
    }
    lua_State *coroutine = lua_newthread(L);
    bool is_loaded = load_code(coroutine, buffer_bytes(&code));
    buffer_clear(&code);
    if (is_loaded) {
        debugger->resumed_us = clock_monotonic_us();
        lua_sethook(coroutine, limit_eval, LUA_MASKCOUNT, EVAL_INSTRUCTIONS);
        debugger->interpreter->memory.is_strict = false;
        is_loaded = lua_pcall(coroutine, 0, 1, 0) == 0;
        debugger->interpreter->memory.is_strict = true;
    }
    if (is_loaded)
        show_value(debugger, coroutine, "<retval> ");
    else
        show_lua_error(debugger, coroutine);
    lua_pop(L, 1);
    return DEBUGGER_STAYS;
}

static enum debugger_verdict call_redis(struct debugger *debugger, lua_State *L)
{
    int argc = debugger->request.argc;
    if (!lua_checkstack(L, argc + LUA_MINSTACK)) {
        debugger_log_format(&debugger->log, "<error> No room on the Lua stack.");
        return DEBUGGER_STAYS;
    }
    lua_pushcfunction(L, redis_call_raising);
    for (int i = 1; i < argc; i++)
        lua_pushlstring(L, debugger->request.argv[i].data, debugger->request.argv[i].size);
    debugger->is_stepping = true; /* so that it is shown */
    lua_pcall(L, argc - 1, 1, 0);
    debugger->interpreter->memory.is_strict = true;
    debugger->is_stepping = false;
    lua_pop(L, 1);
    return DEBUGGER_STAYS;
}

/* --- going on --- */

static enum debugger_verdict step(struct debugger *debugger, lua_State *L)
{
    (void)L;
    debugger->is_stepping = true;
    return DEBUGGER_GOES_ON;
}

static enum debugger_verdict go_on(struct debugger *debugger, lua_State *L)
{
    (void)debugger;
    (void)L;
    return DEBUGGER_GOES_ON;
}

static enum debugger_verdict abort_script(struct debugger *debugger, lua_State *L)
{
    (void)debugger;
    (void)L;
    return DEBUGGER_ABORTS;
}

static enum debugger_verdict help(struct debugger *debugger, lua_State *L)
{
    static const char *const lines[] = {
        "Commands of the Lua debugger; one letter is enough:",
        "step                 Run this line and stop at the next. Also: next, n.",
        "continue             Run until a breakpoint, or the end.",
        "list [line [count]]  Show the source around a line, or around this one,",
        "                     with so many lines (5) before and behind it.",
        "whole                Show the whole source.",
        "print [variable]     Show a local variable, KEYS or ARGV; alone: all locals.",
        "break [line ...]     Stop whenever a line is reached; alone: list breakpoints.",
        "break -<line>        Remove the breakpoint of a line.",
        "break 0              Remove all breakpoints.",
        "trace                Show the functions that called one another to get here.",
        "eval <code>          Run Lua code, outside of the script's own scope.",
        "redis <command ...>  Run a Redis command.",
        "maxlen [bytes]       Cut values that are longer; 0: never. Alone: say where.",
        "abort                End the script with an error.",
        "help                 Show this text.",
        "",
        "redis-cli itself knows restart and quit. In the script, redis.breakpoint()",
        "stops before the next line, and redis.debug(value, ...) shows values.",
        NULL,
    };
    (void)L;
    for (const char *const *line = lines; *line; line++)
        debugger_log_format(&debugger->log, "%s", *line);
    return DEBUGGER_STAYS;
}

/* --- the table --- */

static const struct {
    const char *name;
    int argc; /* at least */
    enum debugger_verdict (*run)(struct debugger *debugger, lua_State *L);
} commands[] = {
    {"help", 1, help},
    {"step", 1, step},
    {"next", 1, step},
    {"continue", 1, go_on},
    {"trace", 1, trace},
    {"maxlen", 1, set_longest},
    {"break", 1, change_breakpoints},
    {"eval", 1, eval},
    {"abort", 1, abort_script},
    {"redis", 2, call_redis},
    {"print", 1, print},
    {"list", 1, list},
    {"whole", 1, whole},
};

static bool is_word(struct bytes word, const char *name)
{
    const char letter[2] = {*name, '\0'};
    return bytes_equal_ignoring_case(word, name) || bytes_equal_ignoring_case(word, letter);
}

enum debugger_verdict debugger_commands_run(struct debugger *debugger, lua_State *L)
{
    const struct debugger_request *request = &debugger->request;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (request->argc >= commands[i].argc && is_word(request->argv[0], commands[i].name))
            return commands[i].run(debugger, L);
    debugger_log_format(&debugger->log, "<error> Unknown Redis Lua debugger command or wrong "
                                        "number of arguments.");
    return DEBUGGER_STAYS;
}
