/* SPDX-License-Identifier: MIT */
#include "values/listpack.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"

#define MODEL_LIMIT 400

/* The plainest list there is: what a pack must agree with. */
struct model {
    struct bytes texts[MODEL_LIMIT]; /* data owned */
    size_t count;
};

static void model_insert(struct model *model, size_t index, struct bytes text)
{
    memmove(&model->texts[index + 1], &model->texts[index],
            (model->count - index) * sizeof *model->texts);
    model->texts[index] = bytes_of(memory_copy(text.data, text.size), text.size);
    model->count++;
}

static void model_delete(struct model *model, size_t index)
{
    memory_free((void *)(uintptr_t)model->texts[index].data);
    model->count--;
    memmove(&model->texts[index], &model->texts[index + 1],
            (model->count - index) * sizeof *model->texts);
}

static void model_clear(struct model *model)
{
    while (model->count)
        model_delete(model, model->count - 1);
}

/* Of all encodings, with sizes on both sides of where they change. */
static struct bytes random_text(struct random *random, char *out)
{
    static const size_t edges[] = {0,   1,    20,   63,    64,    125,  126,
                                   127, 4095, 4096, 16376, 16378, 16380};
    if (random_below(random, 2)) {
        int64_t integer = (int64_t)(random_next(random) >> random_below(random, 64));
        return bytes_of(out,
                        number_format_integer(out, random_below(random, 2) ? integer : -integer));
    }
    size_t edge = edges[random_below(random, sizeof edges / sizeof *edges)];
    if (edge > 4096 && random_below(random, 8))
        edge = 8;
    size_t size = edge + random_below(random, 3);
    for (size_t i = 0; i < size; i++)
        out[i] = (char)('a' + random_below(random, 26));
    return bytes_of(out, size);
}

static void assert_text(const unsigned char *entry, struct bytes expected)
{
    char digits[NUMBER_INTEGER_SIZE];
    assert_non_null(entry);
    struct bytes text = listpack_get(entry, digits);
    assert_int_equal(text.size, expected.size);
    assert_memory_equal(text.data, expected.data, expected.size);
    assert_true(listpack_equals(entry, expected));
    assert_int_equal(listpack_text_size(entry), expected.size);
    assert_int_equal(listpack_entry_size(expected), listpack_entry_size_of(entry));
}

static void assert_agrees(const unsigned char *pack, const struct model *model)
{
    assert_true(listpack_is_valid(listpack_bytes(pack), NULL, NULL));
    assert_int_equal(listpack_count(pack), model->count);
    assert_int_equal(listpack_is_empty(pack), model->count == 0);
    const unsigned char *entry = listpack_first(pack);
    for (size_t i = 0; i < model->count; i++, entry = listpack_next(entry))
        assert_text(entry, model->texts[i]);
    assert_null(entry);
    entry = listpack_last(pack);
    for (size_t i = model->count; i-- > 0; entry = listpack_previous(pack, entry))
        assert_text(entry, model->texts[i]);
    assert_null(entry);
}

static void insert_randomly(unsigned char **pack, struct model *model, struct random *random,
                            struct bytes text)
{
    size_t index = random_below(random, model->count + 1);
    unsigned char *entry = listpack_seek(*pack, (int64_t)index);
    if (index == model->count && index > 0 && random_below(random, 2))
        entry = listpack_insert_after(pack, listpack_last(*pack), text);
    else
        entry = listpack_insert_before(pack, entry, text);
    assert_text(entry, text);
    model_insert(model, index, text);
}

static void delete_randomly(unsigned char **pack, struct model *model, struct random *random)
{
    size_t index = random_below(random, model->count);
    size_t count = random_below(random, 4);
    if (random_below(random, 2)) {
        listpack_delete_range(pack, (int64_t)index - (int64_t)model->count, count);
    } else {
        unsigned char *next = listpack_delete(pack, listpack_seek(*pack, (int64_t)index), count);
        if (index + count < model->count)
            assert_text(next, model->texts[index + count]);
        else
            assert_null(next);
    }
    for (size_t i = 0; i < count && index < model->count; i++)
        model_delete(model, index);
}

static void change_randomly(unsigned char **pack, struct model *model, struct random *random)
{
    char scratch[20000];
    struct bytes text = random_text(random, scratch);
    bool is_full = model->count >= MODEL_LIMIT - 20;
    uint64_t choice = random_below(random, is_full ? 3 : 8);
    if (model->count == 0 && choice < 3)
        choice = 3;
    size_t index = model->count ? random_below(random, model->count) : 0;
    switch (choice) {
    case 0:
    case 1:
        delete_randomly(pack, model, random);
        break;
    case 2:
        assert_text(listpack_replace(pack, listpack_seek(*pack, (int64_t)index), text), text);
        model_delete(model, index);
        model_insert(model, index, text);
        break;
    case 3:
        listpack_append(pack, text);
        model_insert(model, model->count, text);
        break;
    case 4:
        listpack_prepend(pack, text);
        model_insert(model, 0, text);
        break;
    case 5: {
        struct bytes pair[] = {text, BYTES_LITERAL("17")};
        listpack_append_all(pack, pair, 2);
        model_insert(model, model->count, pair[0]);
        model_insert(model, model->count, pair[1]);
        break;
    }
    default:
        insert_randomly(pack, model, random, text);
        break;
    }
}

