/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <msgpack.h>

#include "backend/serializer.h"
#include "base/memory.h"

#define TEXT(literal)                                                                              \
    (struct bytes)                                                                                 \
    {                                                                                              \
        literal, sizeof literal - 1                                                                \
    }

static const enum backend_serializer tree_serializers[] = {BACKEND_JSON, BACKEND_MSGPACK};

/* What comes back of the tree, which it takes. */
static json_t *sent_through(enum backend_serializer serializer, json_t *tree)
{
    char error[BACKEND_ERROR_SIZE] = "";
    struct backend_value value = {.tree = tree}, back;
    struct buffer text = {0};
    if (!serializer_encode(serializer, &value, &text, error) ||
        !serializer_decode(serializer, buffer_bytes(&text), &back, error))
        fail_msg("%s", error);
    buffer_clear(&text);
    backend_value_clear(&value);
    return back.tree;
}

static void assert_comes_back(json_t *tree)
{
    assert_non_null(tree);
    for (int i = 0; i < 2; i++) {
        json_t *back = sent_through(tree_serializers[i], json_incref(tree));
        assert_true(json_equal(back, tree));
        json_decref(back);
    }
    json_decref(tree);
}

static void assert_comes_back_from_json(const char *text)
{
    assert_comes_back(json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
}

static void trees_come_back(void **state)
{
    (void)state;
    assert_comes_back_from_json("{\"a\": [1, 2.5, true, false, null, \"x\"], \"\": {}, \"b\": []}");
    assert_comes_back_from_json("[]");
    assert_comes_back_from_json("null");
    assert_comes_back_from_json("\"alone\"");
    assert_comes_back_from_json("\"\"");
}

static void strings_of_all_sizes_come_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 31, 32, 255, 256, 65535, 65536, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = memory_allocate(sizes[i] + 1);
        memset(text, 'x', sizes[i]);
        assert_comes_back(json_stringn(text, sizes[i]));
        memory_free(text);
    }
}

static void collections_of_all_sizes_come_back(void **state)
{
    (void)state;
    static const int sizes[] = {15, 16, 65535, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        json_t *array = json_array(), *map = json_object();
        for (int n = 0; n < sizes[i]; n++) {
            char key[16];
            snprintf(key, sizeof key, "k%d", n);
            json_array_append_new(array, json_integer(n));
            json_object_set_new(map, key, json_integer(n));
        }
        assert_comes_back(array);
        assert_comes_back(map);
    }
}

static void unicode_and_nuls_come_back(void **state)
{
    (void)state;
    assert_comes_back_from_json("[\"\\u00e9\\u4e2d\\ud83d\\ude00\", \"a\\u0000b\", \"\\u0000\"]");
    assert_comes_back_from_json("{\"\\u00e9\\ud83d\\ude00\": \"\\u0001\\u001f\\\"\\\\/\"}");
}

static void integers_of_all_sizes_come_back(void **state)
{
    (void)state;
    for (int bits = 0; bits < 63; bits++)
        for (int64_t near = -1; near <= 1; near++) {
            assert_comes_back(json_integer((INT64_C(1) << bits) + near));
            assert_comes_back(json_integer(-(INT64_C(1) << bits) + near));
        }
    assert_comes_back(json_integer(INT64_MAX));
    assert_comes_back(json_integer(INT64_MIN));
}

static void doubles_come_back_as_they_were(void **state)
{
    (void)state;
    static const double reals[] = {0.0,     -0.0,   1.0,   0.1,     1.0 / 3,           1e300,
                                   -1e-300, 5e-324, 1e308, 2.5e-10, 9007199254740993.0};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        for (int j = 0; j < 2; j++) {
            json_t *back = sent_through(tree_serializers[j], json_real(reals[i]));
            double real = json_real_value(back);
            assert_true(json_is_real(back));
            assert_memory_equal(&real, &reals[i], sizeof real);
            json_decref(back);
        }
}

