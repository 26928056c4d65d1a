/* SPDX-License-Identifier: MIT */
/* Attacks on the collector, the parser, the C stack and the process's memory: each must end in an
 * error, and the next script must run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "script/chunk.h"
#include "script/interpreter.h"
#include "script/interpreter_private.h"
#include "support/script_fixture.h"

static void limit_memory(struct server_fixture *server, const char *limit)
{
    char line[60];
    snprintf(line, sizeof line, "CONFIG SET lua-memory-limit %s", limit);
    expect_reply(server, line, "+OK\r\n");
}

static void expect_whole(struct server_fixture *server)
{
    expect_true(server, "#('x'):rep(100) == 100 and redis.call('ping').ok == 'PONG' and "
                        "cjson.decode(cjson.encode({1}))[1] == 1 and loadstring('return 1')() == 1 "
                        "and coroutine.wrap(function() return 2 end)() == 2");
}

/* --- the parser --- */

/* CVE-2025-49844: the parser did not hold the chunk's name, and a collection freed it. */
static void a_chunk_name_is_held_while_its_text_is_parsed(void **state)
{
    expect_true(*state, "(function() for i = 1, 100 do "
                        "  local name = 'n' .. i .. ('n'):rep(100) "
                        "  local pieces, n = {'local a = ', '{} ', 'return debug'}, 0 "
                        "  load(function() name = nil collectgarbage() n = n + 1 "
                        "    return pieces[n] end, name) "
                        "  load(function() collectgarbage() error('x') end, 'm' .. i) "
                        "  loadstring(('local a = {} '):rep(150), 'k' .. i .. '\\0tail') "
                        "  loadstring('x = (', '=' .. i) "
                        "end return true end)()");
    /* What is said of an error names it long after. */
    expect_true(*state, "(function() local f = loadstring('error(1)', '@' .. ('z'):rep(40)) "
                        "collectgarbage() for i = 1, 1000 do local s = ('q'):rep(i) end "
                        "local _, m = pcall(loadstring('error(\"here\")', '@' .. ('z'):rep(40))) "
                        "return m:find('zzz', 1, true) ~= nil end)()");
}

/* CVE-2025-46819: a long bracket of 2^30 equals signs made the lexer read outside. */
static void a_long_bracket_is_no_longer_than_an_int_can_count(void **state)
{
    expect_true(*state, "loadstring('return [' .. ('='):rep(100000) .. '[x]' .. ('='):rep(100000) "
                        ".. ']')() == 'x'");
    expect_error(*state, "return [======[ x ]=====]", "unfinished long string");
    /* The text is refused for its size alone; there is one byte of it. */
    lua_State *L = ((struct server_fixture *)*state)->engine->interpreter->L;
    assert_int_not_equal(chunk_load(L, bytes_of("[", (size_t)1 << 30), "@long"), 0);
    assert_string_equal(lua_tostring(L, -1), "chunk too long");
    lua_pop(L, 1);
    expect_whole(*state);
}

static void nested_source_is_refused(void **state)
{
    static const char *const texts[] = {
        "('('):rep(100000)",
        "('{'):rep(100000)",
        "'return ' .. ('- '):rep(100000) .. '1'",
        "'return ' .. ('not '):rep(100000) .. '1'",
        "'return ' .. ('1 .. '):rep(100000) .. '1'",
        "'return ' .. ('1 ^ '):rep(100000) .. '1'",
        "('do '):rep(100000)",
        "('function f() '):rep(100000)",
        "('while 1 do '):rep(100000)",
        "('if 1 then '):rep(100000)",
        "('repeat '):rep(100000)",
        "('a,'):rep(100000) .. 'a = 1'",
        "'local ' .. ('a,'):rep(100000) .. 'a'",
        "'f(' .. ('1,'):rep(100000) .. '1)'",
        "'f' .. ('{f'):rep(100000)",
        "'return function(' .. ('a,'):rep(300) .. 'a) end'",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char script[200];
        snprintf(script, sizeof script, "loadstring(%s) == nil", texts[i]);
        expect_true(*state, script);
    }
    /* Many of one kind, side by side, are no depth. */
    expect_true(*state, "loadstring('return ' .. ('1 + '):rep(10000) .. '1')() == 10001");
    expect_true(*state, "loadstring('local a = {} return a' .. ('.b'):rep(10000)) ~= nil");
    expect_true(*state, "loadstring('if a then ' .. ('elseif a then '):rep(5000) .. 'end') ~= nil");
}

