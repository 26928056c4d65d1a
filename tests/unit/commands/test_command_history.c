/* SPDX-License-Identifier: MIT */
#include "commands/command_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static size_t count_of(const char *name, uint32_t version)
{
    size_t count;
    command_history_of(name, version, &count);
    return count;
}

static void changes_are_those_up_to_the_version(void **state)
{
    (void)state;
    assert_int_equal(count_of("client|list", 0x070002), 5);
    assert_int_equal(count_of("client|list", 0x070003), 6);
    assert_int_equal(count_of("client|list", 0x080000), 9);
    assert_int_equal(count_of("zrank", 0x07000f), 0);
    assert_int_equal(count_of("zrank", 0x070204), 1);
}

static void commands_without_changes_have_none(void **state)
{
    (void)state;
    assert_int_equal(count_of("get", 0x080000), 0);
    assert_int_equal(count_of("aaa", 0x080000), 0);
    assert_int_equal(count_of("zzz", 0x080000), 0);
    assert_int_equal(count_of("", 0x080000), 0);
}

static void first_and_last_commands_are_found(void **state)
{
    size_t count;
    (void)state;
    const struct command_change *changes = command_history_of("acl|getuser", 0x080000, &count);
    assert_int_equal(count, 2);
    assert_string_equal(changes[0].since, "6.2.0");
    assert_string_equal(changes[1].since, "7.0.0");
    assert_int_equal(count_of("zrevrank", 0x080000), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_those_up_to_the_version),
        cmocka_unit_test(commands_without_changes_have_none),
        cmocka_unit_test(first_and_last_commands_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
