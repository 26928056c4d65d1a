/* SPDX-License-Identifier: MIT */
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
#include "values/set.h"

#define VERSION 11

static const struct dump_limits limits = {.set = {.integers = 8, .entries = 4, .text = 16}};

/* Restores a body, framed, from memory exactly as large, so that a sanitizer sees a step beyond. */
static struct value *restore(struct bytes body)
{
    struct buffer payload = {0};
    struct rdb_writer writer = {.out = &payload};
    buffer_append_bytes(&payload, body);
    rdb_write_byte(&writer, VERSION);
    rdb_write_byte(&writer, 0);
    rdb_write_uint64(&writer, crc64(0, payload.data, payload.size));
    assert_true(dump_verify(buffer_bytes(&payload), VERSION));
    char *exact = memory_copy(payload.data, payload.size);
    struct value *value = dump_restore(bytes_of(exact, payload.size), &limits);
    memory_free(exact);
    buffer_clear(&payload);
    return value;
}

static void assert_same(const struct value *a, const struct value *b)
{
    struct set_iterator iterator;
    struct set_element element;
    assert_int_equal(set_count(a), set_count(b));
    set_iterator_begin(&iterator, a);
    while (set_iterator_next(&iterator, &element))
        assert_true(set_has_element(b, &element));
    set_iterator_end(&iterator);
}

/* Members "0", "1" ... for integers, else "m0", "m1" ... */
static struct value *filled(size_t count, bool are_integers)
{
    struct value *set = set_new_intset();
    for (size_t i = 0; i < count; i++) {
        char text[16];
        int size = snprintf(text, sizeof text, are_integers ? "%zu" : "m%zu", i);
        set_add(set, bytes_of(text, (size_t)size), &limits.set);
    }
    return set;
}

static void a_set_comes_back_in_its_encoding(void **state)
{
    static const struct {
        size_t count;
        bool are_integers;
        enum value_encoding encoding;
        char type;
    } rows[] = {{8, true, ENCODING_INTSET, 11},
                {9, true, ENCODING_HASHTABLE, 2},
                {4, false, ENCODING_LISTPACK, 20},
                {5, false, ENCODING_HASHTABLE, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer payload = {0};
        struct value *set = filled(rows[i].count, rows[i].are_integers);
        assert_true(dump_value(&payload, set, VERSION, true));
        assert_int_equal(payload.data[0], rows[i].type);
        struct value *back = dump_restore(buffer_bytes(&payload), &limits);
        assert_non_null(back);
        assert_int_equal(back->encoding, rows[i].encoding);
        assert_same(set, back);
        value_release(back);
        value_release(set);
        buffer_clear(&payload);
    }
}

static void an_older_version_gets_a_listpack_member_by_member(void **state)
{
    struct buffer payload = {0};
    (void)state;
    struct value *set = filled(4, false);
    assert_true(dump_value(&payload, set, 10, true));
    assert_int_equal(payload.data[0], 2);
    struct value *back = dump_restore(buffer_bytes(&payload), &limits);
    assert_same(set, back);
    value_release(back);
    value_release(set);
    buffer_clear(&payload);
}

static void a_set_beyond_the_limits_becomes_a_table(void **state)
{
    (void)state;
    struct value *set = restore(BYTES_LITERAL("\x0b\x1a\x02\0\0\0\x09\0\0\0"
                                              "\1\0\2\0\3\0\4\0\5\0\6\0\7\0\x08\0\x09\0"));
    assert_non_null(set);
    assert_int_equal(set->encoding, ENCODING_HASHTABLE);
    assert_int_equal(set_count(set), 9);
    value_release(set);
    set = restore(BYTES_LITERAL("\x14\x11\x11\0\0\0\5\0\1\1\2\1\3\1\4\1\5\1\xff"));
    assert_non_null(set);
    assert_int_equal(set->encoding, ENCODING_HASHTABLE);
    assert_int_equal(set_count(set), 5);
    value_release(set);
}

static void corrupt_sets_are_refused(void **state)
{
    static const struct bytes bodies[] = {
        {"\x02\x00", 2}, /* empty */
        {"\x02\x02\x01"
         "a",
         4}, /* one is missing */
        {"\x02\x02\x01"
         "a\x01"
         "a",
         6},                                        /* twice */
        {"\x02\x02\xc0\1\xc0\1", 6},                /* twice, as integers */
        {"\x02\xc0\x01", 3},                        /* no length */
        {"\x0b\x08\2\0\0\0\0\0\0\0", 10},           /* empty intset */
        {"\x0b\x0c\2\0\0\0\2\0\0\0\2\0\1\0", 14},   /* descending */
        {"\x14\x07\7\0\0\0\0\0\xff", 9},            /* empty listpack */
        {"\x14\x0b\x0b\0\0\0\2\0\1\1\1\1\xff", 13}, /* twice */
        {"\x14\x0b\x0b\0\0\0\3\0\1\1\2\1\xff", 13}, /* count */
    };
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_null(restore(bodies[i]));
}

static void what_random_damage_leaves_is_a_set_or_nothing(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 1);
    for (int round = 0; round < 30000; round++) {
        struct buffer payload = {0};
        struct value *set = filled(1 + random_below(&random, 10), random_below(&random, 2));
        assert_true(dump_value(&payload, set, VERSION, false));
        value_release(set);
        size_t size = payload.size - 10;
        for (size_t i = random_below(&random, 3); i < 3; i++)
            payload.data[random_below(&random, size)] = (char)random_next(&random);
        set = restore(bytes_of(payload.data, size - random_below(&random, 2)));
        if (set && set->type == VALUE_SET) {
            assert_true(set_count(set) > 0);
            set_add(set, BYTES_LITERAL("new"), &limits.set);
            assert_true(set_remove(set, BYTES_LITERAL("new")));
        }
        value_release(set);
        buffer_clear(&payload);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_comes_back_in_its_encoding),
        cmocka_unit_test(an_older_version_gets_a_listpack_member_by_member),
        cmocka_unit_test(a_set_beyond_the_limits_becomes_a_table),
        cmocka_unit_test(corrupt_sets_are_refused),
        cmocka_unit_test(what_random_damage_leaves_is_a_set_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
