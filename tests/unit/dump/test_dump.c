/* SPDX-License-Identifier: MIT */
#include "dump/dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/crc.h"
#include "base/memory.h"
#include "base/random.h"
#include "dump/rdb_reader.h"
#include "dump/rdb_writer.h"
#include "values/string.h"

#define VERSION 10

/* A body with a good footer. Owned by the caller. */
static struct bytes framed(struct buffer *out, struct bytes body, int version)
{
    buffer_append_bytes(out, body);
    struct rdb_writer writer = {.out = out};
    rdb_write_byte(&writer, (uint8_t)version);
    rdb_write_byte(&writer, (uint8_t)(version >> 8));
    rdb_write_uint64(&writer, crc64(0, out->data, out->size));
    return buffer_bytes(out);
}

static struct value *restore(struct bytes body)
{
    struct buffer payload = {0};
    struct bytes whole = framed(&payload, body, VERSION);
    assert_true(dump_verify(whole, VERSION));
    /* Exactly as large as it says, so that a sanitizer sees any step beyond. */
    char *exact = memory_copy(whole.data, whole.size);
    struct value *value = dump_restore(bytes_of(exact, whole.size), NULL);
    memory_free(exact);
    buffer_clear(&payload);
    return value;
}

static void assert_restores(struct bytes body, const char *text)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct value *value = restore(body);
    assert_non_null(value);
    assert_true(bytes_equal_string(string_bytes(value, digits), text));
    value_release(value);
}

static void assert_dump(struct bytes text, struct bytes expected_body)
{
    struct buffer payload = {0};
    struct value *value = string_new(text);
    assert_true(dump_value(&payload, value, VERSION, true));
    assert_int_equal(payload.size, expected_body.size + 10);
    assert_memory_equal(payload.data, expected_body.data, expected_body.size);
    assert_true(dump_verify(buffer_bytes(&payload), VERSION));
    value_release(value);
    buffer_clear(&payload);
}

#define ASSERT_DUMP(text, body) assert_dump(BYTES_LITERAL(text), BYTES_LITERAL(body))

static void a_payload_is_what_redis_writes(void **state)
{
    struct buffer payload = {0};
    (void)state;
    struct value *value = string_new(BYTES_LITERAL("hello"));
    assert_true(dump_value(&payload, value, VERSION, true));
    assert_true(
        bytes_equal(buffer_bytes(&payload),
                    BYTES_LITERAL("\x00\x05hello\x0a\x00\x63\x72\xdf\x76\x65\x34\x20\x0a")));
    value_release(value);
    buffer_clear(&payload);
}

static void integers_take_the_fewest_bytes(void **state)
{
    (void)state;
    ASSERT_DUMP("0", "\x00\xc0\x00");
    ASSERT_DUMP("127", "\x00\xc0\x7f");
    ASSERT_DUMP("-128", "\x00\xc0\x80");
    ASSERT_DUMP("128", "\x00\xc1\x80\x00");
    ASSERT_DUMP("-32768", "\x00\xc1\x00\x80");
    ASSERT_DUMP("32768", "\x00\xc2\x00\x80\x00\x00");
    ASSERT_DUMP("-2147483648", "\x00\xc2\x00\x00\x00\x80");
    ASSERT_DUMP("2147483648", "\x00\x0a"
                              "2147483648");
    ASSERT_DUMP("007", "\x00\x03"
                       "007");
}

static void long_repetitive_texts_are_compressed(void **state)
{
    char text[1000], digits[NUMBER_INTEGER_SIZE];
    struct buffer payload = {0};
    (void)state;
    memset(text, 'a', sizeof text);
    struct value *value = string_new(bytes_of(text, sizeof text));
    assert_true(dump_value(&payload, value, VERSION, true));
    assert_true(payload.size < 50);
    struct value *restored = dump_restore(buffer_bytes(&payload), NULL);
    assert_non_null(restored);
    assert_true(bytes_equal(string_bytes(restored, digits), bytes_of(text, sizeof text)));
    value_release(restored);
    payload.size = 0;
    assert_true(dump_value(&payload, value, VERSION, false));
    assert_true(payload.size > sizeof text);
    value_release(value);
    buffer_clear(&payload);
}

static void every_string_encoding_is_read(void **state)
{
    (void)state;
    assert_restores(BYTES_LITERAL("\x00\xc0\xff"), "-1");
    assert_restores(BYTES_LITERAL("\x00\xc1\xff\xff"), "-1");
    assert_restores(BYTES_LITERAL("\x00\xc2\xff\xff\xff\x7f"), "2147483647");
    assert_restores(BYTES_LITERAL("\x00\x00"), "");
    assert_restores(BYTES_LITERAL("\x00\x03"
                                  "123"),
                    "123");
    assert_restores(BYTES_LITERAL("\x00\x40\x03"
                                  "abc"),
                    "abc");
    assert_restores(BYTES_LITERAL("\x00\x80\x00\x00\x00\x03"
                                  "abc"),
                    "abc");
    assert_restores(BYTES_LITERAL("\x00\x81\x00\x00\x00\x00\x00\x00\x00\x03"
                                  "abc"),
                    "abc");
    assert_restores(BYTES_LITERAL("\x00\xc3\x02\x01\x00z"), "z");
}

