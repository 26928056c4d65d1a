/* SPDX-License-Identifier: MIT */
#include "base/crc.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The definition, a bit at a time. */
static uint64_t slow_crc64(uint64_t crc, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x95ac9329ac4bc9b5u : 0);
    }
    return crc;
}

static void check_values_are_the_published_ones(void **state)
{
    (void)state;
    assert_true(crc64(0, "123456789", 9) == 0xe9c6d914c4b8d9ca);
    assert_true(crc64(0, "", 0) == 0);
    assert_int_equal(crc16("123456789", 9), 0x31c3);
    assert_int_equal(crc16("", 0), 0);
}

static void hash_slots_are_those_of_redis_cluster(void **state)
{
    (void)state;
    assert_int_equal(crc16("foo", 3) % 16384, 12182);
    assert_int_equal(crc16("bar", 3) % 16384, 5061);
    assert_int_equal(crc16("somekey", 7) % 16384, 11058);
}

static void every_length_and_split_agrees_with_the_definition(void **state)
{
    (void)state;
    uint8_t data[64];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 151 + 7);
    for (size_t size = 0; size <= sizeof data; size++) {
        uint64_t whole = crc64(0, data, size);
        assert_true(whole == slow_crc64(0, data, size));
        for (size_t split = 0; split <= size; split++)
            assert_true(crc64(crc64(0, data, split), data + split, size - split) == whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_values_are_the_published_ones),
        cmocka_unit_test(hash_slots_are_those_of_redis_cluster),
        cmocka_unit_test(every_length_and_split_agrees_with_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
