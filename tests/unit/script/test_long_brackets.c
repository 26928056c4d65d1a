/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/long_brackets.h"

static void assert_becomes(const char *source, const char *expected)
{
    struct buffer out = {0};
    assert_true(long_brackets_unnest(bytes_of(source, strlen(source)), &out));
    buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
}

static void assert_stays(const char *source)
{
    struct buffer out = {0};
    assert_false(long_brackets_unnest(bytes_of(source, strlen(source)), &out));
    assert_int_equal(out.size, 0);
    buffer_clear(&out);
}

static void nested_openings_get_outer_equals_signs(void **state)
{
    (void)state;
    assert_becomes("x = [[a[[b]] y", "x = [=[a[[b]=] y");
    assert_becomes("--[[ a [[ b ]] x", "--[=[ a [[ b ]=] x");
    assert_becomes("[[ [[ ]] [[ [[ ]]", "[=[ [[ ]=] [=[ [[ ]=]");
    assert_becomes("[[[[]]", "[=[[[]=]");
}

static void the_signs_are_more_than_the_text_has(void **state)
{
    (void)state;
    assert_becomes("[[ [[ ]=] ]==]]", "[===[ [[ ]=] ]==]===]");
    assert_becomes("[[ [[ ]=]]", "[==[ [[ ]=]==]");
}

static void an_unfinished_one_stays_unfinished(void **state)
{
    (void)state;
    assert_becomes("x = [[a[[b", "x = [=[a[[b");
    assert_becomes("[[ [[ ]] [[ [[", "[=[ [[ ]=] [=[ [[");
}

static void other_openings_stay(void **state)
{
    (void)state;
    assert_stays("");
    assert_stays("[[a]] [[b]]");
    assert_stays("[==[ [[ [[ ]] ]==]");
    assert_stays("'[[' .. \"[[\" .. t[u[1]]");
    assert_stays("'\\'[[ [[' -- [[ [[ \n x");
    assert_stays("--[=[ [[ [[ ]=]");
    assert_stays("'[[ [[");
    assert_stays("'[[ [[ \\");
    assert_stays("[[ [=[ ]] [[");
}

static void an_opening_behind_a_string_or_comment_is_found(void **state)
{
    (void)state;
    assert_becomes("'[[' [[ [[ ]]", "'[[' [=[ [[ ]=]");
    assert_becomes("-- [[ \n[[ [[ ]]", "-- [[ \n[=[ [[ ]=]");
    assert_becomes("[=[ [[ ]=][[ [[ ]]", "[=[ [[ ]=][=[ [[ ]=]");
    assert_becomes("--[==\n[[ [[ ]]", "--[==\n[=[ [[ ]=]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_openings_get_outer_equals_signs),
        cmocka_unit_test(the_signs_are_more_than_the_text_has),
        cmocka_unit_test(an_unfinished_one_stays_unfinished),
        cmocka_unit_test(other_openings_stay),
        cmocka_unit_test(an_opening_behind_a_string_or_comment_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
