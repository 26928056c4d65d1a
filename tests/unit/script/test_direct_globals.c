/* SPDX-License-Identifier: MIT */
/* Which scripts may read real tables, and that none of them gets hold of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>

#include "base/memory.h"
#include "script/direct_globals.h"
#include "support/script_fixture.h"

#define SCRIPT    "\"return {#KEYS, #ARGV, KEYS[1], ARGV[1], ARGV[2], ARGV[3], KEYS[2]}\""
#define READ_ONLY "Attempt to modify a readonly table"

static enum globals_use judge(const char *source)
{
    lua_State *L = luaL_newstate();
    if (luaL_loadstring(L, "redis, KEYS, ARGV, _G = {}, {}, {}, {} "
                           "load, loadstring, unpack, tonumber = 1, 1, 1, 1") != 0)
        fail_msg("%s", lua_tostring(L, -1));
    lua_call(L, 0, 0);
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    if (luaL_loadstring(L, source) != 0)
        fail_msg("%s", lua_tostring(L, -1));
    enum globals_use use = direct_globals_judge(L, 1);
    assert_int_equal(lua_gettop(L), 2);
    lua_close(L);
    return use;
}

static void fields_of_libraries_may_be_taken(void **state)
{
    (void)state;
    assert_int_equal(judge(""), GLOBALS_LISTS_UNHELD);
    assert_int_equal(judge("return redis.call('get', KEYS[1])"), GLOBALS_LISTS_UNHELD);
    assert_int_equal(
        judge("local call = redis.call return call(KEYS[1], #ARGV, tonumber(ARGV[1]))"),
        GLOBALS_LISTS_UNHELD);
    assert_int_equal(judge("local function f() return function() return redis.call() end end"),
                     GLOBALS_LISTS_UNHELD);
    assert_int_equal(judge("local k = 'call' return redis[k]"), GLOBALS_LISTS_UNHELD);
    assert_int_equal(judge("return nothing"), GLOBALS_LISTS_UNHELD);
}

static void whoever_holds_a_list_gets_his_own(void **state)
{
    (void)state;
    static const char *const holders[] = {
        "return unpack(KEYS)",
        "KEYS[1] = 1",
        "local k = KEYS return k",
        "return ARGV",
        "for i, k in ipairs(KEYS) do end",
        "local k k = KEYS[1]", /* the list stays behind in a register */
        "return KEYS[tonumber(ARGV[1])]",
        "return function() return function() return ARGV end end",
        "return KEYS[1], KEYS",
    };
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++)
        if (judge(holders[i]) != GLOBALS_DIRECT)
            fail_msg("%s", holders[i]);
}

static void whoever_holds_a_library_sees_views(void **state)
{
    (void)state;
    static const char *const holders[] = {
        "local r = redis return r.call",
        "redis.call = 1",
        "redis:call()",
        "return #redis",
        "return redis",
        "return (redis or KEYS).call",
        "local t = {redis}",
        "local t = {[redis] = redis.call}",
        "unpack(redis)",
        "x = 1",
        "function f() end",
        "return function() x = 1 end",
        "return _G.redis",
        "return load",
        "return loadstring('return redis')",
        "local f f = redis.call", /* the table stays behind in a register */
        "return function() return function(...) local r = redis return r end end",
        "if KEYS[1] then return redis.call() else return redis end",
    };
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++)
        if (judge(holders[i]) != GLOBALS_SHOWN)
            fail_msg("%s", holders[i]);
}

/* A SETLIST of more than 511 times 50 elements is followed by a word that is no instruction. */
static void data_among_the_code_is_passed_over(void **state)
{
    (void)state;
    struct buffer source = {0};
    buffer_append_string(&source, "local t = {");
    for (int i = 0; i < 26000; i++)
        buffer_append_string(&source, "1,");
    buffer_append_string(&source, "}");
    buffer_append_byte(&source, '\0');
    assert_int_equal(judge(source.data), GLOBALS_LISTS_UNHELD);
    source.size--;
    buffer_append_string(&source, " redis.x = 1");
    buffer_append_byte(&source, '\0');
    assert_int_equal(judge(source.data), GLOBALS_SHOWN);
    buffer_clear(&source);
}

