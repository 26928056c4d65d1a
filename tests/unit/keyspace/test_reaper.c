/* SPDX-License-Identifier: MIT */
#include "keyspace/reaper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"
#include "keyspace/keyspace.h"
#include "values/set.h"

struct note {
    pthread_t thread;
    int disposals;
};

static void take_note(void *thing)
{
    struct note *note = thing;
    note->thread = pthread_self();
    note->disposals++;
}

static void what_is_handed_over_is_disposed_of_once_on_another_thread(void **state)
{
    (void)state;
    struct reaper reaper;
    struct note notes[100] = {0};
    reaper_init(&reaper);
    for (int i = 0; i < 100; i++)
        reaper_dispose(&reaper, &notes[i], take_note, 2, 100);
    reaper_wait(&reaper);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(notes[i].disposals, 1);
        assert_false(pthread_equal(notes[i].thread, pthread_self()));
    }
    assert_int_equal(reaper_pending(&reaper), 0);
    assert_int_equal(reaper_freed(&reaper), 200);
    reaper_forget(&reaper);
    assert_int_equal(reaper_freed(&reaper), 0);
    reaper_clear(&reaper);
}

static void clearing_waits_for_what_is_pending(void **state)
{
    (void)state;
    struct reaper reaper;
    struct note notes[100] = {0};
    reaper_init(&reaper);
    for (int i = 0; i < 100; i++)
        reaper_dispose(&reaper, &notes[i], take_note, 1, 0);
    reaper_clear(&reaper);
    for (int i = 0; i < 100; i++)
        assert_int_equal(notes[i].disposals, 1);
}

static struct value *new_set(int members)
{
    struct set_limits limits = {.integers = 8, .entries = 8, .text = 64};
    struct value *set = set_new_intset();
    for (int i = 0; i < members; i++) {
        char digits[NUMBER_INTEGER_SIZE];
        set_add(set, bytes_of(digits, number_format_integer(digits, i)), &limits);
    }
    return set;
}

struct fixture {
    struct random random;
    struct keyspace keyspace;
    struct database *db;
};

static void begin(struct fixture *fixture)
{
    random_seed(&fixture->random, 1);
    keyspace_init(&fixture->keyspace, 2, 1, &fixture->random);
    fixture->db = keyspace_database(&fixture->keyspace, 0);
}

static uint64_t freed_lazily(struct fixture *fixture)
{
    reaper_wait(&fixture->keyspace.reaper);
    return reaper_freed(&fixture->keyspace.reaper);
}

static void unlink_hands_over_what_is_big_and_only_that(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    database_add(fixture.db, BYTES_LITERAL("small"), new_set(3));
    database_add(fixture.db, BYTES_LITERAL("big"), new_set(1000));
    database_add(fixture.db, BYTES_LITERAL("deleted"), new_set(1000));
    assert_true(database_unlink(fixture.db, BYTES_LITERAL("small")));
    assert_int_equal(freed_lazily(&fixture), 0);
    assert_true(database_unlink(fixture.db, BYTES_LITERAL("big")));
    assert_int_equal(freed_lazily(&fixture), 1);
    assert_true(database_delete(fixture.db, BYTES_LITERAL("deleted")));
    assert_int_equal(freed_lazily(&fixture), 1);
    assert_false(database_unlink(fixture.db, BYTES_LITERAL("absent")));
    keyspace_clear(&fixture.keyspace);
}

static void a_value_that_another_key_shares_stays(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct value *set = new_set(1000);
    database_add(fixture.db, BYTES_LITERAL("a"), set);
    database_add(keyspace_database(&fixture.keyspace, 1), BYTES_LITERAL("b"), value_retain(set));
    assert_int_equal(database_flush(fixture.db, true), 1);
    assert_int_equal(freed_lazily(&fixture), 1);
    assert_false(value_is_shared(set));
    assert_int_equal(set_count(set), 1000);
    keyspace_clear(&fixture.keyspace);
}

static void overwriting_and_expiry_are_lazy_when_told_so(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture.keyspace.is_lazy_on_overwrite = true;
    database_add(fixture.db, BYTES_LITERAL("a"), new_set(1000));
    database_set_string(fixture.db, BYTES_LITERAL("a"), BYTES_LITERAL("text"), false);
    assert_int_equal(freed_lazily(&fixture), 1);
    fixture.keyspace.is_lazy_on_expiry = true;
    struct entry *entry = database_set(fixture.db, BYTES_LITERAL("a"), new_set(1000), false);
    database_set_deadline(fixture.db, entry, 10);
    keyspace_set_time(&fixture.keyspace, 10);
    assert_int_equal(freed_lazily(&fixture), 2);
    keyspace_clear(&fixture.keyspace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_handed_over_is_disposed_of_once_on_another_thread),
        cmocka_unit_test(clearing_waits_for_what_is_pending),
        cmocka_unit_test(unlink_hands_over_what_is_big_and_only_that),
        cmocka_unit_test(a_value_that_another_key_shares_stays),
        cmocka_unit_test(overwriting_and_expiry_are_lazy_when_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
