/* SPDX-License-Identifier: MIT */
#include "values/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "values/listpack.h"
#include "values/stream_progress.h"

#define MODEL_SIZE         4000
#define ID(ms_, sequence_) ((struct stream_id){.ms = (ms_), .sequence = (sequence_)})

static const struct stream_limits small_limits = {.bytes = 4096, .entries = 7};

/* A simple stream: every entry that there ever was. */
struct model {
    struct stream_id ids[MODEL_SIZE];
    int values[MODEL_SIZE];
    bool is_live[MODEL_SIZE];
    size_t count;
};

static void append(struct value *stream, struct stream_id id, const char *name, int number)
{
    char text[16];
    int size = snprintf(text, sizeof text, "%d", number);
    struct bytes pairs[] = {bytes_of_string(name), bytes_of(text, (size_t)size),
                            BYTES_LITERAL("constant"), BYTES_LITERAL("text")};
    stream_append(stream, id, pairs, number % 3 ? 2 : 1, &small_limits);
}

static void add_next(struct model *model, struct value *stream, struct random *random)
{
    static const char *const names[] = {"n", "n", "n", "m"};
    struct stream_id id = stream_of(stream)->last_id;
    if (random_below(random, 2))
        id = ID(id.ms + 1 + random_below(random, 300), random_below(random, 4));
    else
        id.sequence += 1 + random_below(random, 3);
    if (model->count == MODEL_SIZE)
        return;
    int number = (int)random_below(random, 100000);
    append(stream, id, names[random_below(random, 4)], number);
    model->ids[model->count] = id;
    model->values[model->count] = number;
    model->is_live[model->count++] = true;
}

static size_t live_count(const struct model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++)
        count += model->is_live[i];
    return count;
}

static void trim_model(struct model *model, const struct stream_trim *trim)
{
    size_t live = live_count(model);
    for (size_t i = 0; i < model->count; i++) {
        if (trim->strategy == STREAM_TRIM_LENGTH
                ? live <= trim->length
                : stream_id_compare(model->ids[i], trim->lowest) >= 0)
            break;
        live -= model->is_live[i];
        model->is_live[i] = false;
    }
}

static void assert_entry(struct stream_iterator *iterator, const struct model *model, size_t index)
{
    struct stream_field field;
    int64_t number;
    assert_int_equal(stream_id_compare(iterator->entry.id, model->ids[index]), 0);
    assert_true(stream_block_field(&iterator->entry, &field));
    assert_true(field.name.data[0] == 'n' || field.name.data[0] == 'm');
    assert_true(number_parse_integer(field.value, &number));
    assert_int_equal(number, model->values[index]);
    if (number % 3) {
        assert_true(stream_block_field(&iterator->entry, &field));
        assert_true(bytes_equal_string(field.name, "constant"));
        assert_true(bytes_equal_string(field.value, "text"));
    }
    assert_false(stream_block_field(&iterator->entry, &field));
}

/* Walks the model's entries between two ids beside the stream's, in both directions. */
static void assert_range(const struct value *stream, const struct model *model,
                         struct stream_id start, struct stream_id end)
{
    struct stream_iterator iterator;
    for (int is_reverse = 0; is_reverse < 2; is_reverse++) {
        stream_iterator_begin(&iterator, stream, start, end, is_reverse);
        for (size_t n = 0; n < model->count; n++) {
            size_t i = is_reverse ? model->count - 1 - n : n;
            if (!model->is_live[i] || stream_id_compare(model->ids[i], start) < 0 ||
                stream_id_compare(model->ids[i], end) > 0)
                continue;
            assert_true(stream_iterator_next(&iterator));
            assert_entry(&iterator, model, i);
        }
        assert_false(stream_iterator_next(&iterator));
    }
}

static void assert_same(const struct value *value, const struct model *model, struct random *random)
{
    const struct stream *stream = stream_const(value);
    struct stream_id first = {0}, last = {0};
    for (size_t i = model->count; i-- > 0;) {
        if (!model->is_live[i])
            continue;
        first = model->ids[i];
        if (stream_id_is_zero(last))
            last = model->ids[i];
    }
    assert_int_equal(stream->length, live_count(model));
    assert_int_equal(stream->entries_added, model->count);
    assert_int_equal(stream_id_compare(stream->first_id, first), 0);
    if (stream->length)
        assert_int_equal(stream_id_compare(stream_top(value), last), 0);
    assert_range(value, model, STREAM_ID_LOWEST, STREAM_ID_HIGHEST);
    if (model->count)
        assert_range(value, model, model->ids[random_below(random, model->count)],
                     model->ids[random_below(random, model->count)]);
}

