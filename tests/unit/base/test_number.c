/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/random.h"

struct pair {
    const char *text;
    const char *expected;
};

static void assert_integer(const char *text, int64_t expected)
{
    int64_t value = 42;
    assert_true(number_parse_integer(bytes_of_string(text), &value));
    assert_true(value == expected);
    char digits[NUMBER_INTEGER_SIZE];
    size_t size = number_format_integer(digits, value);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(digits, text, size);
}

static void integers_read_and_print_the_same(void **state)
{
    (void)state;
    assert_integer("0", 0);
    assert_integer("7", 7);
    assert_integer("-1", -1);
    assert_integer("10", 10);
    assert_integer("99", 99);
    assert_integer("100", 100);
    assert_integer("-12345", -12345);
    assert_integer("999999999999999999", 999999999999999999);
    assert_integer("1000000000000000000", 1000000000000000000);
    assert_integer("9223372036854775807", INT64_MAX);
    assert_integer("-9223372036854775808", INT64_MIN);
}

static void every_count_of_digits_prints(void **state)
{
    (void)state;
    uint64_t power = 1;
    for (size_t size = 1; size <= 20; size++, power *= 10) {
        char digits[NUMBER_INTEGER_SIZE];
        assert_int_equal(number_format_unsigned(digits, power), size);
        assert_int_equal(digits[0], '1');
        uint64_t back;
        assert_true(number_parse_unsigned(bytes_of(digits, size), &back));
        assert_true(back == power);
        assert_int_equal(number_format_unsigned(digits, power - 1), size - (size > 1));
        if (size == 20)
            break;
    }
}

static void numbers_are_read_as_far_as_they_go(void **state)
{
    static const struct {
        const char *text;
        int value;
    } numbers[] = {{"12", 12}, {" -7x", -7}, {"+5", 5},
                   {"", 0},    {"x", 0},     {"99999999999", INT32_MAX},
                   {"-", 0},   {"0010", 10}, {"-99999999999", -INT32_MAX}};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_int_equal(number_leading_integer(bytes_of_string(numbers[i].text)),
                         numbers[i].value);
}

static void integers_in_other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "01",
                                      "00",
                                      "-0",
                                      "-01",
                                      "1.0",
                                      "1e3",
                                      "0x10",
                                      "--1",
                                      "a",
                                      "12a",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "18446744073709551616",
                                      "99999999999999999999",
                                      "100000000000000000000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t value;
        assert_false(number_parse_integer(bytes_of_string(bad[i]), &value));
    }
    int64_t value;
    assert_false(number_parse_integer(BYTES_LITERAL("1\0"), &value));
    assert_false(number_parse_integer((struct bytes){0}, &value));
}

static void unsigned_integers_reach_the_end_of_their_type(void **state)
{
    (void)state;
    uint64_t value;
    assert_true(number_parse_unsigned(BYTES_LITERAL("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    assert_false(number_parse_unsigned(BYTES_LITERAL("18446744073709551616"), &value));
    assert_false(number_parse_unsigned(BYTES_LITERAL("99999999999999999999"), &value));
    assert_false(number_parse_unsigned(BYTES_LITERAL("-1"), &value));
    assert_false(number_parse_unsigned(BYTES_LITERAL("007"), &value));
    assert_false(number_parse_unsigned((struct bytes){0}, &value));
}

static void assert_formats(const struct pair *pairs, size_t count, enum number_double_style style)
{
    for (size_t i = 0; i < count; i++) {
        double value;
        assert_true(number_parse_double(bytes_of_string(pairs[i].text), &value));
        char text[NUMBER_DOUBLE_SIZE];
        size_t size = number_format_double(text, value, style);
        assert_string_equal(text, pairs[i].expected);
        assert_int_equal(size, strlen(text));
    }
}

static void doubles_print_seventeen_digits_for_redis_7_0(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"1", "1"},
        {"-2.5", "-2.5"},
        {"-0", "-0"},
        {"0", "0"},
        {"0.1", "0.10000000000000001"},
        {"3.1415", "3.1415000000000002"},
        {"1e15", "1000000000000000"},
        {"1e16", "10000000000000000"},
        {"1e17", "1e+17"},
        {"-1e17", "-1e+17"},
        {"99999999999999984", "99999999999999984"},
        {"99999999999999990", "99999999999999984"},
        {"123456789012345678", "1.2345678901234568e+17"},
        {"9007199254740993", "9007199254740992"},
        {"1e22", "1e+22"},
        {"1e23", "9.9999999999999992e+22"},
        {"1e-7", "9.9999999999999995e-08"},
        {"5e-324", "4.9406564584124654e-324"},
        {"inf", "inf"},
        {"-Infinity", "-inf"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
    };
    assert_formats(pairs, sizeof pairs / sizeof *pairs, NUMBER_DOUBLE_17);
}

static void doubles_print_the_shortest_form_for_redis_7_2(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"1", "1"},
        {"-2.5", "-2.5"},
        {"-0", "-0"},
        {"0", "0"},
        {"0.1", "0.1"},
        {"3.1415", "3.1415"},
        {"3.141592653589793", "3.141592653589793"},
        {"0.3", "0.3"},
        {"100", "100"},
        {"1e17", "100000000000000000"},
        {"1e18", "1000000000000000000"},
        {"4611686018427387904", "4611686018427387904"},
        {"-4611686018427387904", "-4611686018427387904"},
        {"4611686018427388928", "4611686018427389000"},
        {"9223372036854775808", "9223372036854776000"},
        {"1e19", "1e+19"},
        {"1e20", "1e+20"},
        {"1e21", "1e+21"},
        {"1.5e300", "1.5e+300"},
        {"1e100", "1e+100"},
        {"1e-5", "0.00001"},
        {"1e-6", "0.000001"},
        {"1e-7", "1e-7"},
        {"0.0001234", "1.234e-4"},
        {"0.00001234", "1.234e-5"},
        {"0.001234567", "0.001234567"},
        {"123456.7", "123456.7"},
        {"12345.678901234", "1.2345678901234e+4"},
        {"1234.5678901234", "1234.5678901234"},
        {"5e-324", "5e-324"},
        {"2.2250738585072014e-308", "2.2250738585072014e-308"},
        {"-1.7976931348623157e308", "-1.7976931348623157e+308"},
        {"inf", "inf"},
        {"-inf", "-inf"},
    };
    assert_formats(pairs, sizeof pairs / sizeof *pairs, NUMBER_DOUBLE_SHORTEST);
}