/* So many arrays, one in the other. */
static json_t *nested(int levels)
{
    json_t *tree = json_array();
    while (--levels > 0) {
        json_t *outer = json_array();
        json_array_append_new(outer, tree);
        tree = outer;
    }
    return tree;
}

static void depth_is_limited_alike_on_both_ways(void **state)
{
    (void)state;
    assert_comes_back(nested(SERIALIZER_DEPTH));
    for (int i = 0; i < 2; i++) {
        char error[BACKEND_ERROR_SIZE];
        struct backend_value value = {.tree = nested(SERIALIZER_DEPTH + 1)};
        struct buffer text = {0};
        assert_false(serializer_encode(tree_serializers[i], &value, &text, error));
        assert_non_null(strstr(error, "too deep"));
        assert_int_equal(text.size, 0);
        backend_value_clear(&value);
        buffer_clear(&text);
    }
}

static void raw_bytes_come_back(void **state)
{
    (void)state;
    char all[256], error[BACKEND_ERROR_SIZE];
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    for (size_t size = 0; size <= sizeof all; size += 64) {
        struct backend_value value = {.bytes = all, .size = size}, back;
        struct buffer text = {0};
        assert_true(serializer_encode(BACKEND_RAW, &value, &text, error));
        assert_true(serializer_decode(BACKEND_RAW, buffer_bytes(&text), &back, error));
        assert_int_equal(back.size, size);
        assert_memory_equal(back.bytes, all, size);
        assert_int_equal(back.bytes[size], 0);
        assert_null(back.tree);
        buffer_clear(&text);
        backend_value_clear(&back);
    }
}

static void assert_not_encodable(enum backend_serializer serializer, struct backend_value *value,
                                 const char *why)
{
    char error[BACKEND_ERROR_SIZE] = "";
    struct buffer text = {0};
    assert_false(serializer_encode(serializer, value, &text, error));
    if (!strstr(error, why))
        fail_msg("%s", error);
    assert_int_equal(text.size, 0);
    backend_value_clear(value);
}

static void what_could_not_be_decoded_is_not_encoded(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct backend_value value = {.tree = json_string_nocheck("\xff")};
        assert_not_encodable(tree_serializers[i], &value, "UTF-8");
        value.tree = json_object();
        json_object_set_new_nocheck(value.tree, "\xff", json_null());
        assert_not_encodable(tree_serializers[i], &value, "UTF-8");
#if JANSSON_VERSION_HEX >= 0x020e00
        value.tree = json_object();
        json_object_setn_new(value.tree, "a\0b", 3, json_null());
        assert_not_encodable(tree_serializers[i], &value, "NUL");
#endif
        value.tree = NULL;
        assert_not_encodable(tree_serializers[i], &value, "no tree");
    }
    struct backend_value nothing = {.size = 3};
    assert_not_encodable(BACKEND_RAW, &nothing, "bytes");
}

static void assert_not_decodable(enum backend_serializer serializer, struct bytes text)
{
    char error[BACKEND_ERROR_SIZE] = "";
    struct backend_value value;
    /* A copy that ends where it ends, for the sanitizer. */
    char *copy = memory_copy(text.data, text.size);
    if (serializer_decode(serializer, bytes_of(copy, text.size), &value, error))
        fail_msg("taken: %.*s", (int)text.size, text.data);
    assert_non_null(strstr(error, "can't be decoded: "));
    assert_null(value.tree);
    memory_free(copy);
}

static void broken_json_is_not_decoded(void **state)
{
    (void)state;
    static const struct bytes broken[] = {{"", 0},
                                          {" ", 1},
                                          {"{", 1},
                                          {"[1,]", 4},
                                          {"{} x", 4},
                                          {"nul", 3},
                                          {"{a: 1}", 6},
                                          {"\"\xff\"", 3},
                                          {"\"\\ud800\"", 8},
                                          {"'a'", 3},
                                          {"1e999", 5},
                                          {"9223372036854775808", 19},
                                          {"[1] [2]", 7},
                                          {"\x93\x01", 2},
                                          {"{}\0", 3},
                                          {"{\"a\":1,\"a\":1}", 13},
                                          {"{\"a\\u0000\":1}", 13},
                                          {"01", 2},
                                          {"NaN", 3},
                                          {"\"a", 2}};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_not_decodable(BACKEND_JSON, broken[i]);
}

