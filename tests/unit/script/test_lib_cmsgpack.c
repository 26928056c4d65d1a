/* SPDX-License-Identifier: MIT */
/* MessagePack in scripts; expected values are those of redis-server 7.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/script_fixture.h"

static void numbers_take_the_fewest_bytes(void **state)
{
    expect_true(*state, "cmsgpack.pack(127, 128, 256, 65536) == "
                        "'\\127\\204\\128\\205\\1\\0\\206\\0\\1\\0\\0'");
    expect_true(*state, "cmsgpack.pack(-1, -32, -33, -129) == "
                        "'\\255\\224\\208\\223\\209\\255\\127'");
    expect_true(*state, "#cmsgpack.pack(-32769) == 5 and #cmsgpack.pack(-2147483649) == 9");
    expect_true(*state, "cmsgpack.pack(4294967296) == '\\207\\0\\0\\0\\1\\0\\0\\0\\0'");
    expect_true(*state, "cmsgpack.pack(0.5) == '\\202\\63\\0\\0\\0'");
    expect_true(*state, "#cmsgpack.pack(0.1) == 9 and #cmsgpack.pack(2^64) == 5");
    expect_true(*state, "cmsgpack.pack(1/0) == '\\202\\127\\128\\0\\0'");
}

static void strings_take_the_shortest_head(void **state)
{
    expect_true(*state, "cmsgpack.pack('ab') == '\\162ab'");
    expect_true(*state, "cmsgpack.pack(('x'):rep(32)):sub(1, 3) == '\\217\\32x'");
    expect_true(*state, "cmsgpack.pack(('x'):rep(256)):sub(1, 4) == '\\218\\1\\0x'");
    expect_true(*state, "cmsgpack.pack(('x'):rep(65536)):sub(1, 6) == '\\219\\0\\1\\0\\0x'");
}

static void keys_from_one_on_make_an_array(void **state)
{
    expect_true(*state, "cmsgpack.pack({}) == '\\144' and cmsgpack.pack({1, 2}) == '\\146\\1\\2'");
    expect_true(*state, "cmsgpack.pack({a = 1}) == '\\129\\161a\\1'");
    expect_true(*state, "cmsgpack.pack({[2] = 1}) == '\\129\\2\\1'");
    expect_true(*state, "cmsgpack.pack({['1'] = 1}) == '\\129\\1611\\1'");
    expect_true(*state, "cmsgpack.pack({[1.5] = 1}):byte(1) == 129");
    expect_true(*state, "#cmsgpack.pack((function() local t = {} for i = 1, 70000 do t[i] = 1 end "
                        "return t end)()) == 70005");
}

static void a_table_below_sixteen_others_is_nil(void **state)
{
    expect_true(*state, "(function() local t = {} for i = 1, 20 do t = {t} end "
                        "return cmsgpack.pack(t) end)() == ('\\145'):rep(16) .. '\\192'");
    expect_true(*state, "(function() local t = {} t[1] = t "
                        "return cmsgpack.pack(t) end)() == ('\\145'):rep(16) .. '\\192'");
    expect_true(*state, "cmsgpack.pack(type, nil, true, false) == '\\192\\192\\195\\194'");
}

static void values_come_back(void **state)
{
    expect_true(*state, "select('#', cmsgpack.unpack(cmsgpack.pack(1, nil, 'x', {}))) == 4");
    expect_true(*state, "cmsgpack.unpack(cmsgpack.pack({a = {1, {b = 2.5}}})).a[2].b == 2.5");
    expect_true(*state, "cmsgpack.unpack(cmsgpack.pack(-2^63)) == -2^63");
    expect_true(*state, "cmsgpack.unpack('\\207' .. ('\\255'):rep(8)) == -1"); /* as in Redis */
}

