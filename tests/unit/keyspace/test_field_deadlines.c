/* SPDX-License-Identifier: MIT */
#include "keyspace/field_deadlines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "keyspace/snapshot.h"

#define START_MS 1000000000000

static const struct hash_limits limits = {.entries = 512, .text = 64};

struct fixture {
    struct keyspace keyspace;
    struct random random;
    struct buffer events; /* "k" a key expired, "k." fields did, "k!" the last of them; blanks */
    struct database *db;
};

static void note_key(void *context, struct database *db, struct bytes key)
{
    struct fixture *fixture = context;
    (void)db;
    buffer_append_bytes(&fixture->events, key);
    buffer_append_byte(&fixture->events, ' ');
}

static void note_fields(void *context, struct database *db, struct bytes key, bool is_emptied)
{
    struct fixture *fixture = context;
    (void)db;
    buffer_append_bytes(&fixture->events, key);
    buffer_append(&fixture->events, is_emptied ? "! " : ". ", 2);
}

static void open_fixture(struct fixture *fixture)
{
    fixture->events = (struct buffer){0};
    random_seed(&fixture->random, 5);
    keyspace_init(&fixture->keyspace, 2, 99, &fixture->random);
    fixture->keyspace.listener = (struct keyspace_listener){
        .context = fixture, .expired = note_key, .fields_expired = note_fields};
    keyspace_set_time(&fixture->keyspace, START_MS);
    fixture->db = keyspace_database(&fixture->keyspace, 0);
}

static void close_fixture(struct fixture *fixture)
{
    keyspace_clear(&fixture->keyspace);
    buffer_clear(&fixture->events);
}

/* A hash with the field "stays" and one that expires. */
static struct entry *add(struct fixture *fixture, const char *key, int64_t after_ms)
{
    struct value *hash = hash_new();
    hash_set(hash, BYTES_LITERAL("stays"), BYTES_LITERAL("v"), &limits);
    hash_set(hash, BYTES_LITERAL("goes"), BYTES_LITERAL("v"), &limits);
    hash_deadline_set(hash, BYTES_LITERAL("goes"), START_MS + after_ms);
    return database_add(fixture->db, bytes_of_string(key), hash);
}

static void pass(struct fixture *fixture, int64_t after_ms)
{
    keyspace_set_time(&fixture->keyspace, START_MS + after_ms);
}

static void assert_events(struct fixture *fixture, const char *expected)
{
    assert_true(bytes_equal_string(buffer_bytes(&fixture->events), expected));
    fixture->events.size = 0;
}

static void fields_expire_at_the_exact_millisecond(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct entry *entry = add(&fixture, "h", 10);
    assert_int_equal(database_expiring_hash_count(fixture.db), 1);
    assert_true(keyspace_next_deadline(&fixture.keyspace) == START_MS + 10);
    pass(&fixture, 9);
    assert_int_equal(hash_count(entry_value(entry)), 2);
    pass(&fixture, 10);
    assert_int_equal(hash_count(entry_value(entry)), 1);
    assert_events(&fixture, "h. ");
    assert_int_equal(fixture.keyspace.expired_fields, 1);
    assert_int_equal(database_expiring_hash_count(fixture.db), 0);
    assert_true(keyspace_next_deadline(&fixture.keyspace) == KEYSPACE_NEVER);
    close_fixture(&fixture);
}

static void the_last_field_takes_the_key_with_it(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct entry *entry = add(&fixture, "h", 10);
    hash_delete(database_own(fixture.db, entry), BYTES_LITERAL("stays"));
    database_settle(fixture.db, entry);
    pass(&fixture, 10);
    assert_events(&fixture, "h! ");
    assert_int_equal(database_count(fixture.db), 0);
    close_fixture(&fixture);
}

static void keys_and_fields_go_in_order_of_time(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    add(&fixture, "c", 30);
    add(&fixture, "a", 10);
    struct entry *entry = add(&fixture, "d", 20);
    database_set_deadline(fixture.db, entry, START_MS + 20); /* the key before its field */
    entry = add(&fixture, "b", 5);
    database_set_deadline(fixture.db, entry, START_MS + 25);
    pass(&fixture, 1000);
    assert_events(&fixture, "b. a. d b c. ");
    close_fixture(&fixture);
}

