/* SPDX-License-Identifier: MIT */
/* Attacks on the sandbox that were found in Redis's Lua or in its libraries: each must fail. Those
 * on memory stand in test_attacks_on_memory.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/script_fixture.h"

#define READ_ONLY "Attempt to modify a readonly table"

/* --- getting out --- */

static void bytecode_gets_in_by_no_door(void **state)
{
    expect_true(*state, "loadstring(string.dump(function() end)) == nil");
    expect_true(*state, "loadstring('\\27') == nil and loadstring('\\27Lua') == nil");
    expect_true(*state, "load(function() return string.dump(loadstring('return 1')) end) == nil");
    /* The signature alone, then the rest; an empty piece would end the text. */
    expect_true(*state,
                "(function() local code, i = string.dump(function() end), 0 "
                "return load(function() i = i + 1 return code:sub(i, i) end) end)() == nil");
    /* A number is no way to begin with ESC, and a piece that is none ends in an error. */
    expect_true(*state, "(function() local n = 27 return load(function() local piece = n n = nil "
                        "return piece end) end)() == nil");
    expect_error(*state, "return load(function() return {} end)()", "");
    expect_error(*state, "\x1bLuaQ", "Error compiling script");
    expect_error(*state, "#!lua\n\x1bLuaQ", "Error compiling script");
    expect_true(*state, "loadstring(' \\27Lua') == nil and loadstring('#\\n\\27Lua') == nil");
}

/* CVE-2022-0543: Debian's Lua left `package`, whose loadlib opens any library. */
static void the_package_library_is_out_of_reach(void **state)
{
    static const char *const names[] = {"package", "require", "module",   "io",      "debug",
                                        "dofile",  "print",   "loadfile", "loadlib", "newproxy"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char script[200];
        snprintf(script, sizeof script,
                 "rawget(_G, '%s') == nil and not pcall(loadstring('return %s')) and "
                 "not pcall(function() return getmetatable(_G).__index(_G, '%s') end)",
                 names[i], names[i], names[i]);
        expect_true(*state, script);
    }
    expect_true(*state,
                "(function() for _, v in pairs(_G) do if type(v) == 'table' and "
                "(rawget(v, 'loadlib') or rawget(v, 'getregistry') or rawget(v, 'execute')) "
                "then return false end end return true end)()");
    expect_true(*state, "coroutine.wrap(function() return rawget(_G, 'package') end)() == nil");
}

/* CVE-2025-46818: what one script does to a metatable that all values of a type share, another
 * user's script would run. */
static void metatables_of_basic_types_cannot_be_changed(void **state)
{
    static const char *const values[] = {"''",   "0",          "true",
                                         "nil",  "tostring",   "coroutine.create(function() end)",
                                         "_G",   "cjson.null", "function() end",
                                         "KEYS", "redis"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char script[300];
        snprintf(script, sizeof script,
                 "(function() local m = getmetatable(%s) if m == nil then return true end "
                 "return not pcall(function() m.__index = {} end) and "
                 "not pcall(rawset, m, '__add', 1) and not pcall(setmetatable, m, {}) and "
                 "not pcall(table.insert, m, 1) end)()",
                 values[i]);
        expect_true(*state, script);
        if (strcmp(values[i], "KEYS") == 0)
            continue;
        snprintf(script, sizeof script, "pcall(setmetatable, %s, {}) == false", values[i]);
        expect_true(*state, script);
    }
    expect_error(*state, "getmetatable('').__index = function() return 'owned' end", READ_ONLY);
    expect_error(*state, "getmetatable('').__index.upper = nil", READ_ONLY);
    expect_true(*state, "('x'):upper() == 'X'");
}

