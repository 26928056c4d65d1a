/* SPDX-License-Identifier: MIT */
#include "values/bits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"

#define ROUNDS 3000

/* A text of chance; half of them are runs of one byte with a few others. */
static struct bytes random_text(struct random *random, char *storage, size_t most)
{
    size_t size = random_below(random, most + 1);
    bool is_run = random_below(random, 2);
    memset(storage, random_below(random, 2) ? 0 : 0xff, size);
    for (size_t i = 0; i < size; i++)
        if (!is_run || random_below(random, 64) == 0)
            storage[i] = (char)random_next(random);
    return bytes_of(storage, size);
}

static uint64_t count_slowly(struct bytes text, uint64_t first, uint64_t last)
{
    uint64_t count = 0;
    for (uint64_t offset = first; offset <= last; offset++)
        count += bits_get(text, offset);
    return count;
}

static void counts_are_those_of_looking_at_each_bit(void **state)
{
    struct random random;
    char storage[300];
    (void)state;
    random_seed(&random, 1);
    for (int round = 0; round < ROUNDS; round++) {
        struct bytes text = random_text(&random, storage, sizeof storage);
        if (text.size == 0) {
            assert_int_equal(bits_count(text), 0);
            continue;
        }
        uint64_t bits = text.size * 8;
        assert_int_equal(bits_count(text), count_slowly(text, 0, bits - 1));
        uint64_t first = random_below(&random, bits);
        uint64_t last = first + random_below(&random, bits - first);
        assert_int_equal(bits_count_between(text, first, last), count_slowly(text, first, last));
    }
}

static uint64_t find_slowly(struct bytes text, uint64_t first, uint64_t last, bool bit)
{
    for (uint64_t offset = first; offset <= last; offset++)
        if (bits_get(text, offset) == bit)
            return offset;
    return BITS_NOT_FOUND;
}

static void searches_find_the_first_bit(void **state)
{
    struct random random;
    char storage[300];
    (void)state;
    random_seed(&random, 2);
    for (int round = 0; round < ROUNDS; round++) {
        struct bytes text = random_text(&random, storage, sizeof storage);
        bool bit = random_below(&random, 2);
        if (text.size == 0) {
            assert_true(bits_find(text, bit) == BITS_NOT_FOUND);
            continue;
        }
        uint64_t bits = text.size * 8;
        assert_true(bits_find(text, bit) == find_slowly(text, 0, bits - 1, bit));
        uint64_t first = random_below(&random, bits);
        uint64_t last = first + random_below(&random, bits - first);
        assert_true(bits_find_between(text, first, last, bit) ==
                    find_slowly(text, first, last, bit));
    }
}

static unsigned char byte_at(struct bytes text, size_t index)
{
    return index < text.size ? (unsigned char)text.data[index] : 0;
}

static unsigned char combine_slowly(enum bits_operation operation, const struct bytes *sources,
                                    size_t count, size_t index)
{
    unsigned char byte = byte_at(sources[0], index);
    if (operation == BITS_NOT)
        return (unsigned char)~byte;
    for (size_t i = 1; i < count; i++) {
        if (operation == BITS_AND)
            byte &= byte_at(sources[i], index);
        else if (operation == BITS_OR)
            byte |= byte_at(sources[i], index);
        else
            byte ^= byte_at(sources[i], index);
    }
    return byte;
}

static void texts_of_any_length_combine_byte_by_byte(void **state)
{
    enum { MOST = 40000, SOURCES = 4 };
    struct random random;
    (void)state;
    random_seed(&random, 3);
    char *storage = memory_allocate((size_t)MOST * SOURCES);
    char *out = memory_allocate(MOST);
    for (int round = 0; round < 60; round++) {
        struct bytes sources[SOURCES];
        size_t count = 1 + random_below(&random, SOURCES);
        size_t most = round % 3 ? 100 : MOST;
        size_t size = 0;
        for (size_t i = 0; i < count; i++) {
            sources[i] = random_text(&random, storage + i * MOST, most);
            if (sources[i].size > size)
                size = sources[i].size;
        }
        enum bits_operation operation = (enum bits_operation)random_below(&random, 4);
        bits_combine(operation, sources, count, out, size);
        for (size_t i = 0; i < size; i++)
            assert_int_equal((unsigned char)out[i], combine_slowly(operation, sources, count, i));
    }
    memory_free(out);
    memory_free(storage);
}