static void libraries_cannot_be_changed_whatever_the_code(void **state)
{
    struct server_fixture *server = *state;
    static const char *const attempts[] = {
        "redis.call = 1",
        "rawset(redis, 'call', 1)",
        "table.insert(redis, 1)",
        "setmetatable(string, nil)",
        "local r r = redis r.call = 1",
        "local c = redis.call; (redis or c).call = 1",
        "for _, t in pairs({redis}) do t.call = 1 end",
        "loadstring('redis.call = 1')()",
        "local f = loadstring('local r = redis return r') f().call = 1",
        "pcall(redis.call, 'ping') local t = cjson t.encode = 1",
        "table.foreach({math}, function(_, t) t.floor = 1 end)",
        "setmetatable({}, {__index = redis, __newindex = redis}).call = 1",
        "string.format = 1",
        "coroutine.wrap(function(t) t.x = 1 end)(bit)",
        "local function f(t) t.unpack = 1 end f(cmsgpack)",
    };
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        expect_error(server, attempts[i], READ_ONLY);
    expect_true(server, "type(redis.call) == 'function' and type(string.format) == 'function'");
}

static void lists_are_new_in_each_run(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "EVAL " SCRIPT " 1 a b c",
                 "*5\r\n:1\r\n:2\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
    expect_reply(server, "EVAL " SCRIPT " 0", "*2\r\n:0\r\n:0\r\n");
    expect_reply(server, "EVAL " SCRIPT " 1 x", "*3\r\n:1\r\n:0\r\n$1\r\nx\r\n");
    expect_reply(server, "EVAL \"KEYS[1] = 'q' KEYS.n = 1 return KEYS[1]\" 1 x", "$1\r\nq\r\n");
    expect_reply(server, "EVAL " SCRIPT " 1 y z", "*4\r\n:1\r\n:1\r\n$1\r\ny\r\n$1\r\nz\r\n");
    expect_true(server, "KEYS.n == nil and loadstring('return KEYS.n')() == nil");
}

static void loaded_code_sees_the_lists_of_its_run(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "EVAL \"return KEYS[1]\" 1 a", "$1\r\na\r\n");
    expect_reply(server, "EVAL \"return loadstring('return KEYS[1]')()\" 1 b", "$1\r\nb\r\n");
    expect_reply(server, "EVAL \"return unpack(KEYS)\" 1 c", "$1\r\nc\r\n");
    expect_reply(server, "EVAL \"return rawget(_G, 'KEYS')[1]\" 1 d", "$1\r\nd\r\n");
    expect_reply(server, "EVAL \"return KEYS[1]\" 1 e", "$1\r\ne\r\n");
}

static void unknown_globals_are_refused_in_the_same_words(void **state)
{
    struct server_fixture *server = *state;
    expect_error(server, "return x",
                 "user_script:1: Script attempted to access nonexistent global");
    expect_error(server, "return x, _G",
                 "user_script:1: Script attempted to access nonexistent global");
    expect_error(server, "redis.nothing()", "attempt to call field 'nothing' (a nil value)");
    expect_error(server, "local r = redis r.nothing()",
                 "attempt to call field 'nothing' (a nil value)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_libraries_may_be_taken),
        cmocka_unit_test(whoever_holds_a_list_gets_his_own),
        cmocka_unit_test(whoever_holds_a_library_sees_views),
        cmocka_unit_test(data_among_the_code_is_passed_over),
        cmocka_unit_test_setup_teardown(libraries_cannot_be_changed_whatever_the_code,
                                        script_fixture_setup, script_fixture_teardown),
        cmocka_unit_test_setup_teardown(lists_are_new_in_each_run, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(loaded_code_sees_the_lists_of_its_run, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(unknown_globals_are_refused_in_the_same_words,
                                        script_fixture_setup, script_fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
