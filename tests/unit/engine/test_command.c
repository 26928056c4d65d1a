/* SPDX-License-Identifier: MIT */
#include "engine/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/memory.h"

#define WORDS(...)                                                                                 \
    (const char *const[]){__VA_ARGS__},                                                            \
        (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* "1 3" for the keys at argv[1] and argv[3], "invalid" when the arguments are. */
static void assert_keys(const struct command *command, const char *const *words, int count,
                        const char *expected)
{
    struct bytes argv[16];
    for (int i = 0; i < count; i++)
        argv[i] = bytes_of_string(words[i]);
    struct key_references found;
    char text[64] = "";
    if (command_find_keys(command, argv, count, &found)) {
        for (size_t i = 0; i < found.count; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? " " : "",
                     found.keys[i].position);
    } else {
        strcpy(text, "invalid");
        assert_null(found.keys);
    }
    memory_free(found.keys);
    assert_string_equal(text, expected);
}

static void fast_read_has_implied_categories(void **state)
{
    (void)state;
    struct command get = {.flags = COMMAND_READONLY | COMMAND_FAST, .categories = CATEGORY_STRING};
    assert_int_equal(command_categories(&get), CATEGORY_READ | CATEGORY_STRING | CATEGORY_FAST);
}

static void admin_is_dangerous_and_slow(void **state)
{
    (void)state;
    struct command config = {.flags = COMMAND_ADMIN};
    assert_int_equal(command_categories(&config),
                     CATEGORY_ADMIN | CATEGORY_DANGEROUS | CATEGORY_SLOW);
}

static void script_that_reads_is_no_read(void **state)
{
    (void)state;
    struct command eval_ro = {.flags = COMMAND_READONLY, .categories = CATEGORY_SCRIPTING};
    assert_int_equal(command_categories(&eval_ro), CATEGORY_SCRIPTING | CATEGORY_SLOW);
}

static void range_to_the_end_takes_every_step(void **state)
{
    (void)state;
    struct command mset = {KEYS_RANGE(1, -1, 2, KEY_OW)};
    assert_keys(&mset, WORDS("mset", "a", "1", "b", "2"), "1 3");
    assert_keys(&mset, WORDS("mset"), "invalid");
}

static void limit_halves_the_arguments(void **state)
{
    (void)state;
    struct command xread = {KEY_SPECS({.begin = KEY_BEGIN_KEYWORD,
                                       .begin_position = 1,
                                       .begin_keyword = "STREAMS",
                                       .last = -1,
                                       .step = 1,
                                       .limit = 2})};
    assert_keys(&xread, WORDS("xread", "count", "1", "streams", "a", "b", "0", "0"), "4 5");
    assert_keys(&xread, WORDS("xread", "count", "1", "a"), "invalid");
}

static void keyword_is_searched_from_the_end_too(void **state)
{
    (void)state;
    struct command migrate = {KEY_SPECS({.begin = KEY_BEGIN_KEYWORD,
                                         .begin_position = -2,
                                         .begin_keyword = "KEYS",
                                         .last = -1,
                                         .step = 1})};
    assert_keys(&migrate, WORDS("migrate", "h", "p", "", "0", "1", "keys", "a", "b"), "7 8");
}

static void count_says_how_many_keys_follow(void **state)
{
    (void)state;
    struct command eval = {KEYS_COUNTED(2, KEY_RW)};
    assert_keys(&eval, WORDS("eval", "return", "2", "a", "b", "x"), "3 4");
    assert_keys(&eval, WORDS("eval", "return", "3", "a", "b"), "invalid");
    assert_keys(&eval, WORDS("eval", "return", "-1", "a", "b"), "invalid");
    assert_keys(&eval, WORDS("eval", "return", "many", "a"), "invalid");
    assert_keys(&eval, WORDS("eval", "return", "9223372036854775807", "a"), "invalid");
}

static void what_is_not_a_key_is_left_out(void **state)
{
    (void)state;
    struct command publish = {KEYS_AT(1, KEY_NOT_KEY)};
    assert_false(command_has_keys(&publish));
    assert_keys(&publish, WORDS("spublish", "channel", "x"), "");
}

static bool find_second(const struct bytes *argv, int argc, struct key_references *found)
{
    (void)argv;
    if (argc < 3)
        return false;
    key_references_add(found, 2, KEY_RW);
    return true;
}

static void incomplete_specification_gives_way_to_the_function(void **state)
{
    (void)state;
    struct command sort = {KEYS_AT(1, KEY_RO | KEY_INCOMPLETE), .find_keys = find_second};
    assert_keys(&sort, WORDS("sort", "a", "b"), "2");
    assert_keys(&sort, WORDS("sort", "a"), "invalid");
}

static void variable_flags_give_way_to_the_function(void **state)
{
    (void)state;
    struct command set = {KEYS_AT(1, KEY_RW | KEY_VARIABLE_FLAGS), .find_keys = find_second};
    assert_keys(&set, WORDS("set", "a", "b"), "2");
}

static void consecutive_ranges_make_one_legacy_range(void **state)
{
    (void)state;
    struct command lmove = {KEY_SPECS({.flags = KEY_RW, .begin_position = 1, .step = 1},
                                      {.flags = KEY_RW, .begin_position = 2, .step = 1})};
    struct command_range range = command_legacy_range(&lmove);
    assert_int_equal(range.first, 1);
    assert_int_equal(range.last, 2);
    assert_int_equal(range.step, 1);
    assert_false(range.is_partial);
}

static void counted_keys_have_no_legacy_range(void **state)
{
    (void)state;
    struct command eval = {KEYS_COUNTED(2, KEY_RW)};
    struct command_range range = command_legacy_range(&eval);
    assert_int_equal(range.first, 0);
    assert_int_equal(range.last, 0);
    assert_int_equal(range.step, 0);
    assert_true(range.is_partial);
}

static void versions_are_ordered_numbers(void **state)
{
    (void)state;
    assert_int_equal(command_version_number("7.2.4"), 0x070204);
    assert_int_equal(command_version_number("7.2"), 0x070200);
    assert_int_equal(command_version_number("6"), 0x060000);
    assert_int_equal(command_version_number(""), 0);
    assert_int_equal(command_version_number("7."), 0);
    assert_int_equal(command_version_number("7.2.4.1"), 0);
    assert_int_equal(command_version_number("x"), 0);
    assert_int_equal(command_version_number("7.256"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_read_has_implied_categories),
        cmocka_unit_test(admin_is_dangerous_and_slow),
        cmocka_unit_test(script_that_reads_is_no_read),
        cmocka_unit_test(range_to_the_end_takes_every_step),
        cmocka_unit_test(limit_halves_the_arguments),
        cmocka_unit_test(keyword_is_searched_from_the_end_too),
        cmocka_unit_test(count_says_how_many_keys_follow),
        cmocka_unit_test(what_is_not_a_key_is_left_out),
        cmocka_unit_test(incomplete_specification_gives_way_to_the_function),
        cmocka_unit_test(variable_flags_give_way_to_the_function),
        cmocka_unit_test(consecutive_ranges_make_one_legacy_range),
        cmocka_unit_test(counted_keys_have_no_legacy_range),
        cmocka_unit_test(versions_are_ordered_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
