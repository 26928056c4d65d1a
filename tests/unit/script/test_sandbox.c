/* SPDX-License-Identifier: MIT */
/* What a script must not be able to do, and what it must not be able to tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "script/interpreter_private.h"
#include "support/script_fixture.h"

#define READ_ONLY "Attempt to modify a readonly table"

static void globals_cannot_be_set(void **state)
{
    struct server_fixture *server = *state;
    static const char *const attempts[] = {
        "x = 1",
        "_G.x = 1",
        "redis = 1",
        "KEYS = 1",
        "rawset(_G, 'x', 1)",
        "setmetatable(_G, {})",
        "getmetatable(_G).__index = nil",
        "rawset(getmetatable(_G), '__index', nil)",
        "table.insert(_G, 1)",
        "table.insert(_G, 1, 2)",
        "loadstring('x = 1')()",
        "setmetatable(getmetatable(_G), {})",
        "local _G = {} y = 1",
        "function f() end",
        "coroutine.wrap(function() x = 1 end)()",
        "setmetatable({}, {__newindex = _G}).x = 1",
    };
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        expect_error(server, attempts[i], READ_ONLY);
    expect_error(server, "return x", "Script attempted to access nonexistent global variable 'x'");
    expect_true(server,
                "rawget(_G, 'x') == nil and type(redis) == 'table' and type(KEYS) == 'table'");
}

static void libraries_cannot_be_changed(void **state)
{
    struct server_fixture *server = *state;
    static const char *const names[] = {"redis", "string", "table",     "math",
                                        "cjson", "bit",    "coroutine", "getmetatable('')"};
    static const char *const attempts[] = {
        "%s.x = 1",  "rawset(%s, 'x', 1)", "setmetatable(%s, {})", "table.insert(%s, 1)",
        "%s[1] = 1",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (size_t j = 0; j < sizeof attempts / sizeof attempts[0]; j++) {
            char script[100];
            snprintf(script, sizeof script, "local t = {%s} t = t[1] ", names[i]);
            size_t size = strlen(script);
            snprintf(script + size, sizeof script - size, attempts[j], "t");
            expect_error(server, script, READ_ONLY);
        }
    }
    expect_true(server, "string.x == nil and ('').x == nil and redis[1] == nil");
}

static void nothing_dangerous_is_there(void **state)
{
    struct server_fixture *server = *state;
    static const char *const names[] = {"io",       "os",      "debug",   "package",
                                        "require",  "module",  "print",   "dofile",
                                        "loadfile", "setfenv", "getfenv", "newproxy"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char expression[60];
        snprintf(expression, sizeof expression, "rawget(_G, '%s') == nil", names[i]);
        expect_true(server, expression);
        expect_error(server, names[i], "");
    }
}

static void views_look_like_the_tables_behind(void **state)
{
    struct server_fixture *server = *state;
    expect_true(server, "type(redis) == 'table' and tostring(redis):sub(1, 7) == 'table: '");
    expect_true(server, "getmetatable(redis) == nil and getmetatable(string) == nil");
    expect_true(server, "next(redis) ~= nil and rawget(redis, 'call') == redis.call");
    expect_true(server, "(function() local n = 0 for k, v in pairs(string) do n = n + 1 end "
                        "return n end)() == 15");
    expect_true(server, "(function() local n = 0 table.foreach(math, function() n = n + 1 end) "
                        "return n end)() == 31");
    expect_true(server, "_G._G == _G and rawequal(_G, _G._G)");
    expect_error(server, "cjson.encode(redis)", "Cannot serialise function");
    expect_true(server, "getmetatable('').__index == string");
    expect_true(server, "type(getmetatable(_G).__index) == 'function'");
    expect_true(server, "#redis == 0 and table.maxn(redis) == 0 and #{unpack(redis)} == 0");
}

/* The hidden parts of a view: none may come out by any function that gives values. */
static void the_tables_behind_stay_hidden(void **state)
{
    struct server_fixture *server = *state;
    expect_true(server, "(function() "
                        "for k, v in pairs(_G) do "
                        "  if type(v) == 'table' and k ~= 'KEYS' and k ~= 'ARGV' then "
                        "    if pcall(rawset, v, 'x', 1) then return false end "
                        "    local m = getmetatable(v) "
                        "    if m and pcall(rawset, m, 'x', 1) then return false end "
                        "  end "
                        "end return true end)()");
    expect_true(server, "(function() for k, v in pairs(getmetatable(_G)) do "
                        "if type(k) ~= 'string' then return false end end return true end)()");
    expect_true(server, "next({}, nil) == nil and select('#', pairs(redis)) == 3 and "
                        "select(2, pairs(redis)) == redis");
}

static void bytecode_is_not_loaded(void **state)
{
    struct server_fixture *server = *state;
    expect_true(server, "loadstring(string.dump(function() end)) == nil");
    expect_true(server, "select(2, loadstring(string.dump(function() end))) == "
                        "'[string \"\\27LuaQ\"]:1: unexpected symbol near \\'char(27)\\''");
    expect_true(server, "(function() local pieces = {'', string.dump(function() end)} local i = 0 "
                        "return load(function() i = i + 1 return pieces[i] end) end)() == nil");
    expect_true(server, "(function() local done return load(function() if done then return end "
                        "done = true return string.dump(function() end) end) end)() == nil");
    expect_true(server, "loadstring('return 7')() == 7");
    expect_error(server, "\x1bLua", "ERR Error compiling script");
}

