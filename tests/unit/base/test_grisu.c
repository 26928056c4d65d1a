/* SPDX-License-Identifier: MIT */
#include "base/grisu.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_digits(double value, const char *expected, int expected_exponent)
{
    char digits[GRISU_DIGITS];
    int exponent;
    size_t count = grisu_digits(value, digits, &exponent);
    assert_int_equal(count, strlen(expected));
    assert_memory_equal(digits, expected, count);
    assert_int_equal(exponent, expected_exponent);
}

static void known_doubles_have_their_shortest_digits(void **state)
{
    (void)state;
    assert_digits(0.25, "25", -2);
    assert_digits(0.1, "1", -1);
    assert_digits(1e100, "1", 100);
    assert_digits(3.141592653589793, "3141592653589793", -15);
    assert_digits(DBL_MAX, "17976931348623157", 292);
    assert_digits(DBL_MIN, "22250738585072014", -324);
    assert_digits(0x1p-1074, "5", -324);
}

static void a_double_on_the_edge_of_its_interval_has_a_digit_more(void **state)
{
    (void)state;
    assert_digits(1e23, "9999999999999999", 7);
}

static void assert_reads_back(double value)
{
    char digits[GRISU_DIGITS];
    int exponent;
    size_t count = grisu_digits(value, digits, &exponent);
    char text[64];
    snprintf(text, sizeof text, "%.*se%d", (int)count, digits, exponent);
    assert_true(strtod(text, NULL) == value);
    assert_in_range(count, 1, 17);
}

static void every_power_of_two_and_its_neighbours_read_back(void **state)
{
    (void)state;
    for (int power = -1074; power < 1024; power++) {
        double value = ldexp(1.0, power);
        assert_reads_back(value);
        assert_reads_back(nextafter(value, INFINITY) < INFINITY ? nextafter(value, INFINITY)
                                                                : value);
        if (nextafter(value, 0.0) > 0)
            assert_reads_back(nextafter(value, 0.0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_doubles_have_their_shortest_digits),
        cmocka_unit_test(a_double_on_the_edge_of_its_interval_has_a_digit_more),
        cmocka_unit_test(every_power_of_two_and_its_neighbours_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
