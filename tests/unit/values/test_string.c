/* SPDX-License-Identifier: MIT */
#include "values/string.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/random.h"

static void assert_text(const struct value *value, const char *expected)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = string_bytes(value, digits);
    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
    assert_int_equal(string_size(value), text.size);
}

static void encoding_follows_the_text(void **state)
{
    static const struct {
        const char *text;
        enum value_encoding encoding;
    } cases[] = {
        {"", ENCODING_EMBSTR},
        {"0", ENCODING_INT},
        {"-1", ENCODING_INT},
        {"9223372036854775807", ENCODING_INT},
        {"-9223372036854775808", ENCODING_INT},
        {"9223372036854775808", ENCODING_EMBSTR},
        {"01", ENCODING_EMBSTR},
        {"-0", ENCODING_EMBSTR},
        {"+1", ENCODING_EMBSTR},
        {" 1", ENCODING_EMBSTR},
        {"1.0", ENCODING_EMBSTR},
        {"12345678901234567890123456789012345678901234", ENCODING_EMBSTR}, /* 44 bytes */
        {"123456789012345678901234567890123456789012345", ENCODING_RAW},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value *value = string_new(bytes_of_string(cases[i].text));
        assert_int_equal(value->encoding, cases[i].encoding);
        assert_int_equal(value->type, VALUE_STRING);
        assert_text(value, cases[i].text);
        value_release(value);
    }
}

static void an_integer_reads_as_number_and_as_text(void **state)
{
    int64_t integer;
    (void)state;
    struct value *value = string_new_integer(INT64_MIN);
    assert_true(string_integer(value, &integer));
    assert_true(integer == INT64_MIN);
    assert_text(value, "-9223372036854775808");
    value_release(value);
}

static void raw_text_that_reads_as_an_integer_is_one(void **state)
{
    int64_t integer;
    (void)state;
    struct value *value = string_new_raw(3);
    memcpy(string_data(value), "-17", 3);
    assert_int_equal(value->encoding, ENCODING_RAW);
    assert_true(string_integer(value, &integer));
    assert_int_equal(integer, -17);
    memcpy(string_data(value), "-1x", 3);
    assert_false(string_integer(value, &integer));
    value_release(value);
}

static void resizing_keeps_the_text_and_pads_with_zeros(void **state)
{
    (void)state;
    struct value *value = string_resize(string_new(bytes_of_string("abc")), 5);
    assert_int_equal(value->encoding, ENCODING_RAW);
    assert_int_equal(string_size(value), 5);
    assert_memory_equal(string_data(value), "abc\0\0", 5);
    memcpy(string_data(value) + 3, "de", 2);
    value = string_resize(value, 2);
    assert_text(value, "ab");
    value = string_resize(value, 4);
    assert_memory_equal(string_data(value), "ab\0\0", 4);
    value_release(value);
}

static void resizing_an_integer_makes_it_text(void **state)
{
    (void)state;
    struct value *value = string_resize(string_new_integer(-42), 4);
    assert_int_equal(value->encoding, ENCODING_RAW);
    assert_memory_equal(string_data(value), "-42\0", 4);
    value_release(value);
}

static void a_clone_has_a_life_of_its_own(void **state)
{
    (void)state;
    struct value *value = string_resize(string_new(bytes_of_string("abc")), 3);
    struct value *clone = value_class_of(value)->clone(value);
    string_data(value)[0] = 'X';
    value_release(value);
    assert_text(clone, "abc");
    assert_int_equal(clone->references, 1);
    assert_int_equal(clone->encoding, ENCODING_RAW);
    value_release(clone);
}

static void a_retained_value_outlives_the_first_release(void **state)
{
    (void)state;
    struct value *value = string_new(bytes_of_string("shared"));
    struct value *second = value_retain(value);
    assert_ptr_equal(value, second);
    assert_true(value_is_shared(value));
    value_release(value);
    assert_false(value_is_shared(second));
    assert_text(second, "shared");
    value_release(second);
    value_release(NULL);
}

static void appending_often_keeps_every_byte(void **state)
{
    struct random random;
    struct buffer model = {0};
    (void)state;
    random_seed(&random, 1);
    struct value *value = string_new(bytes_of(NULL, 0));
    for (int i = 0; i < 3000; i++) {
        size_t extra = random_below(&random, i % 100 == 0 ? 5000 : 10);
        size_t old_size = string_size(value);
        value = string_resize(value, old_size + extra);
        for (size_t j = 0; j < extra; j++) {
            char byte = (char)random_below(&random, 256);
            string_data(value)[old_size + j] = byte;
            buffer_append_byte(&model, byte);
        }
    }
    assert_int_equal(string_size(value), model.size);
    assert_memory_equal(string_data(value), model.data, model.size);
    assert_true(string_memory(value, 0) >= model.size);
    value_release(value);
    buffer_clear(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding_follows_the_text),
        cmocka_unit_test(an_integer_reads_as_number_and_as_text),
        cmocka_unit_test(raw_text_that_reads_as_an_integer_is_one),
        cmocka_unit_test(resizing_keeps_the_text_and_pads_with_zeros),
        cmocka_unit_test(resizing_an_integer_makes_it_text),
        cmocka_unit_test(a_clone_has_a_life_of_its_own),
        cmocka_unit_test(a_retained_value_outlives_the_first_release),
        cmocka_unit_test(appending_often_keeps_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
