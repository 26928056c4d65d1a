/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "values/order_tree.h"

#define UNIVERSE 3000

static int compare_numbers(const void *a, const void *b)
{
    const int *x = a;
    const int *y = b;
    return (*x > *y) - (*x < *y);
}

/* Seven neighbours share a score, so that ties are common. */
static double score_of(const int *number)
{
    return *number / 7 - 100.5;
}

static bool is_below(const void *element, const void *bound)
{
    return *(const int *)element < *(const int *)bound;
}

struct model {
    int numbers[UNIVERSE];
    bool present[UNIVERSE];
    struct order_tree tree;
};

static void model_init(struct model *model)
{
    for (int i = 0; i < UNIVERSE; i++) {
        model->numbers[i] = i;
        model->present[i] = false;
    }
    order_tree_init(&model->tree, compare_numbers);
}

static void toggle(struct model *model, size_t i)
{
    if (model->present[i])
        order_tree_remove_scored(&model->tree, score_of(&model->numbers[i]), &model->numbers[i]);
    else
        order_tree_insert_scored(&model->tree, score_of(&model->numbers[i]), &model->numbers[i]);
    model->present[i] = !model->present[i];
}

/* Ranks, seeks and both directions agree with the model. */
static void assert_same(struct model *model)
{
    order_tree_check(&model->tree);
    size_t rank = 0;
    size_t below = 0; /* the rank at which the score before this one begins */
    struct order_position at = order_tree_seek(&model->tree, 0);
    for (int i = 0; i < UNIVERSE; i++) {
        assert_int_equal(order_tree_count_before(&model->tree, is_below, &i), rank);
        if (i % 7 == 0) {
            double score = score_of(&i);
            assert_int_equal(order_tree_count_below(&model->tree, score - 1, false), below);
            assert_int_equal(order_tree_count_below(&model->tree, score - 1, true), rank);
            assert_int_equal(order_tree_count_below(&model->tree, score, false), rank);
            below = rank;
        }
        if (!model->present[i])
            continue;
        assert_true(order_position_score(at) == score_of(&i));
        assert_ptr_equal(order_position_element(at), &model->numbers[i]);
        assert_int_equal(
            order_tree_rank_scored(&model->tree, score_of(&model->numbers[i]), &model->numbers[i]),
            rank);
        assert_ptr_equal(order_position_element(order_tree_seek(&model->tree, rank)),
                         &model->numbers[i]);
        struct order_position before = order_position_previous(at);
        assert_int_equal(order_position_element(before) == NULL, rank == 0);
        at = order_position_next(at);
        rank++;
    }
    assert_null(order_position_element(at));
    assert_int_equal(model->tree.count, rank);
}

static void random_operations_keep_order_counts_and_links(void **state)
{
    static const int rounds = 40;
    struct model model;
    struct random random;
    (void)state;
    model_init(&model);
    random_seed(&random, 7);
    for (int round = 0; round < rounds; round++) {
        /* Windows of the universe fill and empty, so that leaves split, shrink and merge. */
        size_t start = random_below(&random, UNIVERSE);
        size_t width = 1 + random_below(&random, UNIVERSE - start);
        for (int i = 0; i < 1500; i++)
            toggle(&model, start + random_below(&random, width));
        assert_same(&model);
    }
    for (size_t i = 0; i < UNIVERSE; i++)
        if (model.present[i])
            toggle(&model, i);
    assert_same(&model);
    order_tree_clear(&model.tree);
}

static void ascending_insertion_fills_leaves_whole(void **state)
{
    struct model model;
    (void)state;
    model_init(&model);
    for (size_t i = 0; i < UNIVERSE; i++)
        toggle(&model, i);
    assert_same(&model);
    assert_true(order_tree_memory(&model.tree) < UNIVERSE * 19);
    order_tree_clear(&model.tree);
}

static void removal_from_either_end_keeps_the_rest(void **state)
{
    struct model model;
    (void)state;
    model_init(&model);
    for (size_t i = UNIVERSE; i-- > 0;)
        toggle(&model, i);
    for (size_t i = 0; i < UNIVERSE / 2; i += 2) {
        toggle(&model, i);
        toggle(&model, UNIVERSE - 1 - i);
    }
    assert_same(&model);
    order_tree_clear(&model.tree);
}

static void moved_elements_stand_by_their_new_scores(void **state)
{
    enum { count = 500 };
    int numbers[count];
    double scores[count];
    struct order_tree tree;
    struct random random;
    (void)state;
    random_seed(&random, 3);
    order_tree_init(&tree, compare_numbers);
    for (int i = 0; i < count; i++) {
        numbers[i] = i;
        scores[i] = i;
        order_tree_insert_scored(&tree, scores[i], &numbers[i]);
    }
    for (int round = 0; round < 5000; round++) {
        size_t i = random_below(&random, count);
        /* Small steps stay between the neighbours, great ones do not. */
        double step = round % 2 ? 0.25 : (double)random_below(&random, count);
        order_tree_move(&tree, scores[i], scores[i] + step, &numbers[i]);
        scores[i] += step;
        if (round % 100 == 0)
            order_tree_check(&tree);
        size_t rank = order_tree_rank_scored(&tree, scores[i], &numbers[i]);
        struct order_position at = order_tree_seek(&tree, rank);
        assert_ptr_equal(order_position_element(at), &numbers[i]);
        assert_true(order_position_score(at) == scores[i]);
    }
    order_tree_check(&tree);
    order_tree_clear(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_keep_order_counts_and_links),
        cmocka_unit_test(ascending_insertion_fills_leaves_whole),
        cmocka_unit_test(removal_from_either_end_keeps_the_rest),
        cmocka_unit_test(moved_elements_stand_by_their_new_scores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
