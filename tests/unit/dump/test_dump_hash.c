/* SPDX-License-Identifier: MIT */
#include "dump/dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/crc.h"
#include "values/hash_deadline.h"

#define DEADLINE_MS 1700000000000

static const struct hash_limits roomy = {.entries = 128, .text = 64};

/* The value in a body, to which version and checksum are added; NULL when it is refused. */
static struct value *restore(const char *body, size_t size, int version)
{
    struct buffer payload = {0};
    buffer_append(&payload, body, size);
    buffer_append_byte(&payload, (char)version);
    buffer_append_byte(&payload, 0);
    uint64_t crc = crc64(0, payload.data, payload.size);
    for (int i = 0; i < 8; i++)
        buffer_append_byte(&payload, (char)(crc >> (8 * i)));
    assert_true(dump_verify(buffer_bytes(&payload), 12));
    struct value *value = dump_restore(buffer_bytes(&payload), NULL);
    buffer_clear(&payload);
    return value;
}

#define RESTORE(body, version) restore(body, sizeof(body) - 1, version)

static void assert_pair(const struct value *hash, const char *field, const char *text,
                        int64_t deadline_ms)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes found;
    int64_t found_ms;
    assert_true(hash_get(hash, bytes_of_string(field), digits, &found));
    assert_true(bytes_equal_string(found, text));
    assert_true(hash_deadline_get(hash, bytes_of_string(field), &found_ms));
    assert_true(found_ms == deadline_ms);
}

static void deadlines_survive_the_way(void **state)
{
    (void)state;
    for (int is_table = 0; is_table < 2; is_table++) {
        struct value *hash = hash_new();
        hash_set(hash, BYTES_LITERAL("a"), BYTES_LITERAL("1"), &roomy);
        hash_set(hash, BYTES_LITERAL("b"), BYTES_LITERAL("two"), &roomy);
        hash_set(hash, BYTES_LITERAL("c"), BYTES_LITERAL("3"), &roomy);
        if (is_table)
            hash_make_table(hash, 0, &(struct hash_limits){.seed = 3});
        hash_deadline_set(hash, BYTES_LITERAL("c"), DEADLINE_MS + 70000);
        hash_deadline_set(hash, BYTES_LITERAL("b"), DEADLINE_MS);
        struct buffer payload = {0};
        assert_true(dump_value(&payload, hash, 12, true));
        assert_int_equal(payload.data[0], is_table ? 24 : 25);
        struct value *read = dump_restore(buffer_bytes(&payload), NULL);
        assert_non_null(read);
        assert_int_equal(hash_count(read), 3);
        assert_pair(read, "a", "1", HASH_NO_DEADLINE);
        assert_pair(read, "b", "two", DEADLINE_MS);
        assert_pair(read, "c", "3", DEADLINE_MS + 70000);
        assert_true(hash_deadline_next(read) == DEADLINE_MS);
        assert_int_equal(read->encoding, ENCODING_LISTPACK_EX);
        value_release(read);
        payload.size = 0;
        assert_true(dump_value(&payload, hash, 11, true)); /* which knows no deadlines */
        read = dump_restore(buffer_bytes(&payload), NULL);
        assert_pair(read, "c", "3", HASH_NO_DEADLINE);
        value_release(read);
        buffer_clear(&payload);
        value_release(hash);
    }
}

static void a_table_without_deadlines_is_written_as_ever(void **state)
{
    (void)state;
    struct value *hash = hash_new();
    hash_set(hash, BYTES_LITERAL("a"), BYTES_LITERAL("1"), &roomy);
    hash_make_table(hash, 0, &(struct hash_limits){.seed = 3});
    hash_deadline_set(hash, BYTES_LITERAL("a"), DEADLINE_MS);
    hash_deadline_set(hash, BYTES_LITERAL("a"), HASH_NO_DEADLINE);
    struct buffer payload = {0};
    assert_true(dump_value(&payload, hash, 12, true));
    assert_int_equal(payload.data[0], 4);
    buffer_clear(&payload);
    value_release(hash);
}