static void a_protected_metatable_stays(void **state)
{
    expect_error(*state, "setmetatable(setmetatable({}, {__metatable = 1}), {})",
                 "cannot change a protected metatable");
    expect_true(*state, "getmetatable(setmetatable({}, {__metatable = 'mine'})) == 'mine'");
    expect_error(*state, "setmetatable(redis, nil)", READ_ONLY);
    expect_error(*state, "setmetatable(_G, nil)", READ_ONLY);
    expect_error(*state, "setmetatable(cjson, {__index = {}})", READ_ONLY);
}

/* Each tries to leave something behind, and the next script must not find it. */
static void nothing_changed_is_seen_by_the_next_script(void **state)
{
    static const char *const attempts[] = {
        "leaked = 1",
        "_G.leaked = 1",
        "rawset(_G, 'leaked', 1)",
        "rawset(_G._G, 'leaked', 1)",
        "getmetatable(_G).__index = {leaked = 1}",
        "string.leaked = 1",
        "rawset(string, 'leaked', 1)",
        "redis.call = function() return 'leaked' end",
        "rawset(redis, 'call', nil)",
        "KEYS.leaked = 1 ARGV.leaked = 1",
        "setmetatable(KEYS, {__index = {leaked = 1}})",
        "for k, v in pairs(_G) do pcall(rawset, v, 'leaked', 1) end",
        "for k, v in pairs(_G) do pcall(function() v.leaked = 1 end) end",
        "table.foreach(_G, function(k, v) pcall(rawset, v, 'leaked', 1) end)",
        "table.sort(_G)",
        "table.remove(redis)",
        "table.insert(string, 1, 'leaked')",
        "next(_G, 'leaked')",
        "coroutine.wrap(function() leaked = 1 end)()",
        "loadstring('leaked = 1')()",
        "load(function() return nil end)()",
        "xpcall(function() leaked = 1 end, function() leaked = 1 end)",
        "setmetatable({}, {__newindex = _G}).leaked = 1",
        "setmetatable({}, {__newindex = string}).leaked = 1",
        "local up = redis up.leaked = 1",
        "cjson.leaked = 1 cjson.null.leaked = 1",
        "error(_G)",
        "error(redis)",
        "return _G",
        "__redis__err__handler(_G)",
        "__redis__err__handler(redis)",
        "__redis__err__handler(string)",
        "return {err = redis}",
        "table.setn(_G, 5)",
        "cjson.encode(_G)",
        "cmsgpack.pack(_G)",
    };
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        script_fixture_eval(*state, attempts[i]);
        char script[600];
        snprintf(
            script, sizeof script,
            "(function() for k, v in pairs(_G) do if k == 'leaked' or k == 'source' or "
            "(type(v) == 'table' and (rawget(v, 'leaked') or rawget(v, 'line'))) then return false "
            "end end return rawget(_G, 'leaked') == nil and rawget(string, 'leaked') == nil and "
            "redis.sha1hex('') == 'da39a3ee5e6b4b0d3255bfef95601890afd80709' and "
            "#string == 0 and #redis == 0 and %zu >= 0 end)()",
            i);
        expect_true(*state, script);
    }
}

/* --- numbers that are too large --- */

/* CVE-2015-8080 and CVE-2020-14147: a size in a format overflowed. CVE-2018-11219: so did the sizes
 * of struct.unpack and its offset. */
static void struct_refuses_sizes_that_overflow(void **state)
{
    static const char *const calls[] = {
        "pack('>I2147483648', 10)",
        "pack('>I4294967296', 10)",
        "pack('>I18446744073709551616', 10)",
        "pack('>I' .. ('9'):rep(10000), 10)",
        "pack('i33', 1)",
        "pack('c2147483647', 'x')",
        "pack('c99999999999', 'x')",
        "pack('!2147483648i', 1)",
        "pack('!0i', 1)",
        "pack('!3i', 1)",
        "unpack('c2147483647', 'x')",
        "unpack('>I2147483648', 'x')",
        "unpack('>I' .. ('9'):rep(100), 'x')",
        "unpack('I4', 'abcd', 2147483648)",
        "unpack('I4', 'abcd', 2^63)",
        "unpack('I4', 'abcd', -1)",
        "unpack('I4', 'abcd', -2147483648)",
        "unpack('I4', 'abcd', 0)",
        "unpack('lc0', ('\\255'):rep(8) .. 'data')",
        "unpack('dc0', struct.pack('d', 0/0) .. 'data')",
        "unpack('s', 'no end')",
        "unpack('c0', 'x')",
        "unpack('x' .. ('i'):rep(100000), ('x'):rep(1000000))",
        "size('c0')",
        "size('s')",
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        char script[200];
        snprintf(script, sizeof script, "return struct.%s", calls[i]);
        expect_error(*state, script, "");
    }
    expect_true(*state, "struct.size(('c2147483647'):rep(1000)) == 2147483647000");
}