/* --- the collector --- */

/* CVE-2024-46981: destructors ran on what was freed already. A script can make no value that has
 * one, in any version that is emulated. */
static void no_value_has_a_destructor(void **state)
{
    static const char *const versions[] = {"6.2", "7.0", "7.2", "7.4", "8.0"};
    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct server_fixture server;
        server_fixture_open(&server, (const char *const[]){"emulate", versions[i], NULL});
        expect_true(&server, "rawget(_G, 'newproxy') == nil");
        expect_true(&server, "(function() local ran = 0 do local t = setmetatable({}, {__gc = "
                             "function() ran = 1 end}) end collectgarbage() collectgarbage() "
                             "return ran == 0 end)()");
        expect_reply(&server, "SCRIPT FLUSH", "+OK\r\n");
        server_fixture_close(&server);
    }
}

static void the_collector_may_be_driven_as_a_script_likes(void **state)
{
    expect_true(*state, "(function() collectgarbage('setpause', 0) "
                        "collectgarbage('setstepmul', 1000000) local t = {} "
                        "for i = 1, 2000 do t[i % 10] = {('x'):rep(i)} collectgarbage('step', 1) "
                        "redis.call('rpush', 'l', ('y'):rep(i % 50)) "
                        "if i % 100 == 0 then redis.call('lrange', 'l', 0, -1) end end "
                        "return true end)()");
    expect_true(*state, "collectgarbage('setpause', -2147483648) ~= nil and "
                        "collectgarbage('setstepmul', 2147483647) ~= nil and "
                        "collectgarbage('step', 2147483647) ~= nil");
    expect_error(*state, "collectgarbage('nosuch')", "invalid option");
    expect_whole(*state);
}

static void a_stopped_collector_does_not_fill_memory_over_many_runs(void **state)
{
    struct server_fixture *server = *state;
    for (int i = 0; i < 20; i++)
        script_fixture_eval(server, "collectgarbage('stop') local t = {} "
                                    "for i = 1, 40 do t[i] = ('x'):rep(100000) .. i end");
    assert_in_range(interpreter_vm_memory(server->engine->interpreter), 0, (size_t)200 << 20);
}

/* --- the C stack --- */

static void recursion_through_c_ends_in_an_error(void **state)
{
    static const char *const scripts[] = {
        "local function f() return 1 + f() end return f()",
        "local function f() return pcall(f) end return f()",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] "
        "end return t[1]",
        "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x.y",
        "local t = setmetatable({}, {}) getmetatable(t).__newindex = t t.x = 1",
        "local t = setmetatable({}, {}) getmetatable(t).__add = function(a, b) return a + b end "
        "return t + t",
        "local t = setmetatable({}, {}) getmetatable(t).__tostring = function(x) return "
        "tostring(x) end return tostring(t)",
        "local t = setmetatable({}, {}) getmetatable(t).__call = t return t()",
        "local t = setmetatable({}, {}) getmetatable(t).__eq = function(a, b) return a == b end "
        "local u = setmetatable({}, getmetatable(t)) if t == u then end error('x')",
        "local t = setmetatable({}, {}) getmetatable(t).__concat = function(a, b) return a .. b "
        "end return t .. t",
        "local function f() return coroutine.wrap(f)() end return f()",
        "local function f() return coroutine.resume(coroutine.create(f)) end local n = f() "
        "error('x')",
        "local function f(s) return (s:gsub('.', f)) end return f('x')",
        "local t = {1, 2, 3} local function f() table.sort(t, f) end table.sort(t, f)",
        "local function f() return table.foreach({1}, f) end return f()",
        "local c c = coroutine.create(function() coroutine.resume(c) error('x') end) "
        "error(select(2, coroutine.resume(c)))",
        "return unpack({}, 1, 1e9)",
        "return string.char(unpack({}, 1, 7999))",
        "local function f(...) return select('#', ...) + f(1, unpack({...})) end return f()",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        const char *reply = script_fixture_eval(*state, scripts[i]);
        if (i != 1 && reply[0] != '-')
            fail_msg("%s: %.200s", scripts[i], reply);
        expect_whole(*state);
    }
}

