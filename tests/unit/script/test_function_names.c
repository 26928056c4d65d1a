/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "script/function_names.h"

/* `expected` are the names between blanks. */
static void assert_names(const char *source, const char *expected)
{
    struct function_names names;
    struct buffer found = {0};
    function_names_read(&names, bytes_of_string(source));
    for (size_t i = 0; i < names.count; i++)
        buffer_append_format(&found, i ? " %s" : "%s", names.names[i]);
    buffer_append_byte(&found, '\0');
    assert_string_equal(found.data, expected);
    buffer_clear(&found);
    function_names_clear(&names);
}

static void statements_name_their_functions(void **state)
{
    (void)state;
    assert_names("function a() end function a.b:c() end local function d() end", "a a.b:c d");
}

static void assignments_name_functions(void **state)
{
    (void)state;
    assert_names("local a = function() end b.c = function() end return {d = function() end}",
                 "a b.c d");
}

static void a_registered_function_has_its_registered_name(void **state)
{
    (void)state;
    assert_names("redis.register_function('first', function(keys, args) end)\n"
                 "redis.register_function(\"second one\", function() end)",
                 "first second_one");
}

static void others_are_known_by_their_line(void **state)
{
    (void)state;
    assert_names("pcall(function() end)\nreturn\nfunction()\nend", "function:1 function:3");
    assert_names("f(function() end, function() end)", "function:1 function:1-2");
}

static void a_name_is_there_once(void **state)
{
    (void)state;
    assert_names("function a() end\nfunction a() end\nfunction a() end", "a a:2 a:3");
    assert_names("function a() end function a() end function a() end", "a a:1 a:1-3");
}

static void strings_and_comments_have_no_functions(void **state)
{
    (void)state;
    assert_names("-- function a()\n--[[ function b() ]] --[==[ ]] function c() ]==]\n"
                 "x = 'function d()' y = \"\\\" function e()\" z = [[ function f() ]]\n"
                 "local functional, g_function = 1, 2 function h() end",
                 "h");
}

static void text_that_ends_anywhere_is_no_harm(void **state)
{
    const char *source = "a = function() [==[ x ]==] --[[ y ]] 'z\\' \" function b.c:d";
    (void)state;
    for (size_t size = 0; size <= strlen(source); size++) {
        struct function_names names;
        function_names_read(&names, bytes_of(source, size));
        function_names_clear(&names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_name_their_functions),
        cmocka_unit_test(assignments_name_functions),
        cmocka_unit_test(a_registered_function_has_its_registered_name),
        cmocka_unit_test(others_are_known_by_their_line),
        cmocka_unit_test(a_name_is_there_once),
        cmocka_unit_test(strings_and_comments_have_no_functions),
        cmocka_unit_test(text_that_ends_anywhere_is_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