static void random_changes_agree_with_a_plain_list(void **state)
{
    (void)state;
    struct random random;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        random_seed(&random, seed);
        struct model model = {0};
        unsigned char *pack = listpack_new();
        for (int i = 0; i < 1500; i++) {
            change_randomly(&pack, &model, &random);
            if (i % 8 == 0)
                assert_agrees(pack, &model);
        }
        unsigned char *clone = listpack_clone(pack);
        assert_agrees(clone, &model);
        listpack_free(clone);
        listpack_free(pack);
        model_clear(&model);
    }
}

static void split_and_join_give_back_the_same(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 5);
    struct model model = {0};
    unsigned char *pack = listpack_new();
    for (int i = 0; i < 60; i++)
        insert_randomly(&pack, &model, &random, BYTES_LITERAL("text"));
    for (size_t index = 0; index <= model.count; index++) {
        unsigned char *rest = listpack_split(&pack, index);
        assert_int_equal(listpack_count(pack), index);
        assert_int_equal(listpack_count(rest), model.count - index);
        listpack_append_pack(&pack, rest);
        listpack_free(rest);
        assert_agrees(pack, &model);
    }
    listpack_free(pack);
    model_clear(&model);
}

/* What Redis 7.0 has in a dump of RPUSH l 1 -1 abc 1000 100000. */
static void bytes_are_those_of_redis(void **state)
{
    (void)state;
    static const unsigned char expected[] = "\x1a\0\0\0\5\0"
                                            "\x01\x01"
                                            "\xdf\xff\x02"
                                            "\x83"
                                            "abc\x04"
                                            "\xc3\xe8\x02"
                                            "\xf2\xa0\x86\x01\x04"
                                            "\xff";
    unsigned char *pack = listpack_new();
    const char *const texts[] = {"1", "-1", "abc", "1000", "100000"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        listpack_append(&pack, bytes_of_string(texts[i]));
    assert_int_equal(listpack_size(pack), sizeof expected - 1);
    assert_memory_equal(pack + 4, expected + 4, sizeof expected - 5);
    listpack_free(pack);
}

static void find_skips_values(void **state)
{
    (void)state;
    unsigned char *pack = listpack_new();
    const char *const texts[] = {"a", "b", "b", "12", "12", "a"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        listpack_append(&pack, bytes_of_string(texts[i]));
    unsigned char *first = listpack_first(pack);
    assert_ptr_equal(listpack_find(first, BYTES_LITERAL("a"), 1), first);
    assert_ptr_equal(listpack_find(first, BYTES_LITERAL("b"), 1), listpack_seek(pack, 2));
    assert_ptr_equal(listpack_find(first, BYTES_LITERAL("12"), 1), listpack_seek(pack, 4));
    assert_ptr_equal(listpack_find(first, BYTES_LITERAL("12"), 0), listpack_seek(pack, 3));
    assert_null(listpack_find(first, BYTES_LITERAL("012"), 0));
    assert_null(listpack_find(first, BYTES_LITERAL(""), 0));
    assert_null(listpack_find(NULL, BYTES_LITERAL("a"), 0));
    listpack_free(pack);
}

static void a_pack_may_hold_more_than_its_header_can_count(void **state)
{
    (void)state;
    unsigned char *pack = listpack_new();
    for (int i = 0; i < 70000; i++)
        listpack_append_integer(&pack, i);
    assert_int_equal(listpack_count(pack), 70000);
    assert_true(listpack_is_valid(listpack_bytes(pack), NULL, NULL));
    assert_text(listpack_seek(pack, 69999), BYTES_LITERAL("69999"));
    assert_text(listpack_seek(pack, -2), BYTES_LITERAL("69998"));
    assert_null(listpack_seek(pack, 70000));
    listpack_delete_range(&pack, 0, 69000);
    assert_int_equal(listpack_count(pack), 1000);
    listpack_free(pack);
}

/* Every cut and every changed byte is seen, or leaves a pack that can be walked. */
static void broken_bytes_are_refused_or_harmless(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 9);
    unsigned char *pack = listpack_new();
    char scratch[20000];
    for (int i = 0; i < 40; i++) {
        struct bytes text = random_text(&random, scratch);
        if (text.size < 200)
            listpack_append(&pack, text);
    }
    size_t size = listpack_size(pack);
    for (size_t i = 0; i < size; i++) {
        char *copy = memory_copy(pack, i ? i : 1);
        assert_false(listpack_is_valid(bytes_of(copy, i), NULL, NULL));
        memory_free(copy);
    }
    for (int i = 0; i < 20000; i++) {
        char *copy = memory_copy(pack, size);
        copy[random_below(&random, size)] = (char)random_next(&random);
        if (listpack_is_valid(bytes_of(copy, size), NULL, NULL)) {
            const unsigned char *broken = (const unsigned char *)copy;
            size_t count = 0;
            for (const unsigned char *entry = listpack_last(broken); entry; count++)
                entry = listpack_previous(broken, entry);
            assert_int_equal(count, listpack_count(broken));
        }
        memory_free(copy);
    }
    listpack_free(pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes_agree_with_a_plain_list),
        cmocka_unit_test(split_and_join_give_back_the_same),
        cmocka_unit_test(bytes_are_those_of_redis),
        cmocka_unit_test(find_skips_values),
        cmocka_unit_test(a_pack_may_hold_more_than_its_header_can_count),
        cmocka_unit_test(broken_bytes_are_refused_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
