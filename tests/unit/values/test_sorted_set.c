/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "values/sorted_set.h"

#define UNIVERSE 300

static const struct sorted_set_limits packed = {.entries = UNIVERSE, .text = 64};
static const struct sorted_set_limits indexed = {.entries = 0, .seed = 3};

struct model_element {
    char text[16];
    double score;
    bool is_present;
};

struct model {
    struct model_element elements[UNIVERSE];
    struct value *set;
    const struct sorted_set_limits *limits;
};

static void model_init(struct model *model, const struct sorted_set_limits *limits)
{
    *model = (struct model){.limits = limits, .set = sorted_set_new_for(1, 1, limits)};
    for (size_t i = 0; i < UNIVERSE; i++)
        snprintf(model->elements[i].text, sizeof model->elements[i].text, i % 2 ? "%zu" : "m%zu",
                 i);
}

static struct bytes member(const struct model *model, size_t i)
{
    return bytes_of_string(model->elements[i].text);
}

/* Few different scores: ties, infinities, fractions, great and tiny numbers. */
static double some_score(struct random *random)
{
    static const double scores[] = {
        0, 1, 1.5, -2.25, INFINITY, -INFINITY, 1e300, 5e-324, 0.1, 123456789012345678.0, -3, 1e17};
    size_t i = random_below(random, 2 * sizeof scores / sizeof *scores);
    return i < sizeof scores / sizeof *scores ? scores[i] : (double)random_below(random, 20);
}

static int compare(const void *a, const void *b)
{
    const struct model_element *const *x = a;
    const struct model_element *const *y = b;
    if ((*x)->score != (*y)->score)
        return (*x)->score < (*y)->score ? -1 : 1;
    return strcmp((*x)->text, (*y)->text);
}

/* The elements that are present, in order; returns how many. */
static size_t ordered(const struct model *model, const struct model_element *order[UNIVERSE])
{
    size_t count = 0;
    for (size_t i = 0; i < UNIVERSE; i++)
        if (model->elements[i].is_present)
            order[count++] = &model->elements[i];
    qsort(order, count, sizeof *order, compare);
    return count;
}

static void assert_same(const struct model *model, const struct value *set)
{
    const struct model_element *order[UNIVERSE];
    size_t count = ordered(model, order);
    assert_int_equal(sorted_set_count(set), count);
    struct sorted_set_element element;
    struct sorted_set_range up = sorted_set_range_open(set, 0, false);
    struct sorted_set_range down = sorted_set_range_open(set, count ? count - 1 : 0, true);
    for (size_t i = 0; i < count; i++) {
        assert_true(sorted_set_range_next(&up, &element));
        assert_true(bytes_equal_string(element.member, order[i]->text));
        assert_true(element.score == order[i]->score);
        assert_true(sorted_set_range_next(&down, &element));
        assert_true(bytes_equal_string(element.member, order[count - 1 - i]->text));
        size_t rank;
        double score;
        assert_true(sorted_set_rank(set, bytes_of_string(order[i]->text), &rank, &score));
        assert_int_equal(rank, i);
        assert_true(score == order[i]->score);
        size_t below = 0, not_above = 0;
        while (below < count && order[below]->score < score)
            below++;
        while (not_above < count && order[not_above]->score <= score)
            not_above++;
        assert_int_equal(sorted_set_count_below(set, score, false), below);
        assert_int_equal(sorted_set_count_below(set, score, true), not_above);
    }
    assert_false(sorted_set_range_next(&up, &element));
    assert_false(sorted_set_range_next(&down, &element));
}

static void put(struct model *model, size_t i, double score)
{
    struct model_element *element = &model->elements[i];
    enum sorted_set_change expected = !element->is_present      ? SORTED_SET_ADDED
                                      : element->score == score ? SORTED_SET_KEPT
                                                                : SORTED_SET_MOVED;
    assert_int_equal(sorted_set_put(model->set, member(model, i), score, model->limits), expected);
    element->is_present = true;
    element->score = score;
}

static void change(struct model *model, struct random *random)
{
    size_t i = random_below(random, UNIVERSE);
    const struct model_element *order[UNIVERSE];
    size_t chance = random_below(random, 100);
    if (chance < 60) {
        put(model, i, some_score(random));
    } else if (chance < 98) {
        assert_int_equal(sorted_set_remove(model->set, member(model, i)),
                         model->elements[i].is_present);
        model->elements[i].is_present = false;
    } else {
        size_t count = ordered(model, order);
        size_t rank = random_below(random, count + 1);
        size_t removed = random_below(random, count - rank + 1);
        if (removed > 10)
            removed = 10;
        sorted_set_remove_range(model->set, rank, removed);
        for (size_t r = rank; r < rank + removed; r++)
            model->elements[order[r] - model->elements].is_present = false;
    }
}