/* The guard of string.find lets plain searches through: its kin have no such argument. */
static void deep_patterns_are_refused_whatever_follows_them(void **state)
{
    static const char *const calls[] = {
        "find(p)",         "match(p)",          "match(p, 1, true)",     "gsub(p, 'x')",
        "gsub(p, 'x', 1)", "gmatch(p)",         "gmatch(p, true, true)", "gfind(p, 1, 1)",
        "find(p, 1, nil)", "find(p, 1, false)",
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        char script[200];
        snprintf(script, sizeof script,
                 "local p = ('a?'):rep(300000) return {('a'):rep(300000):%s}", calls[i]);
        expect_error(*state, script, "pattern too complex");
    }
    expect_true(*state, "('x' .. ('a?'):rep(20000)):find(('a?'):rep(20000), 1, true) == 2");
    static const char *const items[] = {"a?", "a*", "a-", "[a]?", "%a*", ".-", "()", "%b()"};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        char script[200];
        snprintf(script, sizeof script,
                 "local p = ('%s'):rep(9999) pcall(string.find, ('a'):rep(20), p:sub(1, 19998))",
                 items[i]);
        script_fixture_eval(*state, script);
    }
    expect_whole(*state);
}

static void deep_values_end_in_an_error(void **state)
{
    limit_memory(*state, "64mb");
    const char *const deep = "local t = {} for i = 1, 20000 do t = {t} end ";
    static const char *const uses[] = {
        "return cjson.encode(t)",
        "cjson.encode_max_depth(2147483647) return cjson.encode(t)",
        ("local json = cjson.new() json.decode_max_depth(2147483647) "
         "return json.decode(('['):rep(100000))"),
        "return cjson.decode(('['):rep(100000))",
        "return cjson.decode(('{\"a\":'):rep(100000))",
        "return cmsgpack.unpack(('\\145'):rep(100000))",
        "return {err = t}, t[1][1][1][1][1][1][1].x.y",
    };
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        char script[300];
        snprintf(script, sizeof script, "%s %s", deep, uses[i]);
        expect_error(*state, script, "");
        script_fixture_eval(*state, "cjson.encode_max_depth(1000) cjson.decode_max_depth(1000)");
    }
    char script[200];
    static const char *const returns[] = {"t", "{map = {[t] = t}}", "{set = {[t] = true}}",
                                          "{double = t}", "{map = {a = {map = {b = t}}}}"};
    for (size_t i = 0; i < sizeof returns / sizeof returns[0]; i++) {
        snprintf(script, sizeof script, "%s redis.setresp(3) return %s", deep, returns[i]);
        script_fixture_eval(*state, script);
    }
    script_fixture_eval(*state, "local t = {} t.map = t return t");
    script_fixture_eval(*state, "local t = {} t.map = {[t] = t} return t");
    script_fixture_eval(*state, "local t = {} t.set = {[t] = t} return t");
    script_fixture_eval(*state, "local t = {} t[1] = t return t");
    expect_whole(*state);
}

/* --- memory --- */

