/* SPDX-License-Identifier: MIT */
#include "values/quicklist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "values/listpack.h"

#define MODEL_LIMIT 600
#define LARGEST     9000 /* bytes of an element */

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

static struct bytes random_text(struct random *random, char *out)
{
    if (random_below(random, 3) == 0)
        return bytes_of(out, number_format_integer(out, (int64_t)random_below(random, 9)));
    uint64_t kind = random_below(random, 20);
    size_t size = kind == 0   ? LARGEST - random_below(random, 2000)
                  : kind == 1 ? random_below(random, 5000)
                              : random_below(random, 60);
    for (size_t i = 0; i < size; i++)
        out[i] = (char)('a' + random_below(random, 4));
    return bytes_of(out, size);
}

/* The list's own invariants. */
static void assert_is_sound(const struct value *value)
{
    if (value->encoding == ENCODING_LISTPACK)
        return;
    const struct quicklist_chain *chain = ((const struct quicklist *)value)->chain;
    const struct quicklist_node *previous = NULL;
    size_t count = 0, nodes = 0;
    bool has_open = false;
    for (const struct quicklist_node *node = chain->first; node; node = node->next, nodes++) {
        assert_ptr_equal(node->previous, previous);
        previous = node;
        count += node->count;
        assert_true(node->data || node->folded);
        assert_true(!node->data || !node->folded || node == chain->open);
        has_open |= node == chain->open;
        if (node->is_plain)
            assert_int_equal(node->count, 1);
        else if (node->data)
            assert_int_equal(node->count, listpack_count(node->data));
        if (node->data && !node->is_plain)
            assert_int_equal(quicklist_node_size(node), listpack_size(node->data));
        assert_true(node->count > 0);
    }
    assert_int_equal(has_open, chain->open != NULL);
    assert_ptr_equal(chain->last, previous);
    assert_int_equal(chain->count, count);
    assert_int_equal(chain->nodes, nodes);
}

static void assert_text(const struct quicklist_cursor *cursor, struct bytes expected)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = quicklist_get(cursor, digits);
    assert_int_equal(text.size, expected.size);
    assert_memory_equal(text.data, expected.data, expected.size);
    assert_true(quicklist_equals(cursor, expected));
}

static void assert_agrees(const struct value *value, const struct model *model)
{
    struct quicklist_cursor cursor;
    assert_is_sound(value);
    assert_int_equal(quicklist_count(value), model->count);
    bool has = quicklist_seek(&cursor, value, 0);
    for (size_t i = 0; i < model->count; i++, has = quicklist_next(&cursor)) {
        assert_true(has);
        assert_text(&cursor, model->texts[i]);
    }
    assert_false(has);
    has = quicklist_seek(&cursor, value, -1);
    for (size_t i = model->count; i-- > 0; has = quicklist_previous(&cursor)) {
        assert_true(has);
        assert_text(&cursor, model->texts[i]);
    }
    assert_false(has);
}

static void push_randomly(struct value *value, struct model *model, struct random *random,
                          int64_t fill)
{
    char scratch[LARGEST];
    struct bytes text = random_text(random, scratch);
    bool at_head = random_below(random, 2);
    quicklist_prepare(value, &text, 1, fill);
    quicklist_push(value, at_head ? QUICKLIST_HEAD : QUICKLIST_TAIL, text, fill);
    model_insert(model, at_head ? 0 : model->count, text);
}

static void change_at_cursor(struct value *value, struct model *model, struct random *random,
                             int64_t fill)
{
    char scratch[LARGEST];
    struct quicklist_cursor cursor;
    struct bytes text = random_text(random, scratch);
    size_t index = random_below(random, model->count);
    quicklist_prepare(value, &text, 1, fill);
    int64_t asked =
        random_below(random, 2) ? (int64_t)index : (int64_t)index - (int64_t)model->count;
    assert_true(quicklist_seek(&cursor, value, asked));
    assert_text(&cursor, model->texts[index]);
    switch (random_below(random, 5)) {
    case 0:
        quicklist_insert_before(&cursor, text, fill);
        model_insert(model, index, text);
        break;
    case 1:
        quicklist_insert_after(&cursor, text, fill);
        model_insert(model, index + 1, text);
        break;
    case 2:
        quicklist_replace(&cursor, text, fill);
        model_delete(model, index);
        model_insert(model, index, text);
        break;
    case 3: {
        bool has = quicklist_remove_forward(&cursor);
        model_delete(model, index);
        assert_int_equal(has, index < model->count);
        if (has)
            assert_text(&cursor, model->texts[index]);
        break;
    }
    default: {
        bool has = quicklist_remove_backward(&cursor);
        model_delete(model, index);
        assert_int_equal(has, index > 0);
        if (has)
            assert_text(&cursor, model->texts[index - 1]);
        break;
    }
    }
}

static void delete_range_randomly(struct value *value, struct model *model, struct random *random)
{
    size_t index = random_below(random, model->count);
    size_t count = random_below(random, random_below(random, 4) ? 4 : 60);
    int64_t asked =
        random_below(random, 2) ? (int64_t)index : (int64_t)index - (int64_t)model->count;
    quicklist_delete_range(value, asked, count);
    for (size_t i = 0; i < count && index < model->count; i++)
        model_delete(model, index);
}

