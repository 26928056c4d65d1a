/* SPDX-License-Identifier: MIT */
/* Each test compares the table with a model: an array that says which numbered entries are in it.
 */
#include "base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/memory.h"

#define ENTRIES 4096

struct entry {
    size_t visits;
    size_t size;
    char key[320];
};

struct fixture {
    struct table table;
    struct random random;
    struct entry entries[ENTRIES]; /* numbered; entry 0 has the empty key */
    bool is_in[ENTRIES];
    size_t count;
};

static struct bytes entry_key(const void *entry)
{
    const struct entry *e = entry;
    return bytes_of(e->key, e->size);
}

static const struct table_class entry_class = {.key_of = entry_key};

static int setup(void **state)
{
    struct fixture *f = memory_zeroed(sizeof *f);
    table_init(&f->table, &entry_class, 42);
    random_seed(&f->random, 7);
    for (size_t i = 1; i < ENTRIES; i++) {
        struct entry *entry = &f->entries[i];
        entry->size = i % 5 ? 4 : i % 300 + 4; /* short keys, some long ones, with zero bytes */
        memcpy(entry->key, &i, 4);
    }
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    table_clear(&f->table, NULL, NULL);
    memory_free(f);
    return 0;
}

static void insert(struct fixture *f, size_t i)
{
    table_insert(&f->table, &f->entries[i]);
    f->is_in[i] = true;
    f->count++;
}

static void remove_entry(struct fixture *f, size_t i)
{
    assert_ptr_equal(table_remove(&f->table, entry_key(&f->entries[i])), &f->entries[i]);
    f->is_in[i] = false;
    f->count--;
}

static void insert_range(struct fixture *f, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        insert(f, i);
}

static void remove_range(struct fixture *f, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        remove_entry(f, i);
}

static size_t any(struct fixture *f, size_t limit)
{
    return (size_t)random_below(&f->random, limit);
}

static void visit(void *entry, void *context)
{
    (void)context;
    ((struct entry *)entry)->visits++;
}

static void forget_visits(struct fixture *f)
{
    for (size_t i = 0; i < ENTRIES; i++)
        f->entries[i].visits = 0;
}

static void assert_same_as_model(struct fixture *f)
{
    assert_int_equal(table_count(&f->table), f->count);
    forget_visits(f);
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &f->table);
    for (struct entry *entry; (entry = table_iterator_next(&iterator));)
        entry->visits++;
    for (size_t i = 0; i < ENTRIES; i++) {
        assert_int_equal(f->entries[i].visits, f->is_in[i]);
        void *expected = f->is_in[i] ? &f->entries[i] : NULL;
        assert_ptr_equal(table_find(&f->table, entry_key(&f->entries[i])), expected);
    }
    table_iterator_end(&iterator);
}

/* Inserts what is not in, removes or finds what is. */
static void do_anything(struct fixture *f, size_t limit)
{
    size_t i = any(f, limit);
    struct bytes key = entry_key(&f->entries[i]);
    struct table_position position;
    if (!f->is_in[i]) {
        assert_null(table_find_or_position(&f->table, key, &position));
        table_insert_at(&f->table, position, &f->entries[i]);
        f->is_in[i] = true;
        f->count++;
        return;
    }
    assert_ptr_equal(table_find_or_position(&f->table, key, &position), &f->entries[i]);
    if (any(f, 2))
        remove_entry(f, i);
}

static void start_rehash(struct fixture *f)
{
    for (size_t i = 0; i < ENTRIES; i++)
        if (!f->is_in[i]) {
            insert(f, i);
            if (table_is_rehashing(&f->table))
                return;
        }
    fail_msg("no rehash began");
}

static void finish_rehash(struct fixture *f)
{
    while (table_rehash(&f->table, 1))
        ;
}

static void empty_table_uses_no_memory(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(table_memory(&f->table), 0);
    assert_null(table_find(&f->table, BYTES_LITERAL("x")));
    assert_null(table_find_slot(&f->table, BYTES_LITERAL("x")));
    assert_null(table_remove(&f->table, BYTES_LITERAL("x")));
    assert_null(table_random(&f->table, &f->random));
    assert_int_equal(table_scan(&f->table, 0, visit, NULL), 0);
    assert_same_as_model(f);
    insert_range(f, 0, 100);
    remove_range(f, 0, 100);
    assert_int_equal(table_memory(&f->table), 0);
    assert_int_equal(table_bucket_count(&f->table, 0), 0);
    assert_false(table_is_rehashing(&f->table));
}