static void gigantic_values_end_in_an_error(void **state)
{
    limit_memory(*state, "6mb");
    static const char *const scripts[] = {
        "return ('x'):rep(2147483647)",
        "return ('xy'):rep(2147483647)",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "local t = {} for i = 1, 1e9 do t[i .. ''] = i end",
        "local t = {} for i = 1, 1e9 do t = {t} end",
        "local t = {} for i = 1, 1e9 do t[i] = function() return t end end",
        "local t = {} for i = 1, 1e9 do t[i] = coroutine.create(function() end) end",
        "local t = {} for i = 1, 100 do t[i] = ('x'):rep(1e6) end return table.concat(t)",
        "return (('x'):rep(1e6):gsub('x', ('y'):rep(1000)))",
        "return ('%s%s'):rep(10):format(unpack((function() local t = {} for i = 1, 20 do "
        "t[i] = ('x'):rep(1e6) end return t end)()))",
        "local s = ('x'):rep(1e6) local t = {} for i = 1, 1000 do t[i] = s end "
        "return cjson.encode(t)",
        "local s = ('x'):rep(1e6) local t = {} for i = 1, 1000 do t[i] = s end "
        "return cmsgpack.pack(t)",
        "local t = {} for i = 1, 15 do t = {t, t, t, t, t, t} end return cmsgpack.pack(t)",
        "local t = {} for i = 1, 40 do t = {t, t, t} end return cjson.encode(t)",
        "return cjson.decode('[' .. ('{},'):rep(1e6) .. '1]')",
        "return cmsgpack.unpack('\\221\\0\\15\\66\\64' .. ('\\144'):rep(1e6))",
        "return loadstring('return {' .. ('{},'):rep(1e6) .. '}')()",
        "return struct.pack(('i'):rep(1e6) .. 'c0', 1)",
        "return ('x'):rep(1e6):upper():reverse():lower():rep(1e5)",
        "return redis.sha1hex(('x'):rep(1e9))",
        "return coroutine.wrap(function() local s = 'x' while true do s = s .. s end end)()",
        "error(('x'):rep(1e9))",
        "local t = {} for i = 1, 5e6 do t[i] = ('x'):rep(9) .. i end return t",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        const char *reply = script_fixture_eval(*state, scripts[i]);
        if (reply[0] != '-')
            fail_msg("%s: %.200s", scripts[i], reply);
        expect_whole(*state);
    }
}

static void memory_errors_may_be_caught(void **state)
{
    limit_memory(*state, "8mb");
    expect_true(*state, "select(2, pcall(function() local s = 'x' while true do s = s .. s end "
                        "end)):find('not enough memory', 1, true) ~= nil");
    expect_true(*state, "(function() for i = 1, 50 do pcall(function() local s = ('x'):rep(1e6) "
                        "while true do s = s .. s end end) end return true end)()");
    expect_true(*state, "select(2, coroutine.resume(coroutine.create(function() local t = {} "
                        "while true do t[#t + 1] = {} end end))) == 'not enough memory'");
    expect_true(*state, "xpcall(function() local t = {} while true do t[#t + 1] = {} end end, "
                        "function(m) return m end) == false");
    expect_error(*state, "local t = {} while true do t[#t + 1] = {} end", "not enough memory");
    expect_whole(*state);
}

/* Garbage alone is no reason to fail, however large its pieces. */
static void garbage_does_not_count_for_long(void **state)
{
    limit_memory(*state, "16mb");
    expect_true(*state, "(function() for i = 1, 100 do local s = ('x'):rep(2e6) .. i end "
                        "return true end)()");
    expect_true(*state, "(function() redis.call('set', 'k', ('x'):rep(2e6)) for i = 1, 100 do "
                        "redis.call('get', 'k') end return true end)()");
    expect_true(*state, "(function() local j = cjson.encode({('x'):rep(3e5)}) for i = 1, 100 do "
                        "cjson.encode(cjson.decode(j)) end return true end)()");
    expect_true(*state, "(function() local s = ('x'):rep(3e5) for i = 1, 100 do "
                        "cmsgpack.unpack(cmsgpack.pack({s .. i})) end return true end)()");
}