static void nan_shows_its_sign_up_to_redis_7_0(void **state)
{
    (void)state;
    char text[NUMBER_DOUBLE_SIZE];
    number_format_double(text, -(double)NAN, NUMBER_DOUBLE_17);
    assert_string_equal(text, "-nan");
    number_format_double(text, (double)NAN, NUMBER_DOUBLE_17);
    assert_string_equal(text, "nan");
    number_format_double(text, -(double)NAN, NUMBER_DOUBLE_SHORTEST);
    assert_string_equal(text, "nan");
}

static void shortest_doubles_read_back_exactly(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 7);
    for (int i = 0; i < 50000; i++) {
        uint64_t bits = random_next(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        char text[NUMBER_DOUBLE_SIZE];
        size_t size = number_format_double(text, value, NUMBER_DOUBLE_SHORTEST);
        assert_true(size < sizeof text);
        double back;
        assert_true(number_parse_double(bytes_of(text, size), &back));
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void doubles_are_read_as_strtod_reads_them(void **state)
{
    (void)state;
    static const char *const texts[] = {"1",
                                        "-1",
                                        "+1",
                                        ".5",
                                        "5.",
                                        "1e3",
                                        "1E+3",
                                        "1e-3",
                                        "inf",
                                        "INF",
                                        "infinity",
                                        "-iNf",
                                        "0x10",
                                        "0x.8p1",
                                        "1e22",
                                        "1e23",
                                        "1e-22",
                                        "1e-23",
                                        "123456789012345678901234567890",
                                        "9007199254740993",
                                        "0e999",
                                        "0.1",
                                        "123.456",
                                        "5e-324",
                                        "1e-320",
                                        "-0",
                                        "00012",
                                        "9007199254740992e22",
                                        "0.00000000000000000000000000000000000000000000000001e50"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value;
        assert_true(number_parse_double(bytes_of_string(texts[i]), &value));
        double expected = strtod(texts[i], NULL);
        assert_memory_equal(&value, &expected, sizeof value);
    }
}

static void doubles_that_redis_refuses_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",    " 1",  "1 ",    "\t1",   "nan",    "-nan",   "nan(1)", "1e", "--1", "1_0", "0x",
        "1,5", "1d5", "infin", "1e400", "-1e400", "1e-400", "2e-324", ".",  "e5",  "+",   "1.2.3"};
    double value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(number_parse_double(bytes_of_string(bad[i]), &value));
    assert_false(number_parse_double(BYTES_LITERAL("1\0"), &value));
    assert_false(number_parse_double(BYTES_LITERAL("\0"), &value));
    assert_false(number_parse_double((struct bytes){0}, &value));
}

static void doubles_have_no_limit_of_length(void **state)
{
    (void)state;
    struct buffer text = {0};
    for (int i = 0; i < 10000; i++)
        buffer_append_byte(&text, '0');
    buffer_append_string(&text, "15e-1");
    double value;
    assert_true(number_parse_double(buffer_bytes(&text), &value));
    assert_true(value == 1.5);
    buffer_clear(&text);
}

static void assert_long_double(const char *text, const char *expected)
{
    long double value;
    assert_true(number_parse_long_double(bytes_of_string(text), &value));
    char *out = memory_allocate(NUMBER_LONG_DOUBLE_SIZE);
    assert_int_equal(number_format_long_double(out, value), strlen(expected));
    assert_string_equal(out, expected);
    memory_free(out);
}