static void broken_messagepack_is_not_decoded(void **state)
{
    (void)state;
    static const struct bytes broken[] = {
        TEXT(""),
        TEXT("\xc1"),                                 /* never used */
        TEXT("\x01\x02"),                             /* two values */
        TEXT("\x92\x01"),                             /* an item short */
        TEXT("\x81\xa1k"),                            /* a value short */
        TEXT("\xa5hell"),                             /* a byte short */
        TEXT("\xd9"),                                 /* a size short */
        TEXT("\xdb\xff\xff\xff\xff"),                 /* 4 GiB of text claimed */
        TEXT("\xdd\x7f\xff\xff\xff"),                 /* 2 G of items claimed */
        TEXT("\xdf\x7f\xff\xff\xff\xa1k"),            /* 2 G of pairs claimed */
        TEXT("\xcf\x80\x00\x00\x00\x00\x00\x00\x00"), /* beyond 64 bits with sign */
        TEXT("\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"), /* infinite */
        TEXT("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"), /* not a number */
        TEXT("\xca\x7f\x80\x00\x00"),                 /* infinite, short */
        TEXT("\xcb\x00"),
        TEXT("\xd1\x01"),
        TEXT("\xa1\xff"),         /* not UTF-8 */
        TEXT("\xc4\x01\xff"),     /* binary, not UTF-8 */
        TEXT("\xa3\xed\xa0\x80"), /* a surrogate */
        TEXT("\x81\x01\x02"),     /* a key that is a number */
        TEXT("\x81\xc0\x02"),     /* nil as a key */
        TEXT("\x81\xa3"
             "a\0b\x02"),               /* a key with a NUL */
        TEXT("\x81\xa1\xff\x02"),       /* a key that is not UTF-8 */
        TEXT("\x82\xa1k\x01\xa1k\x02"), /* a key twice */
        TEXT("\xd4\x01\x00"),           /* extensions */
        TEXT("\xc7\x01\x05\x00"),
        TEXT("\xc9\x00\x00\x00\x01\x05\x00"),
        TEXT("\xd6\xff\x00\x00\x00\x00"), /* a time stamp */
        TEXT("{}"),                       /* JSON: a small number, and more */
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_not_decodable(BACKEND_MSGPACK, broken[i]);
}

static void deep_texts_are_not_decoded(void **state)
{
    (void)state;
    enum { LEVELS = 100000 };
    char *text = memory_allocate(LEVELS);
    memset(text, 0x91, LEVELS);
    assert_not_decodable(BACKEND_MSGPACK, bytes_of(text, LEVELS));
    memset(text, '[', LEVELS);
    assert_not_decodable(BACKEND_JSON, bytes_of(text, LEVELS));
    memset(text + SERIALIZER_DEPTH + 1, ']', SERIALIZER_DEPTH + 1);
    assert_not_decodable(BACKEND_JSON, bytes_of(text, 2 * (SERIALIZER_DEPTH + 1)));
    memory_free(text);
}

static void short_forms_of_messagepack_are_read(void **state)
{
    (void)state;
    static const struct {
        struct bytes text;
        const char *json;
    } forms[] = {
        {TEXT("\x7f"), "127"},
        {TEXT("\xe0"), "-32"},
        {TEXT("\xff"), "-1"},
        {TEXT("\xcc\xff"), "255"},
        {TEXT("\xcd\x01\x00"), "256"},
        {TEXT("\xce\xff\xff\xff\xff"), "4294967295"},
        {TEXT("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), "9223372036854775807"},
        {TEXT("\xd0\x80"), "-128"},
        {TEXT("\xd1\x80\x00"), "-32768"},
        {TEXT("\xd2\x80\x00\x00\x00"), "-2147483648"},
        {TEXT("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), "-9223372036854775808"},
        {TEXT("\xca\x3f\x00\x00\x00"), "0.5"},
        {TEXT("\xc4\x02hi"), "\"hi\""}, /* binary that is UTF-8 */
        {TEXT("\xc5\x00\x02hi"), "\"hi\""},
        {TEXT("\xda\x00\x02hi"), "\"hi\""},
        {TEXT("\xdc\x00\x01\xc0"), "[null]"},
        {TEXT("\xdf\x00\x00\x00\x01\xd9\x01k\xc3"), "{\"k\": true}"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char error[BACKEND_ERROR_SIZE] = "";
        struct backend_value value;
        json_t *expected = json_loads(forms[i].json, JSON_DECODE_ANY, NULL);
        if (!serializer_decode(BACKEND_MSGPACK, forms[i].text, &value, error))
            fail_msg("%s: %s", forms[i].json, error);
        assert_true(json_equal(value.tree, expected));
        json_decref(expected);
        backend_value_clear(&value);
    }
}

/* Whatever bytes come: decoded or not, never read outside. */
static void cut_and_changed_texts_do_no_harm(void **state)
{
    (void)state;
    json_t *tree = json_pack("{s:[i,f,s,b,n],s:{s:I}}", "list", 7, 1.5, "text", 1, "map", "deep",
                             (json_int_t)INT64_MIN);
    for (int i = 0; i < 2; i++) {
        char error[BACKEND_ERROR_SIZE];
        struct backend_value value = {.tree = tree}, back;
        struct buffer text = {0};
        assert_true(serializer_encode(tree_serializers[i], &value, &text, error));
        for (size_t size = 0; size < text.size; size++)
            assert_not_decodable(tree_serializers[i], bytes_of(text.data, size));
        for (size_t at = 0; at < text.size; at++)
            for (int byte = 0; byte < 256; byte++) {
                char *copy = memory_copy(text.data, text.size);
                copy[at] = (char)byte;
                serializer_decode(tree_serializers[i], bytes_of(copy, text.size), &back, error);
                backend_value_clear(&back);
                memory_free(copy);
            }
        buffer_clear(&text);
    }
    json_decref(tree);
}

static void msgpack_c_reads_what_is_written(void **state)
{
    (void)state;
    char error[BACKEND_ERROR_SIZE];
    struct backend_value value = {.tree = json_pack("{s:[i,f]}", "k", -5, 0.5)};
    struct buffer text = {0};
    assert_true(serializer_encode(BACKEND_MSGPACK, &value, &text, error));
    msgpack_unpacked unpacked;
    size_t end = 0;
    msgpack_unpacked_init(&unpacked);
    assert_int_equal(msgpack_unpack_next(&unpacked, text.data, text.size, &end),
                     MSGPACK_UNPACK_SUCCESS);
    assert_int_equal(end, text.size);
    const msgpack_object *list = &unpacked.data.via.map.ptr[0].val;
    assert_int_equal(list->via.array.ptr[0].via.i64, -5);
    assert_true(list->via.array.ptr[1].via.f64 == 0.5);
    msgpack_unpacked_destroy(&unpacked);
    buffer_clear(&text);
    backend_value_clear(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_come_back),
        cmocka_unit_test(strings_of_all_sizes_come_back),
        cmocka_unit_test(collections_of_all_sizes_come_back),
        cmocka_unit_test(unicode_and_nuls_come_back),
        cmocka_unit_test(integers_of_all_sizes_come_back),
        cmocka_unit_test(doubles_come_back_as_they_were),
        cmocka_unit_test(depth_is_limited_alike_on_both_ways),
        cmocka_unit_test(raw_bytes_come_back),
        cmocka_unit_test(what_could_not_be_decoded_is_not_encoded),
        cmocka_unit_test(broken_json_is_not_decoded),
        cmocka_unit_test(broken_messagepack_is_not_decoded),
        cmocka_unit_test(deep_texts_are_not_decoded),
        cmocka_unit_test(short_forms_of_messagepack_are_read),
        cmocka_unit_test(cut_and_changed_texts_do_no_harm),
        cmocka_unit_test(msgpack_c_reads_what_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
