/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/crc.h"
#include "base/memory.h"
#include "base/random.h"
#include "dump/dump.h"
#include "dump/rdb_writer.h"
#include "values/sorted_set.h"

#define VERSION 10

static const struct dump_limits limits = {.sorted_set = {.entries = 4, .text = 16}};

/* Restores a body, framed, from memory exactly as large, so that a sanitizer sees a step beyond. */
static struct value *restore(struct bytes body)
{
    struct buffer payload = {0};
    struct rdb_writer writer = {.out = &payload};
    buffer_append_bytes(&payload, body);
    rdb_write_byte(&writer, VERSION);
    rdb_write_byte(&writer, 0);
    rdb_write_uint64(&writer, crc64(0, payload.data, payload.size));
    char *exact = memory_copy(payload.data, payload.size);
    struct value *value = dump_restore(bytes_of(exact, payload.size), &limits);
    memory_free(exact);
    buffer_clear(&payload);
    return value;
}

static struct value *filled(size_t count)
{
    static const double scores[] = {1, 1, -INFINITY, 0.1, 1e17, 5e-324};
    struct value *set = sorted_set_new();
    for (size_t i = 0; i < count; i++) {
        char text[16];
        int size = snprintf(text, sizeof text, i % 2 ? "%zu" : "m%zu", i);
        sorted_set_put(set, bytes_of(text, (size_t)size), scores[i % 6], &limits.sorted_set);
    }
    return set;
}

static void assert_same(const struct value *a, const struct value *b)
{
    struct sorted_set_range x = sorted_set_range_open(a, 0, false);
    struct sorted_set_range y = sorted_set_range_open(b, 0, false);
    struct sorted_set_element first, second;
    assert_int_equal(sorted_set_count(a), sorted_set_count(b));
    while (sorted_set_range_next(&x, &first)) {
        assert_true(sorted_set_range_next(&y, &second));
        assert_true(bytes_equal(first.member, second.member));
        assert_true(first.score == second.score);
    }
}

static void a_sorted_set_comes_back_in_its_encoding(void **state)
{
    (void)state;
    for (size_t count = 1; count < 40; count++) {
        struct buffer payload = {0};
        struct value *set = filled(count);
        assert_int_equal(set->encoding, count <= 4 ? ENCODING_LISTPACK : ENCODING_SKIPLIST);
        for (int version = 9; version <= 10; version++) {
            payload.size = 0;
            assert_true(dump_value(&payload, set, version, true));
            assert_int_equal(payload.data[0], count <= 4 && version == 10 ? 17 : 5);
            struct value *back = dump_restore(buffer_bytes(&payload), &limits);
            assert_non_null(back);
            assert_int_equal(back->encoding, set->encoding);
            assert_same(set, back);
            value_release(back);
        }
        value_release(set);
        buffer_clear(&payload);
    }
}

static void scores_of_the_first_version_are_texts(void **state)
{
    struct sorted_set_element element;
    (void)state;
    struct value *set = restore(BYTES_LITERAL("\3\3\1a\3"
                                              "1.5\1b\xff\1c\xfe"));
    assert_non_null(set);
    assert_int_equal(set->encoding, ENCODING_LISTPACK);
    sorted_set_at(set, 0, &element);
    assert_true(bytes_equal_string(element.member, "b") && element.score == -INFINITY);
    sorted_set_at(set, 1, &element);
    assert_true(bytes_equal_string(element.member, "a") && element.score == 1.5);
    sorted_set_at(set, 2, &element);
    assert_true(bytes_equal_string(element.member, "c") && element.score == INFINITY);
    value_release(set);
}

static void a_ziplist_is_read(void **state)
{
    struct sorted_set_element element;
    (void)state;
    struct value *set = restore(BYTES_LITERAL("\x0c\x10\x10\0\0\0\x0d\0\0\0\2\0\0\1"
                                              "a\3\xf2\xff"));
    assert_non_null(set);
    assert_int_equal(set->encoding, ENCODING_LISTPACK);
    sorted_set_at(set, 0, &element);
    assert_true(bytes_equal_string(element.member, "a") && element.score == 1);
    value_release(set);
}

static void a_pack_beyond_the_limits_becomes_an_index(void **state)
{
    (void)state;
    struct value *set = restore(BYTES_LITERAL("\x11\x1b\x1b\0\0\0\x0a\0\1\1\1\1\2\1\1\1\3\1\1\1"
                                              "\4\1\1\1\5\1\1\1\xff"));
    assert_non_null(set);
    assert_int_equal(set->encoding, ENCODING_SKIPLIST);
    assert_int_equal(sorted_set_count(set), 5);
    value_release(set);
}

static void corrupt_sorted_sets_are_refused(void **state)
{
    static const struct bytes bodies[] = {
        {"\x05\x00", 2},                                          /* empty */
        {"\x05\x01\1a\0\0\0\0\0\0\xf8\x7f", 12},                  /* not a number */
        {"\x05\x01\1a\0\0\0\0", 8},                               /* cut */
        {"\x05\x02\1a\0\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\x40", 22}, /* twice */
        {"\x03\x01\1a\xfd", 5},                                   /* not a number */
        {"\x03\x01\1a\1x", 6},                                    /* no number */
        {"\x11\x07\7\0\0\0\0\0\xff", 9},                          /* empty */
        {"\x11\x09\x09\0\0\0\1\0\1\1\xff", 11},                   /* no score */
        {"\x11\x0c\x0c\0\0\0\2\0\1\1\x81x\2\xff", 14},            /* no number */
        {"\x11\x0f\x0f\0\0\0\4\0\1\1\2\1\2\1\1\1\xff", 17},       /* descending */
        {"\x11\x0f\x0f\0\0\0\4\0\1\1\1\1\1\1\2\1\xff", 17},       /* twice */
        {"\x11\x0f\x0f\0\0\0\4\0\2\1\1\1\1\1\1\1\xff", 17},       /* ties out of order */
    };
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_null(restore(bodies[i]));
}

static void what_random_damage_leaves_is_a_sorted_set_or_nothing(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 1);
    for (int round = 0; round < 30000; round++) {
        struct buffer payload = {0};
        struct value *set = filled(1 + random_below(&random, 10));
        assert_true(dump_value(&payload, set, VERSION, false));
        value_release(set);
        size_t size = payload.size - 10;
        for (size_t i = random_below(&random, 3); i < 3; i++)
            payload.data[random_below(&random, size)] = (char)random_next(&random);
        set = restore(bytes_of(payload.data, size - random_below(&random, 2)));
        if (set && set->type == VALUE_SORTED_SET) {
            assert_true(sorted_set_count(set) > 0);
            sorted_set_put(set, BYTES_LITERAL("new"), 1, &limits.sorted_set);
            assert_true(sorted_set_remove(set, BYTES_LITERAL("new")));
        }
        value_release(set);
        buffer_clear(&payload);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sorted_set_comes_back_in_its_encoding),
        cmocka_unit_test(scores_of_the_first_version_are_texts),
        cmocka_unit_test(a_ziplist_is_read),
        cmocka_unit_test(a_pack_beyond_the_limits_becomes_an_index),
        cmocka_unit_test(corrupt_sorted_sets_are_refused),
        cmocka_unit_test(what_random_damage_leaves_is_a_sorted_set_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