static void a_chunk_name_outlives_its_parsing(void **state)
{
    struct server_fixture *server = *state;
    expect_true(server, "(function() for i = 1, 200 do "
                        "  local name = ('n'):rep(200 + i) "
                        "  loadstring(('local a = {} '):rep(100), name .. '\\0tail') "
                        "  loadstring('x = (', '=' .. name) "
                        "end return true end)()");
}

static void tohex_prints_eight_digits_at_most(void **state)
{
    struct server_fixture *server = *state;
    expect_true(server, "bit.tohex(255) == '000000ff' and bit.tohex(255, -4) == '00FF'");
    expect_true(server, "bit.tohex(1, -2147483648) == '00000001'");
    expect_true(server, "bit.tohex(1, 2147483647) == '00000001' and bit.tohex(1, 0) == ''");
}

static void oversized_requests_end_in_an_error(void **state)
{
    struct server_fixture *server = *state;
    script_fixture_eval(server, "return 1"); /* makes the state */
    server->engine->interpreter->memory.limit = (size_t)16 << 20;
    expect_error(server, "return #unpack({}, 0, 2147483647)", "too many results to unpack");
    expect_error(server, "return unpack({}, -2147483648, 2147483647)", "too many results");
    expect_error(server, "local function f() return 1 + f() end return f()", "stack overflow");
    expect_error(server, "return ('x'):rep(2000000000)", "not enough memory");
    expect_error(server,
                 "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000000) .. i end return #t",
                 "not enough memory");
    expect_error(server, "return cjson.encode((function() local t = {} t[1] = t return t end)())",
                 "excessive nesting");
    expect_error(server, "return cjson.decode(('['):rep(100000))", "nested");
    expect_error(server, "return ('a'):rep(300000):find(('a?'):rep(300000))", "too complex");
    expect_true(server, "('a'):rep(9000):find(('a?'):rep(9000)) == 1");
    expect_true(server, "('ab'):rep(30000):find(('b'):rep(30000), 1, true) == nil");
}

/* The encoder's buffer would end the process. */
static void json_that_grows_too_long_ends_in_an_error(void **state)
{
    struct server_fixture *server = *state;
    expect_error(server,
                 "local s, t = ('x'):rep(1000000), {} for i = 1, 3000 do t[i] = s end "
                 "return #cjson.encode(t)",
                 "not enough memory");
    expect_error(server,
                 "local json = cjson.new() json.encode_sparse_array(false, 0) "
                 "return #json.encode({[2000000000] = 1})",
                 "not enough memory");
    expect_error(server, "return cjson.encode({[2000000000] = 1})", "excessively sparse array");
    expect_error(server, "local t = {} t[1] = t t[2] = t return cjson.encode(t)",
                 "excessive nesting");
    expect_true(server, "(function() local json = cjson.new() json.encode_sparse_array(true) "
                        "return json.encode({[2000000000] = 1}) end)() == "
                        "'{\"2000000000\":1}'");
    expect_true(server, "cjson.encode({[3] = 1}) == '[null,null,1]'");
}

static void state_does_not_leak_from_script_to_script(void **state)
{
    struct server_fixture *server = *state;
    script_fixture_eval(
        server, "KEYS.secret = 1 setmetatable(KEYS, {__index = function() return 'leak' end})");
    expect_true(server, "KEYS.secret == nil and getmetatable(KEYS) == nil and KEYS[1] == nil");
}

static void a_raised_library_table_is_an_error_like_others(void **state)
{
    struct server_fixture *server = *state;
    expect_error(server, "error(redis)", "");
    expect_error(server, "error(setmetatable({}, {__newindex = function() error('x') end}))", "");
    expect_true(server, "redis.source == nil and redis.line == nil");
}

static void the_os_library_comes_with_its_version(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"emulate", "7.4", NULL});
    expect_true(&server, "type(os.clock()) == 'number' and os.execute == nil and os.time == nil");
    expect_error(&server, "os.clock = nil", READ_ONLY);
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(globals_cannot_be_set, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(libraries_cannot_be_changed, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(nothing_dangerous_is_there, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(views_look_like_the_tables_behind, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(the_tables_behind_stay_hidden, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(bytecode_is_not_loaded, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(a_chunk_name_outlives_its_parsing, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(tohex_prints_eight_digits_at_most, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(oversized_requests_end_in_an_error, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(json_that_grows_too_long_ends_in_an_error,
                                        script_fixture_setup, script_fixture_teardown),
        cmocka_unit_test_setup_teardown(state_does_not_leak_from_script_to_script,
                                        script_fixture_setup, script_fixture_teardown),
        cmocka_unit_test_setup_teardown(a_raised_library_table_is_an_error_like_others,
                                        script_fixture_setup, script_fixture_teardown),
        cmocka_unit_test(the_os_library_comes_with_its_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