static void unpacking_goes_on_at_an_offset(void **state)
{
    expect_true(*state, "cmsgpack.unpack_one('\\1\\2') == 1 and "
                        "select(2, cmsgpack.unpack_one('\\1\\2', 1)) == 2");
    expect_true(*state, "cmsgpack.unpack_one('\\1\\2', 1) == -1");
    expect_true(*state, "select('#', cmsgpack.unpack_limit('\\1\\2\\3', 2)) == 3");
    expect_error(*state, "return cmsgpack.unpack_one('abc', -1)",
                 "Invalid request to unpack with offset of -1 and limit of 3.");
    expect_error(*state, "return cmsgpack.unpack_limit('abc', 1, 5)",
                 "Start offset 5 greater than input length 3.");
}

static void nothing_outside_of_the_input_is_read(void **state)
{
    static const char *const attempts[] = {
        "'\\217'",
        "'\\217\\5ab'",
        "'\\218\\255\\255'",
        "'\\219\\255\\255\\255\\255abc'",
        "'\\221\\255\\255\\255\\255'",
        "'\\223\\255\\255\\255\\255\\1'",
        "'\\203\\1\\2'",
        "'\\202'",
        "'\\204'",
        "'\\211\\1\\1\\1\\1\\1\\1\\1'",
        "'\\146\\1'",
        "'\\129\\1'",
        "'\\191'",
    };
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        char script[100];
        snprintf(script, sizeof script, "return cmsgpack.unpack(%s)", attempts[i]);
        expect_error(*state, script, "Missing bytes in input.");
    }
}

static void corrupt_input_is_refused(void **state)
{
    expect_error(*state, "return cmsgpack.unpack('\\193')", "Bad data format in input.");
    expect_error(*state, "return cmsgpack.unpack('\\196\\1a')", "Bad data format in input.");
    expect_error(*state, "return cmsgpack.unpack('\\129\\192\\1')", "index is nil");
    expect_error(*state, "return cmsgpack.unpack(('\\145'):rep(100000))", "stack overflow");
    expect_error(*state, "return cmsgpack.unpack(('\\129'):rep(100000))", "stack overflow");
    expect_error(*state, "return cmsgpack.unpack(('a'):rep(9000))",
                 "too many return values at once; use unpack_one or unpack_limit instead.");
    expect_error(*state, "return cmsgpack.pack()", "MessagePack pack needs input.");
    expect_error(*state, "return cmsgpack.pack(unpack({}, 1, 4200))",
                 "Too many arguments for MessagePack pack.");
}

/* The output moves while it grows: nothing may be left behind when a metamethod raises. */
static void an_error_while_packing_leaves_nothing_behind(void **state)
{
    expect_true(*state, "not pcall(cmsgpack.unpack, '\\147' .. cmsgpack.pack(('x'):rep(100000)))");
    expect_true(*state, "#cmsgpack.pack(('x'):rep(100000), ('y'):rep(300000)) == 400010");
}

static void the_library_is_read_only(void **state)
{
    expect_error(*state, "cmsgpack.x = 1", "Attempt to modify a readonly table");
    expect_error(*state, "rawset(cmsgpack, 'x', 1)", "Attempt to modify a readonly table");
    expect_true(*state, "cmsgpack._NAME == 'cmsgpack' and "
                        "cmsgpack._VERSION == 'lua-cmsgpack 0.4.0'");
    expect_true(*state, "rawget(_G, 'cmsgpack_safe') == nil");
    expect_true(*state, "cmsgpack.pack(cmsgpack):byte(1) == 128 + 8"); /* read behind the view */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_take_the_fewest_bytes, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(strings_take_the_shortest_head, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(keys_from_one_on_make_an_array, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(a_table_below_sixteen_others_is_nil, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(values_come_back, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(unpacking_goes_on_at_an_offset, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(nothing_outside_of_the_input_is_read, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(corrupt_input_is_refused, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(an_error_while_packing_leaves_nothing_behind,
                                        script_fixture_setup, script_fixture_teardown),
        cmocka_unit_test_setup_teardown(the_library_is_read_only, script_fixture_setup,
                                        script_fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