static struct bits_field random_field(struct random *random)
{
    struct bits_field field = {.is_signed = random_below(random, 2)};
    field.width = 1 + (unsigned)random_below(random, field.is_signed ? 64 : 63);
    field.offset = random_below(random, 100);
    return field;
}

static void a_field_reads_as_it_was_written_and_leaves_its_neighbours(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 4);
    for (int round = 0; round < ROUNDS; round++) {
        char before[24], after[24];
        for (size_t i = 0; i < sizeof before; i++)
            before[i] = (char)random_next(&random);
        memcpy(after, before, sizeof after);
        struct bits_field field = random_field(&random);
        int64_t value = (int64_t)random_next(&random);
        int64_t fitting;
        bits_fit(field, value, BITS_WRAP, &fitting);
        bits_write(after, field, value);
        assert_true(bits_read(bytes_of(after, sizeof after), field) == fitting);
        for (uint64_t offset = 0; offset < sizeof before * 8; offset++)
            if (offset < field.offset || offset >= field.offset + field.width)
                assert_int_equal(bits_get(bytes_of(before, sizeof before), offset),
                                 bits_get(bytes_of(after, sizeof after), offset));
    }
}

static void bits_behind_the_end_are_zero(void **state)
{
    struct bytes text = bytes_of("\xff", 1);
    (void)state;
    assert_int_equal(bits_read(text, (struct bits_field){.offset = 4, .width = 8}), 0xf0);
    assert_int_equal(bits_read(text, (struct bits_field){.offset = 8, .width = 63}), 0);
    assert_int_equal(
        bits_read(text, (struct bits_field){.offset = 0, .width = 64, .is_signed = true}),
        INT64_MIN >> 7);
    assert_false(bits_get(text, 8));
    assert_true(bits_get(text, 7));
}

static void sums_agree_with_wider_arithmetic(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 5);
    for (int round = 0; round < ROUNDS * 10; round++) {
        struct bits_field field = random_field(&random);
        __int128 lowest = field.is_signed ? -((__int128)1 << (field.width - 1)) : 0;
        __int128 highest = ((__int128)1 << (field.width - field.is_signed)) - 1;
        int64_t old;
        bits_fit(field, (int64_t)random_next(&random), BITS_WRAP, &old);
        int64_t increment = (int64_t)random_next(&random) >> random_below(&random, 64);
        __int128 sum = (__int128)old + increment;
        bool is_out = sum < lowest || sum > highest;

        int64_t result;
        assert_int_equal(bits_add(field, old, increment, BITS_FAIL, &result), is_out);
        assert_int_equal(bits_add(field, old, increment, BITS_SATURATE, &result), is_out);
        assert_true(result == (int64_t)(sum < lowest ? lowest : sum > highest ? highest : sum));
        assert_int_equal(bits_add(field, old, increment, BITS_WRAP, &result), is_out);
        assert_true(result >= lowest && result <= highest);
        assert_true((((unsigned __int128)(result - sum)) &
                     (((unsigned __int128)1 << field.width) - 1)) == 0);
    }
}

static void what_is_stored_saturates_as_in_redis(void **state)
{
    static const struct {
        struct bits_field field;
        int64_t value;
        int64_t expected;
    } cases[] = {
        {{.width = 8, .is_signed = true}, 128, 127},
        {{.width = 8, .is_signed = true}, -129, -128},
        {{.width = 8, .is_signed = true}, INT64_MIN, 127},
        {{.width = 8, .is_signed = true}, INT64_MIN + 128, -128},
        {{.width = 8}, 256, 255},
        {{.width = 8}, -1, 255},
        {{.width = 63}, -1, INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t result;
        assert_true(bits_fit(cases[i].field, cases[i].value, BITS_SATURATE, &result));
        assert_true(result == cases[i].expected);
    }
    int64_t result;
    assert_false(bits_fit((struct bits_field){.width = 64, .is_signed = true}, INT64_MIN,
                          BITS_SATURATE, &result));
    assert_true(result == INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_looking_at_each_bit),
        cmocka_unit_test(searches_find_the_first_bit),
        cmocka_unit_test(texts_of_any_length_combine_byte_by_byte),
        cmocka_unit_test(a_field_reads_as_it_was_written_and_leaves_its_neighbours),
        cmocka_unit_test(bits_behind_the_end_are_zero),
        cmocka_unit_test(sums_agree_with_wider_arithmetic),
        cmocka_unit_test(what_is_stored_saturates_as_in_redis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