static void text_that_reads_as_an_integer_is_restored_as_one(void **state)
{
    (void)state;
    struct value *value = restore(BYTES_LITERAL("\x00\x03"
                                                "123"));
    assert_int_equal(value->encoding, ENCODING_INT);
    value_release(value);
}

static void corrupt_bodies_are_refused(void **state)
{
    static const struct bytes bodies[] = {
        {"", 0},
        {"\x00", 1},             /* no length */
        {"\x00\x05hell", 6},     /* too short */
        {"\x00\x40", 2},         /* half a length */
        {"\x00\x80\x00\x00", 4}, /* half a length */
        {"\x00\x81\x7f\xff\xff\xff\xff\xff\xff\xff"
         "abc",
         13}, /* beyond all memory */
        {"\x00\x82\x00\x00\x00\x03"
         "abc",
         9},                                                           /* no such form */
        {"\x00\xc2\x01\x02", 4},                                       /* half an integer */
        {"\x00\xc4\x01", 3},                                           /* no such encoding */
        {"\x00\xc3\x02\x05\x00z", 6},                                  /* LZF says another size */
        {"\x00\xc3\x02\x81\x7f\xff\xff\xff\xff\xff\xff\xff\x00z", 14}, /* LZF size beyond reason */
        {"\x00\xc3\x05\x20\xff\xff\xff\xff\xff", 9}, /* LZF reference before the start */
        {"\x63\x05hello", 7},                        /* no such type */
    };
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_null(restore(bodies[i]));
}

static void the_frame_is_checked(void **state)
{
    struct buffer payload = {0};
    struct bytes body = BYTES_LITERAL("\x00\x01z");
    (void)state;
    framed(&payload, body, VERSION);
    assert_true(dump_verify(buffer_bytes(&payload), VERSION));
    assert_true(dump_verify(buffer_bytes(&payload), VERSION + 1));
    assert_false(dump_verify(buffer_bytes(&payload), VERSION - 1));
    for (size_t i = 0; i < payload.size; i++) {
        payload.data[i] ^= 1;
        assert_false(dump_verify(buffer_bytes(&payload), INT16_MAX));
        payload.data[i] ^= 1;
    }
    for (size_t size = 0; size < payload.size; size++)
        assert_false(dump_verify(bytes_of(payload.data, size), VERSION));
    buffer_clear(&payload);
}

static void lengths_survive_the_way(void **state)
{
    static const uint64_t lengths[] = {0, 63, 64, 16383, 16384, UINT32_MAX, 1ULL << 32, UINT64_MAX};
    static const size_t sizes[] = {1, 1, 2, 2, 5, 5, 9, 9};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct buffer out = {0};
        struct rdb_writer writer = {.out = &out};
        rdb_write_length(&writer, lengths[i]);
        assert_int_equal(out.size, sizes[i]);
        struct rdb_reader reader = {.input = buffer_bytes(&out)};
        uint64_t length;
        assert_true(rdb_read_length(&reader, &length));
        assert_true(length == lengths[i]);
        assert_int_equal(rdb_reader_left(&reader), 0);
        buffer_clear(&out);
    }
}

static void doubles_survive_the_way(void **state)
{
    static const double values[] = {0, -0.0, 1.5, -1e308, 5e-324};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct buffer out = {0};
        struct rdb_writer writer = {.out = &out};
        rdb_write_double(&writer, values[i]);
        struct rdb_reader reader = {.input = buffer_bytes(&out)};
        double value;
        assert_true(rdb_read_double(&reader, &value));
        assert_memory_equal(&value, &values[i], sizeof value);
        buffer_clear(&out);
    }
}

static void random_texts_survive_the_way(void **state)
{
    struct random random;
    char text[3000], digits[NUMBER_INTEGER_SIZE];
    (void)state;
    random_seed(&random, 3);
    for (int i = 0; i < 3000; i++) {
        size_t size = random_below(&random, i % 10 ? 100 : sizeof text);
        uint64_t letters = 1 + random_below(&random, 256);
        for (size_t j = 0; j < size; j++)
            text[j] = (char)random_below(&random, letters);
        struct buffer payload = {0};
        struct value *value = string_new(bytes_of(text, size));
        assert_true(dump_value(&payload, value, VERSION, true));
        struct value *restored = dump_restore(buffer_bytes(&payload), NULL);
        assert_non_null(restored);
        assert_true(bytes_equal(string_bytes(restored, digits), bytes_of(text, size)));
        assert_int_equal(restored->encoding, value->encoding);
        value_release(restored);
        value_release(value);
        buffer_clear(&payload);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payload_is_what_redis_writes),
        cmocka_unit_test(integers_take_the_fewest_bytes),
        cmocka_unit_test(long_repetitive_texts_are_compressed),
        cmocka_unit_test(every_string_encoding_is_read),
        cmocka_unit_test(text_that_reads_as_an_integer_is_restored_as_one),
        cmocka_unit_test(corrupt_bodies_are_refused),
        cmocka_unit_test(the_frame_is_checked),
        cmocka_unit_test(lengths_survive_the_way),
        cmocka_unit_test(doubles_survive_the_way),
        cmocka_unit_test(random_texts_survive_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
