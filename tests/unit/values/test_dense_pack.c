/* SPDX-License-Identifier: MIT */
#include "values/dense_pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "values/listpack.h"

/* Texts of every encoding that fits, by their number. */
static struct bytes text_of(size_t number, char out[128])
{
    static const int64_t integers[] = {0,     -1,    127,     128,     -4096,      4096,
                                       32768, 99999, 8388608, -999999, 2147483648, INT64_MIN};
    if (number % 3 == 0)
        return bytes_of(out, number_format_integer(out, integers[number / 3 % 12]));
    size_t size = number % 3 == 1 ? 1 + number % 60 : 60 + number % 20;
    memset(out, 'a' + (int)(number % 26), size);
    return bytes_of(out, size);
}

static void assert_texts(struct bytes dense, const size_t *numbers, size_t count)
{
    char expected[128], digits[NUMBER_INTEGER_SIZE];
    const unsigned char *entry = (const unsigned char *)dense.data;
    for (size_t i = 0; i < count; i++) {
        assert_true(bytes_equal(listpack_get(entry, digits), text_of(numbers[i], expected)));
        entry = dense_pack_next(entry);
    }
    assert_ptr_equal(entry, dense.data + dense.size);
}

static void a_listpack_comes_back_byte_for_byte(void **state)
{
    char text[128], dense[1 << 12];
    (void)state;
    unsigned char *pack = listpack_new();
    size_t numbers[80];
    for (size_t i = 0; i < 80; i++) {
        numbers[i] = i;
        listpack_append(&pack, text_of(i, text));
    }
    memset(text, 'x', sizeof text); /* a back length of two bytes */
    listpack_append(&pack, bytes_of(text, sizeof text));
    size_t size = dense_pack_size(pack);
    assert_in_range(size, 1, sizeof dense);
    assert_int_equal(size, listpack_size(pack) - LISTPACK_EMPTY_SIZE - 81 - 1);
    dense_pack_write(dense, pack);
    assert_texts(bytes_of(dense, size - 2 - sizeof text), numbers, 80);
    unsigned char *thawed = dense_pack_thaw(bytes_of(dense, size), 81);
    assert_true(bytes_equal(listpack_bytes(thawed), listpack_bytes(pack)));
    assert_true(listpack_is_valid(listpack_bytes(thawed), NULL, NULL));
    listpack_free(thawed);
    listpack_free(pack);
}

static void an_empty_one_has_no_bytes(void **state)
{
    (void)state;
    unsigned char *pack = listpack_new();
    assert_int_equal(dense_pack_size(pack), 0);
    unsigned char *thawed = dense_pack_thaw(bytes_of(NULL, 0), 0);
    assert_true(listpack_is_empty(thawed));
    assert_null(dense_pack_find(bytes_of(NULL, 0), BYTES_LITERAL("x"), 1));
    listpack_free(thawed);
    listpack_free(pack);
}

static void find_looks_at_fields_alone(void **state)
{
    struct dense_pack pack = {.size = 0};
    (void)state;
    const char *const texts[] = {"a", "7", "7", "b", "b", "c", "007", "7"};
    for (size_t i = 0; i < 8; i++)
        assert_true(dense_pack_append(&pack, bytes_of_string(texts[i])));
    struct bytes dense = dense_pack_bytes(&pack);
    const unsigned char *seven = dense_pack_find(dense, BYTES_LITERAL("7"), 1);
    assert_true(listpack_equals(dense_pack_next(seven), BYTES_LITERAL("b")));
    assert_null(dense_pack_find(dense, BYTES_LITERAL("c"), 1));
    assert_non_null(dense_pack_find(dense, BYTES_LITERAL("007"), 1));
    assert_null(dense_pack_find(dense, BYTES_LITERAL("07"), 1));
}

static void overwriting_takes_the_same_room_or_does_nothing(void **state)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct dense_pack pack = {.size = 0};
    (void)state;
    assert_true(dense_pack_append(&pack, BYTES_LITERAL("text")));
    assert_true(dense_pack_append(&pack, BYTES_LITERAL("100000")));
    unsigned char *text = pack.bytes, *number = (unsigned char *)dense_pack_next(text);
    assert_true(dense_pack_overwrite(text, BYTES_LITERAL("four")));
    assert_false(dense_pack_overwrite(text, BYTES_LITERAL("three")));
    assert_true(dense_pack_overwrite(number, BYTES_LITERAL("-200000")));
    assert_false(dense_pack_overwrite(number, BYTES_LITERAL("1")));
    assert_true(bytes_equal_string(listpack_get(text, digits), "four"));
    assert_true(bytes_equal_string(listpack_get(number, digits), "-200000"));
}

static void what_has_no_room_changes_nothing(void **state)
{
    char text[DENSE_PACK_MOST];
    struct dense_pack pack = {.size = 0};
    (void)state;
    memset(text, 'x', sizeof text);
    assert_false(dense_pack_append(&pack, bytes_of(text, sizeof text - 1)));
    assert_true(dense_pack_append(&pack, bytes_of(text, sizeof text - 4)));
    assert_true(dense_pack_append(&pack, BYTES_LITERAL("1")));
    assert_false(dense_pack_append(&pack, BYTES_LITERAL("ab")));
    assert_false(dense_pack_replace(&pack, pack.bytes, bytes_of(text, sizeof text - 2)));
    assert_int_equal(pack.count, 2);
    assert_true(listpack_equals(pack.bytes, bytes_of(text, sizeof text - 4)));
    assert_true(dense_pack_replace(&pack, pack.bytes, bytes_of(text, sizeof text - 3)));
    assert_int_equal(pack.size, DENSE_PACK_MOST);
}

static void changes_agree_with_a_plain_list(void **state)
{
    struct random random;
    struct dense_pack pack = {.size = 0};
    size_t numbers[DENSE_PACK_MOST], count = 0;
    char text[128];
    (void)state;
    random_seed(&random, 11);
    for (int round = 0; round < 20000; round++) {
        size_t number = random_below(&random, 200), at = count ? random_below(&random, count) : 0;
        unsigned char *entry = pack.bytes;
        for (size_t i = 0; i < at; i++)
            entry = (unsigned char *)dense_pack_next(entry);
        switch (random_below(&random, 4)) {
        case 0:
            if (count > 0 && dense_pack_replace(&pack, entry, text_of(number, text)))
                numbers[at] = number;
            break;
        case 1:
            if (count > 0) {
                size_t deleted = 1 + random_below(&random, count - at > 2 ? 2 : count - at);
                dense_pack_delete(&pack, entry, deleted);
                memmove(&numbers[at], &numbers[at + deleted],
                        (count - at - deleted) * sizeof *numbers);
                count -= deleted;
            }
            break;
        default:
            if (dense_pack_append(&pack, text_of(number, text)))
                numbers[count++] = number;
            break;
        }
        assert_int_equal(pack.count, count);
        assert_texts(dense_pack_bytes(&pack), numbers, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listpack_comes_back_byte_for_byte),
        cmocka_unit_test(an_empty_one_has_no_bytes),
        cmocka_unit_test(find_looks_at_fields_alone),
        cmocka_unit_test(overwriting_takes_the_same_room_or_does_nothing),
        cmocka_unit_test(what_has_no_room_changes_nothing),
        cmocka_unit_test(changes_agree_with_a_plain_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
