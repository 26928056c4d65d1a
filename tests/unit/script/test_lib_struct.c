/* SPDX-License-Identifier: MIT */
/* Scripts pack and unpack bytes; expected values are those of redis-server 7.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/script_fixture.h"

static void integers_have_their_width_and_order(void **state)
{
    expect_true(*state, "struct.pack('>I2', 258) == '\\1\\2'");
    expect_true(*state, "struct.pack('<I2', 258) == '\\2\\1'");
    expect_true(*state, "struct.pack('>bhl', -1, -2, -3) == ('\\255'):rep(2) .. '\\254' .. "
                        "('\\255'):rep(7) .. '\\253'");
    expect_true(*state, "#struct.pack('iIT', 1, 2, 3) == 16");
    expect_true(*state, "struct.unpack('>i3', '\\255\\255\\254') == -2");
    expect_true(*state, "struct.unpack('>I3', '\\255\\255\\254') == 16777214");
}

static void integers_out_of_range_are_defined(void **state)
{
    expect_true(*state, "struct.pack('>l', 0/0) == '\\128' .. ('\\0'):rep(7)");
    expect_true(*state, "struct.pack('>l', -1/0) == '\\128' .. ('\\0'):rep(7)");
    expect_true(*state, "struct.pack('>l', 1/0) == ('\\0'):rep(8)");
    expect_true(*state, "struct.pack('>L', 2^63) == '\\128' .. ('\\0'):rep(7)");
    expect_true(*state, "struct.pack('<b', 511) == '\\255'");
}

static void an_integer_wider_than_eight_bytes_is_filled_with_zeros(void **state)
{
    expect_true(*state, "struct.pack('<i16', -1) == ('\\255'):rep(8) .. ('\\0'):rep(8)");
    expect_true(*state, "struct.unpack('<i16', ('\\255'):rep(8) .. ('\\0'):rep(8)) == -1");
    expect_error(*state, "return struct.pack('i33', 1)",
                 "integral size 33 is larger than limit of 32");
}

static void reals_and_strings_come_back(void **state)
{
    expect_true(*state, "struct.unpack('>d', struct.pack('>d', 0.1)) == 0.1");
    expect_true(*state, "struct.pack('>f', 1.5) == '\\63\\192\\0\\0'");
    expect_true(*state, "struct.unpack('s', 'ab\\0cd') == 'ab'");
    expect_true(*state, "struct.pack('Bc0', 3, 'abc') == '\\3abc'");
    expect_true(*state, "select(2, struct.unpack('Bc0', '\\3abc')) == 4 + 1");
    expect_error(*state, "return struct.pack('c4', 'abc')", "string too short");
    expect_error(*state, "return struct.unpack('s', 'abc')", "unfinished string in data");
    expect_error(*state, "return struct.unpack('c0', 'abc')", "format 'c0' needs a previous size");
}

static void fields_are_aligned_on_request(void **state)
{
    expect_true(*state, "struct.size('bi') == 5 and struct.size('!bi') == 8");
    expect_true(*state, "struct.size('!2bi') == 6 and struct.size('!8bd') == 16");
    expect_true(*state, "struct.pack('<!4bi', 1, 2) == '\\1\\0\\0\\0\\2\\0\\0\\0'");
    expect_true(*state, "struct.unpack('<!4xi', '\\1\\0\\0\\0\\2\\0\\0\\0') == 2");
    expect_error(*state, "return struct.size('!3')", "alignment 3 is not a power of 2");
    expect_error(*state, "return struct.size('!0')", "alignment 0 is not a power of 2");
}

static void a_count_cannot_overflow(void **state)
{
    expect_error(*state, "return struct.pack('i99999999999', 1)", "integral size overflow");
    expect_error(*state, "return struct.size('c2147483648')", "integral size overflow");
    expect_error(*state, "return struct.unpack('!2147483648i', 'abcd')", "integral size overflow");
    expect_true(*state, "struct.size(('c2147483647'):rep(3)) == 3 * 2147483647");
}

static void nothing_outside_of_the_data_is_read(void **state)
{
    static const char *const attempts[] = {
        "return struct.unpack('i', 'abc')",
        "return struct.unpack('c2147483647', 'abc')",
        "return struct.unpack('c2147483647', 'abc', 2147483647)",
        "return struct.unpack('i', 'abcd', 2)",
        "return struct.unpack('i', 'abcd', -1)",
        "return struct.unpack('x', 'abcd', 2^53)",
        "return struct.unpack('s', 'abcd', -2^53)",
        "return struct.unpack('!32i32', ('x'):rep(40), 2)",
        "return struct.unpack('bc0', '\\255abc')",
        "return struct.unpack('dc0', struct.pack('d', 2^63))",
        "return struct.unpack('dc0', struct.pack('d', 0/0))",
        "return struct.unpack('dc0', struct.pack('d', -2))",
    };
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        expect_error(*state, attempts[i], "data string too short");
}

static void missing_arguments_are_named(void **state)
{
    expect_error(*state, "return struct.pack('b')",
                 "bad argument #2 to 'pack' (number expected, got nil)");
    expect_error(*state, "return struct.pack('sb', ('x'):rep(100000))", "number expected, got nil");
    expect_error(*state, "return struct.pack('z')", "invalid format option 'z'");
    expect_error(*state, "return struct.size('s')", "option 's' has no fixed size");
    expect_error(*state, "return struct.unpack(('b'):rep(9000), ('x'):rep(9000))",
                 "too many results");
}

static void the_library_is_read_only(void **state)
{
    expect_error(*state, "struct.pack = 1", "Attempt to modify a readonly table");
    expect_error(*state, "rawset(struct, 'x', 1)", "Attempt to modify a readonly table");
    expect_true(*state, "(function() local n = 0 for _ in pairs(struct) do n = n + 1 end "
                        "return n end)() == 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(integers_have_their_width_and_order, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(integers_out_of_range_are_defined, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(an_integer_wider_than_eight_bytes_is_filled_with_zeros,
                                        script_fixture_setup, script_fixture_teardown),
        cmocka_unit_test_setup_teardown(reals_and_strings_come_back, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(fields_are_aligned_on_request, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(a_count_cannot_overflow, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(nothing_outside_of_the_data_is_read, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(missing_arguments_are_named, script_fixture_setup,
                                        script_fixture_teardown),
        cmocka_unit_test_setup_teardown(the_library_is_read_only, script_fixture_setup,
                                        script_fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
