/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/random.h"
#include "values/set.h"

#define UNIVERSE 600

/* What a set should hold: members by number. */
struct model {
    bool present[UNIVERSE];
    bool are_integers;
    struct value *set;
    struct set_limits limits;
};

static struct bytes member(const struct model *model, size_t i, char text[32])
{
    int size =
        snprintf(text, 32, model->are_integers || i % 3 == 0 ? "%d" : "m%d", (int)i - UNIVERSE / 2);
    return bytes_of(text, (size_t)size);
}

static size_t number_of(struct bytes text)
{
    int64_t number;
    if (text.data[0] == 'm')
        text = bytes_of(text.data + 1, text.size - 1);
    assert_true(number_parse_integer(text, &number));
    return (size_t)(number + UNIVERSE / 2);
}

static void assert_same(const struct model *model, const struct value *set)
{
    bool seen[UNIVERSE] = {false};
    char text[32];
    size_t count = 0;
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, set);
    while (set_iterator_next(&iterator, &element)) {
        size_t i = number_of(element.text);
        assert_false(seen[i]);
        assert_true(model->present[i]);
        assert_true(set_has_element(set, &element));
        seen[i] = true;
        count++;
    }
    set_iterator_end(&iterator);
    assert_int_equal(set_count(set), count);
    for (size_t i = 0; i < UNIVERSE; i++)
        assert_int_equal(set_has(set, member(model, i, text)), model->present[i]);
}

static void change(struct model *model, struct random *random, size_t universe)
{
    char text[32];
    size_t i = random_below(random, universe);
    if (random_below(random, 5) < 3)
        assert_int_equal(set_add(model->set, member(model, i, text), &model->limits),
                         !model->present[i]);
    else
        assert_int_equal(set_remove(model->set, member(model, i, text)), model->present[i]);
    model->present[i] = set_has(model->set, member(model, i, text));
}

static void agrees_with_a_model(const struct model *start, size_t universe,
                                enum value_encoding encoding)
{
    struct model model = *start;
    struct random random;
    random_seed(&random, 5);
    for (int round = 0; round < 4000; round++) {
        change(&model, &random, universe);
        assert_int_equal(model.set->encoding, encoding);
        if (round % 400 == 0)
            assert_same(&model, model.set);
    }
    assert_same(&model, model.set);
    struct value *clone = set_clone(model.set);
    struct model before = model;
    for (int round = 0; round < 100; round++)
        change(&model, &random, universe);
    assert_same(&model, model.set);
    assert_same(&before, clone);
    value_release(clone);
    value_release(model.set);
}

static void random_operations_agree_with_a_model_as_intset(void **state)
{
    struct model model = {.are_integers = true, .limits = {.integers = UNIVERSE}};
    (void)state;
    model.set = set_new(BYTES_LITERAL("1"), 1, &model.limits);
    agrees_with_a_model(&model, UNIVERSE, ENCODING_INTSET);
}

static void random_operations_agree_with_a_model_as_listpack(void **state)
{
    struct model model = {.limits = {.entries = 100, .text = 64}};
    (void)state;
    model.set = set_new(BYTES_LITERAL("a"), 1, &model.limits);
    agrees_with_a_model(&model, 100, ENCODING_LISTPACK);
}

static void random_operations_agree_with_a_model_as_table(void **state)
{
    struct model model = {.limits = {.seed = 9}};
    (void)state;
    model.set = set_new(BYTES_LITERAL("a"), 1, &model.limits);
    agrees_with_a_model(&model, UNIVERSE, ENCODING_HASHTABLE);
}

static void a_set_keeps_its_members_when_it_outgrows_an_encoding(void **state)
{
    struct model model = {.limits = {.integers = 16, .entries = 32, .text = 8}};
    char text[32];
    (void)state;
    model.are_integers = true;
    model.set = set_new(BYTES_LITERAL("1"), 1, &model.limits);
    for (size_t i = 0; i < 16; i++)
        model.present[i] = set_add(model.set, member(&model, i, text), &model.limits);
    assert_int_equal(model.set->encoding, ENCODING_INTSET);
    model.present[16] = set_add(model.set, member(&model, 16, text), &model.limits);
    assert_int_equal(model.set->encoding, ENCODING_HASHTABLE);
    assert_same(&model, model.set);
    value_release(model.set);
}

static void a_text_turns_an_intset_into_a_listpack_or_a_table(void **state)
{
    struct set_limits limits = {.integers = 8, .entries = 4, .text = 4};
    (void)state;
    struct value *set = set_new(BYTES_LITERAL("1"), 1, &limits);
    set_add(set, BYTES_LITERAL("1"), &limits);
    set_add(set, BYTES_LITERAL("-23"), &limits);
    assert_true(set_add(set, BYTES_LITERAL("a"), &limits));
    assert_int_equal(set->encoding, ENCODING_LISTPACK);
    assert_true(set_has(set, BYTES_LITERAL("-23")));
    assert_false(set_add(set, BYTES_LITERAL("1"), &limits));
    assert_true(set_add(set, BYTES_LITERAL("01"), &limits));
    assert_int_equal(set->encoding, ENCODING_LISTPACK);
    assert_true(set_add(set, BYTES_LITERAL("b"), &limits)); /* the fifth */
    assert_int_equal(set->encoding, ENCODING_HASHTABLE);
    assert_int_equal(set_count(set), 5);
    value_release(set);

    set = set_new(BYTES_LITERAL("1"), 1, &limits);
    set_add(set, BYTES_LITERAL("12345"), &limits); /* five digits do not fit a listpack's limit */
    set_add(set, BYTES_LITERAL("a"), &limits);
    assert_int_equal(set->encoding, ENCODING_HASHTABLE);
    value_release(set);

    limits.entries = 0; /* before 7.2 */
    set = set_new(BYTES_LITERAL("1"), 1, &limits);
    set_add(set, BYTES_LITERAL("1"), &limits);
    set_add(set, BYTES_LITERAL("a"), &limits);
    assert_int_equal(set->encoding, ENCODING_HASHTABLE);
    value_release(set);
}

