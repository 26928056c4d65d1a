/* SPDX-License-Identifier: MIT */
#include "base/json_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect_out(struct json_writer *json, const char *expected)
{
    buffer_append_byte(&json->out, '\0');
    assert_string_equal(json->out.data, expected);
    buffer_clear(&json->out);
    *json = (struct json_writer){0};
}

static void expect_text(const char *data, size_t size, const char *expected)
{
    struct json_writer json = {0};
    json_writer_text(&json, bytes_of(data, size));
    expect_out(&json, expected);
}

#define EXPECT_TEXT(literal, expected) expect_text(literal, sizeof(literal) - 1, expected)

static void commas_stand_between_values_alone(void **state)
{
    struct json_writer json = {0};
    (void)state;
    json_writer_open(&json, '{');
    json_writer_member_integer(&json, "a", -1);
    json_writer_name(&json, "b");
    json_writer_open(&json, '[');
    json_writer_open(&json, '[');
    json_writer_close(&json, ']');
    json_writer_boolean(&json, true);
    json_writer_null(&json);
    json_writer_close(&json, ']');
    json_writer_member_string(&json, "c", "");
    json_writer_close(&json, '}');
    expect_out(&json, "{\"a\":-1,\"b\":[[],true,null],\"c\":\"\"}");
}

static void control_characters_and_quotes_are_escaped(void **state)
{
    (void)state;
    EXPECT_TEXT("\"\\/\b\n\r\t\0\x1f\x7f", "\"\\\"\\\\/\\u0008\\n\\r\\t\\u0000\\u001f\\u007f\"");
}

static void nothing_ends_a_script_element(void **state)
{
    (void)state;
    EXPECT_TEXT("</script><!--", "\"\\u003c/script>\\u003c!--\"");
}

static void characters_pass_and_other_bytes_are_shown(void **state)
{
    (void)state;
    EXPECT_TEXT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    EXPECT_TEXT("a\xff\x80z", "\"a\\\\xff\\\\x80z\"");
    EXPECT_TEXT("\xc3", "\"\\\\xc3\"");            /* cut off */
    EXPECT_TEXT("\xc0\xaf", "\"\\\\xc0\\\\xaf\""); /* longer than need be */
    EXPECT_TEXT("\xe0\x80\xaf", "\"\\\\xe0\\\\x80\\\\xaf\"");
    EXPECT_TEXT("\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\""); /* half a pair */
    EXPECT_TEXT("\xf4\x90\x80\x80", "\"\\\\xf4\\\\x90\\\\x80\\\\x80\"");
}

static void decimals_have_three_digits(void **state)
{
    struct json_writer json = {0};
    (void)state;
    json_writer_open(&json, '[');
    json_writer_decimal(&json, 1.5);
    json_writer_decimal(&json, -0.0624);
    json_writer_decimal(&json, -0.0001);
    json_writer_decimal(&json, INFINITY);
    json_writer_decimal(&json, NAN);
    json_writer_close(&json, ']');
    expect_out(&json, "[1.500,-0.062,0.000,null,null]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_values_alone),
        cmocka_unit_test(control_characters_and_quotes_are_escaped),
        cmocka_unit_test(nothing_ends_a_script_element),
        cmocka_unit_test(characters_pass_and_other_bytes_are_shown),
        cmocka_unit_test(decimals_have_three_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
