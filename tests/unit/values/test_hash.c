/* SPDX-License-Identifier: MIT */
#include "values/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "values/listpack.h"

#define FIELDS 200
#define LONG   1500 /* bytes of a long value */

static const struct hash_limits redis_limits = {.entries = 128, .text = 64};

/* Field i is "f<i>", or the number i when i is even. */
struct model {
    struct bytes values[FIELDS]; /* data owned; NULL: the hash lacks the field */
    size_t count;
};

static struct bytes field_name(size_t index, char out[32])
{
    int size = snprintf(out, 32, index % 2 ? "f%zu" : "%zu", index);
    return bytes_of(out, (size_t)size);
}

static void model_delete(struct model *model, size_t index)
{
    model->count -= model->values[index].data != NULL;
    memory_free((void *)(uintptr_t)model->values[index].data);
    model->values[index] = bytes_of(NULL, 0);
}

static void model_set(struct model *model, size_t index, struct bytes text)
{
    model_delete(model, index);
    model->values[index] = bytes_of(memory_copy(text.data, text.size), text.size);
    model->count++;
}

static void assert_pair(const struct model *model, const struct hash_pair *pair, size_t *index)
{
    char name[32] = {0};
    memcpy(name, pair->field.data, pair->field.size);
    *index = strtoul(name[0] == 'f' ? name + 1 : name, NULL, 10);
    assert_true(*index < FIELDS);
    assert_non_null(model->values[*index].data);
    assert_true(bytes_equal(pair->value, model->values[*index]));
}

static void assert_agrees(const struct value *hash, const struct model *model)
{
    char name[32], digits[NUMBER_INTEGER_SIZE];
    struct bytes text;
    assert_int_equal(hash_count(hash), model->count);
    for (size_t i = 0; i < FIELDS; i++) {
        struct bytes field = field_name(i, name);
        bool expected = model->values[i].data != NULL;
        assert_int_equal(hash_has(hash, field), expected);
        assert_int_equal(hash_get(hash, field, digits, &text), expected);
        if (expected)
            assert_true(bytes_equal(text, model->values[i]));
    }
    bool seen[FIELDS] = {0};
    size_t count = 0, index;
    struct hash_iterator iterator;
    struct hash_pair pair;
    hash_iterator_begin(&iterator, hash);
    for (; hash_iterator_next(&iterator, &pair); count++) {
        assert_pair(model, &pair, &index);
        assert_false(seen[index]);
        seen[index] = true;
    }
    hash_iterator_end(&iterator);
    assert_int_equal(count, model->count);
}

static struct bytes random_value(struct random *random, char *out, size_t limit)
{
    if (random_below(random, 3) == 0)
        return bytes_of(out, number_format_integer(out, (int64_t)random_next(random)));
    size_t size = random_below(random, limit);
    memset(out, 'v', size);
    return bytes_of(out, size);
}

static void change_randomly(struct value *hash, struct model *model, struct random *random,
                            size_t longest)
{
    char name[32], scratch[LONG];
    size_t index = random_below(random, FIELDS);
    struct bytes field = field_name(index, name);
    bool had = model->values[index].data != NULL;
    if (random_below(random, 3) == 0) {
        assert_int_equal(hash_delete(hash, field), had);
        model_delete(model, index);
    } else {
        struct bytes text = random_value(random, scratch, longest);
        assert_int_equal(hash_set(hash, field, text, &redis_limits), !had);
        model_set(model, index, text);
    }
}

static void random_changes_agree_with_an_array(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct random random;
        random_seed(&random, seed);
        struct model model = {0};
        struct value *hash = hash_new();
        /* Odd seeds stay packed a long time, even ones do not. */
        size_t longest = seed % 2 ? 40 : LONG;
        for (int i = 0; i < 3000; i++) {
            change_randomly(hash, &model, &random, longest);
            if (i % 16 == 0)
                assert_agrees(hash, &model);
        }
        assert_int_equal(hash->encoding, ENCODING_HASHTABLE);
        struct value *clone = hash_clone(hash);
        value_release(hash);
        assert_agrees(clone, &model);
        value_release(clone);
        for (size_t i = 0; i < FIELDS; i++)
            model_delete(&model, i);
    }
}