static void a_long_text_turns_a_listpack_into_a_table(void **state)
{
    struct set_limits limits = {.entries = 4, .text = 4};
    (void)state;
    struct value *set = set_new(BYTES_LITERAL("a"), 1, &limits);
    set_add(set, BYTES_LITERAL("abcd"), &limits);
    assert_int_equal(set->encoding, ENCODING_LISTPACK);
    set_add(set, BYTES_LITERAL("abcde"), &limits);
    assert_int_equal(set->encoding, ENCODING_HASHTABLE);
    assert_true(set_has(set, BYTES_LITERAL("abcd")));
    assert_true(set_has(set, BYTES_LITERAL("abcde")));
    value_release(set);
}

static void the_number_expected_chooses_the_first_encoding(void **state)
{
    struct set_limits limits = {.integers = 3, .entries = 2, .text = 64};
    static const struct {
        const char *first;
        size_t expected;
        enum value_encoding encoding;
    } rows[] = {{"1", 3, ENCODING_INTSET},
                {"1", 4, ENCODING_HASHTABLE},
                {"a", 2, ENCODING_LISTPACK},
                {"a", 3, ENCODING_HASHTABLE}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct value *set = set_new(bytes_of_string(rows[i].first), rows[i].expected, &limits);
        assert_int_equal(set->encoding, rows[i].encoding);
        value_release(set);
    }
}

struct visited {
    size_t times[UNIVERSE];
    size_t count;
};

static void visit(const struct set_element *element, void *context)
{
    struct visited *visited = context;
    visited->times[number_of(element->text)]++;
    visited->count++;
}

static struct value *filled(struct model *model, size_t count)
{
    char text[32];
    struct value *set = set_new(member(model, 1, text), 1, &model->limits);
    for (size_t i = 0; i < count; i++)
        set_add(set, member(model, i, text), &model->limits);
    return set;
}

static void samples_hold_no_member_twice_and_favour_none(void **state)
{
    static const struct set_limits limits[] = {
        {.integers = 1000}, {.entries = 1000, .text = 9}, {0}};
    struct random random;
    (void)state;
    random_seed(&random, 1);
    for (size_t i = 0; i < 3; i++) {
        struct model model = {.are_integers = i == 0, .limits = limits[i]};
        struct value *set = filled(&model, 100);
        for (size_t count = 0; count <= 100; count += 10) {
            struct visited all = {0};
            for (int round = 0; round < 400; round++) {
                struct visited once = {0};
                set_sample(set, &random, count, visit, &once);
                assert_int_equal(once.count, count);
                for (size_t m = 0; m < UNIVERSE; m++) {
                    assert_true(once.times[m] <= 1);
                    all.times[m] += once.times[m];
                }
            }
            for (size_t m = 0; m < 100; m++)
                assert_in_range(all.times[m] + 70, count * 4, count * 4 + 140);
        }
        value_release(set);
    }
}

static void a_scan_visits_every_member(void **state)
{
    static const struct set_limits limits[] = {
        {.integers = 1000}, {.entries = 1000, .text = 9}, {0}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct model model = {.are_integers = i == 0, .limits = limits[i]};
        struct value *set = filled(&model, UNIVERSE);
        struct visited visited = {0};
        uint64_t cursor = 0;
        do {
            cursor = set_scan(set, cursor, visit, &visited);
        } while (cursor);
        for (size_t m = 0; m < UNIVERSE; m++)
            assert_true(visited.times[m] >= 1);
        assert_true(set_memory(set, 0) > UNIVERSE);
        assert_true(set_memory(set, 5) > UNIVERSE);
        value_release(set);
    }
}

static void every_member_is_chosen_at_random(void **state)
{
    static const struct set_limits limits[] = {
        {.integers = 1000}, {.entries = 1000, .text = 9}, {0}};
    struct random random;
    (void)state;
    random_seed(&random, 2);
    for (size_t i = 0; i < 3; i++) {
        struct model model = {.are_integers = i == 0, .limits = limits[i]};
        struct value *set = filled(&model, 20);
        struct visited visited = {0};
        for (int round = 0; round < 4000; round++) {
            struct set_element element;
            set_random(set, &random, &element);
            visit(&element, &visited);
        }
        for (size_t m = 0; m < 20; m++)
            assert_in_range(visited.times[m], 120, 280);
        value_release(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_agree_with_a_model_as_intset),
        cmocka_unit_test(random_operations_agree_with_a_model_as_listpack),
        cmocka_unit_test(random_operations_agree_with_a_model_as_table),
        cmocka_unit_test(a_set_keeps_its_members_when_it_outgrows_an_encoding),
        cmocka_unit_test(a_text_turns_an_intset_into_a_listpack_or_a_table),
        cmocka_unit_test(a_long_text_turns_a_listpack_into_a_table),
        cmocka_unit_test(the_number_expected_chooses_the_first_encoding),
        cmocka_unit_test(samples_hold_no_member_twice_and_favour_none),
        cmocka_unit_test(a_scan_visits_every_member),
        cmocka_unit_test(every_member_is_chosen_at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