/* Commands never fail for want of memory, so their replies are measured as they come. */
static void replies_to_a_script_are_limited_too(void **state)
{
    script_fixture_eval(*state,
                        "for i = 1, 6 do redis.call('set', 'big' .. i, ('x'):rep(4e6) .. i) end "
                        "for i = 1, 2000 do redis.call('rpush', 'list', ('x'):rep(1000)) "
                        "redis.call('hset', 'hash', i, ('y'):rep(1000)) end");
    limit_memory(*state, "16mb");
    static const char *const scripts[] = {
        "local t = {} for i = 1, 8 do t[i] = 0 end for i = 1, 8 do t[i] = redis.call('get', "
        "'big1') "
        ".. i end",
        "return #redis.call('mget', 'big1', 'big2', 'big3', 'big4', 'big5', 'big6')",
        "return #redis.pcall('mget', 'big1', 'big2', 'big3', 'big4', 'big5', 'big6')",
        ("local t = {} for i = 1, 99 do t[i] = 1 end for i = 1, 99 do "
         "t[i] = redis.call('lrange', 'list', 0, -1) for j = 1, 2000 do t[i][j] = t[i][j] .. i .. "
         "j "
         "end end"),
        ("redis.setresp(3) local t = {} for i = 1, 99 do t[i] = {redis.call('hgetall', 'hash')} "
         "t[i + 99] = cjson.encode(t[i]) .. i end"),
        "redis.call('eval', 'x', 0)",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        /* What the last one left behind is not yet collected, and counts as there from the start.
         */
        run_command(((struct server_fixture *)*state)->session, "SCRIPT FLUSH");
        const char *reply = script_fixture_eval(*state, scripts[i]);
        if (reply[0] != '-')
            fail_msg("%s: %.200s", scripts[i], reply);
        expect_whole(*state);
    }
    expect_true(*state,
                "pcall(redis.call, 'mget', 'big1', 'big2', 'big3', 'big4', 'big5') == false");
    expect_true(*state, "#redis.call('get', 'big1') == 4000001");
}

static void a_reply_larger_than_memory_is_an_error(void **state)
{
    limit_memory(*state, "16mb");
    expect_error(*state, "local t = {} for i = 1, 30 do t = {t, t, t} end return t",
                 "not enough memory");
    expect_error(*state, "local t = {} t[1] = t t[2] = t return t", "not enough memory");
    expect_error(*state, "local s, t = ('x'):rep(1e6), {} for i = 1, 1000 do t[i] = s end return t",
                 "not enough memory");
    expect_error(
        *state, "local t = {a = 1} for i = 1, 30 do t = {map = {x = t, y = t, z = t}} end return t",
        "not enough memory");
    expect_error(
        *state,
        "local t = {a = 1} for i = 1, 30 do t = {set = {[t] = 1, [{t}] = 1, [{t, 1}] = 1}} "
        "end return t",
        "not enough memory");
    expect_whole(*state);
}

/* cjson's own buffers: what an error in the middle left behind would be found as a leak. */
static void json_leaves_nothing_behind_when_memory_ends(void **state)
{
    limit_memory(*state, "8mb");
    size_t before = memory_in_use();
    script_fixture_eval(*state, "local text = '[' .. ('{},'):rep(1e6) .. '1]' "
                                "for i = 1, 20 do pcall(cjson.decode, text) end");
    script_fixture_eval(*state, "local json = cjson.new() json.encode_keep_buffer(false) "
                                "local s = ('x'):rep(1e6) for i = 1, 20 do local t = {} "
                                "for j = 1, 9 do t[j] = s end pcall(json.encode, t) end");
    for (int i = 1; i <= 20; i++) {
        char script[200];
        snprintf(script, sizeof script,
                 "local hold = ('x'):rep(%d) local s = ('y'):rep(1e5) for i = 1, 20 do "
                 "pcall(cjson.decode, '[\"' .. s .. '\",{},{},[[]]]') pcall(cjson.encode, {s}) end",
                 7000000 + i * 50000);
        script_fixture_eval(*state, script);
    }
    expect_reply((struct server_fixture *)*state, "SCRIPT FLUSH", "+OK\r\n");
    if (before)
        assert_in_range(memory_in_use(), 0, before + ((size_t)4 << 20));
}

