/* SPDX-License-Identifier: MIT */
#include "keyspace/entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/heap.h"
#include "base/random.h"
#include "values/hash.h"
#include "values/string.h"

#define LONGEST 300

static void assert_entry(const struct entry *entry, struct bytes key, struct bytes text)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes found = string_bytes(entry_value(entry), digits);
    assert_true(bytes_equal(entry_key(entry), key));
    assert_true(bytes_equal(found, text));
}

static const struct bytes key = {"some:key", 8};

static void short_strings_live_in_the_entry(void **state)
{
    (void)state;
    struct entry *entry = entry_new_string(NULL, key, bytes_of_string("value"));
    assert_true(entry->flags & ENTRY_EMBEDDED);
    assert_true(entry_value(entry)->is_embedded);
    assert_int_equal(entry_value(entry)->encoding, ENCODING_EMBSTR);
    assert_int_equal(entry->deadline_slot, HEAP_NO_SLOT);
    assert_entry(entry, key, bytes_of_string("value"));
    entry_free(entry);
}

static void integers_live_in_the_entry_as_numbers(void **state)
{
    (void)state;
    struct entry *entry = entry_new_string(NULL, key, bytes_of_string("-123"));
    assert_int_equal(entry_value(entry)->encoding, ENCODING_INT);
    entry = entry_replace_integer(entry, 7);
    assert_entry(entry, key, bytes_of_string("7"));
    entry = entry_replace_string(entry, bytes_of_string("seven"));
    assert_entry(entry, key, bytes_of_string("seven"));
    entry = entry_replace_integer(entry, INT64_MAX);
    assert_entry(entry, key, bytes_of_string("9223372036854775807"));
    entry_free(entry);
}

static void keys_of_every_size_are_kept_whole(void **state)
{
    char bytes[64];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 37);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        struct entry *entry = entry_new_string(NULL, bytes_of(bytes, size), bytes_of_string("v"));
        assert_entry(entry, bytes_of(bytes, size), bytes_of_string("v"));
        entry_free(entry);
    }
}

static void replacing_keeps_deadline_slot_and_access(void **state)
{
    char text[LONGEST] = {0};
    struct random random;
    (void)state;
    random_seed(&random, 7);
    struct entry *entry = entry_new_string(NULL, key, bytes_of_string("x"));
    entry->access = 0xABCDEF;
    entry->deadline_slot = 99;
    for (int i = 0; i < 5000; i++) {
        size_t size = random_below(&random, LONGEST);
        memset(text, 'a' + i % 26, size);
        struct bytes value = bytes_of(text, size);
        if (i % 3)
            entry = entry_replace_string(entry, value);
        else
            entry = entry_replace_value(entry, string_new(value));
        assert_entry(entry, key, value);
        assert_int_equal(entry->access, 0xABCDEF);
        assert_int_equal(entry->deadline_slot, 99);
    }
    entry_free(entry);
}

static void replacing_releases_the_old_value_once(void **state)
{
    (void)state;
    struct value *value = string_new(bytes_of_string("held by two"));
    struct entry *entry = entry_new(NULL, key, value_retain(value));
    assert_int_equal(value->references, 2);
    entry = entry_replace_string(entry, bytes_of_string("other"));
    assert_int_equal(value->references, 1);
    entry_free(entry);
    value_release(value);
}

static void a_value_is_exchanged_in_its_place_however_large_that_is(void **state)
{
    char text[200];
    (void)state;
    memset(text, 'a', sizeof text);
    struct value *hash = hash_new();
    const struct hash_limits limits = {.entries = 8, .text = sizeof text};
    hash_set(hash, BYTES_LITERAL("f"), bytes_of(text, sizeof text), &limits);
    struct entry *entry = entry_new(NULL, key, hash);
    assert_true(entry->flags & ENTRY_EMBEDDED);
    struct value *thawed = entry_thaw(entry); /* the place that it had is still there */
    struct value *clone = value_class_of(thawed)->clone(thawed);
    entry_exchange_value(entry, clone);
    assert_ptr_equal(entry_value(entry), clone);
    entry_free(entry);
}

static void a_taken_value_lives_on(void **state)
{
    static const char *const texts[] = {"", "1", "short", "-9223372036854775808"};
    char digits[NUMBER_INTEGER_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct bytes text = bytes_of_string(texts[i]);
        struct entry *entry = entry_new_string(NULL, key, text);
        struct value *value = entry_take_value(entry);
        entry_free(entry);
        assert_int_equal(value->references, 1);
        assert_true(bytes_equal(string_bytes(value, digits), text));
        value_release(value);
    }
}