/* CVE-2018-11218: counts and depths in packed data were believed. */
static void cmsgpack_believes_no_count_and_no_depth(void **state)
{
    static const char *const texts[] = {
        "'\\221'",
        "'\\220\\221'",
        "'\\221\\221'",
        "'\\221'..('\\145'):rep(100000)",
        "('\\145'):rep(100000)",
        "('\\129'):rep(100000)",
        "('\\129\\1'):rep(100000)",
        "'\\221\\255\\255\\255\\255'",
        "'\\223\\255\\255\\255\\255'",
        "'\\219\\255\\255\\255\\255abc'",
        "'\\220\\255\\255'",
        "'\\222\\255\\255\\1'",
        "'\\218\\255\\255abc'",
        "'\\217\\255abc'",
        "'\\207\\1\\2\\3'",
        "'\\203\\1'",
        "'\\202\\1'",
        "'\\193'",
        "'\\129\\192\\1'",
        "('\\1'):rep(20000)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char script[200];
        snprintf(script, sizeof script, "return #{cmsgpack.unpack(%s)}", texts[i]);
        expect_error(*state, script, "");
    }
    expect_error(*state, "cmsgpack.unpack_one('\\1', -1)", "");
    expect_error(*state, "cmsgpack.unpack_one('\\1', 2147483648)", "");
    expect_error(*state, "cmsgpack.unpack_limit('\\1', -5)", "");
    expect_true(*state, "(function() local t = {} for i = 1, 100 do t = {t} end "
                        "return #cmsgpack.pack(t) == 17 end)()");
    expect_true(*state, "(function() local t = {} t[1] = t return #cmsgpack.pack(t) == 17 end)()");
    expect_error(*state, "cmsgpack.pack(unpack({}, 1, 7990))", "");
}

/* CVE-2024-31449 */
static void bit_tohex_writes_within_its_buffer(void **state)
{
    expect_true(*state, "bit.tohex(65535, -2147483648) == '0000FFFF'");
    expect_true(*state, "bit.tohex(65535, 2147483648) == '0000FFFF'");
    expect_true(*state, "bit.tohex(1, 2^31 - 1) == '00000001' and bit.tohex(1, 2^53) == ''");
    expect_true(*state, "#bit.tohex(1, 0/0) <= 8 and #bit.tohex(1, 1/0) <= 8");
    expect_error(*state, "bit.tohex(1, {})", "bad argument #2 to 'tohex'");
}