static struct value *numbered(size_t count, const struct hash_limits *limits)
{
    struct value *hash = hash_new();
    char name[32];
    for (size_t i = 0; i < count; i++) {
        struct bytes field = field_name(i, name);
        hash_set(hash, field, field, limits);
    }
    return hash;
}

static void a_hash_is_packed_up_to_its_limits(void **state)
{
    (void)state;
    struct value *hash = numbered(128, &redis_limits);
    assert_int_equal(hash->encoding, ENCODING_LISTPACK);
    hash_set(hash, BYTES_LITERAL("one more"), BYTES_LITERAL(""), &redis_limits);
    assert_int_equal(hash->encoding, ENCODING_HASHTABLE);
    assert_int_equal(hash_count(hash), 129);
    value_release(hash);

    static const char text[65] = "x";
    hash = hash_new();
    hash_set(hash, BYTES_LITERAL("f"), bytes_of(text, 64), &redis_limits);
    assert_int_equal(hash->encoding, ENCODING_LISTPACK);
    hash_set(hash, bytes_of(text, 65), BYTES_LITERAL("v"), &redis_limits);
    assert_int_equal(hash->encoding, ENCODING_HASHTABLE);
    value_release(hash);
}

static void a_packed_hash_keeps_the_order_of_insertion(void **state)
{
    (void)state;
    struct value *hash = numbered(20, &redis_limits);
    hash_set(hash, BYTES_LITERAL("f3"), BYTES_LITERAL("other"), &redis_limits);
    struct hash_iterator iterator;
    struct hash_pair pair;
    char name[32];
    hash_iterator_begin(&iterator, hash);
    for (size_t i = 0; i < 20; i++) {
        assert_true(hash_iterator_next(&iterator, &pair));
        assert_true(bytes_equal(pair.field, field_name(i, name)));
    }
    hash_iterator_end(&iterator);
    value_release(hash);
}

struct seen {
    const struct model *model;
    int counts[FIELDS];
    size_t total;
};

static void see(const struct hash_pair *pair, void *context)
{
    struct seen *seen = context;
    size_t index;
    assert_pair(seen->model, pair, &index);
    seen->counts[index]++;
    seen->total++;
}

static void a_sample_never_repeats_a_field(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 3);
    struct model model = {0};
    struct value *hash = numbered(FIELDS, &redis_limits);
    char name[32];
    for (size_t i = 0; i < FIELDS; i++)
        model_set(&model, i, field_name(i, name));
    for (size_t count = 0; count < FIELDS + 20; count += 7) {
        struct seen seen = {.model = &model};
        hash_sample(hash, &random, count, see, &seen);
        assert_int_equal(seen.total, count < FIELDS ? count : FIELDS);
        for (size_t i = 0; i < FIELDS; i++)
            assert_true(seen.counts[i] <= 1);
    }
    struct seen seen = {.model = &model};
    for (uint64_t cursor = 0; (cursor = hash_scan(hash, cursor, see, &seen)) != 0;)
        continue;
    for (size_t i = 0; i < FIELDS; i++)
        assert_true(seen.counts[i] >= 1);
    value_release(hash);
    for (size_t i = 0; i < FIELDS; i++)
        model_delete(&model, i);
}

static void random_fields_are_chosen_evenly(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 4);
    for (size_t entries = 1; entries <= 128; entries += 127) {
        const struct hash_limits limits = {.entries = entries, .text = 64};
        struct value *hash = numbered(10, &limits);
        int counts[10] = {0};
        for (int i = 0; i < 10000; i++) {
            struct hash_pair pair;
            hash_random(hash, &random, &pair);
            counts[(pair.field.data[0] == 'f' ? pair.field.data[1] : pair.field.data[0]) - '0']++;
        }
        for (int i = 0; i < 10; i++)
            assert_in_range(counts[i], 800, 1200);
        value_release(hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes_agree_with_an_array),
        cmocka_unit_test(a_hash_is_packed_up_to_its_limits),
        cmocka_unit_test(a_packed_hash_keeps_the_order_of_insertion),
        cmocka_unit_test(a_sample_never_repeats_a_field),
        cmocka_unit_test(random_fields_are_chosen_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
