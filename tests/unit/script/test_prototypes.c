/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>

#include "base/memory.h"
#include "script/prototypes.h"

static void read_source(struct prototypes *prototypes, const char *source)
{
    lua_State *L = luaL_newstate();
    if (luaL_loadstring(L, source) != 0)
        fail_msg("%s", lua_tostring(L, -1));
    prototypes_read(prototypes, L);
    lua_close(L);
}

/* `lines` are those with code, between blanks. */
static void assert_lines(const char *source, const char *lines)
{
    struct prototypes prototypes;
    struct buffer found = {0};
    read_source(&prototypes, source);
    for (int line = 1; line < 100; line++)
        if (prototypes_has_code(&prototypes, line))
            buffer_append_format(&found, found.size ? " %d" : "%d", line);
    buffer_append_byte(&found, '\0');
    assert_string_equal(found.data, lines);
    buffer_clear(&found);
    prototypes_clear(&prototypes);
}

static void blank_lines_and_comments_have_no_code(void **state)
{
    (void)state;
    assert_lines("-- one\n\nlocal x = 3\n--[[\n]]\nreturn x\n", "3 6");
}

static void lines_of_nested_functions_count(void **state)
{
    (void)state;
    assert_lines("local function a()\n  return function()\n    x = 1\n  end\nend\n", "3 4 5");
}

static void an_end_that_is_never_reached_does_not_count(void **state)
{
    (void)state;
    assert_lines("if x then\n  return 1\nelse\n  return 2\nend\n", "1 2 4");
    assert_lines("while true do\n  if f() then\n    return 1\n  end\nend\ng()\n", "2 3");
}

static void loops_are_followed(void **state)
{
    (void)state;
    assert_lines("for i = 1, 2 do\n  f(i)\nend\nfor k in pairs(t) do\n  f(k)\nend\nreturn 1\n",
                 "1 2 4 5 7");
    assert_lines("repeat\n  f()\nuntil x == 1\nlocal b = x and\n  y\nreturn not b == 2\n",
                 "2 3 4 5 6");
}

static void a_constructor_of_many_items_is_followed(void **state)
{
    struct buffer source = {0};
    (void)state;
    buffer_append_string(&source, "local t = {");
    for (int i = 0; i < 30000; i++)
        buffer_append_string(&source, "1,");
    buffer_append_string(&source, "}\nreturn t\n");
    buffer_append_byte(&source, '\0');
    assert_lines(source.data, "1 2");
    buffer_clear(&source);
}

static void functions_come_in_the_order_of_the_text(void **state)
{
    struct prototypes prototypes;
    (void)state;
    read_source(&prototypes, "local a = function()\n  local function b()\n  end\nend\n"
                             "function c() end\n");
    assert_int_equal(prototypes.count, 3);
    assert_int_equal(prototypes.functions[0].first_line, 1);
    assert_int_equal(prototypes.functions[0].last_line, 4);
    assert_int_equal(prototypes.functions[1].first_line, 2);
    assert_int_equal(prototypes.functions[1].last_line, 3);
    assert_int_equal(prototypes.functions[2].first_line, 5);
    prototypes_clear(&prototypes);
}

static void constants_of_each_kind_are_passed_over(void **state)
{
    (void)state;
    assert_lines("f(nil, true, 1.5, 'text', '')\nlocal x, y = 1, 2\nlocal g = function() return x "
                 "+ y end\nreturn g\n",
                 "1 2 3 4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blank_lines_and_comments_have_no_code),
        cmocka_unit_test(lines_of_nested_functions_count),
        cmocka_unit_test(an_end_that_is_never_reached_does_not_count),
        cmocka_unit_test(loops_are_followed),
        cmocka_unit_test(a_constructor_of_many_items_is_followed),
        cmocka_unit_test(functions_come_in_the_order_of_the_text),
        cmocka_unit_test(constants_of_each_kind_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