/* CVE-2025-46817 */
static void unpack_counts_without_overflow(void **state)
{
    static const char *const ranges[] = {
        "0, 2147483647",           "1, 2147483647",
        "-2147483648, 2147483647", "-2147483648, -1",
        "-1, 2147483646",          "1, 8001",
        "-2147483648, 0",          "2147483647 - 9000, 2147483647"};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        char script[120];
        snprintf(script, sizeof script, "return {unpack({1, 2, 3}, %s)}", ranges[i]);
        expect_error(*state, script, "too many results to unpack");
    }
    expect_true(*state, "select('#', unpack({}, 2147483647, 2147483647)) == 1");
    expect_true(*state, "select('#', unpack({}, 2147483647, -2147483648)) == 0");
    expect_true(*state, "select('#', unpack({}, 2147483640, 2147483647)) == 8");
    expect_error(*state, "return table.concat({}, ',', 1, 2147483647)",
                 "invalid value (nil) at index 1");
    expect_error(*state, "return #{('x'):rep(100000):byte(1, -1)}", "string slice too long");
    expect_error(*state, "return select(-2147483648, 1)", "bad argument #1");
    expect_error(*state, "return string.char(-2147483648)", "invalid value");
    expect_error(*state, "return math.random(-2147483648, 2147483647, 1)", "wrong number");
    expect_true(*state, "('x'):sub(-2147483648, 2147483647) == 'x'");
    expect_true(*state, "('abc'):sub(-2^53, 2^53) == 'abc'");
}

/* CVE-2022-24834 */
static void cjson_measures_before_it_writes(void **state)
{
    expect_reply((struct server_fixture *)*state, "CONFIG SET lua-memory-limit 600mb", "+OK\r\n");
    expect_error(*state, "return #cjson.encode(('\\1'):rep(358000000))", "not enough memory");
    expect_error(*state,
                 "local s = ('\\1'):rep(50000000) return #cjson.encode({s, s, s, s, s, s, s, s})",
                 "not enough memory");
    expect_error(*state, "return #cjson.encode({[('\\1'):rep(200000000)] = 1})",
                 "not enough memory");
    expect_true(*state, "#cjson.encode(('\\1'):rep(1000000)) == 6000002");
}

static void formats_do_not_write_outside(void **state)
{
    expect_true(*state, "#string.format('%99.99f', -1e308) == 410");
    expect_true(*state, "#string.format('%099.99e', 1e308) >= 99");
    expect_error(*state, "return string.format('%100d', 1)", "invalid format");
    expect_error(*state, "return string.format('%.100f', 1)", "invalid format");
    expect_error(*state, "return string.format('%---------d', 1)", "invalid format");
    expect_error(*state, "return string.format('%', 1)", "invalid option");
    expect_error(*state, "return string.format('%n', 1)", "invalid option");
    expect_true(*state, "#string.format('%s', ('x'):rep(100000)) == 100000");
    expect_true(*state, "string.format('%q', '\\0\\n\\r\"') == '\"\\\\000\\\\\\n\\\\r\\\\\"\"'");
    expect_error(*state, "return ('x'):gsub('x', '%9')", "invalid capture index");
    expect_error(*state, "return ('x'):gsub('(x', '%1')", "unfinished capture");
    expect_error(*state, "return ('x'):find(('()'):rep(33))", "too many captures");
    expect_error(*state, "return ('x'):find('[a')", "malformed pattern");
    expect_error(*state, "return ('x'):find('%')", "malformed pattern");
    expect_error(*state, "return ('x'):find('%b')", "");
    expect_error(*state, "return ('x'):find('%f')", "missing '['");
}

int main(void)
{
#define ATTACK(name)                                                                               \
    cmocka_unit_test_setup_teardown(name, script_fixture_setup, script_fixture_teardown)
    const struct CMUnitTest tests[] = {
        ATTACK(bytecode_gets_in_by_no_door),
        ATTACK(the_package_library_is_out_of_reach),
        ATTACK(metatables_of_basic_types_cannot_be_changed),
        ATTACK(a_protected_metatable_stays),
        ATTACK(nothing_changed_is_seen_by_the_next_script),
        ATTACK(struct_refuses_sizes_that_overflow),
        ATTACK(cmsgpack_believes_no_count_and_no_depth),
        ATTACK(bit_tohex_writes_within_its_buffer),
        ATTACK(unpack_counts_without_overflow),
        ATTACK(cjson_measures_before_it_writes),
        ATTACK(formats_do_not_write_outside),
    };
#undef ATTACK
    return cmocka_run_group_tests(tests, NULL, NULL);
}