static void agrees_with_a_model(const struct sorted_set_limits *limits,
                                enum value_encoding encoding)
{
    struct model model;
    struct random random;
    random_seed(&random, 17);
    model_init(&model, limits);
    for (int round = 0; round < 5000; round++) {
        change(&model, &random);
        assert_int_equal(model.set->encoding, encoding);
        if (round % 250 == 0)
            assert_same(&model, model.set);
    }
    assert_same(&model, model.set);
    struct value *clone = sorted_set_clone(model.set);
    struct model before = model;
    for (int round = 0; round < 100; round++)
        change(&model, &random);
    assert_same(&model, model.set);
    assert_same(&before, clone);
    value_release(clone);
    value_release(model.set);
}

static void random_operations_agree_with_a_model_as_listpack(void **state)
{
    (void)state;
    agrees_with_a_model(&packed, ENCODING_LISTPACK);
}

static void random_operations_agree_with_a_model_as_skiplist(void **state)
{
    (void)state;
    agrees_with_a_model(&indexed, ENCODING_SKIPLIST);
}

static void a_set_keeps_its_elements_when_it_outgrows_the_pack(void **state)
{
    struct sorted_set_limits limits = {.entries = 128, .text = 64};
    struct model model;
    struct random random;
    (void)state;
    random_seed(&random, 23);
    model_init(&model, &limits);
    for (size_t i = 0; i < 128; i++)
        put(&model, i, some_score(&random));
    assert_int_equal(model.set->encoding, ENCODING_LISTPACK);
    put(&model, 128, some_score(&random));
    assert_int_equal(model.set->encoding, ENCODING_SKIPLIST);
    assert_same(&model, model.set);
    /* It packs again only when asked, and only when it fits. */
    sorted_set_pack_if_fits(model.set, &limits);
    assert_int_equal(model.set->encoding, ENCODING_SKIPLIST);
    sorted_set_remove(model.set, member(&model, 5));
    model.elements[5].is_present = false;
    assert_int_equal(model.set->encoding, ENCODING_SKIPLIST);
    sorted_set_pack_if_fits(model.set, &limits);
    assert_int_equal(model.set->encoding, ENCODING_LISTPACK);
    assert_same(&model, model.set);
    sorted_set_make_index(model.set, 1);
    assert_int_equal(model.set->encoding, ENCODING_SKIPLIST);
    assert_same(&model, model.set);
    value_release(model.set);
}

static void a_long_member_does_not_fit_a_pack(void **state)
{
    struct sorted_set_limits limits = {.entries = 128, .text = 4};
    (void)state;
    struct value *set = sorted_set_new();
    sorted_set_put(set, BYTES_LITERAL("abcd"), 1, &limits);
    assert_int_equal(set->encoding, ENCODING_LISTPACK);
    sorted_set_put(set, BYTES_LITERAL("abcde"), 1, &limits);
    assert_int_equal(set->encoding, ENCODING_SKIPLIST);
    sorted_set_pack_if_fits(set, &limits);
    assert_int_equal(set->encoding, ENCODING_SKIPLIST);
    value_release(set);
    set = sorted_set_new_for(1, 5, &limits);
    assert_int_equal(set->encoding, ENCODING_SKIPLIST);
    value_release(set);
    set = sorted_set_new_for(129, 1, &limits);
    assert_int_equal(set->encoding, ENCODING_SKIPLIST);
    value_release(set);
}

static void the_pack_forgets_the_sign_of_zero_and_the_index_keeps_it(void **state)
{
    double score;
    (void)state;
    struct value *set = sorted_set_new();
    sorted_set_put(set, BYTES_LITERAL("m"), -0.0, &packed);
    assert_true(sorted_set_score(set, BYTES_LITERAL("m"), &score));
    assert_false(signbit(score));
    value_release(set);
    set = sorted_set_new_index(1, 0);
    sorted_set_put(set, BYTES_LITERAL("m"), -0.0, &indexed);
    assert_true(sorted_set_score(set, BYTES_LITERAL("m"), &score));
    assert_true(signbit(score));
    /* The two zeros are one score. */
    assert_int_equal(sorted_set_put(set, BYTES_LITERAL("m"), 0.0, &indexed), SORTED_SET_KEPT);
    sorted_set_put(set, BYTES_LITERAL("a"), 0.0, &indexed);
    struct sorted_set_element element;
    sorted_set_at(set, 0, &element);
    assert_true(bytes_equal_string(element.member, "a"));
    value_release(set);
}