/* Memory ends at every place in turn, and the interpreter is whole after each. */
static void memory_may_end_anywhere(void **state)
{
    struct server_fixture *server = *state;
    const char *script =
        "local t = {} for i = 1, 40 do t[i] = {i, tostring(i), ('s'):rep(i)} end "
        "local c = coroutine.wrap(function(a) for i = 1, 9 do a = coroutine.yield(a .. i) end end) "
        "for i = 1, 9 do c('x' .. i) end "
        "local s = table.concat({t[1][3], t[2][3], t[3][3]}, ',') "
        "s = s:gsub('s', function(x) return x:upper() .. 'y' end) "
        "local f = loadstring('local a, b = {1, 2, x = 3}, function(...) return ... end '"
        "  .. 'return b(a.x, \"text\", 1.5)', 'chunk' .. #s) "
        "f() "
        "local j = cjson.decode(cjson.encode({t, s, cjson.null, {x = t[40]}})) "
        "local m = cmsgpack.unpack(cmsgpack.pack(t)) "
        "local p = struct.unpack('s', struct.pack('s', s)) "
        "table.sort(t, function(a, b) return a[1] > b[1] end) "
        "redis.call('del', 'l') redis.call('rpush', 'l', unpack(m[40])) redis.call('lrange', 'l', "
        "0, -1) "
        "pcall(error, {err = s}) redis.pcall('nosuch', s) redis.sha1hex(s) "
        "local out = string.format('%s %q %d', s, s, 1) "
        "return {out, j[1][1][2], t}";
    const char *reply = script_fixture_eval(server, script);
    if (reply[0] != '*')
        fail_msg("%.200s", reply);
    struct interpreter *interpreter = server->engine->interpreter;
    lua_State *L = interpreter->L;
    int failures = 0;
    for (size_t room = 0;; room += 331) {
        lua_gc(L, LUA_GCCOLLECT, 0);
        struct script *found =
            table_find(&interpreter->bodies, bytes_of_string(script)); /* compiled before */
        assert_non_null(found);
        lua_memory_begin_run(&interpreter->memory, 0);
        interpreter->memory.limit = interpreter->memory.used + room;
        struct script_run run = {.script = found};
        interpreter->run = &run;
        lua_rawgeti(L, LUA_REGISTRYINDEX, found->reference);
        int status = lua_pcall(L, 0, 1, SLOT_ERROR_HANDLER);
        lua_memory_end_run(&interpreter->memory);
        interpreter->run = NULL;
        lua_settop(L, SLOT_COUNT);
        if (status == 0)
            break;
        failures++;
        if (failures % 16 == 0)
            expect_whole(server);
    }
    assert_in_range(failures, 50, 100000);
    expect_whole(server);
}

static void parsing_is_limited_as_well(void **state)
{
    struct server_fixture *server = *state;
    limit_memory(server, "1mb");
    struct buffer text = {0};
    buffer_append_string(&text, "return {");
    for (int i = 0; i < 40000; i++)
        buffer_append_format(&text, "'string %d',", i);
    buffer_append_string(&text, "}");
    const char *reply = script_fixture_eval_bytes(server, buffer_bytes(&text));
    assert_non_null(strstr(reply, "-ERR Error compiling script (new function): not enough memory"));
    buffer_clear(&text);
    expect_whole(server);
    limit_memory(server, "0");
}

int main(void)
{
#define ATTACK(name)                                                                               \
    cmocka_unit_test_setup_teardown(name, script_fixture_setup, script_fixture_teardown)
    const struct CMUnitTest tests[] = {
        ATTACK(a_chunk_name_is_held_while_its_text_is_parsed),
        ATTACK(a_long_bracket_is_no_longer_than_an_int_can_count),
        ATTACK(nested_source_is_refused),
        cmocka_unit_test(no_value_has_a_destructor),
        ATTACK(the_collector_may_be_driven_as_a_script_likes),
        ATTACK(a_stopped_collector_does_not_fill_memory_over_many_runs),
        ATTACK(recursion_through_c_ends_in_an_error),
        ATTACK(deep_patterns_are_refused_whatever_follows_them),
        ATTACK(deep_values_end_in_an_error),
        ATTACK(gigantic_values_end_in_an_error),
        ATTACK(memory_errors_may_be_caught),
        ATTACK(garbage_does_not_count_for_long),
        ATTACK(replies_to_a_script_are_limited_too),
        ATTACK(a_reply_larger_than_memory_is_an_error),
        ATTACK(json_leaves_nothing_behind_when_memory_ends),
        ATTACK(memory_may_end_anywhere),
        ATTACK(parsing_is_limited_as_well),
    };
#undef ATTACK
    return cmocka_run_group_tests(tests, NULL, NULL);
}