static void an_entry_that_lost_its_value_takes_another(void **state)
{
    (void)state;
    struct entry *entry = entry_new_string(NULL, key, bytes_of_string("first"));
    value_release(entry_take_value(entry));
    entry = entry_replace_string(entry, bytes_of_string("second"));
    assert_entry(entry, key, bytes_of_string("second"));
    entry_free(entry);
}

static void retaining_an_embedded_value_copies_it(void **state)
{
    char digits[NUMBER_INTEGER_SIZE];
    (void)state;
    struct entry *entry = entry_new_string(NULL, key, bytes_of_string("text"));
    struct value *copy = value_retain(entry_value(entry));
    entry = entry_replace_string(entry, bytes_of_string("else"));
    assert_true(bytes_equal_string(string_bytes(copy, digits), "text"));
    value_release(copy);
    entry_free(entry);
}

static void memory_counts_long_values_too(void **state)
{
    static char text[100000];
    (void)state;
    struct entry *entry = entry_new_string(NULL, key, bytes_of(text, sizeof text));
    assert_true(entry_memory(entry, 0) >= sizeof text);
    entry_free(entry);
}

static const struct hash_limits hash_limits = {.entries = 128, .text = 64};

static struct value *small_hash(size_t fields)
{
    struct value *hash = hash_new();
    for (size_t i = 0; i < fields; i++) {
        char name[] = {'f', (char)('a' + i % 26), (char)('a' + i / 26)};
        hash_set(hash, bytes_of(name, sizeof name), BYTES_LITERAL("text"), &hash_limits);
    }
    return hash;
}

static void assert_field(const struct entry *entry, const char *expected)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text;
    assert_true(hash_get(entry_value(entry), BYTES_LITERAL("faa"), digits, &text));
    assert_true(bytes_equal_string(text, expected));
}

static void small_hashes_live_in_the_entry(void **state)
{
    (void)state;
    struct entry *entry = entry_new(NULL, key, small_hash(5));
    assert_true(entry->flags & ENTRY_EMBEDDED);
    assert_int_equal(hash_count(entry_value(entry)), 5);
    assert_field(entry, "text");
    assert_true(hash_overwrite(entry_value(entry), BYTES_LITERAL("faa"), BYTES_LITERAL("four"),
                               &hash_limits));
    assert_false(hash_overwrite(entry_value(entry), BYTES_LITERAL("faa"), BYTES_LITERAL("longer"),
                                &hash_limits));
    assert_false(hash_overwrite(entry_value(entry), BYTES_LITERAL("x"), BYTES_LITERAL("four"),
                                &hash_limits));
    assert_field(entry, "four");
    struct entry *copy = entry_copy(NULL, entry);
    entry_free(entry);
    assert_field(copy, "four");
    entry_free(copy);
}

static void a_hash_is_thawed_to_be_changed_and_embedded_again(void **state)
{
    (void)state;
    struct entry *entry = entry_new(NULL, key, small_hash(5));
    bool stays;
    assert_false(entry_can_embed(entry, &stays));
    struct entry *place = entry;
    struct value *hash = entry_thaw(entry);
    assert_ptr_equal(entry, place);
    assert_ptr_equal(entry_value(entry), hash);
    hash_set(hash, BYTES_LITERAL("faa"), BYTES_LITERAL("a longer text than before"), &hash_limits);
    assert_true(entry_can_embed(entry, &stays));
    entry = entry_embed(entry);
    assert_true(entry_value(entry)->is_embedded);
    assert_field(entry, "a longer text than before");
    struct value *taken = entry_take_value(entry);
    assert_int_equal(taken->references, 1);
    assert_int_equal(hash_count(taken), 5);
    value_release(taken);
    entry_free(entry);
}

static void a_small_hash_is_put_back_into_its_entry_whole(void **state)
{
    (void)state;
    struct dense_pack small;
    bool is_new;
    assert_true(hash_small_copy(NULL, &small));
    assert_true(
        hash_small_set(&small, BYTES_LITERAL("faa"), BYTES_LITERAL("1"), &hash_limits, &is_new));
    assert_true(is_new);
    struct entry *entry = entry_new_small(NULL, key, &small);
    assert_field(entry, "1");
    for (int i = 0; i < 8; i++) {
        assert_true(hash_small_copy(entry_value(entry), &small));
        char name[] = {'f', (char)('0' + i)};
        assert_true(hash_small_set(&small, bytes_of(name, sizeof name), BYTES_LITERAL("a text"),
                                   &hash_limits, &is_new));
        entry = entry_replace_small(entry, &small);
        assert_true(entry_stays_with_small(entry, &small));
        assert_int_equal(hash_count(entry_value(entry)), i + 2);
    }
    assert_true(
        hash_small_set(&small, BYTES_LITERAL("faa"), BYTES_LITERAL("text"), &hash_limits, &is_new));
    assert_false(is_new);
    assert_true(hash_small_delete(&small, BYTES_LITERAL("f3")));
    assert_false(hash_small_delete(&small, BYTES_LITERAL("f3")));
    entry = entry_replace_small(entry, &small);
    assert_field(entry, "text");
    assert_int_equal(hash_count(entry_value(entry)), 8);
    entry_free(entry);
    struct value *hash = small_hash(2);
    assert_false(hash_small_copy(hash, &small));
    value_release(hash);
}