static void a_value_that_is_replaced_or_deleted_is_forgotten(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    add(&fixture, "set", 10);
    add(&fixture, "text", 10);
    add(&fixture, "deleted", 10);
    struct value *plain = hash_new();
    hash_set(plain, BYTES_LITERAL("goes"), BYTES_LITERAL("v"), &limits);
    database_set(fixture.db, BYTES_LITERAL("set"), plain, false);
    database_set_string(fixture.db, BYTES_LITERAL("text"), BYTES_LITERAL("v"), false);
    database_delete(fixture.db, BYTES_LITERAL("deleted"));
    assert_int_equal(database_expiring_hash_count(fixture.db), 0);
    pass(&fixture, 1000);
    assert_events(&fixture, "");
    close_fixture(&fixture);
}

static void keys_that_share_a_value_lose_their_fields_each(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct entry *entry = add(&fixture, "a", 10);
    struct value *kept = value_retain(entry_value(entry));
    database_set(fixture.db, BYTES_LITERAL("b"), value_retain(kept), false);
    int64_t deadline_ms;
    struct value *moved = database_take(fixture.db, BYTES_LITERAL("a"), &deadline_ms);
    database_add(keyspace_database(&fixture.keyspace, 1), BYTES_LITERAL("c"), moved);
    pass(&fixture, 10);
    assert_events(&fixture, "b. c. ");
    assert_int_equal(hash_count(kept), 2);
    value_release(kept);
    close_fixture(&fixture);
}

static void swapping_and_flushing_take_the_fields_along(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    add(&fixture, "h", 10);
    keyspace_swap(&fixture.keyspace, 0, 1);
    assert_int_equal(database_expiring_hash_count(keyspace_database(&fixture.keyspace, 1)), 1);
    add(&fixture, "flushed", 10);
    database_flush(fixture.db, false);
    pass(&fixture, 10);
    assert_events(&fixture, "h. ");
    close_fixture(&fixture);
}

static void while_expiry_is_paused_fields_go_when_they_are_looked_up(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    add(&fixture, "h", 10);
    fixture.keyspace.expiry_is_paused = true;
    pass(&fixture, 10);
    assert_events(&fixture, "");
    struct entry *entry = database_find(fixture.db, BYTES_LITERAL("h"), ACCESS_READ);
    assert_int_equal(hash_count(entry_value(entry)), 1);
    assert_events(&fixture, "h. ");
    hash_deadline_set(database_own(fixture.db, entry), BYTES_LITERAL("stays"), START_MS);
    database_settle(fixture.db, entry);
    assert_null(database_find(fixture.db, BYTES_LITERAL("h"), ACCESS_WRITE));
    assert_events(&fixture, "h! ");
    close_fixture(&fixture);
}

static void a_snapshot_brings_fields_back_with_their_deadlines(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    add(&fixture, "changed", 10);
    add(&fixture, "gone", 20);
    struct snapshot *before = snapshot_take(&fixture.keyspace);
    for (int i = 0; i < 2; i++) {
        pass(&fixture, 15);
        assert_events(&fixture, "changed. ");
        database_delete(fixture.db, BYTES_LITERAL("gone"));
        add(&fixture, "new", 5000);
        if (i == 1)
            database_flush(fixture.db, false);
        snapshot_restore(before);
        assert_int_equal(database_expiring_hash_count(fixture.db), 2);
        assert_true(keyspace_next_deadline(&fixture.keyspace) == START_MS + 10);
        pass(&fixture, 0);
    }
    pass(&fixture, 1000);
    assert_events(&fixture, "changed. gone. ");
    snapshot_free(before);
    close_fixture(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_expire_at_the_exact_millisecond),
        cmocka_unit_test(the_last_field_takes_the_key_with_it),
        cmocka_unit_test(keys_and_fields_go_in_order_of_time),
        cmocka_unit_test(a_value_that_is_replaced_or_deleted_is_forgotten),
        cmocka_unit_test(keys_that_share_a_value_lose_their_fields_each),
        cmocka_unit_test(swapping_and_flushing_take_the_fields_along),
        cmocka_unit_test(a_snapshot_brings_fields_back_with_their_deadlines),
        cmocka_unit_test(while_expiry_is_paused_fields_go_when_they_are_looked_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