static void random_operations_agree_with_the_model(void **state)
{
    struct fixture *f = *state;
    static const size_t limits[] = {1, 2, 8, 9, 20, 100, 1000, ENTRIES};
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
        for (size_t i = 0; i < 10000; i++) {
            do_anything(f, limits[l]);
            if (i % (50 + limits[l]) == 0)
                assert_same_as_model(f);
        }
        for (size_t i = 0; i < ENTRIES; i++)
            if (f->is_in[i] && any(f, 4))
                remove_entry(f, i);
        assert_same_as_model(f);
    }
}

static void random_operations_with_pauses_agree_with_the_model(void **state)
{
    struct fixture *f = *state;
    for (size_t round = 0; round < 300; round++) {
        size_t limit = any(f, ENTRIES) + 1;
        table_pause(&f->table);
        for (size_t i = any(f, 500); i; i--)
            do_anything(f, limit);
        assert_same_as_model(f);
        table_resume(&f->table);
        for (size_t i = any(f, 500); i; i--)
            do_anything(f, limit);
        assert_same_as_model(f);
    }
}

static void pause_keeps_the_buckets_and_chains(void **state)
{
    struct fixture *f = *state;
    insert(f, 0);
    finish_rehash(f);
    size_t buckets = table_bucket_count(&f->table, 0);
    bool was_rehashing = table_is_rehashing(&f->table);
    table_pause(&f->table);
    table_pause(&f->table);
    insert_range(f, 1, 1000);
    table_resume(&f->table);
    assert_same_as_model(f);
    assert_false(table_rehash(&f->table, 10));
    remove_range(f, 0, 500);
    assert_int_equal(table_bucket_count(&f->table, 0), buckets);
    assert_int_equal(table_is_rehashing(&f->table), was_rehashing);
    assert_same_as_model(f);
    table_resume(&f->table);
    insert_range(f, 0, 500);
    assert_true(table_bucket_count(&f->table, 0) > buckets || table_is_rehashing(&f->table));
    assert_same_as_model(f);
}

static void table_emptied_while_paused_is_freed_at_resume(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 200);
    table_pause(&f->table);
    remove_range(f, 0, 200);
    assert_int_not_equal(table_memory(&f->table), 0);
    table_resume(&f->table);
    assert_int_equal(table_memory(&f->table), 0);
}

static void find_slot_replaces_an_entry(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 500);
    struct entry copy = f->entries[123];
    *table_find_slot(&f->table, entry_key(&copy)) = &copy;
    assert_ptr_equal(table_find(&f->table, entry_key(&copy)), &copy);
    assert_ptr_equal(table_remove(&f->table, entry_key(&copy)), &copy);
    f->is_in[123] = false;
    f->count--;
    assert_same_as_model(f);
}

static void count_free(void *entry, void *context)
{
    visit(entry, NULL);
    ++*(size_t *)context;
}

static void clear_frees_each_entry_once(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 1000);
    start_rehash(f);
    size_t freed = 0;
    table_clear(&f->table, count_free, &freed);
    assert_int_equal(freed, f->count);
    for (size_t i = 0; i < ENTRIES; i++)
        assert_int_equal(f->entries[i].visits, f->is_in[i]);
    assert_int_equal(table_memory(&f->table), 0);
    memset(f->is_in, 0, sizeof f->is_in);
    f->count = 0;
    insert_range(f, 10, 20);
    assert_same_as_model(f);
}

/* The entry that the iterator returned may go, or be replaced; the others still come. */
static void iterator_allows_removal_of_the_last_returned(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 1500);
    start_rehash(f);
    struct entry *copies = memory_allocate(ENTRIES * sizeof *copies);
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &f->table);
    for (struct entry *entry; (entry = table_iterator_next(&iterator));) {
        size_t i = (size_t)(entry - f->entries);
        assert_int_equal(entry->visits++, 0);
        if (i % 3 == 0) {
            remove_entry(f, i);
        } else if (i % 3 == 1) {
            copies[i] = *entry;
            *table_find_slot(&f->table, entry_key(entry)) = &copies[i];
        }
    }
    table_iterator_end(&iterator);
    for (size_t i = 0; i < ENTRIES; i++) {
        assert_true(f->entries[i].visits == 1 || i >= 1500);
        if (f->is_in[i] && i % 3 == 1)
            *table_find_slot(&f->table, entry_key(&f->entries[i])) = &f->entries[i];
    }
    memory_free(copies);
    assert_same_as_model(f);
}

