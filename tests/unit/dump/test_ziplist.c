/* SPDX-License-Identifier: MIT */
#include "dump/ziplist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "values/listpack.h"

/* Entries "hello", 1024 and 3, as a server before 7.0 packs them. */
static const char three[] = "\x18\0\0\0\x15\0\0\0\3\0"
                            "\0\5hello"
                            "\7\xc0\0\4"
                            "\4\xf4"
                            "\xff";

/* With the end of the memory at the end of the bytes, so that a sanitizer sees any step beyond. */
static unsigned char *convert(const char *bytes, size_t size)
{
    char *exact = memory_copy(bytes, size ? size : 1);
    unsigned char *pack = ziplist_to_listpack(bytes_of(exact, size));
    memory_free(exact);
    return pack;
}

static void assert_entry(const unsigned char *pack, int64_t index, const char *expected)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = listpack_get(listpack_seek(pack, index), digits);
    assert_true(bytes_equal_string(text, expected));
}

static void texts_and_numbers_are_read(void **state)
{
    (void)state;
    unsigned char *pack = convert(three, sizeof three - 1);
    assert_non_null(pack);
    assert_int_equal(listpack_count(pack), 3);
    assert_entry(pack, 0, "hello");
    assert_entry(pack, 1, "1024");
    assert_entry(pack, 2, "3");
    listpack_free(pack);
}

static void numbers_of_all_sizes_keep_their_sign(void **state)
{
    (void)state;
    static const char list[] = "\x29\0\0\0\x23\0\0\0\5\0"
                               "\0\xfe\xff"
                               "\3\xc0\0\x80"
                               "\4\xf0\0\0\x80"
                               "\5\xd0\0\0\0\x80"
                               "\6\xe0\0\0\0\0\0\0\0\x80"
                               "\xff";
    char bytes[sizeof list];
    memcpy(bytes, list, sizeof list);
    bytes[0] = (char)(sizeof list - 1);
    bytes[4] = (char)(sizeof list - 1 - 1 - 10);
    unsigned char *pack = convert(bytes, sizeof list - 1);
    assert_non_null(pack);
    assert_entry(pack, 0, "-1");
    assert_entry(pack, 1, "-32768");
    assert_entry(pack, 2, "-8388608");
    assert_entry(pack, 3, "-2147483648");
    assert_entry(pack, 4, "-9223372036854775808");
    listpack_free(pack);
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size + 1 < sizeof three - 1; size++)
        assert_null(convert(three, size));
}

/* The sizes, counts and links that must agree: a change of any one is seen. */
static void inconsistent_lists_are_refused(void **state)
{
    (void)state;
    static const size_t places[] = {0, 4, 8, 10, 11, 17, 21};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char bytes[sizeof three];
        memcpy(bytes, three, sizeof three);
        bytes[places[i]]++;
        assert_null(convert(bytes, sizeof three - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_numbers_are_read),
        cmocka_unit_test(numbers_of_all_sizes_keep_their_sign),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(inconsistent_lists_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
