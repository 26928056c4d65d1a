/* SPDX-License-Identifier: MIT */
#include "base/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static bool matches(const char *pattern, const char *text)
{
    return glob_matches(bytes_of_string(pattern), bytes_of_string(text));
}

static bool matches_any_case(const char *pattern, const char *text)
{
    return glob_matches_ignoring_case(bytes_of_string(pattern), bytes_of_string(text));
}

static void plain_text_matches_itself(void **state)
{
    (void)state;
    assert_true(matches("abc", "abc"));
    assert_false(matches("abc", "abd"));
    assert_false(matches("abc", "ab"));
    assert_false(matches("ab", "abc"));
    assert_true(matches("", ""));
    assert_false(matches("", "a"));
}

static void question_mark_takes_one_byte(void **state)
{
    (void)state;
    assert_true(matches("h?llo", "hello"));
    assert_false(matches("h?llo", "hllo"));
    assert_true(matches("???", "a\xff\n"));
}

static void star_takes_any_run(void **state)
{
    (void)state;
    assert_true(matches("*", "abc"));
    assert_true(matches("a*", "a"));
    assert_true(matches("a*c", "abbc"));
    assert_true(matches("*b*", "abc"));
    assert_true(matches("a**", "a"));
    assert_true(matches("*ab", "aab"));
    assert_true(matches("*ab*ab", "abxaab"));
    assert_false(matches("a*c", "abcd"));
    assert_false(matches("*ab*ab", "abxa"));
}

static void nothing_but_the_empty_pattern_matches_the_empty_text(void **state)
{
    (void)state;
    assert_false(matches("*", ""));
    assert_false(matches("**", ""));
    assert_false(matches("?", ""));
}

static void bracket_takes_one_of_its_bytes(void **state)
{
    (void)state;
    assert_true(matches("h[ae]llo", "hello"));
    assert_false(matches("h[ae]llo", "hillo"));
    assert_true(matches("h[^e]llo", "hallo"));
    assert_false(matches("h[^e]llo", "hello"));
    assert_true(matches("h[a-c]llo", "hbllo"));
    assert_true(matches("h[c-a]llo", "hbllo"));
    assert_false(matches("h[a-c]llo", "hdllo"));
    assert_true(matches("[\\]]", "]"));
    assert_true(matches("[a\\-z]", "-"));
    assert_false(matches("[a\\-z]", "b"));
    assert_false(matches("[]", "a"));
}

static void unclosed_bracket_ends_with_the_pattern(void **state)
{
    (void)state;
    assert_true(matches("[abc", "b"));
    assert_false(matches("[abc", "bc"));
    assert_true(matches("[^", "x"));
    assert_false(matches("[", "["));
    assert_true(matches("[\\", "\\"));
    assert_true(matches("[a-]", "a"));
    assert_true(matches("[a-]b", "b"));
}

static void backslash_takes_the_next_byte_as_it_is(void **state)
{
    (void)state;
    assert_true(matches("h\\*llo", "h*llo"));
    assert_false(matches("h\\*llo", "hello"));
    assert_true(matches("\\?", "?"));
    assert_true(matches("a\\", "a\\"));
}

static void case_is_ignored_on_request(void **state)
{
    (void)state;
    assert_false(matches("HELLO", "hello"));
    assert_true(matches_any_case("HELLO", "hello"));
    assert_true(matches_any_case("h[A-F]l*", "HeLLO"));
    assert_true(matches_any_case("[abc]", "B"));
    /* Redis compares an escaped byte in brackets as it stands. */
    assert_false(matches_any_case("[\\b]", "B"));
    assert_true(matches_any_case("\\b", "B"));
}

static void nul_bytes_are_bytes(void **state)
{
    (void)state;
    assert_true(glob_matches(BYTES_LITERAL("a?c"), BYTES_LITERAL("a\0c")));
    assert_true(glob_matches(BYTES_LITERAL("a\0*"), BYTES_LITERAL("a\0c")));
    assert_false(glob_matches(BYTES_LITERAL("a\0c"), BYTES_LITERAL("a")));
}

static void many_stars_take_no_exponential_time(void **state)
{
    (void)state;
    enum { SIZE = 5000 };
    char *text = memory_allocate(SIZE);
    char *pattern = memory_allocate(SIZE);
    memset(text, 'a', SIZE);
    for (size_t i = 0; i < SIZE; i++)
        pattern[i] = i % 2 ? 'a' : '*';
    pattern[SIZE - 1] = 'b';
    assert_false(glob_matches(bytes_of(pattern, SIZE), bytes_of(text, SIZE)));
    pattern[SIZE - 1] = 'a';
    assert_true(glob_matches(bytes_of(pattern, SIZE), bytes_of(text, SIZE)));
    memory_free(text);
    memory_free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_matches_itself),
        cmocka_unit_test(question_mark_takes_one_byte),
        cmocka_unit_test(star_takes_any_run),
        cmocka_unit_test(nothing_but_the_empty_pattern_matches_the_empty_text),
        cmocka_unit_test(bracket_takes_one_of_its_bytes),
        cmocka_unit_test(unclosed_bracket_ends_with_the_pattern),
        cmocka_unit_test(backslash_takes_the_next_byte_as_it_is),
        cmocka_unit_test(case_is_ignored_on_request),
        cmocka_unit_test(nul_bytes_are_bytes),
        cmocka_unit_test(many_stars_take_no_exponential_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
