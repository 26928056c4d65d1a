/* SPDX-License-Identifier: MIT */
#include "values/hash_deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define FIELDS 60
#define STEPS  4000

static const struct hash_limits small_limits = {.entries = 512, .text = 64};
static const struct hash_limits no_limits = {.entries = 0, .text = 64};

static struct bytes name_of(size_t index, char out[16])
{
    return bytes_of(out, (size_t)snprintf(out, 16, "f%zu", index));
}

static int64_t deadline_of(const struct value *hash, const char *field)
{
    int64_t deadline_ms;
    assert_true(hash_deadline_get(hash, bytes_of_string(field), &deadline_ms));
    return deadline_ms;
}

static void set(struct value *hash, const char *field, const char *text)
{
    hash_set(hash, bytes_of_string(field), bytes_of_string(text), &small_limits);
}

static void a_pack_is_in_order_of_deadline(void **state)
{
    (void)state;
    struct value *hash = hash_new();
    set(hash, "a", "1");
    set(hash, "b", "2");
    set(hash, "c", "3");
    set(hash, "d", "4");
    assert_int_equal(hash->encoding, ENCODING_LISTPACK);
    hash_deadline_set(hash, BYTES_LITERAL("c"), 20);
    hash_deadline_set(hash, BYTES_LITERAL("b"), 10);
    hash_deadline_set(hash, BYTES_LITERAL("d"), 20);
    assert_int_equal(hash->encoding, ENCODING_LISTPACK_EX);
    assert_true(hash_deadline_next(hash) == 10);
    struct hash_iterator iterator;
    struct hash_pair pair;
    char order[5] = {0};
    hash_iterator_begin(&iterator, hash);
    for (size_t i = 0; hash_iterator_next(&iterator, &pair); i++)
        order[i] = pair.field.data[0];
    hash_iterator_end(&iterator);
    assert_string_equal(order, "bcda");
    value_release(hash);
}

static void setting_the_same_deadline_again_puts_a_field_behind_its_equals(void **state)
{
    (void)state;
    struct value *hash = hash_new();
    set(hash, "a", "1");
    set(hash, "b", "2");
    hash_deadline_prepare(hash);
    assert_int_equal(hash->encoding, ENCODING_LISTPACK_EX);
    assert_true(hash_deadline_next(hash) == HASH_NO_DEADLINE);
    hash_deadline_set(hash, BYTES_LITERAL("a"), 10);
    hash_deadline_set(hash, BYTES_LITERAL("b"), 10);
    hash_deadline_set(hash, BYTES_LITERAL("a"), 10);
    struct hash_iterator iterator;
    struct hash_pair pair;
    hash_iterator_begin(&iterator, hash);
    assert_true(hash_iterator_next(&iterator, &pair));
    assert_int_equal(pair.field.data[0], 'b');
    hash_iterator_end(&iterator);
    value_release(hash);
}

static void setting_takes_the_deadline_and_updating_leaves_it(void **state)
{
    (void)state;
    for (int is_table = 0; is_table < 2; is_table++) {
        struct value *hash = hash_new();
        set(hash, "a", "1");
        set(hash, "b", "2");
        if (is_table)
            hash_make_table(hash, 0, &(struct hash_limits){.seed = 7});
        hash_deadline_set(hash, BYTES_LITERAL("a"), 10);
        hash_deadline_set(hash, BYTES_LITERAL("b"), 20);
        hash_update(hash, BYTES_LITERAL("a"), BYTES_LITERAL("longer than before"), &small_limits);
        assert_true(deadline_of(hash, "a") == 10);
        set(hash, "a", "1");
        assert_true(deadline_of(hash, "a") == HASH_NO_DEADLINE);
        assert_true(hash_deadline_next(hash) == 20);
        hash_deadline_set(hash, BYTES_LITERAL("nosuch"), 5);
        assert_true(hash_deadline_next(hash) == 20);
        assert_int_equal(hash_deadline_expire(hash, 19), 0);
        assert_int_equal(hash_deadline_expire(hash, 20), 1);
        assert_true(hash_deadline_next(hash) == HASH_NO_DEADLINE);
        assert_int_equal(hash_count(hash), 1);
        value_release(hash);
    }
}