static void iterator_can_remove_everything(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 1500);
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &f->table);
    for (struct entry *entry; (entry = table_iterator_next(&iterator));)
        remove_entry(f, (size_t)(entry - f->entries));
    assert_null(table_iterator_next(&iterator));
    table_iterator_end(&iterator);
    assert_int_equal(table_memory(&f->table), 0);
}

static void scan_of_a_resting_table_visits_each_entry_once(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 1000);
    uint64_t cursor = 0;
    size_t steps = 0;
    do {
        cursor = table_scan(&f->table, cursor, visit, NULL);
        steps++;
    } while (cursor);
    assert_true(steps <= table_bucket_count(&f->table, 0));
    for (size_t i = 0; i < ENTRIES; i++)
        assert_int_equal(f->entries[i].visits, f->is_in[i]);
}

/*
 * Entries 0 to 99 stay from the first call to the last; of the others, `inserts` and `removals` in
 * each 100 random ones come and go between two calls.
 */
static void scan_while_changing(struct fixture *f, size_t present, size_t inserts, size_t removals)
{
    insert_range(f, 0, 100);
    for (size_t i = 100; i < present; i++)
        if (!f->is_in[i])
            insert(f, i);
    forget_visits(f);
    uint64_t cursor = 0;
    size_t steps = 0;
    do {
        cursor = table_scan(&f->table, cursor, visit, NULL);
        for (size_t i = 0; i < 40; i++) {
            size_t chosen = 100 + any(f, ENTRIES - 100);
            if (!f->is_in[chosen] && any(f, 100) < inserts)
                insert(f, chosen);
            else if (f->is_in[chosen] && any(f, 100) < removals)
                remove_entry(f, chosen);
        }
        assert_true(++steps < 100000);
    } while (cursor);
    for (size_t i = 0; i < 100; i++)
        assert_true(f->entries[i].visits > 0);
    assert_same_as_model(f);
    for (size_t i = 0; i < ENTRIES; i++)
        if (f->is_in[i])
            remove_entry(f, i);
}

static void scan_misses_nothing_during_growth(void **state)
{
    for (size_t present = 100; present < 1000; present += 75)
        scan_while_changing(*state, present, 100, 0);
}

static void scan_misses_nothing_during_shrinking(void **state)
{
    for (size_t present = 1000; present < ENTRIES; present += 300)
        scan_while_changing(*state, present, 0, 100);
}

static void scan_misses_nothing_while_entries_come_and_go(void **state)
{
    for (size_t round = 1; round < 20; round++)
        scan_while_changing(*state, 100 * round, 5 * round, 100 - 5 * round);
}

/* The sum of (observed - expected)^2 / expected is about its degrees of freedom, n - 1, give or
 * take five times sqrt(2(n - 1)); an entry twice as likely as the others breaks that at once. */
static void assert_random_is_fair(struct fixture *f)
{
    const size_t draws_each = 100;
    forget_visits(f);
    for (size_t i = 0; i < f->count * draws_each; i++)
        visit(table_random(&f->table, &f->random), NULL);
    double sum = 0;
    for (size_t i = 0; i < ENTRIES; i++) {
        double difference = (double)f->entries[i].visits - (double)draws_each;
        if (f->is_in[i])
            sum += difference * difference / (double)draws_each;
        else
            assert_int_equal(f->entries[i].visits, 0);
    }
    double freedom = (double)f->count - 1;
    double excess = sum - freedom;
    assert_true(excess * excess <= 25 * 2 * freedom + 1e-9);
}

static void random_entry_is_fair(void **state)
{
    struct fixture *f = *state;
    static const size_t counts[] = {1, 2, 7, 8, 15, 60, 500, 1000, 1900};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        insert_range(f, f->count, counts[i]);
        assert_random_is_fair(f);
    }
}

static void random_entry_is_fair_amid_a_rehash(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 800);
    start_rehash(f);
    for (int i = 0; i < 10; i++) {
        assert_random_is_fair(f);
        table_rehash(&f->table, 11);
    }
}

static void random_entry_is_fair_after_removals(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 2000);
    while (f->count > 150)
        remove_range(f, 2000 - f->count, 2000 - f->count + 50);
    assert_random_is_fair(f);
}

/* So sparse that slots tried at random are mostly free, and the table has to count. */
static void random_entry_is_fair_in_a_table_emptied_while_paused(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, ENTRIES);
    table_pause(&f->table);
    remove_range(f, 0, ENTRIES - 5);
    assert_random_is_fair(f);
    table_resume(&f->table);
}

