/* SPDX-License-Identifier: MIT */
#include "dump/dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "values/stream.h"

#define FOOTER_SIZE        10
#define ID(ms_, sequence_) ((struct stream_id){.ms = (ms_), .sequence = (sequence_)})

/* Two blocks with deleted entries, a group whose consumers have some pending, an empty group. */
static struct value *make_stream(void)
{
    struct stream_limits limits = {.bytes = 4096, .entries = 5};
    struct bytes pairs[] = {BYTES_LITERAL("field"), BYTES_LITERAL("some text"),
                            BYTES_LITERAL("number"), BYTES_LITERAL("-70000")};
    struct value *value = stream_new();
    for (uint64_t i = 1; i <= 9; i++)
        stream_append(value, ID(i * 1000, i), pairs, i % 3 ? 2 : 1, &limits);
    stream_delete(value, ID(1000, 1));
    stream_delete(value, ID(7000, 7));
    struct stream_group *group = stream_add_group(value, BYTES_LITERAL("g"), ID(5000, 5), 4);
    struct stream_consumer *one = stream_group_add_consumer(group, BYTES_LITERAL("one"), 111);
    struct stream_consumer *two = stream_group_add_consumer(group, BYTES_LITERAL("2"), 222);
    two->active_at = 200;
    stream_group_add_pending(group, ID(2000, 2), one, 333);
    stream_group_add_pending(group, ID(3000, 3), two, 444)->deliveries = 300;
    stream_group_add_pending(group, ID(1000, 1), two, 555);
    stream_add_group(value, BYTES_LITERAL("empty"), STREAM_ID_HIGHEST, STREAM_GROUP_UNKNOWN);
    return value;
}

static void assert_same_id(struct stream_id a, struct stream_id b)
{
    assert_int_equal(stream_id_compare(a, b), 0);
}

static void assert_same_entries(const struct value *a, const struct value *b)
{
    struct stream_iterator one, other;
    struct stream_field field, other_field;
    stream_iterator_begin(&one, a, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, false);
    stream_iterator_begin(&other, b, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, false);
    while (stream_iterator_next(&one)) {
        assert_true(stream_iterator_next(&other));
        assert_same_id(one.entry.id, other.entry.id);
        while (stream_block_field(&one.entry, &field)) {
            assert_true(stream_block_field(&other.entry, &other_field));
            assert_true(bytes_equal(field.name, other_field.name));
            assert_true(bytes_equal(field.value, other_field.value));
        }
        assert_false(stream_block_field(&other.entry, &other_field));
    }
    assert_false(stream_iterator_next(&other));
}

static void assert_same_group(const struct stream_group *a, const struct stream_group *b)
{
    assert_true(bytes_equal(stream_group_name(a), stream_group_name(b)));
    assert_same_id(a->last_id, b->last_id);
    assert_int_equal(a->pending.count, b->pending.count);
    assert_int_equal(a->consumer_count, b->consumer_count);
    struct order_position at = order_tree_seek(&a->pending, 0);
    for (const struct stream_pending *one; (one = order_position_element(at));
         at = order_position_next(at)) {
        const struct stream_pending *other = stream_group_find_pending(b, one->id);
        assert_non_null(other);
        assert_int_equal(one->delivered_at, other->delivered_at);
        assert_int_equal(one->deliveries, other->deliveries);
        assert_true(bytes_equal(stream_group_consumer_name(one->consumer),
                                stream_group_consumer_name(other->consumer)));
    }
    for (size_t i = 0; i < a->consumer_count; i++)
        assert_int_equal(a->consumers[i]->seen_at, b->consumers[i]->seen_at);
}

static void a_stream_comes_back_in_every_version(void **state)
{
    struct value *value = make_stream();
    const struct stream *stream = stream_const(value);
    (void)state;
    for (int version = 9; version <= 12; version++) {
        struct buffer payload = {0};
        assert_true(dump_value(&payload, value, version, version != 11));
        assert_true(dump_verify(buffer_bytes(&payload), version));
        assert_int_equal(payload.data[0], version == 9 ? 15 : version == 10 ? 19 : 21);
        struct value *again = dump_restore(buffer_bytes(&payload), NULL);
        assert_non_null(again);
        const struct stream *other = stream_const(again);
        assert_same_entries(value, again);
        assert_int_equal(other->length, stream->length);
        assert_int_equal(other->block_count, stream->block_count);
        assert_same_id(other->last_id, stream->last_id);
        assert_same_id(other->first_id, stream->first_id);
        if (version >= 10) {
            assert_same_id(other->max_deleted_id, stream->max_deleted_id);
            assert_int_equal(other->entries_added, stream->entries_added);
            assert_int_equal(other->groups[1]->entries_read, 4);
        }
        assert_int_equal(other->group_count, 2);
        for (size_t i = 0; i < 2; i++)
            assert_same_group(stream->groups[i], other->groups[i]);
        struct stream_consumer *two =
            stream_group_find_consumer(other->groups[1], BYTES_LITERAL("2"));
        assert_int_equal(two->active_at, version >= 11 ? 200 : 222);
        value_release(again);
        buffer_clear(&payload);
    }
    value_release(value);
}

static void an_empty_stream_comes_back(void **state)
{
    struct value *value = stream_new();
    struct buffer payload = {0};
    (void)state;
    assert_true(dump_value(&payload, value, 10, true));
    struct value *again = dump_restore(buffer_bytes(&payload), NULL);
    assert_non_null(again);
    assert_int_equal(stream_of(again)->length, 0);
    value_release(again);
    value_release(value);
    buffer_clear(&payload);
}

/* Restores damaged bytes; what comes of them must bear to be used. */
static void try_payload(struct bytes body)
{
    struct value *value = dump_restore(body, NULL);
    if (!value)
        return;
    struct stream_trim trim = {.strategy = STREAM_TRIM_LENGTH, .length = 2};
    struct value *clone = stream_clone(value);
    assert_same_entries(value, clone);
    stream_trim(clone, &trim);
    stream_delete(clone, ID(9000, 9));
    stream_top(clone);
    value_release(clone);
    value_release(value);
}

static void a_damaged_payload_is_refused_or_harmless(void **state)
{
    struct value *value = make_stream();
    struct buffer payload = {0};
    struct random random;
    (void)state;
    random_seed(&random, 5);
    assert_true(dump_value(&payload, value, 11, false));
    for (size_t at = 1; at < payload.size - FOOTER_SIZE; at++) {
        for (unsigned i = 0; i < 64; i++) {
            char *damaged = memory_copy(payload.data, payload.size);
            damaged[at] = (char)(damaged[at] ^ (1 << i % 8));
            if (i >= 8)
                damaged[1 + random_below(&random, payload.size - FOOTER_SIZE - 1)] =
                    (char)random_next(&random);
            try_payload(bytes_of(damaged, payload.size));
            memory_free(damaged);
        }
    }
    buffer_clear(&payload);
    value_release(value);
}

static void a_payload_that_is_cut_is_refused(void **state)
{
    struct value *value = make_stream();
    struct buffer payload = {0};
    (void)state;
    assert_true(dump_value(&payload, value, 10, true));
    for (size_t size = FOOTER_SIZE; size < payload.size; size++)
        assert_null(dump_restore(bytes_of(payload.data, size), NULL));
    buffer_clear(&payload);
    value_release(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_comes_back_in_every_version),
        cmocka_unit_test(an_empty_stream_comes_back),
        cmocka_unit_test(a_damaged_payload_is_refused_or_harmless),
        cmocka_unit_test(a_payload_that_is_cut_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