static void change(struct model *model, struct value *stream, struct random *random)
{
    uint64_t roll = random_below(random, 100);
    if (roll < 70 || model->count == 0) {
        add_next(model, stream, random);
        return;
    }
    size_t index = random_below(random, model->count);
    if (roll < 97) {
        assert_int_equal(stream_has(stream, model->ids[index]), model->is_live[index]);
        assert_int_equal(stream_delete(stream, model->ids[index]), model->is_live[index]);
        model->is_live[index] = false;
        return;
    }
    struct stream_trim trim = {.strategy = STREAM_TRIM_ID, .lowest = model->ids[index / 4]};
    if (roll == 98)
        trim = (struct stream_trim){.strategy = STREAM_TRIM_LENGTH,
                                    .length = live_count(model) - live_count(model) / 8};
    size_t before = live_count(model);
    trim_model(model, &trim);
    assert_int_equal(stream_trim(stream, &trim), before - live_count(model));
}

static void random_operations_agree_with_a_simple_stream(void **state)
{
    struct model *model = memory_zeroed(sizeof *model);
    struct random random;
    struct value *stream = stream_new();
    (void)state;
    random_seed(&random, 3);
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 60; i++)
            change(model, stream, &random);
        assert_same(stream, model, &random);
        struct value *clone = stream_clone(stream);
        assert_same(clone, model, &random);
        value_release(stream);
        stream = clone;
    }
    struct stream_trim all = {.strategy = STREAM_TRIM_LENGTH};
    stream_trim(stream, &all);
    trim_model(model, &all);
    assert_same(stream, model, &random);
    value_release(stream);
    memory_free(model);
}

static void approximate_trimming_takes_whole_blocks_up_to_its_limit(void **state)
{
    struct value *stream = stream_new();
    (void)state;
    for (uint64_t i = 1; i <= 70; i++)
        append(stream, ID(i, 0), "n", 3);
    struct stream_trim trim = {
        .strategy = STREAM_TRIM_LENGTH, .length = 50, .is_approximate = true, .limit = 10};
    assert_int_equal(stream_trim(stream, &trim), 7);
    assert_int_equal(stream_trim(stream, &trim), 7);
    assert_int_equal(stream_trim(stream, &trim), 0); /* 6 too many: less than a block */
    trim = (struct stream_trim){
        .strategy = STREAM_TRIM_ID, .lowest = ID(30, 0), .is_approximate = true};
    assert_int_equal(stream_trim(stream, &trim), 14);
    assert_int_equal(stream_of(stream)->first_id.ms, 29);
    value_release(stream);
}

static void a_block_goes_with_its_last_entry(void **state)
{
    struct value *stream = stream_new();
    (void)state;
    for (uint64_t i = 1; i <= 21; i++)
        append(stream, ID(i, 0), "n", 1);
    assert_int_equal(stream_of(stream)->block_count, 3);
    for (uint64_t i = 8; i <= 14; i++)
        assert_true(stream_delete(stream, ID(i, 0)));
    assert_int_equal(stream_of(stream)->block_count, 2);
    assert_int_equal(stream_of(stream)->max_deleted_id.ms, 14);
    append(stream, ID(22, 0), "n", 1);
    assert_int_equal(stream_of(stream)->block_count, 3);
    value_release(stream);
}

/* As Redis 7.0 told with XINFO STREAM. */
static void the_radix_tree_is_counted_as_redis_has_it(void **state)
{
    struct value *stream = stream_new();
    struct stream_limits limits = {.entries = 1};
    struct bytes pair[] = {BYTES_LITERAL("f"), BYTES_LITERAL("v")};
    (void)state;
    assert_int_equal(stream_radix_nodes(stream), 1);
    stream_append(stream, ID(1, 0), pair, 1, &limits);
    assert_int_equal(stream_radix_nodes(stream), 2);
    stream_append(stream, ID(1, 1), pair, 1, &limits);
    assert_int_equal(stream_radix_nodes(stream), 4);
    stream_append(stream, ID(1, 2), pair, 1, &limits);
    assert_int_equal(stream_radix_nodes(stream), 5);
    stream_append(stream, ID(1, 256), pair, 1, &limits);
    assert_int_equal(stream_radix_nodes(stream), 8);
    value_release(stream);
}