static void ties_are_ordered_by_bytes(void **state)
{
    static const char *const order[] = {"", "\x01", "-1", "1", "10", "2", "B", "a", "aa", "\xff"};
    enum { count = sizeof order / sizeof *order };
    const struct sorted_set_limits *limits[] = {&packed, &indexed};
    (void)state;
    for (size_t l = 0; l < 2; l++) {
        struct value *set = sorted_set_new_for(1, 1, limits[l]);
        for (size_t i = count; i-- > 0;)
            sorted_set_put(set, bytes_of_string(order[i]), 7, limits[l]);
        struct sorted_set_element element;
        for (size_t i = 0; i < count; i++) {
            sorted_set_at(set, i, &element);
            assert_true(bytes_equal_string(element.member, order[i]));
            struct bytes text = bytes_of_string(order[i]);
            assert_int_equal(sorted_set_count_before(set, text, false), i);
            assert_int_equal(sorted_set_count_before(set, text, true), i + 1);
        }
        assert_int_equal(sorted_set_count_before(set, BYTES_LITERAL("b"), false), count - 1);
        value_release(set);
    }
}

static void members_of_any_size_are_kept_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 254, 255, 256, 70000};
    char *text = memory_zeroed(70000);
    double score;
    (void)state;
    struct value *set = sorted_set_new_index(0, 1);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        sorted_set_put(set, bytes_of(text, sizes[i]), (double)i, &indexed);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct sorted_set_element element;
        assert_true(sorted_set_score(set, bytes_of(text, sizes[i]), &score));
        assert_true(score == (double)i);
        sorted_set_at(set, i, &element);
        assert_true(bytes_equal(element.member, bytes_of(text, sizes[i])));
    }
    value_release(set);
    memory_free(text);
}

struct visited {
    size_t times[UNIVERSE];
    size_t count;
};

static void visit(const struct sorted_set_element *element, void *context)
{
    struct visited *visited = context;
    assert_in_range((size_t)element->score, 0, UNIVERSE - 1);
    visited->times[(size_t)element->score]++;
    visited->count++;
}

static struct value *filled(const struct sorted_set_limits *limits)
{
    struct model model;
    model_init(&model, limits);
    for (size_t i = 0; i < UNIVERSE; i++)
        put(&model, i, (double)i);
    return model.set;
}

static void scans_and_samples_meet_every_element(void **state)
{
    const struct sorted_set_limits *limits[] = {&packed, &indexed};
    struct random random;
    (void)state;
    random_seed(&random, 4);
    for (size_t l = 0; l < 2; l++) {
        struct value *set = filled(limits[l]);
        struct visited visited = {0};
        uint64_t cursor = 0;
        do {
            cursor = sorted_set_scan(set, cursor, visit, &visited);
        } while (cursor);
        for (size_t i = 0; i < UNIVERSE; i++)
            assert_true(visited.times[i] >= 1);
        for (size_t count = 0; count <= UNIVERSE; count += 30) {
            visited = (struct visited){0};
            sorted_set_sample(set, &random, count, visit, &visited);
            assert_int_equal(visited.count, count);
            for (size_t i = 0; i < UNIVERSE; i++)
                assert_true(visited.times[i] <= 1);
        }
        visited = (struct visited){0};
        for (int round = 0; round < UNIVERSE * 20; round++) {
            struct sorted_set_element element;
            sorted_set_random(set, &random, &element);
            visit(&element, &visited);
        }
        for (size_t i = 0; i < UNIVERSE; i++)
            assert_true(visited.times[i] > 0);
        assert_true(sorted_set_memory(set, 0) > UNIVERSE);
        assert_true(sorted_set_memory(set, 5) > UNIVERSE);
        value_release(set);
    }
}

static void packed_scores_read_as_redis_writes_them(void **state)
{
    static const struct {
        double score;
        const char *text;
    } rows[] = {{1e17, "100000000000000000"},
                {-0.0, "0"},
                {-3, "-3"},
                {0.1, "0.10000000000000001"},
                {INFINITY, "inf"},
                {-INFINITY, "-inf"},
                {1e19, "1e+19"}};
    char text[NUMBER_DOUBLE_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t size = sorted_set_format_packed(text, rows[i].score, NUMBER_DOUBLE_17);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(size, strlen(text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_agree_with_a_model_as_listpack),
        cmocka_unit_test(random_operations_agree_with_a_model_as_skiplist),
        cmocka_unit_test(a_set_keeps_its_elements_when_it_outgrows_the_pack),
        cmocka_unit_test(a_long_member_does_not_fit_a_pack),
        cmocka_unit_test(the_pack_forgets_the_sign_of_zero_and_the_index_keeps_it),
        cmocka_unit_test(ties_are_ordered_by_bytes),
        cmocka_unit_test(members_of_any_size_are_kept_whole),
        cmocka_unit_test(scans_and_samples_meet_every_element),
        cmocka_unit_test(packed_scores_read_as_redis_writes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