static void long_doubles_print_in_decimal_notation(void **state)
{
    (void)state;
    assert_long_double("0", "0");
    assert_long_double("-0", "0");
    assert_long_double("-1e-30", "0");
    assert_long_double("0.1", "0.1");
    assert_long_double("3.0e3", "3000");
    assert_long_double("5.0e3", "5000");
    assert_long_double("10.6", "10.6");
    assert_long_double("1e-7", "0.0000001");
    assert_long_double("0x10", "16");
    assert_long_double("1e22", "10000000000000000000000");
    assert_long_double("9007199254740993", "9007199254740993");
    assert_long_double("inf", "inf");
    assert_long_double("-Infinity", "-inf");
    char *out = memory_allocate(NUMBER_LONG_DOUBLE_SIZE);
    assert_true(number_format_long_double(out, -1.1e4932L) < NUMBER_LONG_DOUBLE_SIZE);
    memory_free(out);
}

/* What printf writes, less the zeros and the point at its end. */
static void assert_as_printf(long double value)
{
    char expected[6000], out[NUMBER_LONG_DOUBLE_SIZE];
    size_t size = (size_t)snprintf(expected, sizeof expected, "%.17Lf", value);
    while (expected[size - 1] == '0')
        size--;
    if (expected[size - 1] == '.')
        size--;
    expected[size] = '\0';
    if (strcmp(expected, "-0") == 0)
        memmove(expected, "0", 2);
    assert_int_equal(number_format_long_double(out, value), strlen(expected));
    assert_string_equal(out, expected);
}

static void long_doubles_round_as_printf_rounds(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 7);
    for (int round = 0; round < 20000; round++) {
        long double value = (long double)(int64_t)random_next(&random);
        int scale = (int)random_below(&random, 140);
        assert_as_printf(ldexpl(value, -scale));
        assert_as_printf((long double)(double)ldexpl(value, -scale));
        /* Ties: odd numbers of half units of the last digit. */
        assert_as_printf((long double)(int64_t)random_below(&random, 1U << 20) / (1U << 18));
    }
    assert_as_printf(0x1p63L);
    assert_as_printf(-0x1p63L);
    assert_as_printf(0x1p63L - 0.5L);
    assert_as_printf(0.999999999999999999L);
    assert_as_printf(-9.999999999999999999L);
    assert_as_printf(0x1p-18L);
    assert_as_printf(0x3p-18L);
    assert_as_printf(4e-18L);
    assert_as_printf(5e-18L);
    assert_as_printf(6e-18L);
    assert_as_printf(1e30L);
}

static void long_doubles_that_redis_refuses_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " 1", "1 ", "nan", "1e", "1e5000", "1e-5000", "abc"};
    long double value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(number_parse_long_double(bytes_of_string(bad[i]), &value));
    assert_false(number_parse_long_double(BYTES_LITERAL("1\0"), &value));
    char *text = memory_allocate(NUMBER_LONG_DOUBLE_SIZE);
    memset(text, '0', NUMBER_LONG_DOUBLE_SIZE);
    assert_false(number_parse_long_double(bytes_of(text, NUMBER_LONG_DOUBLE_SIZE), &value));
    assert_true(number_parse_long_double(bytes_of(text, NUMBER_LONG_DOUBLE_SIZE - 1), &value));
    memory_free(text);
}

static void the_locale_plays_no_part(void **state)
{
    (void)state;
    static const char *const with_comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE"};
    bool is_set = false;
    for (size_t i = 0; i < sizeof with_comma / sizeof *with_comma && !is_set; i++)
        is_set = setlocale(LC_ALL, with_comma[i]) != NULL;
    if (!is_set)
        skip();
    double value;
    assert_true(number_parse_double(BYTES_LITERAL("0x1.8p1"), &value));
    assert_true(value == 3.0);
    char text[NUMBER_DOUBLE_SIZE];
    number_format_double(text, 0.1, NUMBER_DOUBLE_17);
    assert_string_equal(text, "0.10000000000000001");
    assert_long_double("1.5", "1.5");
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_read_and_print_the_same),
        cmocka_unit_test(every_count_of_digits_prints),
        cmocka_unit_test(numbers_are_read_as_far_as_they_go),
        cmocka_unit_test(integers_in_other_forms_are_refused),
        cmocka_unit_test(unsigned_integers_reach_the_end_of_their_type),
        cmocka_unit_test(doubles_print_seventeen_digits_for_redis_7_0),
        cmocka_unit_test(doubles_print_the_shortest_form_for_redis_7_2),
        cmocka_unit_test(nan_shows_its_sign_up_to_redis_7_0),
        cmocka_unit_test(shortest_doubles_read_back_exactly),
        cmocka_unit_test(doubles_are_read_as_strtod_reads_them),
        cmocka_unit_test(doubles_that_redis_refuses_are_refused),
        cmocka_unit_test(doubles_have_no_limit_of_length),
        cmocka_unit_test(long_doubles_print_in_decimal_notation),
        cmocka_unit_test(long_doubles_round_as_printf_rounds),
        cmocka_unit_test(long_doubles_that_redis_refuses_are_refused),
        cmocka_unit_test(the_locale_plays_no_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