static void a_pending_entry_is_with_one_consumer(void **state)
{
    struct stream_group *group =
        stream_group_new(BYTES_LITERAL("g"), STREAM_ID_LOWEST, STREAM_GROUP_UNKNOWN);
    (void)state;
    struct stream_consumer *one = stream_group_add_consumer(group, BYTES_LITERAL("one"), 5);
    struct stream_consumer *other = stream_group_add_consumer(group, BYTES_LITERAL("other"), 6);
    assert_null(stream_group_add_consumer(group, BYTES_LITERAL("one"), 7));
    for (uint64_t i = 1; i <= 100; i++)
        assert_non_null(stream_group_add_pending(group, ID(i, 0), i % 2 ? one : other, 5));
    assert_null(stream_group_add_pending(group, ID(50, 0), one, 5));
    stream_group_assign(stream_group_find_pending(group, ID(50, 0)), one);
    assert_int_equal(one->pending.count, 51);
    assert_int_equal(other->pending.count, 49);
    struct stream_pending *found =
        order_position_element(stream_group_seek(&other->pending, ID(50, 0)));
    assert_int_equal(found->id.ms, 52);

    struct stream_group *clone = stream_group_clone(group);
    stream_group_remove_consumer(group, one);
    assert_int_equal(group->pending.count, 49);
    assert_null(stream_group_find_pending(group, ID(50, 0)));
    stream_group_remove_pending(group, found);
    assert_int_equal(other->pending.count, 48);
    stream_group_free(group);

    assert_int_equal(clone->pending.count, 100);
    one = stream_group_find_consumer(clone, BYTES_LITERAL("one"));
    assert_int_equal(one->pending.count, 51);
    assert_ptr_equal(stream_group_find_pending(clone, ID(50, 0))->consumer, one);
    stream_group_free(clone);
}

static void groups_and_consumers_are_in_order_of_name(void **state)
{
    static const char *const names[] = {"m", "a", "", "zz", "z", "b"};
    static const char *const ordered[] = {"", "a", "b", "m", "z", "zz"};
    struct value *stream = stream_new();
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct bytes name = bytes_of_string(names[i]);
        struct stream_group *group =
            stream_add_group(stream, name, STREAM_ID_LOWEST, STREAM_GROUP_UNKNOWN);
        assert_null(stream_add_group(stream, name, STREAM_ID_LOWEST, 0));
        for (size_t k = 0; k < 6; k++)
            stream_group_add_consumer(group, bytes_of_string(names[k]), 0);
        for (size_t k = 0; k < 6; k++)
            assert_true(
                bytes_equal_string(stream_group_consumer_name(group->consumers[k]), ordered[k]));
    }
    for (size_t i = 0; i < 6; i++)
        assert_true(
            bytes_equal_string(stream_group_name(stream_of(stream)->groups[i]), ordered[i]));
    stream_remove_group(stream, stream_find_group(stream, BYTES_LITERAL("m")));
    assert_null(stream_find_group(stream, BYTES_LITERAL("m")));
    assert_non_null(stream_find_group(stream, BYTES_LITERAL("z")));
    value_release(stream);
}

static void progress_is_counted_until_a_deletion_ahead(void **state)
{
    struct value *stream = stream_new();
    int64_t lag;
    (void)state;
    for (uint64_t i = 1; i <= 10; i++)
        append(stream, ID(i, 0), "n", 1);
    struct stream_group *group =
        stream_add_group(stream, BYTES_LITERAL("g"), STREAM_ID_LOWEST, STREAM_GROUP_UNKNOWN);
    assert_true(stream_progress_lag(stream, group, STREAM_PROGRESS_7_0, &lag));
    assert_int_equal(lag, 10);
    stream_progress_advance(stream, group, ID(1, 0), STREAM_PROGRESS_7_0);
    stream_progress_advance(stream, group, ID(2, 0), STREAM_PROGRESS_7_0);
    assert_int_equal(group->entries_read, 2);
    stream_delete(stream, ID(5, 0));
    assert_false(stream_progress_lag(stream, group, STREAM_PROGRESS_7_0, &lag));
    stream_progress_advance(stream, group, ID(10, 0), STREAM_PROGRESS_7_0);
    assert_int_equal(group->entries_read, 3); /* counted by ones */
    value_release(stream);
}

