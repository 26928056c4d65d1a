/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash_slot.h"

static int slot_of(const char *key)
{
    return hash_slot_of(bytes_of_string(key));
}

static void the_whole_key_is_hashed(void **state)
{
    (void)state;
    assert_int_equal(slot_of("123456789"), 0x31c3);
    assert_int_equal(slot_of("a"), 15495);
    assert_int_equal(slot_of(""), 0);
}

static void what_stands_in_braces_is_hashed_alone(void **state)
{
    (void)state;
    assert_int_equal(slot_of("x{a}y"), 15495);
    assert_int_equal(slot_of("{a}{b}"), 15495);
    assert_int_equal(slot_of("{{a}"), slot_of("{a"));
}

static void braces_without_content_mean_nothing(void **state)
{
    (void)state;
    assert_int_equal(slot_of("{}a"), 10875);
    assert_int_not_equal(slot_of("{}{a}"), 15495);
    assert_int_not_equal(slot_of("{a"), 15495);
    assert_int_equal(hash_slot_of(bytes_of("{", 1)), slot_of("{"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_key_is_hashed),
        cmocka_unit_test(what_stands_in_braces_is_hashed_alone),
        cmocka_unit_test(braces_without_content_mean_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