static void values_without_deadlines_say_so(void **state)
{
    (void)state;
    struct value *hash = hash_new();
    set(hash, "a", "1");
    hash_deadline_set(hash, BYTES_LITERAL("a"), HASH_NO_DEADLINE);
    assert_int_equal(hash->encoding, ENCODING_LISTPACK);
    assert_true(hash_deadline_next(hash) == HASH_NO_DEADLINE);
    assert_int_equal(hash_deadline_expire(hash, INT64_MAX - 1), 0);
    value_release(hash);
}

/* What a hash ought to hold. */
struct model {
    bool has[FIELDS];
    int64_t deadlines[FIELDS];
};

static void assert_agrees(const struct value *hash, const struct model *model)
{
    char name[16];
    size_t count = 0;
    int64_t next = HASH_NO_DEADLINE;
    for (size_t i = 0; i < FIELDS; i++) {
        int64_t deadline_ms;
        assert_int_equal(hash_deadline_get(hash, name_of(i, name), &deadline_ms), model->has[i]);
        if (!model->has[i])
            continue;
        count++;
        assert_true(deadline_ms == model->deadlines[i]);
        if (deadline_ms < next)
            next = deadline_ms;
    }
    assert_int_equal(hash_count(hash), count);
    assert_true(hash_deadline_next(hash) == next);
}

static void step(struct value *hash, struct model *model, struct random *random, int64_t now_ms,
                 const struct hash_limits *limits)
{
    static const char text[] = "a text that is cut to one size or another";
    char name[16];
    size_t i = random_below(random, FIELDS);
    struct bytes field = name_of(i, name);
    struct bytes value = bytes_of(text, random_below(random, sizeof text));
    switch (random_below(random, 6)) {
    case 0:
        hash_set(hash, field, value, limits);
        model->has[i] = true;
        model->deadlines[i] = HASH_NO_DEADLINE;
        break;
    case 1:
        if (hash_update(hash, field, value, limits))
            model->deadlines[i] = HASH_NO_DEADLINE;
        model->has[i] = true;
        break;
    case 2:
        assert_int_equal(hash_delete(hash, field), model->has[i]);
        model->has[i] = false;
        break;
    case 3:
        hash_deadline_set(hash, field, HASH_NO_DEADLINE);
        model->deadlines[i] = HASH_NO_DEADLINE;
        break;
    default:
        model->deadlines[i] = now_ms + (int64_t)random_below(random, 50);
        hash_deadline_set(hash, field, model->deadlines[i]);
    }
    size_t expected = 0;
    for (size_t j = 0; j < FIELDS; j++) {
        if (model->has[j] && model->deadlines[j] <= now_ms) {
            expected++;
            model->has[j] = false;
        }
    }
    assert_int_equal(hash_deadline_expire(hash, now_ms), expected);
}

static void random_operations_agree_with_a_model(void **state)
{
    (void)state;
    for (int is_table = 0; is_table < 2; is_table++) {
        const struct hash_limits *limits = is_table ? &no_limits : &small_limits;
        struct model model = {0};
        struct random random;
        random_seed(&random, 11);
        struct value *hash = hash_new();
        for (int64_t i = 1; i <= STEPS; i++) {
            step(hash, &model, &random, i, limits);
            assert_agrees(hash, &model);
            if (i % 100 == 0) {
                struct value *clone = hash_clone(hash);
                value_release(hash);
                hash = clone;
                assert_agrees(hash, &model);
            }
        }
        hash_make_table(hash, 0, &(struct hash_limits){.seed = 3});
        assert_agrees(hash, &model);
        value_release(hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pack_is_in_order_of_deadline),
        cmocka_unit_test(setting_the_same_deadline_again_puts_a_field_behind_its_equals),
        cmocka_unit_test(setting_takes_the_deadline_and_updating_leaves_it),
        cmocka_unit_test(values_without_deadlines_say_so),
        cmocka_unit_test(random_operations_agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
