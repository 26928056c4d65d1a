/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void sha1_of_known_texts(void **state)
{
    (void)state;
    char hex[DIGEST_SHA1_HEX_SIZE + 1];
    digest_sha1_hex(BYTES_LITERAL("abc"), hex);
    assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    digest_sha1_hex((struct bytes){0}, hex);
    assert_string_equal(hex, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    digest_sha1_hex(BYTES_LITERAL("return 1"), hex);
    assert_string_equal(hex, "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

static void sha1_bytes_and_digits_agree(void **state)
{
    (void)state;
    uint8_t digest[DIGEST_SHA1_SIZE];
    digest_sha1(BYTES_LITERAL("abc"), digest);
    assert_int_equal(digest[0], 0xa9);
    assert_int_equal(digest[19], 0x9d);
}

static void sha256_of_known_texts(void **state)
{
    (void)state;
    char hex[DIGEST_SHA256_HEX_SIZE + 1];
    digest_sha256_hex(BYTES_LITERAL("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256_hex((struct bytes){0}, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha1_of_known_texts),
        cmocka_unit_test(sha1_bytes_and_digits_agree),
        cmocka_unit_test(sha256_of_known_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