static void random_entry_is_fair_in_long_chains(void **state)
{
    struct fixture *f = *state;
    insert(f, 0);
    table_pause(&f->table);
    insert_range(f, 1, 300);
    remove_range(f, 100, 200);
    assert_random_is_fair(f);
    table_resume(&f->table);
}

static void equal_seeds_give_equal_random_entries(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 700);
    struct random first = f->random;
    struct random second = f->random;
    for (int i = 0; i < 100; i++)
        assert_ptr_equal(table_random(&f->table, &first), table_random(&f->table, &second));
}

static void chain_lengths_count_every_bucket_and_entry(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ENTRIES; i++) {
        insert(f, i);
        size_t lengths[64] = {0}, buckets = 0, entries = 0, longest = 0;
        for (int half = 0; half < 2; half++) {
            size_t found = table_chain_lengths(&f->table, half, lengths, 64);
            longest = found > longest ? found : longest;
        }
        for (size_t length = 0; length < 64; length++) {
            buckets += lengths[length];
            entries += lengths[length] * length;
        }
        assert_int_equal(buckets,
                         table_bucket_count(&f->table, 0) + table_bucket_count(&f->table, 1));
        assert_int_equal(entries, f->count);
        assert_true(longest < 64 && lengths[longest] > 0);
    }
}

#ifndef TABLE_STRESS

static void seven_entries_fit_one_bucket(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 7);
    assert_int_equal(table_bucket_count(&f->table, 0), 1);
    assert_false(table_is_rehashing(&f->table));
    insert(f, 7);
    finish_rehash(f);
    assert_int_equal(table_bucket_count(&f->table, 0), 2);
}

static void reserve_leaves_no_resize_on_the_way(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, 10);
    table_reserve(&f->table, 3000);
    finish_rehash(f);
    size_t buckets = table_bucket_count(&f->table, 0);
    for (size_t i = 10; i < 3000; i++) {
        insert(f, i);
        assert_false(table_is_rehashing(&f->table));
    }
    assert_int_equal(table_bucket_count(&f->table, 0), buckets);
    assert_same_as_model(f);
}

static void removals_shrink_the_table(void **state)
{
    struct fixture *f = *state;
    insert_range(f, 0, ENTRIES);
    finish_rehash(f);
    size_t memory = table_memory(&f->table);
    remove_range(f, 0, ENTRIES - 40);
    finish_rehash(f);
    assert_true(table_memory(&f->table) < memory / 20);
    assert_same_as_model(f);
}

static void overhead_is_ten_to_twenty_bytes_an_entry(void **state)
{
    struct fixture *f = *state;
    double sum = 0;
    for (size_t count = ENTRIES / 2; count < ENTRIES; count++) {
        insert_range(f, f->count, count);
        finish_rehash(f);
        double each = (double)table_memory(&f->table) / (double)count;
        assert_true(each > 10 && each < 20);
        sum += each;
    }
    assert_true(sum / (ENTRIES / 2) < 15);
}

#endif

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(empty_table_uses_no_memory),
        TEST(random_operations_agree_with_the_model),
        TEST(random_operations_with_pauses_agree_with_the_model),
        TEST(pause_keeps_the_buckets_and_chains),
        TEST(table_emptied_while_paused_is_freed_at_resume),
        TEST(find_slot_replaces_an_entry),
        TEST(clear_frees_each_entry_once),
        TEST(iterator_allows_removal_of_the_last_returned),
        TEST(iterator_can_remove_everything),
        TEST(scan_of_a_resting_table_visits_each_entry_once),
        TEST(scan_misses_nothing_during_growth),
        TEST(scan_misses_nothing_during_shrinking),
        TEST(scan_misses_nothing_while_entries_come_and_go),
        TEST(random_entry_is_fair),
        TEST(random_entry_is_fair_amid_a_rehash),
        TEST(random_entry_is_fair_after_removals),
        TEST(random_entry_is_fair_in_a_table_emptied_while_paused),
        TEST(random_entry_is_fair_in_long_chains),
        TEST(equal_seeds_give_equal_random_entries),
        TEST(chain_lengths_count_every_bucket_and_entry),
#ifndef TABLE_STRESS
        TEST(seven_entries_fit_one_bucket),
        TEST(reserve_leaves_no_resize_on_the_way),
        TEST(removals_shrink_the_table),
        TEST(overhead_is_ten_to_twenty_bytes_an_entry),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