static void what_is_beyond_the_limits_is_no_small_hash(void **state)
{
    (void)state;
    struct dense_pack small;
    const struct hash_limits limits = {.entries = 2, .text = 4};
    bool is_new;
    assert_true(hash_small_copy(NULL, &small));
    assert_true(hash_small_set(&small, BYTES_LITERAL("a"), BYTES_LITERAL("1"), &limits, &is_new));
    assert_false(
        hash_small_set(&small, BYTES_LITERAL("b"), BYTES_LITERAL("longer"), &limits, &is_new));
    assert_false(
        hash_small_set(&small, BYTES_LITERAL("longer"), BYTES_LITERAL("1"), &limits, &is_new));
    assert_true(hash_small_set(&small, BYTES_LITERAL("b"), BYTES_LITERAL("1"), &limits, &is_new));
    assert_false(hash_small_set(&small, BYTES_LITERAL("c"), BYTES_LITERAL("1"), &limits, &is_new));
    assert_true(hash_small_set(&small, BYTES_LITERAL("a"), BYTES_LITERAL("2"), &limits, &is_new));
    assert_int_equal(small.count, 4);
}

static void big_and_shared_hashes_stay_on_the_heap(void **state)
{
    (void)state;
    bool stays;
    struct entry *entry = entry_new(NULL, key, small_hash(100));
    assert_false(entry->flags & ENTRY_EMBEDDED);
    assert_false(entry_can_embed(entry, &stays));
    entry_free(entry);
    struct value *hash = small_hash(2);
    entry = entry_new(NULL, key, value_retain(hash));
    assert_false(entry->flags & ENTRY_EMBEDDED);
    assert_false(entry_can_embed(entry, &stays));
    entry_free(entry);
    value_release(hash);
}

static void entry_is_its_pools_until_it_is_too_large_for_it(void **state)
{
    (void)state;
    struct pool *pool = pool_new();
    struct bytes name = bytes_of_string("key");
    char text[4 * POOL_LARGEST];
    memset(text, 'x', sizeof text);
    struct entry *entry = entry_new_string(pool, name, bytes_of_string("v"));
    struct entry *copy = entry_copy(pool, entry);
    assert_ptr_equal(pool_of(copy), pool);
    entry_free(copy);
    for (size_t size = 0; size < sizeof text; size += 7) {
        entry = entry_replace_string(entry, bytes_of(text, size));
        assert_entry(entry, name, bytes_of(text, size));
    }
    assert_true(entry->flags & ENTRY_POOLED);
    entry_free(entry);
    memset(text, 'k', sizeof text);
    entry = entry_new_string(pool, bytes_of(text, sizeof text), bytes_of_string("v"));
    assert_false(entry->flags & ENTRY_POOLED);
    entry_free(entry);
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_strings_live_in_the_entry),
        cmocka_unit_test(integers_live_in_the_entry_as_numbers),
        cmocka_unit_test(keys_of_every_size_are_kept_whole),
        cmocka_unit_test(replacing_keeps_deadline_slot_and_access),
        cmocka_unit_test(replacing_releases_the_old_value_once),
        cmocka_unit_test(a_value_is_exchanged_in_its_place_however_large_that_is),
        cmocka_unit_test(a_taken_value_lives_on),
        cmocka_unit_test(an_entry_that_lost_its_value_takes_another),
        cmocka_unit_test(retaining_an_embedded_value_copies_it),
        cmocka_unit_test(small_hashes_live_in_the_entry),
        cmocka_unit_test(a_hash_is_thawed_to_be_changed_and_embedded_again),
        cmocka_unit_test(a_small_hash_is_put_back_into_its_entry_whole),
        cmocka_unit_test(what_is_beyond_the_limits_is_no_small_hash),
        cmocka_unit_test(big_and_shared_hashes_stay_on_the_heap),
        cmocka_unit_test(memory_counts_long_values_too),
        cmocka_unit_test(entry_is_its_pools_until_it_is_too_large_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
