/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>

#include "script/debugger_print.h"
#include "script/readonly.h"

/* What is shown of the value that the code returns. */
static void expect_shown(const char *code, const char *expected)
{
    struct buffer out = {0};
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    assert_int_equal(luaL_dostring(L, code), 0);
    debugger_print_value(L, -1, &out, SIZE_MAX - 1);
    assert_int_equal(lua_gettop(L), 1);
    buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
    lua_close(L);
}

static void scalars_are_shown_as_lua_would_read_them(void **state)
{
    (void)state;
    expect_shown("return nil", "nil");
    expect_shown("return false", "false");
    expect_shown("return 0.1", "0.1");
    expect_shown("return 1e9", "1e+09");
    expect_shown("return 'a\"\\n\\0'", "\"a\\\"\\n\\x00\"");
}

static void lists_have_no_keys_and_other_tables_do(void **state)
{
    (void)state;
    expect_shown("return {}", "{}");
    expect_shown("return {1, {2, 'x'}, {}}", "{1; {2; \"x\"}; {}}");
    expect_shown("return {a = true}", "{[\"a\"]=true}");
    expect_shown("return {[2] = 1}", "{[2]=1}");
    expect_shown("return {1, nil, 3}", "{[1]=1; [3]=3}");
    expect_shown("return {[{1}] = 2}", "{[{1}]=2}");
}

static void a_table_that_holds_itself_ends(void **state)
{
    (void)state;
    expect_shown("local t = {} t[1] = t return t",
                 "{{{{{{{{{{<max recursion level reached! Nested table?>}}}}}}}}}}");
}

static void no_more_is_made_than_is_shown(void **state)
{
    struct buffer out = {0};
    (void)state;
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    assert_int_equal(luaL_dostring(L, "local t = {} for i = 1, 1000 do t[i] = t end return t"), 0);
    debugger_print_value(L, -1, &out, 100);
    assert_in_range(out.size, 101, 400);
    assert_int_equal(lua_gettop(L), 1);
    buffer_clear(&out);
    lua_close(L);
}

static void views_are_seen_through(void **state)
{
    struct buffer out = {0};
    (void)state;
    lua_State *L = luaL_newstate();
    assert_int_equal(luaL_dostring(L, "return {7}"), 0);
    readonly_push_view(L, -1);
    debugger_print_value(L, -1, &out, 100);
    assert_memory_equal(out.data, "{7}", 3);
    buffer_clear(&out);
    lua_close(L);
}

static void errors_of_every_type_have_a_text(void **state)
{
    static const char *const codes[][2] = {{"return 'x'", "x"},
                                           {"return 5", "5"},
                                           {"return {err = 'ERR y'}", "ERR y"},
                                           {"return {}", "an error that is a table value"},
                                           {"return nil", "an error that is a nil value"}};
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct buffer out = {0};
        lua_State *L = luaL_newstate();
        assert_int_equal(luaL_dostring(L, codes[i][0]), 0);
        debugger_print_error(L, &out);
        buffer_append_byte(&out, '\0');
        assert_string_equal(out.data, codes[i][1]);
        assert_int_equal(lua_gettop(L), 1);
        buffer_clear(&out);
        lua_close(L);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_shown_as_lua_would_read_them),
        cmocka_unit_test(lists_have_no_keys_and_other_tables_do),
        cmocka_unit_test(a_table_that_holds_itself_ends),
        cmocka_unit_test(no_more_is_made_than_is_shown),
        cmocka_unit_test(views_are_seen_through),
        cmocka_unit_test(errors_of_every_type_have_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