/* Each byte of a good pack is damaged in turn: whatever is taken for good can be walked. */
static void a_damaged_pack_is_refused_or_can_be_walked(void **state)
{
    struct bytes pairs[] = {BYTES_LITERAL("f"), BYTES_LITERAL("v"), BYTES_LITERAL("g"),
                            BYTES_LITERAL("12345")};
    struct stream_block block = stream_block_new(ID(1, 0), pairs, 2);
    (void)state;
    stream_block_append(&block, ID(1, 5), pairs, 2);
    stream_block_append(&block, ID(700, 1), pairs, 1);
    struct bytes good = stream_block_bytes(&block);
    struct stream_id last = {0};
    size_t live;
    assert_true(stream_block_is_valid(ID(1, 0), good, &last, &live));
    assert_int_equal(live, 3);
    assert_int_equal(last.ms, 700);
    for (size_t at = 0; at < good.size; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char *damaged = memory_copy(good.data, good.size);
            damaged[at] = (char)byte;
            struct bytes pack = bytes_of(damaged, good.size);
            last = STREAM_ID_LOWEST;
            if (stream_block_is_valid(ID(1, 0), pack, &last, &live)) {
                struct stream_block other = stream_block_from_bytes(ID(1, 0), pack);
                struct stream_block_cursor cursor;
                struct stream_field field;
                for (bool is = stream_block_first(&cursor, &other); is;
                     is = stream_block_next(&cursor))
                    while (stream_block_field(&cursor, &field))
                        assert_non_null(field.name.data);
                for (bool is = stream_block_last(&cursor, &other); is;
                     is = stream_block_previous(&cursor))
                    continue;
                stream_block_free(&other);
            }
            memory_free(damaged);
        }
    }
    stream_block_free(&block);
}

static void a_field_already_read_stays_read_when_its_entry_is_deleted(void **state)
{
    struct bytes pairs[] = {BYTES_LITERAL("f"), BYTES_LITERAL("v"), BYTES_LITERAL("g"),
                            BYTES_LITERAL("w")};
    struct stream_block block = stream_block_new(ID(1, 0), pairs, 2);
    struct stream_block_cursor cursor;
    struct stream_field field;
    (void)state;
    for (uint64_t i = 1; i < 200; i++)
        stream_block_append(&block, ID(1, i), pairs, 2);
    size_t entries = 0;
    for (bool is = stream_block_first(&cursor, &block); is && stream_block_live(&block) > 1;
         is = stream_block_next(&cursor), entries++) {
        assert_true(stream_block_field(&cursor, &field));
        stream_block_delete(&block, &cursor);
        assert_true(cursor.is_deleted);
        assert_true(stream_block_field(&cursor, &field));
        assert_true(bytes_equal_string(field.name, "g"));
        assert_false(stream_block_field(&cursor, &field));
    }
    assert_int_equal(entries, 199);
    assert_int_equal(stream_block_deleted(&block), 199);
    stream_block_free(&block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_agree_with_a_simple_stream),
        cmocka_unit_test(approximate_trimming_takes_whole_blocks_up_to_its_limit),
        cmocka_unit_test(a_block_goes_with_its_last_entry),
        cmocka_unit_test(the_radix_tree_is_counted_as_redis_has_it),
        cmocka_unit_test(a_pending_entry_is_with_one_consumer),
        cmocka_unit_test(groups_and_consumers_are_in_order_of_name),
        cmocka_unit_test(progress_is_counted_until_a_deletion_ahead),
        cmocka_unit_test(a_damaged_pack_is_refused_or_can_be_walked),
        cmocka_unit_test(a_field_already_read_stays_read_when_its_entry_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