static void remove_randomly(struct value *value, struct model *model, struct random *random)
{
    struct quicklist_cursor cursor;
    size_t index = random_below(random, 2) ? 0 : model->count - 1;
    bool at_head = index == 0;
    bool has = quicklist_seek(&cursor, value, (int64_t)index);
    while (has && model->count) {
        bool goes = random_below(random, 4) == 0;
        assert_text(&cursor, model->texts[index]);
        if (goes)
            model_delete(model, index);
        if (at_head) {
            has = goes ? quicklist_remove_forward(&cursor) : quicklist_next(&cursor);
            index += !goes;
        } else {
            has = goes ? quicklist_remove_backward(&cursor) : quicklist_previous(&cursor);
            index--;
        }
    }
}

static void random_changes_agree_with_a_plain_list(void **state)
{
    (void)state;
    static const int64_t fills[] = {-2, -1, -5, -9, 0, 1, 3, 16, 128};
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++) {
        struct random random;
        random_seed(&random, i + 1);
        struct model model = {0};
        struct value *value = quicklist_new();
        for (int step = 0; step < 1500; step++) {
            bool is_full = model.count > MODEL_LIMIT - 10;
            uint64_t choice = random_below(&random, 12);
            if (model.count && random_below(&random, 60) == 0)
                remove_randomly(value, &model, &random);
            if (model.count == 0 || (choice < 6 && !is_full))
                push_randomly(value, &model, &random, fills[i]);
            else if (choice < 11 && !is_full)
                change_at_cursor(value, &model, &random, fills[i]);
            else
                delete_range_randomly(value, &model, &random);
            if (random_below(&random, 10) == 0)
                quicklist_settle(value, fills[i], random_below(&random, 2));
            if (step % 8 == 0)
                assert_agrees(value, &model);
        }
        struct value *clone = quicklist_clone(value);
        assert_is_sound(value);
        value_release(value);
        assert_agrees(clone, &model);
        value_release(clone);
        model_clear(&model);
    }
}

static struct value *numbers(int count, int64_t fill)
{
    struct value *value = quicklist_new();
    char digits[NUMBER_INTEGER_SIZE];
    for (int i = 0; i < count; i++) {
        struct bytes text = bytes_of(digits, number_format_integer(digits, i));
        quicklist_prepare(value, &text, 1, fill);
        quicklist_push(value, QUICKLIST_TAIL, text, fill);
    }
    return value;
}

static void a_list_is_one_pack_up_to_the_fill(void **state)
{
    (void)state;
    struct value *value = numbers(128, 128);
    assert_int_equal(value->encoding, ENCODING_LISTPACK);
    value_release(value);
    value = numbers(129, 128);
    assert_int_equal(value->encoding, ENCODING_QUICKLIST);
    value_release(value);
}

static void a_shrinking_list_becomes_a_pack_at_half_of_the_fill(void **state)
{
    (void)state;
    struct value *value = numbers(129, 128);
    quicklist_delete_range(value, -64, 64);
    quicklist_settle(value, 128, true);
    assert_int_equal(value->encoding, ENCODING_QUICKLIST);
    quicklist_delete_range(value, -1, 1);
    quicklist_settle(value, 128, true);
    assert_int_equal(value->encoding, ENCODING_LISTPACK);
    assert_int_equal(quicklist_count(value), 64);
    value_release(value);
}

static void a_large_element_stands_alone(void **state)
{
    (void)state;
    static const char large[10000];
    struct value *value = numbers(10, -2);
    struct bytes text = bytes_of(large, sizeof large);
    struct quicklist_cursor cursor;
    quicklist_prepare(value, &text, 1, -2);
    assert_true(quicklist_seek(&cursor, value, 5));
    quicklist_insert_before(&cursor, text, -2);
    const struct quicklist_chain *chain = ((const struct quicklist *)value)->chain;
    assert_int_equal(chain->nodes, 3);
    assert_true(chain->first->next->is_plain);
    assert_true(quicklist_seek(&cursor, value, 5));
    quicklist_replace(&cursor, BYTES_LITERAL("small"), -2);
    assert_int_equal(chain->nodes, 1);
    value_release(value);
}

static void indexes_outside_of_the_list_find_nothing(void **state)
{
    (void)state;
    struct quicklist_cursor cursor;
    for (int count = 0; count < 400; count += 199) {
        struct value *value = numbers(count, 128);
        assert_false(quicklist_seek(&cursor, value, count));
        assert_false(quicklist_seek(&cursor, value, -count - 1));
        assert_false(quicklist_seek(&cursor, value, INT64_MAX));
        assert_false(quicklist_seek(&cursor, value, INT64_MIN));
        value_release(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes_agree_with_a_plain_list),
        cmocka_unit_test(a_list_is_one_pack_up_to_the_fill),
        cmocka_unit_test(a_shrinking_list_becomes_a_pack_at_half_of_the_fill),
        cmocka_unit_test(a_large_element_stands_alone),
        cmocka_unit_test(indexes_outside_of_the_list_find_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