static void corrupt_deadlines_are_refused(void **state)
{
    (void)state;
#define EARLIEST  "\x00\x68\xe5\xcf\x8b\x01\x00\x00"
#define AFTERWARD "\xff\xff\xff\xff\xff\xff\x01\x00"
    struct value *value =
        RESTORE("\x18" EARLIEST "\x02\x01\x01\x61\x01\x31\x00\x01\x62\x01\x32", 12);
    assert_non_null(value);
    assert_pair(value, "a", "1", DEADLINE_MS);
    value_release(value);
    /* before there were any */
    assert_null(RESTORE("\x18" EARLIEST "\x02\x01\x01\x61\x01\x31\x00\x01\x62\x01\x32", 11));
    /* cut, no field, one field twice, too late */
    assert_null(RESTORE("\x18" EARLIEST, 12));
    assert_null(RESTORE("\x18" EARLIEST "\x00", 12));
    assert_null(RESTORE("\x18" EARLIEST "\x02\x01\x01\x61\x01\x31\x00\x01\x61\x01\x32", 12));
    assert_null(RESTORE("\x18" AFTERWARD "\x01\x01\x01\x61\x01\x31", 12));
    /* packs: pairs, a deadline that is text, one that is negative, wrong order, one field twice */
    assert_null(
        RESTORE("\x19" EARLIEST "\x0c\x0c\x00\x00\x00\x02\x00\x81\x61\x02\x01\x01\xff", 12));
    assert_null(RESTORE(
        "\x19" EARLIEST "\x0f\x0f\x00\x00\x00\x03\x00\x81\x61\x02\x01\x01\x81\x78\x02\xff", 12));
    assert_null(RESTORE(
        "\x19" EARLIEST "\x0f\x0f\x00\x00\x00\x03\x00\x81\x61\x02\x01\x01\xdf\xff\x02\xff", 12));
    assert_null(RESTORE("\x19" EARLIEST "\x15\x15\x00\x00\x00\x06\x00\x81\x61\x02\x01\x01\x02\x01"
                        "\x81\x62\x02\x01\x01\x01\x01\xff",
                        12));
    assert_null(RESTORE("\x19" EARLIEST "\x15\x15\x00\x00\x00\x06\x00\x81\x61\x02\x01\x01\x01\x01"
                        "\x81\x61\x02\x01\x01\x01\x01\xff",
                        12));
}

static void zipmaps_are_read(void **state)
{
    (void)state;
    struct value *value = RESTORE("\x09\x10\x02\x01\x61\x01\x00\x31\x01\x62\x03\x02two..\xff", 6);
    assert_non_null(value);
    assert_int_equal(value->encoding, ENCODING_LISTPACK);
    assert_int_equal(hash_count(value), 2);
    assert_pair(value, "a", "1", HASH_NO_DEADLINE);
    assert_pair(value, "b", "two", HASH_NO_DEADLINE);
    value_release(value);
    /* a count that is not known, and bytes behind the end */
    value = RESTORE("\x09\x09\xfe\x01\x61\x01\x00\x31\xff.\xff", 6);
    assert_non_null(value);
    assert_pair(value, "a", "1", HASH_NO_DEADLINE);
    value_release(value);
}

static void a_zipmap_with_long_texts_becomes_a_table(void **state)
{
    (void)state;
    struct buffer body = {0};
    buffer_append(&body, "\x09\x41\x36\x01\x01\x61\xfe\x2c\x01\x00\x00\x00", 12);
    for (int i = 0; i < 300; i++)
        buffer_append_byte(&body, 'x');
    buffer_append_byte(&body, (char)0xff);
    struct value *value = restore(body.data, body.size, 6);
    assert_non_null(value);
    assert_int_equal(value->encoding, ENCODING_HASHTABLE);
    value_release(value);
    buffer_clear(&body);
}

static void corrupt_zipmaps_are_refused(void **state)
{
    (void)state;
    assert_null(RESTORE("\x09\x00", 6));
    assert_null(RESTORE("\x09\x01\xff", 6));
    assert_null(RESTORE("\x09\x02\x00\xff", 6));                     /* empty */
    assert_null(RESTORE("\x09\x07\x01\x01\x61\x01\x00\x31\x00", 6)); /* no end */
    assert_null(RESTORE("\x09\x07\x02\x01\x61\x01\x00\x31\xff", 6)); /* wrong count */
    assert_null(RESTORE("\x09\x07\x01\x01\x61\x02\x00\x31\xff", 6)); /* beyond the end */
    assert_null(RESTORE("\x09\x07\x01\x01\x61\x01\x01\x31\xff", 6)); /* unused beyond the end */
    assert_null(RESTORE("\x09\x04\x01\x01\x61\xff", 6));             /* no value */
    assert_null(RESTORE("\x09\x0b\x01\xfe\x01\x00\x00\x00\x61\x01\x00\x31\xff", 6)); /* wide */
    assert_null(RESTORE("\x09\x06\x01\xfe\x01\x00\x00\xff", 6)); /* half a size */
    assert_null(RESTORE("\x09\x0c\x02\x01\x61\x01\x00\x31\x01\x61\x01\x00\x31\xff", 6)); /* twice */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines_survive_the_way),
        cmocka_unit_test(a_table_without_deadlines_is_written_as_ever),
        cmocka_unit_test(corrupt_deadlines_are_refused),
        cmocka_unit_test(zipmaps_are_read),
        cmocka_unit_test(a_zipmap_with_long_texts_becomes_a_table),
        cmocka_unit_test(corrupt_zipmaps_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
